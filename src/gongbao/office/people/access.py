"""Who sees which case, and which personal data in it.

Taking part in a case gives sight of it: by unit, by post, or by role. A unit also sees what the units that answer to
it take part in: a county bureau answers to its county (`parent`) and to the city bureau (`profession_parent`). A
sealed (保密) case is seen only by those who take part themselves. 督查员 and 管理员 see all that is not sealed.
"""

from __future__ import annotations

import threading

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet

from gongbao.engine.units import UnitNotFound, Units
from gongbao.office.cases.models import Case, Participation
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account
from gongbao.office.people.units import city_units
from gongbao.office.tasks import LOG

_below: dict[int, tuple[Units, dict[str, frozenset[str]]]] = {}
_lock = threading.Lock()


class NotYours(PermissionDenied):
    """A refusal that says what was refused and who could see it."""


def subordinates(unit: str) -> frozenset[str]:
    """All units that answer to this one, directly or through others; without itself."""
    found: set[str] = set()
    for units in city_units():
        try:
            own = units.find(unit)
        except UnitNotFound:
            continue
        found |= _tree(units).get(own.key, frozenset())
    return frozenset(found)


def _tree(units: Units) -> dict[str, frozenset[str]]:
    with _lock:
        held = _below.get(id(units))
        if held is not None and held[0] is units:
            return held[1]
        children: dict[str, set[str]] = {}
        for unit in units.units.values():
            for above in (unit.parent, unit.profession_parent):
                if above is not None:
                    try:
                        children.setdefault(units.find(above).key, set()).add(unit.key)
                    except UnitNotFound:
                        continue
        made = {key: frozenset(units.units[k].name for k in _reach(key, children)) for key in children}
        if len(_below) > 16:
            _below.clear()
        _below[id(units)] = (units, made)
        return made


def _reach(key: str, children: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    queue = [key]
    while queue:
        for child in children.get(queue.pop(), ()):
            if child not in found and child != key:
                found.add(child)
                queue.append(child)
    return found


def sees_all(account: Account) -> bool:
    return account.has_role(*r.SEES_ALL_CASES)


def visible(account: Account, cases: QuerySet[Case] | None = None) -> QuerySet[Case]:
    """The cases the account may see."""
    cases = Case.objects.all() if cases is None else cases
    own = Exists(Participation.objects.filter(case=OuterRef("pk"), who__in=account.names))
    if sees_all(account):
        return cases.filter(Q(sealed=False) | own)
    below = subordinates(account.unit)
    if not below:
        return cases.filter(own)
    theirs = Exists(Participation.objects.filter(case=OuterRef("pk"), who__in=below))
    return cases.filter(own | (Q(sealed=False) & theirs))


def takes_part(account: Account, case: Case) -> bool:
    return Participation.objects.filter(case=case, who__in=account.names).exists()


def may_see(account: Account, case: Case) -> bool:
    if takes_part(account, case):
        return True
    if case.sealed:
        return False
    return sees_all(account) or Participation.objects.filter(case=case, who__in=subordinates(account.unit)).exists()


def case_for(account: Account, number: str) -> Case:
    """The case of this number. Raises Case.DoesNotExist, or NotYours when the account may not see it."""
    case = Case.objects.exclude(procedure=LOG).get(number=number)  # the log of standing tasks has pages of its own
    if not may_see(account, case):
        raise NotYours(f"{number} 由其他单位办理，{account.unit}没有参与，不能查看。")
    return case


def reads(account: Account, kind: str, case: Case | None = None) -> bool:
    """Whether the account reads personal data of this kind (personal | sensitive); only as one who takes part."""
    allowed = r.READS_SENSITIVE if kind == "sensitive" else r.READS_PERSONAL
    return account.has_role(*allowed) and (case is None or takes_part(account, case))


def mask(value: object) -> str:
    """A personal value as others see it: enough to recognise, not to know."""
    text = str(value)
    if len(text) <= 1:
        return "＊"
    if len(text) <= 4:
        return text[0] + "＊" * (len(text) - 1)
    keep = 3 if len(text) >= 11 else 1
    return text[:keep] + "＊" * (len(text) - keep - 2) + text[-2:] if len(text) >= 11 else text[:2] + "＊" * 4


def require(account: Account, *names: str) -> None:
    """Raise NotYours unless the account has one of these roles."""
    if not account.has_role(*names):
        raise NotYours(f"这里须由 {'、'.join(names)} 操作；您的角色是 {'、'.join(account.roles) or '无'}。")

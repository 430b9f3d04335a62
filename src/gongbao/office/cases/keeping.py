"""How long personal values are kept, and erasing those whose time is over: once a day, by the worker, written down.

The period is the fact's `keep` in its pack; where the pack is silent the office may set one (KeepRule). Without either,
values stay until somebody erases them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from gongbao.engine.retention import Keep, parse_keep
from gongbao.office import clock, worlds
from gongbao.office.cases import chain, rebuild
from gongbao.office.cases.models import CLOSED, Case, Event, KeepRule, PersonalValue
from gongbao.office.people import audit

ACT = "删除到期个人信息"
BY = "系统"
_done: dict[str, dt.date] = {}  # the day of this process's last full look


@dataclass(frozen=True, slots=True)
class Rule:
    """The period of one personal fact; `keep` None: nobody has said one. `ours`: set here, not by the pack."""

    pack: str
    fact: str
    label: str
    kind: str
    keep: Keep | None
    ours: KeepRule | None = None


def rules() -> tuple[Rule, ...]:
    """Every personal fact of every pack that can be read."""
    newest = KeepRule.objects.values("pack", "fact").annotate(newest=Max("id")).values("newest")
    set_here = {(row.pack, row.fact): row for row in KeepRule.objects.filter(id__in=newest).exclude(keep="")}
    found = []
    for world in worlds.loaded():
        pack = world.pack
        for name, fact in world.facts.items():
            if fact.personal:
                row = None if fact.keep else set_here.get((pack, name))
                keep = fact.keep or (row.keep if row else "")
                found.append(Rule(pack, name, fact.label, fact.personal, _read(keep), row))
    return tuple(found)


def _read(keep: str) -> Keep | None:
    """The period; None where there is none, or none that can be read (no pack loads with such, and none is set)."""
    try:
        return parse_keep(keep) if keep else None
    except ValueError:
        return None


def over(rule: Rule, now: dt.datetime, case: Case | None = None) -> Iterator[PersonalValue]:
    """The values of a fact whose time is over at `now`, with their cases; of one case where one is given."""
    if rule.keep is None:
        return
    rows = PersonalValue.objects.filter(case__pack=rule.pack, name=rule.fact, erased_at=None).select_related("case")
    if case is not None:
        rows = rows.filter(case=case)
    if rule.keep.since == "closed":
        yield from (v for v in rows.filter(case__status=CLOSED, case__closed_at__isnull=False).iterator()
                    if _is_over(rule.keep, v.case.closed_at, now))  # fmt: skip
        return
    for value in rows.iterator():
        recorded = (
            Event.objects.filter(case_id=value.case_id, seq=value.seq).values_list("recorded_at", flat=True).get()
        )
        if _is_over(rule.keep, recorded, now):
            yield value


def _is_over(keep: Keep, start: dt.datetime, now: dt.datetime) -> bool:
    try:
        return keep.ends(start) <= now
    except (ValueError, OverflowError):  # beyond the calendar: never
        return False


def erase_due() -> int:
    """Erase every value whose time is over, case by case; how many. A second look on the same day finds nothing to do.

    The projection of the case is written anew, for a title may have been made of the value.
    """
    now = clock.now()
    if _done.get(BY) == now.date():
        return 0
    erased: Counter[tuple[str, str]] = Counter()
    for rule in rules():
        for case_id in sorted({value.case_id for value in over(rule, now)}):
            with transaction.atomic():
                case = Case.objects.select_for_update().get(pk=case_id)
                due = [value.pk for value in over(rule, now, case)]
                why = f"保存期满（{rule.keep}）"
                erased[rule.pack, rule.label] += chain.erase(case, by=BY, why=why, names=[rule.fact], only=due)
                rebuild.rebuild_case(case)
    for (pack, label), count in erased.items():
        audit.note(None, ACT, pack, {"事实": label, "条数": count}, username=BY)
    _done[BY] = now.date()
    return sum(erased.values())


def forget() -> None:
    """Look again although this day was looked at: after a rule was set, and between tests."""
    _done.clear()


def set_rule(pack: str, fact: str, keep: str, *, by: str, reason: str) -> KeepRule:
    """Say how long a fact is kept whose pack does not ("" withdraws it). ValueError, in Chinese, for what cannot be."""
    rule = next((r for r in rules() if (r.pack, r.fact) == (pack, fact)), None)
    if rule is None:
        raise ValueError(f"政策包 {pack} 没有个人信息“{fact}”")
    if rule.keep is not None and rule.ours is None:
        raise ValueError(f"“{rule.label}”的保存期限由政策包写明（{rule.keep}），不能另定")
    if keep:
        parse_keep(keep).ends(clock.now())
    if not reason.strip() or len(reason) > 300:
        raise ValueError("请写明理由，最多 300 字")
    row = KeepRule.objects.create(
        pack=pack, fact=fact, keep=keep.strip(), set_by=by, set_at=clock.now(), reason=reason.strip()
    )
    forget()
    return row

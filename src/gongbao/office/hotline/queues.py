"""The desk's queues (待派单, 待回访, 退单审核 ...): matters at one step, the longest waiting first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gongbao.office.cases.lists import PAGE, capped
from gongbao.office.hotline import desk
from gongbao.office.hotline.models import At
from gongbao.office.people import access
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account

CALLS = (r.CALL_TAKER, r.SHIFT_LEADER)
REVIEWS = (r.SHIFT_LEADER, r.REVIEWER)
POLICE = (r.POLICE_CALL_TAKER, r.DISPATCHER)
WATCHES = (r.INSPECTOR, r.DUTY_LEADER, r.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Queue:
    """`step` of the pack's procedure; `next`: the action that its rows offer first, which may be taken at once if it
    needs no form (`quick`)."""

    id: str
    label: str
    procedure: str
    step: str
    roles: tuple[str, ...]
    next: str = ""
    quick: bool = False
    where: Mapping[str, Any] | None = None


QUEUES_12345 = (
    Queue("intake", "待受理", desk.REQUEST, "intake", CALLS, "accepted"),
    Queue("negotiation", "协商中", desk.REQUEST, "negotiation", CALLS),
    Queue("dispatching", "待派单", desk.REQUEST, "dispatching", CALLS, "dispatched"),
    Queue("at_110", "110办理中", desk.REQUEST, "at_110", CALLS),
    Queue("signing", "待签收", desk.REQUEST, "signing", CALLS),
    Queue("return_review", "退单审核", desk.REQUEST, "return_review", REVIEWS, "return_approved"),
    Queue("extension_review", "延期审核", desk.REQUEST, "extension_review", REVIEWS, "extended"),
    Queue("handling", "办理中", desk.REQUEST, "handling", CALLS),
    Queue("visiting", "待回访", desk.REQUEST, "visiting", CALLS, "visited"),
    Queue("archiving", "待归档", desk.REQUEST, "archiving", CALLS, "archived", quick=True),
)
QUEUES_110 = (
    Queue("unsigned", "待签收", desk.ALARM, "intake", POLICE, "signed", quick=True,
          where={"from_site": True, "signed": False}),
    Queue("intake", "待派警", desk.ALARM, "intake", POLICE, "dispatched"),
    Queue("negotiation", "协商中", desk.ALARM, "negotiation", POLICE),
    Queue("handling", "处警中", desk.ALARM, "handling", POLICE, "replied"),
    Queue("at_12345", "12345办理中", desk.ALARM, "at_12345", POLICE),
)  # fmt: skip


def of(account: Account) -> tuple[Queue, ...]:
    """The queues of this desk that the account works in or watches."""
    here = QUEUES_110 if desk.is_police() else QUEUES_12345
    return tuple(q for q in here if account.has_role(*q.roles, *WATCHES))


def rows(queue: Queue, account: Account) -> Any:
    """Places of the queue; who watches without taking part sees only what is not sealed."""
    found = At.objects.filter(procedure=queue.procedure, step=queue.step, **(queue.where or {}))
    if not account.has_role(*queue.roles):
        found = found.filter(case__in=access.visible(account))
    return found


def page(queue: Queue, account: Account, number: int = 1) -> tuple[list[At], bool]:
    """One page with cases and matters, and whether there is another."""
    start = (max(1, number) - 1) * PAGE
    found = list(
        rows(queue, account).select_related("case", "case__matter").order_by("since", "id")[start : start + PAGE + 1]
    )
    return found[:PAGE], len(found) > PAGE


def counts(account: Account) -> list[dict[str, Any]]:
    return [{"queue": q, "n": capped(rows(q, account))} for q in of(account)]

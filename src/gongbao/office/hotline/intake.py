"""Writing down one call: the matter is opened and, by the operator's choice, taken its first steps in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from gongbao.office.cases import service
from gongbao.office.cases.models import Case
from gongbao.office.hotline import desk
from gongbao.office.people.models import Account

Facts = Mapping[str, Any]

CALL = (
    "content", "place", "address", "channel", "call_no", "caller_number", "caller_name", "anonymous", "confidential",
    "request_type", "category", "list_row", "belongs", "danger", "emergency_event", "excluded",
)  # fmt: skip
ALARM = (
    "content", "place", "address", "channel", "call_no", "caller_number", "caller_name", "request_type", "alarm_kind",
    "belongs", "danger", "dispute_signs", "within_12345", "emergency_event",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """One way to end a call. `steps`: (action, the facts it takes from the form, facts fixed by the choice)."""

    id: str
    label: str
    steps: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]], ...]
    key: str = ""
    facts: tuple[tuple[str, str], ...] = ()  # what the choice itself says when the matter is opened


WAYS_12345 = (
    Way("dispatch", "受理并派单", (
        ("accepted", ("excluded", "emergency_event", "category", "list_row"), (("belongs", "12345"),)),
        ("dispatched", ("handler", "dispatch_note"), ()),
    ), "Ctrl+Enter", (("belongs", "12345"), ("excluded", "无"))),
    Way("accept", "受理，稍后派单", (
        ("accepted", ("excluded", "emergency_event", "category", "list_row"), (("belongs", "12345"),)),
    ), "Alt+L", (("belongs", "12345"), ("excluded", "无"))),
    Way("transfer", "转110", (
        ("transferred", ("danger", "list_row"), (("belongs", "110"),)),
    ), "Alt+T", (("belongs", "110"),)),
    Way("answer", "直接答复", (("answered", ("answer",), ()),), "Alt+A", (("belongs", "12345"), ("excluded", "无"))),
    Way("negotiate", "协商转办", (("negotiating", (), (("belongs", "不明确或交叉"),)),), "Alt+N", (("belongs", "不明确或交叉"),)),
    Way("guide", "引导解释", (("guided", ("guide_note",), (("belongs", "均不属于"),)),), "Alt+G", (("belongs", "均不属于"),)),
    Way("decline", "不受理", (("declined", ("excluded", "guide_note"), ()),), "Alt+X"),
)  # fmt: skip
WAYS_110 = (
    Way("dispatch", "派警处置", (("dispatched", ("alarm_kind", "station"), ()),), "Ctrl+Enter", (("belongs", "110"),)),
    Way("transfer", "转12345", (("transferred", ("target",), (("belongs", "12345"),)),), "Alt+T", (("belongs", "12345"),)),
    Way("negotiate", "协商转办", (("negotiating", (), (("belongs", "不明确或交叉"),)),), "Alt+N", (("belongs", "不明确或交叉"),)),
    Way("guide", "引导解释", (("guided", ("guide_note",), (("belongs", "均不属于"),)),), "Alt+G", (("belongs", "均不属于"),)),
    Way("keep", "只登记", (), "Alt+L"),
)  # fmt: skip


def ways() -> tuple[Way, ...]:
    return WAYS_110 if desk.is_police() else WAYS_12345


def form() -> tuple[str, ...]:
    return ALARM if desk.is_police() else CALL


def take(
    account: Account, way: Way, given: Facts, *, note: str = "", before: Callable[[], None] = lambda: None
) -> Case:
    """Open the matter and take the steps of the chosen way. Raises service.ActionRefused with nothing written.

    given: the form's facts by id, as typed.
    """
    found = desk.find()
    police = desk.is_police()
    fixed = dict(way.facts)
    given = {"emergency_event": "否", **given}  # a box that is not ticked says no
    facts = (
        {name: given[name] for name in form() if given.get(name)} | fixed | {"platform": "110" if police else "12345"}
    )
    facts.setdefault("channel", "电话")
    with transaction.atomic():
        before()
        case = service.open_case(
            account, found.pack, desk.ALARM if police else desk.REQUEST, facts, note=note,
            data={"place": facts.get("place"), "platform": facts["platform"]}, source="电话" if facts["channel"] == "电话" else "系统",
        )  # fmt: skip
        for action, asked, more in way.steps:
            chosen = {name: given[name] for name in asked if given.get(name)} | dict(more)
            if "excluded" in asked and "excluded" not in chosen and fixed.get("excluded"):
                chosen["excluded"] = fixed["excluded"]
            case = service.act(case, account, action, facts=chosen, expected_seq=case.seq)
    return case

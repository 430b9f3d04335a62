"""Taking a call at the duty desk: from what was typed to the openings of the ticked plans, all or none of them.

The text goes to the fact of each plan's form that holds what happened, the common facts (place, time, who called) to
theirs; whatever a form has no fact for stands in the note of the opening, so that nothing typed is lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.http import QueryDict

from gongbao.office import clock
from gongbao.office.cases import service
from gongbao.office.cases.models import Case, Notice
from gongbao.office.incidents import found as reading
from gongbao.office.incidents.plans import Plan, plans, standing
from gongbao.office.pages import fields
from gongbao.office.people.models import Account

SAME = "同一事件"
# Names that packs share for what happened and who told; a form without them has it in the note.
TEXTS = ("situation", "content", "first_note")
CALLERS = ("report_unit", "informant")
NOTICE = 260  # characters of the text in one reminder


class Refused(Exception):
    """The rules of one plan do not take the opening; nothing was opened."""

    def __init__(self, plan: Plan, why: service.ActionRefused) -> None:
        self.plan, self.why = plan, why
        super().__init__(str(why))


@dataclass(frozen=True, slots=True)
class Call:
    """What was typed, as it was typed. `at`: when the call came, empty for now; `happened`: when it happened."""

    text: str = ""
    place: str = ""
    happened: str = ""
    caller: str = ""
    at: str = ""
    source: str = "电话"
    ticked: tuple[str, ...] = ()
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # plan key -> facts of its own form
    basis: Mapping[str, str] = field(default_factory=dict)

    @property
    def received(self) -> dt.datetime | None:
        """When the call came; None for now. ActionRefused for what is no time."""
        try:
            return dt.datetime.fromisoformat(self.at).replace(tzinfo=clock.SHANGHAI) if self.at else None
        except ValueError:
            raise service.ActionRefused(f"接报时间“{self.at}”不是时间", {"at": "请填年月日时分"}) from None


def read(post: QueryDict, listed: Iterable[Plan]) -> Call:
    """The call as the page's form holds it: text, place, happened, caller, at, plans, and `<plan>~f-<fact>`."""
    ticked = tuple(post.getlist("plans"))
    given, basis = {}, {}
    for plan in listed:
        own = QueryDict(mutable=True)
        for name in post:
            if name.startswith(f"{plan.key}~"):
                own.setlist(name.removeprefix(f"{plan.key}~"), post.getlist(name))
        given[plan.key] = fields.typed(plan.world, own_form(plan), own)
        basis[plan.key] = own.get("basis", "").strip()
    plain = {name: post.get(name, "").strip() for name in ("place", "happened", "caller", "at")}
    source = post.get("source", "")
    return Call(
        text=post.get("text", ""), ticked=ticked, given=given, basis=basis,
        source=source if source in service.SOURCES else "电话", **plain,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ a plan's own form


def text_fact(plan: Plan) -> str | None:
    return next((name for name in TEXTS if name in dict(plan.rule.form)), None)


def caller_fact(plan: Plan) -> str | None:
    return next((name for name in CALLERS if name in dict(plan.rule.form)), None)


def common(plan: Plan, call: Call) -> dict[str, Any]:
    """The facts of the plan's form that the common part of the page gives."""
    form = dict(plan.rule.form)
    wanted = {text_fact(plan): call.text.strip(), caller_fact(plan): call.caller, plan.date_fact: call.happened}
    if "place" in form:
        wanted["place"] = call.place
    return {name: value for name, value in wanted.items() if name is not None and value}


def own_form(plan: Plan) -> tuple[tuple[str, bool], ...]:
    """What the plan asks beside the common facts; a series is not typed at the desk."""
    shared = {text_fact(plan), caller_fact(plan), plan.date_fact, "place"}
    facts = plan.world.facts
    return tuple(
        (n, need) for n, need in plan.rule.form if n not in shared and getattr(facts.get(n), "type", "") != "series"
    )


@dataclass(frozen=True, slots=True)
class PlanForm:
    """The form of one ticked plan: what must be said, then what may be."""

    plan: Plan
    required: tuple[fields.Field, ...]
    optional: tuple[fields.Field, ...]
    expired: str
    basis: str
    errors: tuple[dict[str, str], ...] = ()
    open: bool = False  # something optional was said


def plan_form(plan: Plan, call: Call, errors: Mapping[str, str] | None = None, other: Iterable[str] = ()) -> PlanForm:
    given = dict(call.given.get(plan.key, {}))
    prefix = f"{plan.key.replace('/', '-').replace(':', '-')}-"
    made = fields.fields(plan.world, own_form(plan), given, errors, prefix=prefix)
    made = tuple(replace(f, name=f"{plan.key}~{f.name}") for f in made)
    shared = {text_fact(plan): "text", caller_fact(plan): "caller", plan.date_fact: "happened", "place": "place"}
    summary = fields.summary(made, other) + [
        {"id": shared[name], "label": getattr(plan.world.facts.get(name), "label", name), "text": text}
        for name, text in (errors or {}).items() if name in shared
    ]  # fmt: skip
    optional = tuple(f for f in made if not f.required)
    return PlanForm(
        plan, tuple(f for f in made if f.required), optional, plan.expired(clock.today()),
        call.basis.get(plan.key, ""), tuple(summary), any(f.value or f.error for f in optional),
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------- what was read


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing read from the text, with every control of the page that it would fill."""

    label: str
    text: str
    read: str
    doubt: str
    fill: Mapping[str, str]
    taken: bool


def readings(call: Call, ticked: Sequence[Plan], now: dt.datetime) -> list[Reading]:
    """What the text says for the common facts and the forms of the ticked plans, to be confirmed one by one or all."""
    made: dict[tuple[str, str], Reading] = {}

    def add(label: str, text: str, read: str, name: str, held: str, doubt: str = "", shown: str = "") -> None:
        key = (label, text)
        before = made.get(key)
        fill = {**(before.fill if before else {}), name: text}
        taken = held == text and (before.taken if before else True)
        made[key] = Reading(label, shown or text, read, doubt, fill, taken)

    units = ticked[0].world.units if ticked else next((p.world.units for p in plans()), None)
    if units is not None:
        for area, read_from in reading.places(call.text, units)[:1]:
            add("地点", area, read_from, "place", call.place)
    for moment, read_from in reading.times(call.text, now)[:1]:
        add("事发时间", f"{moment:%Y-%m-%dT%H:%M}", read_from, "happened", call.happened, shown=f"{moment:%m-%d %H:%M}")
    for plan in ticked:
        for one in reading.for_form(call.text, plan.world, own_form(plan), now, None):
            held = call.given.get(plan.key, {}).get(one.name, "")
            unit = getattr(plan.world.facts[one.name], "unit", None) or ""
            add(one.label, one.text, one.read, f"{plan.key}~f-{one.name}", str(held), one.doubt, f"{one.text}{unit}")
    return list(made.values())


# ------------------------------------------------------------------------------------------------------------ opening


def take(account: Account, call: Call, chosen: Sequence[Plan], *, beside: Case | None = None) -> list[Case]:
    """Open one case per plan and link them as one event, in one transaction. beside: a case that they belong to.

    Raises Refused for the first plan that does not take it, with nothing opened.
    """
    received = call.received
    opened: list[Case] = []
    with transaction.atomic():
        for plan in chosen:
            shared = common(plan, call)
            facts = {**call.given.get(plan.key, {}), **shared}
            try:
                case = service.open_case(
                    account, plan.pack, plan.procedure, facts, occurred_at=received, source=call.source,
                    note=_note(plan, call), data={"place": call.place or None},
                    basis_confirmed_by=call.basis.get(plan.key) or None,
                )  # fmt: skip
            except service.ActionRefused as refused:
                raise Refused(plan, refused) from refused
            first = beside or (opened[0] if opened else None)
            if first is not None:
                service.link(first, case, SAME)
            opened.append(case)
    return opened


def _note(plan: Plan, call: Call) -> str:
    """What the plan's form has no place for."""
    said = [] if text_fact(plan) else [call.text.strip()]
    if call.caller and not caller_fact(plan):
        said.append(f"报告人：{call.caller}")
    if call.happened and not plan.date_fact:
        said.append(f"事发时间：{call.happened.replace('T', ' ')}")
    return "\n".join(filter(None, said))


def tell(account: Account, plan: Plan, call: Call, now: dt.datetime) -> tuple[str, ...]:
    """Tell those who may open the plan what was reported here; the names told."""
    who = standing(plan, account.actor, call.place, now.date()).who
    text = call.text.strip()
    parts = [text[i : i + NOTICE] for i in range(0, len(text), NOTICE)] or [""]
    where = f"{call.place}，" if call.place else ""
    Notice.objects.bulk_create(
        Notice(
            who=name, case=None, kind="told", at=now,
            text=f"{account.unit}转告（请按“{plan.rule.label}”研判）{f'（{n}/{len(parts)}）' if len(parts) > 1 else ''}：{where}{part}"[:300],
        )
        for name in who for n, part in enumerate(parts, 1)
    )  # fmt: skip
    return who

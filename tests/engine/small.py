"""A small procedure made by hand for the tests of the case engine: intake, two offices side by side, an archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from gongbao.engine.functions import CASE_FUNCTIONS
from gongbao.engine.model import Action, Actor, Deadline, Duty, Event, Limit, Moment, Procedure, Step, Who
from gongbao.engine.time.calendar import SHANGHAI, Calendar
from gongbao.engine.units import Units
from gongbao.engine.world import World
from gongbao.feel import compile_expression

CITY = {
    "city": "廊坊市",
    "areas": ["三河市", "香河县"],
    "units": {
        "市政府办公室": {"name": "廊坊市人民政府办公室", "short": "市政府办公室"},
        "市公安局": {"name": "廊坊市公安局", "short": "市公安局", "functions": ["公安机关"]},
        "市城管局": {"name": "廊坊市城市管理局", "short": "市城管局"},
        "三河市公安局": {"name": "三河市公安局", "level": "县", "area": "三河市", "functions": ["公安机关"]},
        "香河县公安局": {"name": "香河县公安局", "level": "县", "area": "香河县", "functions": ["公安机关"]},
        "三河市人民政府": {"name": "三河市人民政府", "level": "县", "area": "三河市", "kind": "政府"},
        "香河县人民政府": {"name": "香河县人民政府", "level": "县", "area": "香河县", "kind": "政府"},
        "市环保局": {"name": "廊坊市环境保护局", "short": "市环保局"},
        "市生态环境局": {"name": "廊坊市生态环境局", "short": "市生态环境局"},
    },
    "groups": {"各县（市、区）": {"label": "各县（市、区）", "members": ["三河市人民政府", "香河县人民政府"]}},
}  # fmt: skip


DOCUMENT = {"number": "廊政办字〔2023〕1号", "title": "试验文件", "dated": dt.date(2023, 1, 1)}


def units() -> Units:
    data = {**CITY, "units": {k: dict(v) for k, v in CITY["units"].items()}}  # type: ignore[attr-defined]
    # Renamed in the reform.
    data["units"]["市环保局"]["successors"] = [{"unit": "市生态环境局", "on": dt.date(2019, 1, 1)}]
    return Units(data)


def feel(text: str) -> Any:
    return compile_expression(text, functions=CASE_FUNCTIONS)


def at(text: str) -> dt.datetime:
    """`03-01 09:00` of 2023, Shanghai time."""
    return dt.datetime.strptime(f"2023-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def by(*names: str) -> tuple[Who, ...]:
    """Units by name; a name in <> is a role, in [] a post, with = a fact."""
    made = []
    for name in names:
        if name.startswith("<"):
            made.append(Who("role", name.strip("<>")))
        elif name.startswith("["):
            made.append(Who("post", name.strip("[]")))
        elif name.startswith("="):
            made.append(Who("fact", name[1:]))
        else:
            made.append(Who("unit", name))
    return tuple(made)


def fields(names: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    return tuple((n.removesuffix("?"), not n.endswith("?")) for n in names)


def action(id_: str, *to: str, **more: Any) -> Action:
    form = fields(more.pop("form", ()))
    return Action(id_, more.pop("label", id_), to=to, event=more.pop("event", id_), form=form, **more)


def step(id_: str, *actions: Action, **more: Any) -> Step:
    return Step(id_, more.pop("label", id_), actions={a.id: a for a in actions}, **more)


def procedure(*steps: Step, anytime: tuple[Action, ...] = (), **more: Any) -> Procedure:
    return Procedure(
        id=more.pop("id", "matter"), label=more.pop("label", "事项办理"), case_word="事项", cite=None,
        form=fields(more.pop("form", ())), start=more.pop("start", (steps[0].id,)), steps={s.id: s for s in steps},
        anytime={a.id: a for a in anytime}, **more,
    )  # fmt: skip


def world(*procedures: Procedure, **more: Any) -> World:
    return World(
        pack="langfang/test", version="v1", document=more.pop("document", DOCUMENT),
        facts=more.pop("facts", {}), params=more.pop("params", {}), settings=more.pop("settings", {}),
        decisions=more.pop("decisions", {}), procedures={p.id: p for p in procedures}, duties=more.pop("duties", ()),
        registers={}, units=units(), calendar=Calendar(), **more,
    )  # fmt: skip


def log(*entries: Mapping[str, Any] | tuple[Any, ...]) -> tuple[Event, ...]:
    """Events from (type, time[, facts[, more]]); numbered from 1, written down when they occurred."""
    events = []
    for seq, entry in enumerate(entries, 1):
        type_, when, facts, more = (*entry, {}, {})[:4] if len(entry) < 4 else entry
        more = dict(more)
        occurred = at(when)
        events.append(
            Event(type_, more.pop("seq", seq), occurred, more.pop("recorded_at", occurred), facts=facts, **more)
        )
    return tuple(events)


def period(id_: str, limit: str, start: str, met_by: str | None = None, **more: Any) -> Deadline:
    amount, _, unit = limit.partition(" ")
    return Deadline(
        id_, more.pop("label", id_), more.pop("cite", "一"), more.pop("kind", "period"),
        limit=Limit(int(amount), unit),  # type: ignore[arg-type]
        from_=Moment("event", start), met_by=Moment("event", met_by) if met_by else None, **more,
    )  # fmt: skip


def duty(id_: str, lead: tuple[Who, ...], while_: str | None = None, **more: Any) -> Duty:
    return Duty(
        id_, more.pop("do", id_), "二", lead, while_=feel(while_) if while_ else None,
        procedure=more.pop("procedure", "matter"), **more,
    )  # fmt: skip


OPERATOR = Actor("wang", "市政府办公室", frozenset({"话务员"}))
POLICE = Actor("zhang", "市公安局", frozenset({"承办人"}))
CITY_MANAGEMENT = Actor("li", "市城管局", frozenset({"承办人"}))

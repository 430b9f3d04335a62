"""Matters of the hotline over thirty days, each lived through by the engine's own acts until the stated date.

Every matter goes on as offices do; what has not happened by the stated date is still open. A few are left lying on
purpose: not signed for, overdue, sent back, waiting for an extension or for the call back.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from gongbao.engine.model import Actor
from gongbao.engine.world import World
from gongbao.office.cases import bulk
from gongbao.office.demo import people, texts, times
from gongbao.office.demo.size import DATE, SEED

DAY = 9 * 60  # minutes of one working day
TYPES = (("非紧急求助", 46), ("投诉", 34), ("举报", 8), ("意见建议", 12))


class _Later(Exception):
    """The next act lies after the stated date."""


def official(world: World, unit: str) -> str:
    return world.units.find(unit, DATE.date()).name


def desks(world: World, site: str) -> dict[str, Actor]:
    """Actors by account, as the accounts of the demonstration are."""
    return {
        p.username: Actor(p.username, official(world, p.unit), frozenset(p.roles), frozenset(p.posts))
        for p in people.people(site)
        if p.desk != "承德市"
    }


class _Life:
    """One matter under way: acts at growing times, ended by `_Later`."""

    def __init__(self, made: bulk.Draft, at: dt.datetime) -> None:
        self.draft, self.at = made, at

    def do(self, actor: Actor, action: str, at: dt.datetime, facts: Mapping[str, Any] | None = None) -> None:
        at = max(at, self.at)
        if at > DATE:
            raise _Later
        self.draft.act(actor, action, at, facts)
        self.at = at


def matters(world: World, count: int) -> Iterator[bulk.Draft]:
    """`count` matters in the order in which they came, from the fixed seed."""
    chance = random.Random(SEED)
    staff = desks(world, "12345")
    takers = [staff[name] for name in ("huawu1", "huawu2", "huawu3")]
    handlers = {a.unit: a for a in staff.values() if "承办人" in a.roles}
    for at in times.calls(chance, count):
        confidential = chance.random() < 0.03
        made = bulk.draft(world, "request", at.date(), sealed=confidential)
        life = _Life(made, at)
        with suppress(_Later):
            _live(chance, world, life, at, chance.choice(takers), staff, handlers, confidential)
        yield made


def _live(
    chance: random.Random, world: World, life: _Life, at: dt.datetime, taker: Actor, staff: Mapping[str, Actor],
    handlers: Mapping[str, Actor], confidential: bool,
) -> None:  # fmt: skip
    place = texts.place(chance)
    asks = chance.random() < 0.16
    kind = chance.choices(texts.KINDS, [k.weight for k in texts.KINDS])[0]
    words, topic, answer = texts.say(chance, chance.choice(kind.says)), kind.category, ""
    if asks:
        words, topic, answer = chance.choice(texts.QUESTIONS)
    facts: dict[str, Any] = {
        "platform": "12345", "channel": "互联网" if chance.random() < 0.22 else "电话", "content": words,
        "place": place,
        "request_type": "咨询" if asks else chance.choices(*zip(*TYPES, strict=True))[0],
        "address": f"{place}{texts.street(chance)}{chance.randrange(1, 90)}号", "category": topic,
        "caller_number": texts.phone(chance), "danger": False,
    }  # fmt: skip
    if chance.random() < 0.09:
        facts["anonymous"] = True
    else:
        facts["caller_name"] = texts.caller(chance)
    if confidential:
        facts["confidential"] = True
    if not asks:
        facts["list_row"] = kind.list_row
    life.draft.open(taker, facts, at)
    soon = at + chance.randrange(1, 6) * times.MINUTE

    if asks:
        life.do(taker, "answered", soon, {"answer": answer})
        _close(chance, life, staff, taker, soon)
        return
    roll = chance.random()
    if roll < 0.012:
        excluded = chance.choice(("诉讼", "仲裁", "行政复议", "已进入信访渠道"))
        life.do(taker, "declined", soon, {"excluded": excluded, "guide_note": f"属{excluded}范围，已说明并告知渠道"})
        return
    if roll < 0.018:
        life.do(taker, "guided", soon, {"belongs": "均不属于", "guide_note": "不在双方受理范围，已引导并解释"})
        return
    accepted = {"excluded": "无", "belongs": "12345", "emergency_event": chance.random() < 0.02}
    if roll < 0.03:
        life.do(taker, "negotiating", soon, {"belongs": "不明确或交叉"})
        soon += chance.randrange(10, 90) * times.MINUTE
        life.do(taker, "agreed_12345", soon, {"negotiation": "由12345受理"})
    else:
        life.do(taker, "accepted", soon, accepted)
    county = official(world, texts.COUNTY_OF[place])
    bureau = official(world, kind.bureau) if kind.bureau else county
    _handle(chance, life, soon, taker, staff, handlers, county if chance.random() < 0.62 else bureau, kind)


def _handle(
    chance: random.Random, life: _Life, at: dt.datetime, taker: Actor, staff: Mapping[str, Actor],
    handlers: Mapping[str, Actor], unit: str, kind: texts.Kind,
) -> None:  # fmt: skip
    leader, reviewer = staff["banzhang"], staff["shenhe"]
    handler = handlers[unit]
    sent = at + chance.randrange(2, 25) * times.MINUTE
    life.do(taker, "dispatched", sent, {"handler": unit})
    fate = chance.random()
    if fate < 0.006:  # never signed for
        if chance.random() < 0.7:
            life.do(taker, "urged", times.after(chance, sent, DAY, 2 * DAY), {"urge_note": "已过签收时限，请尽快签收"})
        return
    signed = times.after(chance, sent, 5, 300)
    if fate < 0.03:
        reason = chance.choice(("不属本单位职责，建议转有权单位", "地点不在本辖区", "材料不全，无法核查"))
        life.do(handler, "returned", signed, {"return_reason": reason})
        if fate < 0.009:  # nobody has looked at it
            return
        seen = times.after(chance, signed, 30, 400)
        if fate < 0.02:
            other = chance.choice([name for name in handlers if name != unit])
            life.do(leader, "return_approved", seen, {"review_note": "情况属实，重新派单"})
            again = times.after(chance, seen, 5, 60)
            life.do(taker, "dispatched", again, {"handler": other})
            handler, signed = handlers[other], times.after(chance, again, 10, 300)
        else:
            life.do(reviewer, "return_refused", seen, {"review_note": "按属地办理，请依职责办结"})
            signed = times.after(chance, seen, 10, 200)
    life.do(handler, "signed", signed)
    first = times.after(chance, signed, 20, 170)
    emergency = any(e.facts.get("emergency_event") for e in life.draft.events)
    if emergency or chance.random() < 0.15:
        life.do(handler, "first_feedback", first, {"preliminary": "已派人到现场，正在核查"})
    if fate > 0.994:  # left lying
        if chance.random() < 0.6:
            late = times.after(chance, signed, 5 * DAY, 7 * DAY)
            life.do(staff["ducha"], "urged", late, {"urge_note": "已过办理时限，请说明原因"})
        return
    done = times.after(chance, signed, 60, 5 * DAY - 60)
    if fate > 0.965:
        asked = times.after(chance, signed, 2 * DAY, 4 * DAY)
        reason = {"limit": "3 working days", "extension_reason": "须等配件到货后施工"}
        life.do(handler, "asked_extension", asked, reason)
        if fate < 0.968:  # still to be reviewed
            return
        granted = times.after(chance, asked, 30, 300)
        if fate < 0.985:
            life.do(reviewer, "extended", granted, {"limit": "3 working days", "review_note": "同意，按期办结"})
            done = times.after(chance, granted, 2 * DAY, 6 * DAY)
        else:
            life.do(reviewer, "extension_refused", granted, {"review_note": "理由不充分，按原时限办理"})
            done = times.after(chance, granted, 30, DAY)
    elif fate > 0.95:  # done, but late
        done = times.after(chance, signed, 5 * DAY, 8 * DAY)
    life.do(handler, "replied", done, {"result": chance.choice(kind.answers)})
    if chance.random() < 0.05:
        back = times.after(chance, done, 60, DAY)
        life.do(taker, "reopened", back, {"solved": "未解决", "visit_note": "来电人称没有解决，重新交办"})
        sent = times.after(chance, back, 5, 60)
        life.do(taker, "dispatched", sent, {"handler": handler.unit})
        signed = times.after(chance, sent, 10, 200)
        life.do(handler, "signed", signed)
        done = times.after(chance, signed, 60, 3 * DAY)
        life.do(handler, "replied", done, {"result": "再次到现场处理，已与来电人当面确认"})
    _close(chance, life, staff, taker, done)


def _close(chance: random.Random, life: _Life, staff: Mapping[str, Actor], taker: Actor, done: dt.datetime) -> None:
    if chance.random() < 0.004:  # the call back was forgotten
        return
    called = times.after(chance, done, 30, int(1.8 * DAY))
    solved = chance.choices(("已解决", "部分解决", "未解决"), (86, 11, 3))[0]
    weights = (70, 19, 5, 6) if solved == "已解决" else (20, 40, 35, 5)
    pleased = chance.choices(("满意", "基本满意", "不满意", "联系不上"), weights)
    life.do(taker, "visited", called, {"responded": "响应", "solved": solved, "satisfied": pleased[0]})
    life.do(taker, "archived", times.after(chance, called, 5, 240))

"""The low-altitude pack: a flight asked for is allowed or not, with the ground; what flew without approval is handled."""

from __future__ import annotations

import datetime as dt
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packs.logs import Log as CaseLog

from gongbao.engine.decision.decide import decide
from gongbao.engine.errors import NotPossible, NotYours
from gongbao.engine.fact import read_facts
from gongbao.engine.model import Actor, CaseState
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.coverage import coverage
from gongbao.policy.loader import load_folder, packs_root
from gongbao.policy.source import read_source
from gongbao.policy.verify import read_gazettes, verify

FOLDER = packs_root() / "langfang" / "low-altitude-control"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
START, END = dt.datetime(2023, 3, 1, tzinfo=SHANGHAI), dt.datetime(2023, 3, 15, tzinfo=SHANGHAI)

POLICE = Actor("police", "三河市公安局", frozenset({"值班员"}))
OTHER_POLICE = Actor("other", "霸州市公安局", frozenset({"值班员"}))
PURPOSES = ("体育", "娱乐", "商业", "勘测", "施放气球")
FLIGHT: dict[str, Any] = {
    "place": "三河市", "object_name": "无人机", "purpose": "商业", "in_city": True, "applicant": "某公司",
    "flight_from": "2023-03-05 09:00", "flight_until": "2023-03-05 10:00",
}  # fmt: skip
APPROVAL = {"approver": "空管部门", "approval_no": "空批1号", "approved_scope": "3月5日9时至10时"}


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def world() -> World:
    return loaded()


def at(text: str) -> dt.datetime:
    """`05 09:00` of March 2023."""
    return dt.datetime.strptime(f"2023-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def answer(world: World, **facts: Any) -> dict[str, Any]:
    outcome = decide(world, "allowed", read_facts(world.facts, {**FLIGHT, "approved": False, "flown": False, **facts}))
    assert outcome.settled
    return dict(outcome.output)


class Log(CaseLog):
    """The log of one case in 三河."""

    at = staticmethod(at)

    def __init__(self, world: World, procedure: str = "flight", **facts: Any) -> None:
        super().__init__(world, procedure, POLICE, "01 09:00", facts, place="三河市")

    def state(self, when: Any = "20 12:00") -> CaseState:
        return super().state(when)


def test_the_pack_passes_its_own_check_without_a_warning() -> None:
    result = check_folder(FOLDER)
    assert result.errors == ()
    assert result.warnings == ()


def test_the_gazette_says_what_the_pack_cites_and_nothing_of_it_is_left() -> None:
    seeds = Path(os.environ.get("GONGBAO_SHARED", packs_root().parent.parent / "shared")) / "seeds"
    if not seeds.is_dir():
        pytest.skip("没有公报文本（GONGBAO_SHARED）")
    gazettes, source = read_gazettes(seeds), read_source(FOLDER)
    assert verify(source, gazettes).problems == ()
    found = coverage(source, gazettes)
    assert (found.open_clauses, found.open_figures) == ((), ())


# ------------------------------------------------------------------------------------------------- what, when, where


def test_every_listed_object_is_known_by_its_names(world: World) -> None:
    rows = world.registers["objects"].rows
    assert len(rows) == 13
    for row in rows:
        for name in filter(None, (row["name"], row["alias"], row["other"])):
            outcome = decide(world, "class", read_facts(world.facts, {"object_name": name}))
            assert (outcome.settled, outcome.output) == (True, row["class"])


def test_what_is_not_listed_is_for_a_person_to_judge(world: World) -> None:
    outcome = decide(world, "class", read_facts(world.facts, {"object_name": "风筝"}))
    assert not outcome.settled
    assert outcome.ask == ("other_class",)


@pytest.mark.parametrize(("moment", "applies"), [
    ("2023-02-28 23:59", False), ("2023-03-01 00:00", True), ("2023-03-14 23:59", True), ("2023-03-15 00:00", False),
    ("2023-03-15 00:01", False),
])  # fmt: skip
def test_the_notice_holds_from_its_first_minute_to_its_last(world: World, moment: str, applies: bool) -> None:
    found = answer(world, flight_from=moment, flight_until=moment)
    assert found["result"] == ("须先申请批准" if applies else "本通告不适用")
    assert (found["ground"] == "不在管控时间") is not applies


@settings(deadline=None, max_examples=80)
@given(st.integers(-4000, 24000), st.integers(0, 6000))
def test_a_flight_of_which_any_minute_is_in_the_window_is_under_control(start: int, length: int) -> None:
    world, begins = loaded(), START + dt.timedelta(minutes=start)
    ends = begins + dt.timedelta(minutes=length)
    facts = {"flight_from": f"{begins:%Y-%m-%d %H:%M}", "flight_until": f"{ends:%Y-%m-%d %H:%M}"}
    outcome = decide(world, "window", read_facts(world.facts, facts))
    assert outcome.output == ("在管控时间" if begins < END and ends >= START else "不在管控时间")


# ------------------------------------------------------------------------------------------------------ the answer


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(PURPOSES), st.booleans(), st.booleans(), st.booleans())
def test_a_listed_flight_in_the_city_needs_approval(purpose: str, in_city: bool, approved: bool, flown: bool) -> None:
    found = answer(loaded(), purpose=purpose, in_city=in_city, approved=approved, flown=flown)
    if not in_city:
        assert found == {"result": "本通告不适用", "ground": "不在我市行政区域"}
    elif approved:
        assert found == {"result": "可以飞行或施放", "ground": "已经批准"}
    elif flown:
        assert found == {"result": "违反通告", "ground": "未经批准已经实施"}
    else:
        assert found == {"result": "须先申请批准", "ground": "尚未批准"}


def test_another_purpose_is_for_a_person_to_judge(world: World) -> None:
    facts = {**FLIGHT, "purpose": "其他目的", "approved": False, "flown": False}
    assert decide(world, "allowed", read_facts(world.facts, facts)).needs_person


# ------------------------------------------------------------------------------------------------------ the walks


def test_a_flight_is_walked_from_the_request_to_the_permission(world: World) -> None:
    log = Log(world, **FLIGHT).do(POLICE, "must_apply", "01 10:00")
    assert log.state().decided["allowed"].value == {"result": "须先申请批准", "ground": "尚未批准"}
    log.do(POLICE, "permitted", "02 10:00", **APPROVAL)
    assert log.state().decided["allowed"].value == {"result": "可以飞行或施放", "ground": "已经批准"}
    log.do(POLICE, "done", "05 11:00")
    assert log.state().closed_at == at("05 11:00")


def test_what_the_notice_covers_cannot_be_answered_as_not_covered(world: World) -> None:
    with pytest.raises(NotPossible, match="适用通告"):
        Log(world, **FLIGHT).do(POLICE, "not_covered", "01 10:00")
    log = Log(world, **{**FLIGHT, "in_city": False}).do(POLICE, "not_covered", "01 10:00")
    assert log.state().closed_at == at("01 10:00")


def test_a_request_is_for_the_police_of_its_place(world: World) -> None:
    with pytest.raises(NotYours):
        Log(world, **FLIGHT).do(OTHER_POLICE, "must_apply", "01 10:00")


def test_a_flight_without_approval_opens_a_case_with_what_is_known(world: World) -> None:
    log = Log(world, **FLIGHT).do(POLICE, "must_apply", "01 10:00")
    log.do(POLICE, "flown_without", "05 11:00", content="未获批准已起飞")
    opens = log.events[-1].data["opens"]
    assert opens["procedure"] == "violation"
    assert (opens["facts"]["object_name"], opens["facts"]["flown"]) == ("无人机", True)


def test_a_breach_is_punished_or_prosecuted(world: World) -> None:
    known = {k: FLIGHT[k] for k in ("purpose", "in_city", "flight_from", "flight_until")}
    log = Log(world, "violation", place="三河市", object_name="无人机", content="群众举报")
    with pytest.raises(NotPossible, match="没有违反通告"):
        log.do(POLICE, "confirmed", "05 12:00", finding="已获批准", approved=True, flown=True, **known)
    log.do(POLICE, "confirmed", "05 12:00", finding="属实", approved=False, flown=True, **known)
    handled = {"breach": "只违反本通告", "handled_by": "公安机关", "handled_note": "依法处罚"}
    with pytest.raises(NotPossible, match="依法追究刑事责任"):
        log.do(POLICE, "handled", "06 09:00", crime=True, **handled)
    log.do(POLICE, "handled", "06 09:00", crime=False, **handled)
    state = log.state()
    assert state.closed_at == at("06 09:00")
    assert {t.duty for t in state.tasks if t.status == "done"} == {"verify_breach", "punish_breach"}

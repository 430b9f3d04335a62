"""The supervision office's own rule as it is lived: who may do what, the parts' way back to the matter, papers, clocks."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest
from tests.packs.logs import Log as CaseLog
from tests.packs.papers import assert_every_paper_is_filled

from gongbao.engine.case import possible
from gongbao.engine.errors import NotPossible, NotYours
from gongbao.engine.model import Actor
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root
from gongbao.policy.source import read_source
from gongbao.policy.verify import verify

FOLDER = packs_root() / "langfang" / "supervision"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
OFFICE = Actor("du", "廊坊市人民政府督查室", frozenset({"督查员"}))
LEAD = Actor("jian", "廊坊市住房和城乡建设局", frozenset({"承办人"}))
PARTS = Actor("12345平台", "廊坊市住房和城乡建设局", frozenset({"承办件"}))  # a part, answering
HELPER = Actor("cai", "廊坊市财政局", frozenset({"承办人"}))
PART = {
    "title": "老旧小区改造", "source": "政府工作报告", "part_title": "完成改造立项", "part_lead": LEAD.unit,
    "part_with": [HELPER.unit], "part_due": "2023-06-30",
}  # fmt: skip


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture
def world() -> World:
    return loaded().with_settings({"sign_limit": "2 days", "feedback_every": "1 month", "silent_days": 30})


def at(day: str) -> dt.datetime:
    return dt.datetime.strptime(f"2023-{day} 09:00", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


class Log(CaseLog):
    at = staticmethod(at)

    def __init__(self, world: World, procedure: str = "part", **facts: Any) -> None:
        super().__init__(world, procedure, OFFICE, "03-01", {**PART, **facts} if procedure == "part" else facts)

    def proposed(self, day: str) -> Any:
        from gongbao.engine.case.state import fold_of

        return fold_of(self.world, self.procedure, self.events).scope(at(day))["supervise"]["measure"]


def test_the_pack_passes_its_own_check_without_a_warning() -> None:
    report = check_folder(FOLDER)
    assert report.problems == ()


def test_there_is_no_gazette_to_hold_it_against() -> None:
    found = verify(read_source(FOLDER), ())
    assert (found.house, found.verified, found.number) == (True, True, "本单位办理规则")


def test_it_bears_no_certificate_and_no_reservation_of_an_issuing_organ() -> None:
    world = loaded()
    assert world.house
    assert world.notice == "本单位办理规则"
    assert world.certified_by is None


def test_every_limit_is_a_setting_of_the_supervision_office() -> None:
    world = loaded()
    assert world.params == {}
    assert {setting.owner for setting in world.settings.values()} == {"市政府督查室"}
    assert all(setting.candidates == () and setting.value is None for setting in world.settings.values())


def test_every_paper_is_filled() -> None:
    assert_every_paper_is_filled(FOLDER, loaded())


def test_only_the_lead_unit_signs_and_reports_done(world: World) -> None:
    log = Log(world)
    for other in (HELPER, OFFICE):
        with pytest.raises(NotYours, match="须由廊坊市住房和城乡建设局办理"):
            log.do(other, "signed", "03-02")
    log.do(LEAD, "signed", "03-02")
    with pytest.raises(NotYours):
        log.do(HELPER, "reported", "03-03", result="办完")


def test_whoever_takes_part_has_it_before_them(world: World) -> None:
    state = Log(world).do(LEAD, "signed", "03-02").state("03-03")
    assert state.steps[0].who == (LEAD.unit, HELPER.unit)


def test_a_cooperating_unit_may_report_progress(world: World) -> None:
    log = Log(world).do(LEAD, "signed", "03-02").do(HELPER, "progress", "03-20", progress="资金已落实")
    assert log.state("03-21").facts["last_word_on"] == dt.date(2023, 3, 20)


def test_only_the_supervision_office_checks_and_clears(world: World) -> None:
    log = Log(world).do(LEAD, "signed", "03-02").do(LEAD, "reported", "06-01", result="办完")
    with pytest.raises(NotYours):
        log.do(LEAD, "cleared", "06-02", on_site="书面核查", check_note="齐全")
    assert log.do(OFFICE, "cleared", "06-02", on_site="书面核查", check_note="齐全").state("06-02").closed_at


@pytest.mark.parametrize(
    ("day", "expected"),
    [("03-31", "不需要"), ("04-01", "催办"), ("06-30", "催办"), ("07-01", "督办单")],
)
def test_a_missed_clock_proposes_urging_or_an_order(world: World, day: str, expected: str) -> None:
    assert Log(world).do(LEAD, "signed", "03-02").proposed(day) == expected


def test_nothing_is_proposed_against_a_unit_that_has_reported(world: World) -> None:
    log = Log(world).do(LEAD, "signed", "03-02").do(LEAD, "reported", "06-01", result="办完")
    assert log.proposed("07-20") == "不需要"


def test_what_is_returned_has_a_clock_of_its_own(world: World) -> None:
    log = Log(world).do(LEAD, "signed", "03-02").do(LEAD, "reported", "06-01", result="办完")
    log.do(OFFICE, "returned", "06-05", on_site="实地核查", redo_reason="缺一处", redo_due="2023-07-15")
    clocks = {d.id: (d.due.date(), d.status) for d in log.state("07-16").deadlines if d.due and d.id in ("due", "redo")}
    assert clocks == {"due": (dt.date(2023, 6, 30), "met"), "redo": (dt.date(2023, 7, 15), "overdue")}


def test_an_extension_moves_the_date_and_no_further_than_asked(world: World) -> None:
    log = Log(world).do(LEAD, "signed", "03-02")
    log.do(LEAD, "asked_more_time", "06-01", asked_due="2023-08-31", extension_reason="雨季").do(
        OFFICE, "extended", "06-02"
    )
    assert log.state("06-03").facts["part_due"] == dt.date(2023, 8, 31)
    assert [d.status for d in log.state("08-31").deadlines if d.id == "due"] == ["running"]
    assert [d.status for d in log.state("09-01").deadlines if d.id == "due"] == ["overdue"]


def test_a_lead_unit_does_not_cooperate_with_itself(world: World) -> None:
    log = Log(world, "matter", title="改造", source="领导批示", instruction="抓紧")
    with pytest.raises(NotPossible, match="牵头单位不能同时是配合单位"):
        log.do(
            OFFICE,
            "part_assigned",
            "03-02",
            part_title="立项",
            part_lead=LEAD.unit,
            part_with=[LEAD.unit],
            part_due="2023-06-30",
        )


def test_dividing_opens_a_part_that_carries_what_it_needs(world: World) -> None:
    log = Log(world, "matter", title="改造", source="领导批示", instruction="抓紧")
    log.do(OFFICE, "part_assigned", "03-02", part_title="立项", part_lead=LEAD.unit, part_due="2023-06-30")
    opens = log.events[-1].data["opens"]
    assert opens["procedure"] == "part"
    assert opens["facts"] == {
        "title": "改造", "source": "领导批示", "part_title": "立项", "part_lead": LEAD.unit,
        "part_due": dt.date(2023, 6, 30),
    }  # fmt: skip
    assert opens["answers"] == {"cleared": ["part_cleared"], "part_dropped": ["part_withdrawn"]}


def test_a_matter_is_filed_once_every_part_is_done(world: World) -> None:
    log = Log(world, "matter", title="改造", source="领导批示", instruction="抓紧")
    log.do(OFFICE, "part_assigned", "03-02", part_title="立项", part_lead=LEAD.unit, part_due="2023-06-30")
    log.do(OFFICE, "part_added", "03-02", part_title="资金", part_lead=HELPER.unit, part_due="2023-06-30")
    with pytest.raises(NotYours):
        log.do(OFFICE, "part_cleared", "03-05")
    log.do(PARTS, "part_cleared", "03-05")
    with pytest.raises(NotPossible, match="还有承办件没有销号或撤销"):
        log.do(OFFICE, "archived", "03-06")
    assert log.do(PARTS, "part_withdrawn", "03-07").do(OFFICE, "archived", "03-08").state("03-08").closed_at


def test_without_settings_no_clock_runs_and_the_owner_is_named() -> None:
    state = Log(loaded()).state("03-31")
    assert {d.id: d.status for d in state.deadlines}["sign"] == "unset"
    assert [p.action for p in possible(loaded(), state, Log(loaded()).events, LEAD, at("03-31")) if p.allowed] == [
        "signed", "refused",
    ]  # fmt: skip

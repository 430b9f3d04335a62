"""The food-safety pack as the duty desk lives it: grade, clocks, who may start what, end of response, final report."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packs.logs import Log as CaseLog

from gongbao.engine.case import act, open_case, replay
from gongbao.engine.case.scope import Scope
from gongbao.engine.case.state import fold_of
from gongbao.engine.decision.decide import decide
from gongbao.engine.errors import BadFacts, NotPossible, NotYours
from gongbao.engine.fact import read_facts
from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.model import Actor
from gongbao.engine.world import World
from gongbao.exchange.paper import fill
from gongbao.feel import compile_expression
from gongbao.policy.check import check_folder
from gongbao.policy.expressions import PAPER, scope_names
from gongbao.policy.loader import load_folder, packs_root
from gongbao.policy.source import read_source

FOLDER = packs_root() / "langfang" / "food-safety-incident"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
GRADES = ("一般以下", "一般", "较大", "重大", "特别重大")

COUNTY = Actor("county", "三河市市场监督管理局", frozenset({"值班员"}))
OTHER_COUNTY = Actor("other", "霸州市市场监督管理局", frozenset({"值班员"}))
COUNTY_GOVERNMENT = Actor("sanhe", "三河市人民政府", frozenset({"承办人"}))
OTHER_GOVERNMENT = Actor("bazhou", "霸州市人民政府", frozenset({"承办人"}))
CITY = Actor("city", "廊坊市市场监督管理局", frozenset({"值班员"}))
CITY_GOVERNMENT = Actor("government", "廊坊市人民政府", frozenset({"承办人"}))
HEADQUARTERS = Actor("headquarters", "廊坊市食品安全事故应急指挥部")
PARTY, GOVERNMENT, PROVINCE = "中共廊坊市委员会", "廊坊市人民政府", "河北省市场监督管理局"

FOOD = {"disease": "不涉及", "water_pollution": False}
FIRST_REPORT = {
    "accident_unit": "甲公司食堂", "occurred_at": "2023-01-04 08:00", "site": "燕郊", "situation": "多人就医", "involved": 300,
    "poisoned": 120, "deaths": 0, "first_measures": "封存食品", "rescue_trouble": False, "report_unit": "三河市市场监督管理局",
    "contact": "张某", "contact_phone": "03160000000",
}  # fmt: skip
END_MET: dict[str, Any] = {
    "all_treated": True, "stable_hours": 24, "new_acute": False, "infectious": False, "scene_controlled": True,
    "cleaned": True, "hazards_gone": True, "experts_agree": True,
}  # fmt: skip


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def world() -> World:
    return loaded()


def at(text: str) -> dt.datetime:
    """`04 09:30` of January 2023."""
    return dt.datetime.strptime(f"2023-01-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


class Log(CaseLog):
    """The log of one incident in 三河."""

    at = staticmethod(at)

    def __init__(self, world: World, opened: str = "04 08:00", by: Actor = COUNTY, **facts: Any) -> None:
        super().__init__(
            world, "incident", by, opened, {"place": "三河市", "situation": "多人就医", **facts}, place="三河市"
        )

    def graded(self, grade: str, when: str = "04 08:02", **facts: Any) -> Log:
        return self.do(COUNTY, "assessed", when, value=grade, note="专家组意见", **FOOD, **facts)

    def responding(self, level: str) -> Log:
        if level == "Ⅳ级":
            self.graded("一般").do(COUNTY, "county_proposed", "04 09:00")
            return self.do(COUNTY_GOVERNMENT, "county_started", "04 09:10")
        self.graded("较大").do(CITY, "city_proposed", "04 09:00")
        return self.do(CITY_GOVERNMENT, "city_started", "04 09:10", commander="李某")

    def tasks(self, now: str) -> dict[str, set[str]]:
        """Open duties with the units that have them."""
        found: dict[str, set[str]] = {}
        for task in self.state(now).tasks:
            if task.status != "cancelled":
                found.setdefault(task.duty, set()).add(task.unit)
        return found

    def clock(self, name: str, now: str) -> tuple[dt.datetime | None, str]:
        found = [d for d in self.state(now).deadlines if d.id == name]
        return (found[-1].due, found[-1].status) if found else (None, "")


def test_the_pack_passes_its_own_check() -> None:
    assert check_folder(FOLDER).errors == ()


# ------------------------------------------------------------------------------------------------------ grades

KNOWN = {
    "counties": 1, "cities": 1, "provinces": 1, "abroad": False, "harm": "未造成", "public_harm": False, "extreme": False,
    "novel": False, "spreading": False, "tainted": False, "recognised": "未认定",
}  # fmt: skip


def grade_of(world: World, **facts: Any) -> str:
    outcome = decide(world, "grade", read_facts(world.facts, {**KNOWN, **facts}))
    assert outcome.settled
    return str(outcome.output)


def as_the_annex_counts(poisoned: int, deaths: int) -> str:
    if (poisoned >= 100 and deaths >= 1) or deaths >= 10:
        return "重大"
    if poisoned >= 100 or deaths >= 1:
        return "较大"
    return "一般" if poisoned >= 30 else "一般以下"


@settings(deadline=None, max_examples=60)
@given(poisoned=st.sampled_from([0, 1, 9, 10, 29, 30, 31, 98, 99, 100, 101, 500]), dead=st.integers(0, 12))
def test_numbers_of_people_grade_as_the_annex_counts_them(poisoned: int, dead: int) -> None:
    deaths = min(dead, poisoned)
    assert grade_of(loaded(), poisoned=poisoned, deaths=deaths) == as_the_annex_counts(poisoned, deaths)


@settings(deadline=None, max_examples=60)
@given(
    poisoned=st.integers(0, 120), deaths=st.integers(0, 12), harm=st.sampled_from(["未造成", "造成但不严重", "严重", "特别严重"]),
    reach=st.integers(0, 3), worse=st.sampled_from(["public_harm", "extreme", "novel", "spreading", "tainted", "abroad"]),
)  # fmt: skip
def test_one_more_harm_never_lowers_the_grade(poisoned: int, deaths: int, harm: str, reach: int, worse: str) -> None:
    world = loaded()
    facts = {"poisoned": poisoned + deaths, "deaths": deaths, "harm": harm, "counties": reach, "cities": reach,
             "provinces": reach}  # fmt: skip
    before, after = grade_of(world, **facts), grade_of(world, **{**facts, worse: True})
    assert GRADES.index(after) >= GRADES.index(before)
    more = grade_of(world, **{**facts, "poisoned": poisoned + deaths + 1})
    assert GRADES.index(more) >= GRADES.index(before)


# ------------------------------------------------------------------------------------------------------ clocks

COUNTY_CLOCKS = [
    ("一般", "county_written_general", "county_wrote", 120),
    ("较大", "county_phone_larger", "county_phoned", 30),
    ("较大", "county_written_larger", "county_wrote", 60),
    ("重大", "county_phone_major", "county_phoned", 20),
    ("重大", "county_written_major", "county_wrote", 30),
    ("特别重大", "county_phone_major", "county_phoned", 20),
    ("特别重大", "county_written_major", "county_wrote", 30),
]
CITY_CLOCKS = [
    ("一般", "city_written_general", "city_wrote", 120),
    ("较大", "city_written_larger", "city_wrote", 60),
    ("重大", "city_phone_major", "city_phoned", 20),
    ("重大", "city_written_major", "city_wrote", 30),
    ("特别重大", "city_phone_major", "city_phoned", 20),
    ("特别重大", "city_written_major", "city_wrote", 30),
]


def minutes_after(start: str, minutes: int) -> str:
    return f"{at(start) + dt.timedelta(minutes=minutes):%d %H:%M}"


def form_of(action: str) -> dict[str, Any]:
    said: dict[str, Any] = {"said": "多人中毒"} if action.endswith("phoned") else dict(FIRST_REPORT)
    return said | ({"to": [PARTY, GOVERNMENT, PROVINCE]} if action.startswith("city") else {})


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize(("grade", "clock", "action", "limit"), COUNTY_CLOCKS)
def test_the_county_reports_within_minutes_of_the_event(
    world: World, grade: str, clock: str, action: str, limit: int, late: int
) -> None:
    log = Log(world, occurred_at="2023-01-04 08:00").graded(grade)
    when = minutes_after("04 08:00", limit + late)
    log.do(COUNTY, action, when, **form_of(action))
    assert log.clock(clock, when) == (at(minutes_after("04 08:00", limit)), "met_late" if late else "met")


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize(("grade", "clock", "action", "limit"), CITY_CLOCKS)
def test_the_city_reports_within_minutes_of_being_told(
    world: World, grade: str, clock: str, action: str, limit: int, late: int
) -> None:
    log = Log(world, occurred_at="2023-01-04 08:00").graded(grade).do(CITY, "city_received", "04 08:50")
    when = minutes_after("04 08:50", limit + late)
    log.do(CITY, action, when, **form_of(action))
    assert log.clock(clock, when) == (at(minutes_after("04 08:50", limit)), "met_late" if late else "met")


@pytest.mark.parametrize(("grade", "clock", "action", "_limit"), CITY_CLOCKS)
def test_a_city_report_is_complete_only_when_all_three_are_told(
    world: World, grade: str, clock: str, action: str, _limit: int
) -> None:
    log = Log(world, occurred_at="2023-01-04 08:00").graded(grade).do(CITY, "city_received", "04 08:50")
    log.do(CITY, action, "04 08:55", **{**form_of(action), "to": [PARTY, GOVERNMENT]})
    assert log.clock(clock, "04 08:56")[1] == "running"
    log.do(CITY, action, "04 08:57", **{**form_of(action), "to": [PROVINCE]})
    assert log.clock(clock, "04 08:58")[1] == "met"


@pytest.mark.parametrize(("minutes", "status"), [(10, "met"), (11, "met_late")])
def test_the_desk_phones_within_ten_minutes_whatever_the_grade(world: World, minutes: int, status: str) -> None:
    log = Log(world).do(COUNTY, "county_phoned", "04 08:10", said="多人就医")
    when = minutes_after("04 08:10", minutes)
    log.do(CITY, "city_phoned", when, to=[PARTY, GOVERNMENT], said="多人就医")
    assert log.clock("desk_call", when) == (at("04 08:20"), status)


def test_whoever_told_the_city_first_starts_its_clocks(world: World) -> None:
    log = Log(world, occurred_at="2023-01-04 08:00").graded("较大")
    log.do(CITY, "city_received", "04 08:05").do(COUNTY, "county_phoned", "04 08:20", said="120人中毒")
    assert log.clock("city_written_larger", "04 08:30")[0] == at("04 09:05")
    assert log.clock("county_phone_larger", "04 08:30") == (at("04 08:30"), "met")


def test_without_the_time_of_the_event_no_county_clock_runs_until_it_is_known(world: World) -> None:
    log = Log(world).graded("较大")
    assert log.clock("county_written_larger", "04 08:10") == (None, "")
    log.do(CITY, "city_received", "04 08:20", occurred_at="2023-01-04 07:50")
    assert log.clock("county_written_larger", "04 08:21") == (at("04 08:50"), "running")


def test_a_written_first_report_says_all_that_the_text_lists(world: World) -> None:
    log = Log(world).graded("一般")
    with pytest.raises(BadFacts) as refused:
        log.do(COUNTY, "county_wrote", "04 08:30", site="燕郊")
    told = str(refused.value)
    for label in (
        "事故发生单位",
        "事发时间",
        "涉及人数",
        "中毒人数",
        "死亡人数",
        "先期处置措施",
        "报告单位",
        "联系人",
        "联系方式",
    ):
        assert label in told


# ------------------------------------------------------------------------------------------- who may start what


def test_only_the_county_government_of_the_place_starts_level_four(world: World) -> None:
    log = Log(world).graded("一般").do(COUNTY, "county_proposed", "04 09:00")
    for other in (CITY_GOVERNMENT, OTHER_GOVERNMENT, COUNTY):
        with pytest.raises(NotYours):
            log.do(other, "county_started", "04 09:10")
    with pytest.raises(NotPossible):
        log.do(CITY_GOVERNMENT, "city_started", "04 09:10", commander="李某")
    log.do(COUNTY_GOVERNMENT, "county_started", "04 09:10")
    assert log.state("04 09:20").decided["response"].value == {"level": "Ⅳ级"}


def test_only_the_city_government_starts_level_three(world: World) -> None:
    log = Log(world).graded("较大")
    with pytest.raises(NotPossible, match="较大及以上由市局或省局提出"):
        log.do(COUNTY, "county_proposed", "04 09:00")
    with pytest.raises(NotYours):
        log.do(COUNTY, "city_proposed", "04 09:00")
    log.do(CITY, "city_proposed", "04 09:00")
    for other in (COUNTY_GOVERNMENT, CITY):
        with pytest.raises(NotYours):
            log.do(other, "city_started", "04 09:10", commander="李某")
    log.do(CITY_GOVERNMENT, "city_started", "04 09:10", commander="李某")
    assert log.state("04 09:20").decided["response"].value == {"level": "Ⅲ级"}


def test_a_general_accident_goes_to_level_three_only_with_a_reason_to_raise(world: World) -> None:
    log = Log(world).graded("一般")
    nothing = {"worsening": False, "sensitive": False, "key_place": False, "major_event": False}
    with pytest.raises(NotPossible, match="一般事故须有提升情形"):
        log.do(CITY, "city_proposed", "04 09:00", **nothing)
    log.do(CITY, "city_proposed", "04 09:00", **{**nothing, "key_place": True})
    assert [s.id for s in log.state("04 09:10").steps] == ["city_start"]


def test_the_province_starts_and_the_city_only_registers_it(world: World) -> None:
    log = Log(world).graded("重大")
    with pytest.raises(NotPossible):
        log.do(CITY, "city_proposed", "04 09:00")
    log.do(CITY, "province_proposed", "04 09:00", proposed_level="Ⅱ级")
    with pytest.raises(NotYours, match="须写明是谁作出的"):
        log.do(CITY, "province_started", "04 09:10")
    log.do(CITY, "province_started", "04 09:10", on_behalf_of="河北省人民政府")
    assert log.state("04 09:20").decided["response"].by == "河北省人民政府"


def test_a_county_elsewhere_has_no_part_in_it(world: World) -> None:
    log = Log(world)
    with pytest.raises(NotYours):
        log.do(OTHER_COUNTY, "assessed", "04 08:30", value="一般", note="误", **FOOD)


def test_the_government_that_answers_confirms_the_grade(world: World) -> None:
    log = Log(world).responding("Ⅲ级")
    with pytest.raises(NotPossible, match="一般事故由县级政府核定"):
        log.do(COUNTY_GOVERNMENT, "county_confirmed", "04 10:00", value="一般", note="核定")
    log.do(CITY_GOVERNMENT, "city_confirmed", "04 10:00", value="重大", note="新增死亡病例")
    assert log.state("04 10:10").decided["grade"].value == {"grade": "重大"}
    assert log.clock("county_written_major", "04 10:10") == (None, "")  # the time of the event is not known


def test_at_most_two_deputies(world: World) -> None:
    log = Log(world).responding("Ⅲ级")
    with pytest.raises(BadFacts):
        log.do(HEADQUARTERS, "hq_named", "04 09:30", commander="李某", deputies=["甲", "乙", "丙"])
    log.do(HEADQUARTERS, "hq_named", "04 09:30", commander="李某", deputies=["甲", "乙"])


# ------------------------------------------------------------------------------------------- groups and tasks


def test_each_group_has_the_lead_and_members_of_the_annex(world: World) -> None:
    log = Log(world).responding("Ⅲ级")
    log.do(HEADQUARTERS, "groups_formed", "04 09:30", stage="粮食收购储存运输",
           groups=["事故调查组", "危害控制组", "医疗救治组", "社会稳定组", "新闻宣传组", "专家组"])  # fmt: skip
    duties = {"事故调查组": "group_inquiry", "医疗救治组": "group_medical", "新闻宣传组": "group_press"}
    rows = {str(row["group"]): row for row in world.registers["groups"].rows}
    tasks = {t.duty: t for t in log.state("04 10:00").tasks}
    for group, duty in duties.items():
        assert tasks[duty].unit == world.units.find(str(rows[group]["lead"])).name
        members = tuple(world.units.find(u).name for u in str(rows[group]["members"]).split("、"))
        assert tasks[duty].with_ == members
    open_tasks = log.tasks("04 10:00")
    assert open_tasks["group_hazard"] == {"廊坊市发展和改革委员会"}
    assert len(open_tasks["group_stability"]) == 6


def test_what_the_place_must_do_goes_to_the_organs_of_the_place(world: World) -> None:
    tasks = Log(world).tasks("04 08:10")
    assert tasks["go_to_scene"] == {"三河市人民政府"}
    assert tasks["seal"] == {"三河市市场监督管理局"}
    assert tasks["epidemiology"] == {"三河市卫生健康局"}
    assert tasks["guard_scene"] == {"三河市公安局"}


def test_a_county_response_is_the_county_s_work_and_a_city_response_the_city_s(world: World) -> None:
    county, city = Log(world).responding("Ⅳ级").tasks("04 10:00"), Log(world).responding("Ⅲ级").tasks("04 10:00")
    assert county["inquiry_county"] == {"三河市市场监督管理局"}
    assert county["keep_order_county"] == {"三河市公安局"}
    assert city["inquiry"] == {"廊坊市市场监督管理局"}
    assert city["keep_order"] == {"廊坊市公安局"}
    assert not county.keys() & {"inquiry", "keep_order", "overall_city", "m01_treat"}
    assert not city.keys() & {"inquiry_county", "keep_order_county", "overall_county", "county_command"}


def test_the_city_s_work_groups_are_not_for_a_county_response(world: World) -> None:
    with pytest.raises(NotPossible, match="Ⅳ级由县指挥部成立"):
        Log(world).responding("Ⅳ级").do(CITY, "groups_formed", "04 09:30", groups=["专家组"])


@pytest.mark.parametrize(("action", "who", "duty"), [
    ("county_ended", COUNTY_GOVERNMENT, "sum_up_county"), ("city_ended", CITY_GOVERNMENT, "sum_up"),
])  # fmt: skip
def test_the_headquarters_that_led_sums_up(world: World, action: str, who: Actor, duty: str) -> None:
    log = Log(world).responding("Ⅳ级" if who is COUNTY_GOVERNMENT else "Ⅲ级")
    log.do(COUNTY, "end_proposed", "06 09:00", **END_MET).do(who, action, "06 10:00")
    assert {d for d in log.tasks("06 10:10") if d.startswith("sum_up")} == {duty}


@pytest.mark.parametrize("bureau", [COUNTY, CITY])
def test_a_warning_is_acted_on_by_the_authority_that_judged_it(world: World, bureau: Actor) -> None:
    times = {"occurred_at": at("04 08:00"), "recorded_at": at("04 08:00")}
    events = list(open_case(world, "warning", actor=bureau, facts={"place": "三河市"}, **times))
    proposal = {"risk_food": "散装白酒", "risk_note": "甲醇超标", "warning_grade": "二级", "advice": "停止饮用"}
    events += act(world, "warning", events, action="warning_proposed", actor=bureau, facts=proposal, **times)
    events += act(world, "warning", events, action="warning_issued", actor=COUNTY_GOVERNMENT, **times)
    state = replay(world, "warning", events, at("04 09:00"))
    assert state.decided["warning"].value == {"colour": "橙色"}
    assert {t.unit for t in state.tasks if t.duty == "warn_prevent"} == {bureau.unit}


def test_a_call_entered_in_the_case_does_the_task_that_asked_for_it(world: World) -> None:
    log = Log(world).do(CITY, "city_received", "04 08:05")
    assert next(t.status for t in log.state("04 08:06").tasks if t.duty == "tell_city_desk") == "issued"
    log.do(COUNTY, "county_phoned", "04 08:07", said="多人就医")
    told = next(t for t in log.state("04 08:08").tasks if t.duty == "tell_city_desk")
    assert (told.status, told.done_at) == ("done", at("04 08:07"))


def test_the_city_desk_need_not_be_told_what_it_opened_itself(world: World) -> None:
    assert "tell_city_desk" in Log(world).tasks("04 08:10")
    assert "tell_city_desk" not in Log(world, by=CITY).tasks("04 08:10")


def test_the_roster_is_the_printed_twenty_and_two_more_where_foreigners_are_concerned(world: World) -> None:
    home = decide(world, "roster", read_facts(world.facts, {"foreign": False})).output
    abroad = decide(world, "roster", read_facts(world.facts, {"foreign": True})).output
    assert len(home) == len(set(home)) == 20
    assert abroad == [*home, "市委台办", "市政府外事办"]
    assert all(world.units.knows(name) for name in abroad)


# ------------------------------------------------------------------------------------------- raising and ending


@settings(deadline=None, max_examples=60)
@given(
    hours=st.sampled_from([0, 20, 23, 24, 25, 72]), flags=st.fixed_dictionaries({
        name: st.booleans() for name in
        ("all_treated", "new_acute", "infectious", "incubation_clear", "scene_controlled", "cleaned", "hazards_gone", "experts_agree")
    }),
)  # fmt: skip
def test_the_response_ends_only_when_both_tests_are_met(hours: int, flags: dict[str, bool]) -> None:
    world = loaded()
    first = flags["all_treated"] and hours >= 24 and not flags["new_acute"]
    first = first and (not flags["infectious"] or flags["incubation_clear"])
    second = flags["scene_controlled"] and flags["cleaned"] and flags["hazards_gone"]
    outcome = decide(world, "may_end", read_facts(world.facts, {"stable_hours": hours, **flags}))
    assert outcome.settled
    assert outcome.output == ("可以终止" if first and second and flags["experts_agree"] else "不得终止")


@pytest.mark.parametrize(("level", "approver", "ended"), [
    ("Ⅳ级", COUNTY_GOVERNMENT, "county_ended"), ("Ⅲ级", CITY_GOVERNMENT, "city_ended"),
])  # fmt: skip
def test_the_government_that_started_it_ends_it(world: World, level: str, approver: Actor, ended: str) -> None:
    log = Log(world).responding(level)
    with pytest.raises(NotPossible, match="稳定满24小时"):
        log.do(COUNTY, "end_proposed", "06 09:00", **{**END_MET, "stable_hours": 20})
    log.do(COUNTY, "end_proposed", "06 09:00", **END_MET)
    wrong = CITY_GOVERNMENT if approver is COUNTY_GOVERNMENT else COUNTY_GOVERNMENT
    with pytest.raises(NotYours):
        log.do(wrong, ended, "06 09:30")
    log.do(approver, ended, "06 10:00")
    state = log.state("06 10:10")
    assert [s.id for s in state.steps] == ["after"]
    assert state.decided["response"].value == {"level": "无"}


def test_a_refused_end_goes_on_responding(world: World) -> None:
    log = Log(world).responding("Ⅲ级").do(COUNTY, "end_proposed", "06 09:00", **END_MET)
    log.do(CITY_GOVERNMENT, "city_refused", "06 10:00", reason_note="继续观察")
    state = log.state("06 10:10")
    assert [s.id for s in state.steps] == ["respond"]
    assert state.decided["response"].value == {"level": "Ⅲ级"}


def test_raising_from_four_to_three_is_for_the_city_government(world: World) -> None:
    log = Log(world).responding("Ⅳ级")
    calm = {"worsening": False, "sensitive": False, "key_place": False, "major_event": False}
    with pytest.raises(NotPossible):
        log.do(COUNTY, "raise_proposed", "04 12:00", proposed_level="Ⅲ级", **calm)
    with pytest.raises(NotPossible, match="须高于现行级别"):
        log.do(COUNTY, "raise_proposed", "04 12:00", proposed_level="Ⅳ级", **{**calm, "worsening": True})
    log.do(COUNTY, "raise_proposed", "04 12:00", proposed_level="Ⅲ级", **{**calm, "worsening": True})
    assert [s.id for s in log.state("04 12:10").steps] == ["city_approve"]
    log.do(CITY_GOVERNMENT, "city_adjusted", "04 12:30", commander="李某")
    tasks = log.tasks("04 12:40")
    assert "m01_treat" in tasks
    assert "county_command" not in tasks


# ------------------------------------------------------------------------------------------- hand-over, afterwards


def test_what_the_first_annex_lists_is_handed_to_the_health_authority(world: World) -> None:
    log = Log(world, disease="诺如病毒肠炎")
    with pytest.raises(NotPossible, match="移交卫生健康部门"):
        log.do(COUNTY, "assessed", "04 08:30", value="一般", note="误")
    log.do(COUNTY, "handed_to_health", "04 09:00", handed_over="样品和名单")
    opens = log.events[-1].data["opens"]
    assert opens["procedure"] == "health_handover"
    assert opens["facts"]["disease"] == "诺如病毒肠炎"
    with pytest.raises(NotPossible, match="经其接收"):
        log.do(COUNTY, "handed_closed", "04 09:10", health_note="已接收")


def test_every_printed_disease_is_one_that_the_form_offers(world: World) -> None:
    offered = set(world.facts["disease"].values)
    printed = [str(row["disease"]) for row in world.registers["diseases"].rows]
    assert all(name in offered or f"{name}肠炎" in offered for name in printed)
    assert len(offered) == len(printed) + 1  # and 不涉及


def test_the_final_report_waits_for_the_inquiry_and_the_summary(world: World) -> None:
    log = Log(world).responding("Ⅳ级").do(COUNTY, "end_proposed", "06 09:00", **END_MET)
    log.do(COUNTY_GOVERNMENT, "county_ended", "06 10:00")
    final = {"to": [PARTY, GOVERNMENT, PROVINCE], "overview": "甲", "process": "乙", "nature": "食物中毒",
             "responsibility": "丙", "outcome": "丁", "rectification": "戊", "effect": "己"}  # fmt: skip
    with pytest.raises(NotPossible, match="责任调查处理报告"):
        log.do(COUNTY, "final_reported", "07 09:00", **final)
    log.do(COUNTY, "investigated", "07 09:00", duty_report="已报")
    with pytest.raises(NotPossible, match="善后处置结束后"):
        log.do(COUNTY, "summarised", "07 10:00", lessons="加强监管")
    log.do(COUNTY_GOVERNMENT, "settled", "08 09:00", settlement_note="已赔付")
    with pytest.raises(NotPossible, match="完成总结评估"):
        log.do(COUNTY, "final_reported", "08 10:00", **final)
    log.do(COUNTY, "summarised", "08 10:00", lessons="加强监管").do(COUNTY, "final_reported", "09 09:00", **final)
    assert log.state("09 10:00").closed_at == at("09 09:00")


def test_nothing_is_released_during_the_response_without_consent(world: World) -> None:
    log = Log(world).responding("Ⅳ级")
    with pytest.raises(NotPossible, match="须经应急工作机构同意"):
        log.do(COUNTY, "released", "04 10:00", release_text="通报", release_agreed=False)
    log.do(COUNTY, "released", "04 10:10", release_text="通报", release_agreed=True)


PAPERS = {
    "county_wrote": ("关于甲公司食堂食品安全事故的初报", "三河市市场监督管理局", "廊坊市市场监督管理局"),
    "city_wrote": ("关于甲公司食堂食品安全事故的初报", "廊坊市市场监督管理局", f"{PARTY}，{GOVERNMENT}，{PROVINCE}"),
    "city_proposed": ("关于启动食品安全事故Ⅲ级应急响应的建议", "廊坊市市场监督管理局", "市政府"),
    "city_started": ("关于启动食品安全事故Ⅲ级应急响应的通知", "廊坊市人民政府", "各有关单位"),
    "groups_formed": (
        "关于成立甲公司食堂食品安全事故应急处置工作组的通知",
        "廊坊市食品安全事故应急指挥部",
        "各有关单位",
    ),
    "end_proposed": ("关于终止食品安全事故应急响应的建议", "三河市市场监督管理局", "市政府"),
}


def test_every_paper_is_issued_by_the_unit_that_acts_and_says_to_whom(world: World) -> None:
    log = Log(world).do(COUNTY, "county_wrote", "04 08:01", **FIRST_REPORT).responding("Ⅲ级")
    log.do(CITY, "city_wrote", "04 09:15", **{**FIRST_REPORT, "to": [PARTY, GOVERNMENT, PROVINCE]})
    log.do(HEADQUARTERS, "groups_formed", "04 09:30", stage="餐饮服务", groups=["事故调查组"])
    log.do(COUNTY, "end_proposed", "06 09:00", **END_MET)
    pack = read_source(FOLDER).pack
    seen = set()
    for i, event in enumerate(log.events):
        if (name := event.data.get("document")) is None:
            continue
        template = pack.documents[str(name)]
        scope = fold_of(world, "incident", log.events[: i + 1]).scope(event.occurred_at).over(unit=event.unit)

        def evaluate(text: str, scope: Scope = scope) -> Any:
            return compile_expression(text, (*scope_names(pack), *PAPER), FUNCTIONS).evaluate(scope)

        paper = fill(title=template.title, body=template.body, table=template.table, evaluate=evaluate,
                     addressees=template.addressees, issuer=template.issuer or "")  # fmt: skip
        assert (paper.title, paper.issuer, paper.addressees) == PAPERS[str(event.data["action"])]
        assert not any("{" in text for text in (*paper.paragraphs, *(value for _, value in paper.table)))
        seen.add(event.data["action"])
    assert seen == set(PAPERS)

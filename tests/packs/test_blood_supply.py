"""The blood-supply pack as its users live it: runs of stock, grade, warning, clocks, measures, end; donor teams."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
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
from gongbao.engine.model import Actor, Event
from gongbao.engine.time.calendar import default_calendar
from gongbao.engine.world import World
from gongbao.exchange.paper import fill
from gongbao.feel import compile_expression
from gongbao.policy.check import check_folder
from gongbao.policy.expressions import PAPER, scope_names
from gongbao.policy.loader import load_folder, packs_root
from gongbao.policy.source import read_source

FOLDER = packs_root() / "langfang" / "blood-supply"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
GRADES = ("未达到", "一般", "较大", "重大", "特别重大")
COLOURS = ("无", "蓝色", "黄色", "橙色", "红色")
LEVELS = ("无", "Ⅳ级", "Ⅲ级", "Ⅱ级", "I级")
STOCKS = ("stock_total", "stock_a", "stock_b", "stock_o", "stock_ab")

STATION = Actor("station", "廊坊市中心血站", frozenset({"值班员"}))
COMMISSION = Actor("commission", "廊坊市卫生健康委员会", frozenset({"值班员"}))
GOVERNMENT = Actor("government", "廊坊市人民政府", frozenset({"承办人"}))
HEADQUARTERS = Actor("headquarters", "廊坊市血液应急保障指挥部")
COUNTY = Actor("county", "三河市人民政府")
PARTY = Actor("party", "中共廊坊市委员会")
THREE = ["中共廊坊市委员会", "廊坊市人民政府", "河北省卫生健康委员会"]
WARNING = {"area": "全市", "outlook": "一周内难以恢复", "advice": "请市民献血"}
END = {"crisis_gone": True, "supply_normal": True, "expert_opinion": "可以结束"}
EVALUATION = dict.fromkeys(("harm_note", "handling_note", "effect_note", "problem_note", "improve_note"), "略")


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def world() -> World:
    return loaded()


def at(text: str) -> dt.datetime:
    """`10 09:30` of March 2023."""
    return dt.datetime.strptime(f"2023-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def after(start: str, minutes: int) -> str:
    return f"{at(start) + dt.timedelta(minutes=minutes):%d %H:%M}"


class Log(CaseLog):
    """The log of one shortage."""

    at = staticmethod(at)

    def __init__(self, world: World, opened: str = "10 08:00", by: Actor = STATION, **facts: Any) -> None:
        super().__init__(world, "shortage", by, opened, {"situation": "库存偏低", **facts})

    def graded(self, grade: str, when: str = "10 09:00") -> Log:
        return self.do(COMMISSION, "assessed", when, value=grade, note="专家组意见")

    def responding(self, grade: str) -> Log:
        self.graded(grade).do(COMMISSION, "start_requested", "10 09:10")
        if grade == "特别重大":
            return self.do(COMMISSION, "province_started", "10 09:20", on_behalf_of="河北省血液应急保障指挥部")
        return self.do(GOVERNMENT, "government_started", "10 09:20")

    def steps(self, now: str) -> list[str]:
        return [step.id for step in self.state(now).steps]

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


def test_the_pack_passes_its_own_check_without_a_warning() -> None:
    checked = check_folder(FOLDER)
    assert (checked.errors, checked.warnings) == ((), ())


# ------------------------------------------------------------------------------------------------------ the runs


def series(start: dt.date, values: list[Any]) -> dict[str, Any]:
    return {"start": start, "step": "24 h", "values": values}


OTHERS = {"destroyed": False, "restore_days": 0, "recognised": "未认定", "donors_fall": False, "surge": True}


def facts_of(start: dt.date, balance: list[Any] | None = None, **stocks: list[Any]) -> dict[str, Any]:
    known = {name: series(start, stocks.get(name, [5])) for name in STOCKS}
    return {**known, "balance": series(start, balance or [0]), **OTHERS}


def grade_of(world: World, facts: dict[str, Any]) -> Any:
    outcome = decide(world, "grade", read_facts(world.facts, facts))
    assert outcome.settled
    return outcome.output


def counted(start: dt.date, low: list[bool], working: bool) -> int:
    """How many days in a row up to the last, one by one."""
    calendar, run = default_calendar(), 0
    for i, each in enumerate(low):
        if working and not calendar.is_working(start + dt.timedelta(days=i)):
            continue
        run = run + 1 if each else 0
    return run


@settings(deadline=None, max_examples=60)
@given(
    start=st.dates(dt.date(2022, 12, 20), dt.date(2023, 5, 10)), name=st.sampled_from([*STOCKS, "balance"]),
    readings=st.lists(st.sampled_from(["0", "2.9", "3", "3", "3", "3.1", "6"]), min_size=1, max_size=18),
)  # fmt: skip
def test_the_grade_follows_the_run_counted_day_by_day(start: dt.date, name: str, readings: list[str]) -> None:
    low = [Decimal(each) <= 3 for each in readings]
    if name == "balance":
        facts = facts_of(start, [-1 if each else 0 for each in low])
    else:
        facts = facts_of(start, **{name: [Decimal(each) for each in readings]})
    days = counted(start, low, working=name != "balance")
    assert grade_of(loaded(), facts) == ("较大" if days >= 7 else "一般" if days >= 5 else "未达到")


THURSDAY = dt.date(2023, 3, 2)


@pytest.mark.parametrize(
    ("days", "grade"), [(6, "未达到"), (7, "一般"), (8, "一般"), (9, "较大"), (10, "较大"), (11, "较大")]
)
@pytest.mark.parametrize("name", STOCKS)
def test_five_and_seven_working_days_of_any_one_type(world: World, name: str, days: int, grade: str) -> None:
    """From a Thursday on, 6 calendar days hold 4 working days, 7 hold 5, 8 hold 6, 9 to 11 hold 7."""
    assert grade_of(world, facts_of(THURSDAY, **{name: [Decimal("3.0")] * days})) == grade


@pytest.mark.parametrize(("days", "grade"), [(4, "未达到"), (5, "一般"), (6, "一般"), (7, "较大"), (8, "较大")])
def test_collection_counts_calendar_days(world: World, days: int, grade: str) -> None:
    assert grade_of(world, facts_of(THURSDAY, [Decimal("-0.1")] * days)) == grade


def test_the_same_seven_days_weigh_differently(world: World) -> None:
    """Thursday 2 to Wednesday 8 March: five working days of stock, seven days of collection."""
    assert grade_of(world, facts_of(THURSDAY, stock_total=[3] * 7)) == "一般"
    assert grade_of(world, facts_of(THURSDAY, [-1] * 7)) == "较大"


@settings(deadline=None, max_examples=30)
@given(surge=st.booleans(), fall=st.booleans(), days=st.integers(3, 8))
def test_what_brought_it_about_counts_as_written(surge: bool, fall: bool, days: int) -> None:
    facts = {**facts_of(THURSDAY, [-1] * days), "surge": surge, "donors_fall": fall}
    outcome = decide(loaded(), "grade", read_facts(loaded().facts, facts))
    if fall and not surge and 5 <= days < 7:
        assert outcome.needs_person  # the text names donors for seven days only
        return
    expected = "较大" if days >= 7 and (surge or fall) else "一般" if days >= 5 and surge else "未达到"
    assert outcome.output == expected


@pytest.mark.parametrize(("days", "grade"), [(6, "未达到"), (7, "未达到"), (8, "重大"), (9, "重大")])
def test_a_week_without_the_means_to_collect(world: World, days: int, grade: str) -> None:
    assert grade_of(world, {**facts_of(THURSDAY), "destroyed": True, "restore_days": days}) == grade


def test_one_long_run_is_enough_to_say_at_least_larger(world: World) -> None:
    known = {"stock_o": series(THURSDAY, [3] * 9), "surge": True}
    outcome = decide(world, "grade", read_facts(world.facts, known))
    assert outcome.at_least == {"grade": "较大"}
    assert outcome.ask[0] == "recognised"


@settings(deadline=None, max_examples=40)
@given(units=st.integers(0, 4000), use=st.integers(1, 1000))
def test_low_stock_is_three_days_or_fewer(units: int, use: int) -> None:
    facts = read_facts(loaded().facts, {"stock_units": units, "daily_use": use})
    outcome = decide(loaded(), "stock_days", facts)
    assert outcome.value is not None
    assert outcome.value["low"] is (units <= 3 * use)


# ------------------------------------------------------------------------------------------- grade, colour, level


@pytest.mark.parametrize(("grade", "colour", "level"), list(zip(GRADES, COLOURS, LEVELS, strict=True)))
def test_each_grade_has_its_colour_and_its_level(world: World, grade: str, colour: str, level: str) -> None:
    decided = {"grade": grade}
    warned = decide(world, "level", read_facts(world.facts, {"change": "发布"}), decided=decided)
    response = decide(world, "response", read_facts(world.facts, {"ending": False}), decided=decided)
    assert (warned.output, response.output) == (colour, level)
    rows = {str(row["grade"]): (row["colour"], row["response"]) for row in world.registers["warnings"].rows}
    assert rows.get(grade, ("无", "无")) == (colour, level)


def test_a_reading_becomes_a_warning_only_by_the_acts_of_those_who_may(world: World) -> None:
    log = Log(world, stock_o=series(THURSDAY, [3] * 9))
    log.do(STATION, "station_phoned", "10 08:05", reported_grade="较大", said="O型连续低库存")
    with pytest.raises(NotYours):
        log.do(STATION, "assessed", "10 08:30", value="较大", note="自行定级")
    with pytest.raises(NotPossible, match="没有对应的新预警"):
        log.do(COMMISSION, "warning_proposed", "10 08:30", **WARNING)
    log.do(COMMISSION, "assessed", "10 08:30", surge=True, **{k: v for k, v in OTHERS.items() if k != "surge"},
           value="较大", note="其他血型正常")  # fmt: skip
    log.do(COMMISSION, "warning_proposed", "10 08:40", **WARNING)
    for other in (COMMISSION, HEADQUARTERS, STATION):
        with pytest.raises(NotYours):
            log.do(other, "warning_published", "10 09:00")
    log.do(GOVERNMENT, "warning_published", "10 09:00")
    state = log.state("10 09:10")
    assert state.decided["level"].value == {"level": "黄色"}
    assert state.facts["change"] == "发布"
    with pytest.raises(NotPossible, match="与现行预警一致"):
        log.do(COMMISSION, "warning_proposed", "10 09:20", **WARNING)


def test_a_graver_case_raises_the_warning_and_a_lighter_one_lowers_it(world: World) -> None:
    log = Log(world)
    for day, grade, colour, change in (
        ("11", "一般", "蓝色", "发布"),
        ("12", "重大", "橙色", "升级"),
        ("13", "较大", "黄色", "降级"),
    ):
        if day == "11":
            log.graded(grade, f"{day} 09:00")
        else:
            log.do(COMMISSION, "regraded", f"{day} 09:00", value=grade, note="专家组意见")
        log.do(COMMISSION, "warning_proposed", f"{day} 09:10", **WARNING)
        log.do(GOVERNMENT, "warning_published", f"{day} 09:20")
        state = log.state(f"{day} 09:30")
        assert (state.decided["level"].value, state.facts["change"]) == ({"level": colour}, change)


def test_nothing_is_lowered_by_a_reading_alone(world: World) -> None:
    log = Log(world).responding("较大")
    log.do(STATION, "stock_read", "12 09:00", stock_total=series(THURSDAY, [6] * 11))
    decided = log.state("12 09:10").decided
    assert (decided["grade"].value, decided["response"].value) == ({"grade": "较大"}, {"response": "Ⅲ级"})


# ------------------------------------------------------------------------------------------------------ clocks

CLOCKS = [
    ("较大", "larger_report", "commission_phoned", 90), ("较大", "larger_report", "commission_wrote", 90),
    ("重大", "major_phone", "commission_phoned", 20), ("重大", "major_written", "commission_wrote", 35),
    ("特别重大", "gravest_phone", "commission_phoned", 20), ("特别重大", "gravest_written", "commission_wrote", 35),
]  # fmt: skip


def form_of(action: str, to: list[str]) -> dict[str, Any]:
    return {"to": to, "said": "供血告急"} if action == "commission_phoned" else {"to": to, "situation": "供血告急"}


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize(("grade", "clock", "action", "limit"), CLOCKS)
def test_the_commission_reports_within_minutes_of_being_told(
    world: World, grade: str, clock: str, action: str, limit: int, late: int
) -> None:
    log = Log(world).do(STATION, "station_phoned", "10 23:45", reported_grade=grade, said="告急")
    when = after("10 23:45", limit + late)
    log.do(COMMISSION, action, when, **form_of(action, THREE))
    assert log.clock(clock, when) == (at(after("10 23:45", limit)), "met_late" if late else "met")


@pytest.mark.parametrize(("grade", "clock", "action", "_limit"), CLOCKS)
def test_a_report_is_complete_only_when_all_three_are_told(
    world: World, grade: str, clock: str, action: str, _limit: int
) -> None:
    log = Log(world).do(STATION, "station_phoned", "10 08:10", reported_grade=grade, said="告急")
    log.do(COMMISSION, action, "10 08:12", **form_of(action, THREE[:2]))
    assert log.clock(clock, "10 08:13")[1] == "running"
    log.do(COMMISSION, action, "10 08:14", **form_of(action, THREE[2:]))
    assert log.clock(clock, "10 08:15")[1] == "met"


@pytest.mark.parametrize("grade", ["未达到", "一般"])
def test_the_text_sets_no_clock_below_larger(world: World, grade: str) -> None:
    log = Log(world).do(STATION, "station_phoned", "10 08:10", reported_grade=grade, said="偏低")
    assert log.state("10 08:20").deadlines == ()


def test_a_phone_call_is_no_written_report(world: World) -> None:
    log = Log(world).do(STATION, "station_phoned", "10 08:10", reported_grade="重大", said="告急")
    log.do(COMMISSION, "commission_phoned", "10 08:12", to=THREE, said="告急")
    assert log.clock("major_phone", "10 08:13")[1] == "met"
    assert log.clock("major_written", "10 08:13")[1] == "running"


def test_the_clock_of_a_graver_grade_starts_with_the_report_of_it(world: World) -> None:
    log = Log(world, "08 07:00").do(STATION, "station_phoned", "08 08:00", reported_grade="一般", said="偏低")
    log.do(STATION, "station_phoned", "10 08:00", reported_grade="较大", said="连续7个工作日")
    log.do(STATION, "station_phoned", "10 09:00", reported_grade="较大", said="仍偏低")
    assert log.clock("larger_report", "10 09:10")[0] == at("10 09:30")


def test_graded_above_what_was_reported_counts_from_the_grading(world: World) -> None:
    log = (
        Log(world)
        .do(STATION, "station_phoned", "10 08:00", reported_grade="一般", said="偏低")
        .graded("重大", "10 10:00")
    )
    assert log.clock("major_phone_graded", "10 10:01") == (at("10 10:20"), "running")
    assert log.clock("major_written_graded", "10 10:01") == (at("10 10:35"), "running")
    as_reported = Log(world).do(STATION, "station_phoned", "10 08:00", reported_grade="重大", said="告急")
    as_reported.graded("重大", "10 08:10")
    assert as_reported.clock("major_phone_graded", "10 08:11") == (None, "")


@pytest.mark.parametrize(("grade", "told"), [("一般", False), ("较大", False), ("重大", True), ("特别重大", True)])
def test_the_province_is_told_at_once_of_the_two_gravest(world: World, grade: str, told: bool) -> None:
    log = Log(world).graded(grade)
    assert ("party_tells_province" in log.tasks("10 09:05")) is told
    if told:
        log.do(PARTY, "party_reported", "10 09:06", said="告急")
        done = next(t for t in log.state("10 09:07").tasks if t.duty == "party_tells_province")
        assert (done.unit, done.status) == ("中共廊坊市委员会", "done")


# ------------------------------------------------------------------------------------------- who may start and end


def test_a_major_event_is_started_by_the_government_alone(world: World) -> None:
    log = Log(world).graded("重大").do(COMMISSION, "start_requested", "10 09:10")
    with pytest.raises(NotPossible, match="由市政府启动"):
        log.do(HEADQUARTERS, "headquarters_started", "10 09:20")
    for other in (COMMISSION, COUNTY, STATION):
        with pytest.raises(NotYours):
            log.do(other, "government_started", "10 09:20")
    log.do(GOVERNMENT, "government_started", "10 09:20")
    assert log.state("10 09:30").decided["response"].value == {"response": "Ⅱ级"}


@pytest.mark.parametrize("grade", ["一般", "较大"])
def test_the_lighter_two_may_be_started_by_the_headquarters(world: World, grade: str) -> None:
    log = Log(world).graded(grade).do(COMMISSION, "start_requested", "10 09:10")
    log.do(HEADQUARTERS, "headquarters_started", "10 09:20")
    assert log.state("10 09:30").decided["response"].by == HEADQUARTERS.unit


def test_only_a_general_event_may_go_without_a_response(world: World) -> None:
    with pytest.raises(NotPossible, match="须请示启动响应"):
        Log(world).graded("较大").do(COMMISSION, "no_response", "10 09:10", reason_note="观察")
    assert Log(world).graded("一般").do(COMMISSION, "no_response", "10 09:10", reason_note="观察").steps(
        "10 09:20"
    ) == ["after"]


APPROVERS = ["市政府", "市血液应急保障指挥部", "市卫生健康委", "省政府", "省血液应急保障指挥部"]
ALLOWED = {"一般": APPROVERS[:3], "较大": APPROVERS[:3], "重大": APPROVERS[:2], "特别重大": APPROVERS[3:]}


@pytest.mark.parametrize("grade", GRADES[1:])
@pytest.mark.parametrize("approver", APPROVERS)
def test_the_end_goes_to_those_whom_the_text_names(world: World, grade: str, approver: str) -> None:
    log = Log(world).responding(grade)
    if approver not in ALLOWED[grade]:
        with pytest.raises(NotPossible, match="才能建议终止"):
            log.do(COMMISSION, "end_proposed", "20 09:00", end_approver=approver, **END)
        return
    log.do(COMMISSION, "end_proposed", "20 09:00", end_approver=approver, **END)
    assert log.steps("20 09:10") == [
        "province_end" if approver[0] == "省" else "commission_end" if approver == "市卫生健康委" else "city_end"
    ]
    assert log.state("20 09:10").decided["response"].value == {"response": LEVELS[GRADES.index(grade)]}


@pytest.mark.parametrize("missing", ["crisis_gone", "supply_normal"])
def test_no_end_before_supply_is_normal(world: World, missing: str) -> None:
    log = Log(world).responding("较大")
    with pytest.raises(NotPossible, match="恢复常态才能建议终止"):
        log.do(COMMISSION, "end_proposed", "20 09:00", end_approver="市政府", **{**END, missing: False})


def test_a_major_response_stays_open_until_it_is_approved(world: World) -> None:
    log = Log(world).responding("重大").do(COMMISSION, "end_proposed", "20 09:00", end_approver="市政府", **END)
    with pytest.raises(NotYours):
        log.do(COMMISSION, "government_ended", "20 09:10")
    with pytest.raises(NotPossible, match="报的是市政府"):
        log.do(HEADQUARTERS, "headquarters_ended", "20 09:10")
    log.do(GOVERNMENT, "end_refused", "20 10:00", reason_note="再观察")
    assert log.steps("20 10:10") == ["respond"]
    log.do(COMMISSION, "end_proposed", "22 09:00", end_approver="市政府", **END)
    log.do(GOVERNMENT, "government_ended", "22 10:00")
    assert log.state("22 10:10").decided["response"].value == {"response": "无"}


def test_after_the_end_whoever_started_it_evaluates_and_only_then_it_is_filed(world: World) -> None:
    log = Log(world).graded("较大").do(COMMISSION, "warning_proposed", "10 09:05", **WARNING)
    log.do(GOVERNMENT, "warning_published", "10 09:06").do(COMMISSION, "start_requested", "10 09:10")
    log.do(HEADQUARTERS, "headquarters_started", "10 09:20")
    with pytest.raises(NotPossible, match="响应终止后才解除"):
        log.do(GOVERNMENT, "warning_lifted", "10 09:30")
    log.do(COMMISSION, "end_proposed", "20 09:00", end_approver="市血液应急保障指挥部", **END)
    log.do(HEADQUARTERS, "headquarters_ended", "20 10:00")
    assert log.tasks("20 10:10")["evaluate"] == {HEADQUARTERS.unit}
    with pytest.raises(NotPossible, match="须先评估"):
        log.do(COMMISSION, "finished", "20 11:00")
    log.do(HEADQUARTERS, "evaluated", "22 09:00", **EVALUATION)
    with pytest.raises(NotPossible, match="预警须已解除"):
        log.do(COMMISSION, "finished", "22 11:00")
    log.do(GOVERNMENT, "warning_lifted", "22 12:00").do(COMMISSION, "finished", "22 13:00")
    state = log.state("22 14:00")
    assert state.closed_at == at("22 13:00")
    assert state.decided["level"].value == {"level": "无"}


# ------------------------------------------------------------------------------------------------------ measures


@settings(deadline=None, max_examples=40)
@given(
    response=st.sampled_from(LEVELS[:4]), kind=st.sampled_from(["急症用血", "择期手术", "非手术用血", "其他用血"]),
    critical=st.booleans(),
)  # fmt: skip
def test_what_hospitals_may_use_under_each_response(response: str, kind: str, critical: bool) -> None:
    facts = read_facts(loaded().facts, {"order_kind": kind, "critical": critical})
    found = decide(loaded(), "blood_use", facts, decided={"response": response}).output
    limited = kind in ("择期手术", "非手术用血")
    expected = {
        "无": "供给", "Ⅳ级": "限制" if limited else "供给", "Ⅲ级": "供给" if kind == "急症用血" else "暂停",
        "Ⅱ级": "供给" if critical else "限制",
    }  # fmt: skip
    assert found == expected[response]


def test_elective_orders_are_refused_at_three_and_limited_at_four(world: World) -> None:
    order = {"hospital": "甲医院", "order_kind": "择期手术", "critical": False}
    three = Log(world).responding("较大")
    with pytest.raises(NotPossible, match="暂停供给的不能供给"):
        three.do(STATION, "order_judged", "11 09:00", **order)
    three.do(STATION, "order_judged", "11 09:00", **{**order, "order_kind": "急症用血"})
    three.do(STATION, "order_refused", "11 09:10", **order)
    four = Log(world).responding("一般")
    with pytest.raises(NotPossible, match="须写明怎样减少或替代"):
        four.do(STATION, "order_judged", "11 09:00", **order)
    four.do(STATION, "order_judged", "11 09:00", **order, limit_note="自身储血")
    with pytest.raises(NotPossible, match="应当供给"):
        four.do(STATION, "order_refused", "11 09:10", **{**order, "order_kind": "急症用血"})


def test_donors_are_called_step_by_step_at_four(world: World) -> None:
    log = Log(world).responding("一般")
    with pytest.raises(NotPossible, match="自发献血人群急剧减少"):
        log.do(GOVERNMENT, "team_started", "11 09:00", team_note="第一梯队")
    log.do(COMMISSION, "donors_judged", "11 09:10", spontaneous_fall=True, team_short=False)
    assert log.tasks("11 09:11")["four_team"] == {GOVERNMENT.unit}
    log.do(GOVERNMENT, "team_started", "11 09:20", team_note="第一梯队")
    with pytest.raises(NotPossible, match="尚不能满足需求才组织"):
        log.do(GOVERNMENT, "people_mobilised", "11 09:30", mobilised=["医务人员"])
    log.do(COMMISSION, "donors_judged", "12 09:10", spontaneous_fall=True, team_short=True)
    log.do(GOVERNMENT, "people_mobilised", "12 09:30", mobilised=["国家公务员", "医务人员"])
    done = {t.duty for t in log.state("12 09:40").tasks if t.status == "done"}
    assert {"four_team", "four_lead_people"} <= done


def test_the_province_is_asked_for_blood_as_each_level_says(world: World) -> None:
    ask = {"asked_note": "O型200单位"}
    with pytest.raises(NotPossible):
        Log(world).responding("一般").do(COMMISSION, "blood_asked", "11 09:00", **ask, still_short=True)
    three = Log(world).responding("较大")
    with pytest.raises(NotPossible, match="仍不能正常供血才申请"):
        three.do(COMMISSION, "blood_asked", "11 09:00", **ask, still_short=False)
    three.do(COMMISSION, "blood_asked", "11 09:00", **ask, still_short=True)
    Log(world).responding("重大").do(COMMISSION, "blood_asked", "11 09:00", **ask)


def test_each_level_orders_its_own_measures(world: World) -> None:
    ordered = {
        grade: {
            d
            for d in Log(world).responding(grade).tasks("10 09:30")
            if d.split("_")[0] in ("one", "two", "three", "four")
        }
        for grade in GRADES[1:]
    }
    assert [len(ordered[grade]) for grade in GRADES[1:]] == [6, 3, 5, 1]
    assert not ordered["一般"] & ordered["较大"]
    counties = Log(world).responding("较大").tasks("10 09:30")["three_counties"]
    assert len(counties) == 11  # ten counties and the development zone
    assert "临空经济区（廊坊）管理委员会" not in counties


def test_every_member_of_the_headquarters_has_work_in_a_response(world: World) -> None:
    rows = world.registers["members"].rows
    names = {world.units.find(str(row["unit"])).name for row in rows}
    assert names == {world.units.find(str(row["printed"])).name for row in rows}
    assert len(names) == 18
    tasks = Log(world).responding("较大").tasks("10 09:30")
    at_work = set().union(*(units for duty, units in tasks.items() if duty.startswith("unit_")))
    assert names - at_work == {"廊坊市人力资源和社会保障局"}  # it rewards, after the end


def test_the_groups_of_units_are_those_of_the_register(world: World) -> None:
    group = read_source(FOLDER).units.groups["市血液应急保障指挥部成员单位"]
    assert list(group.members) == [row["unit"] for row in world.registers["members"].rows]


# ------------------------------------------------------------------------------------------------------ donor teams


@settings(deadline=None, max_examples=60)
@given(
    echelon=st.sampled_from(["第一梯队", "第二梯队"]), need=st.integers(0, 400), size=st.sampled_from([374, 499, 500, 505, 1499, 1500, 1505]),
    group=st.integers(0, 1505),
)  # fmt: skip
def test_an_echelon_has_the_floor_the_need_and_the_groups(echelon: str, need: int, size: int, group: int) -> None:
    facts = {"echelon": echelon, "daily_need": need, "team_size": size, "group_donors": min(group, size)}
    found = decide(loaded(), "echelon_check", read_facts(loaded().facts, facts)).output
    enough = size >= max(500 if echelon == "第一梯队" else 1500, 5 * need)
    in_groups = 4 * min(group, size) >= 3 * size
    assert found == ("人数不足" if not enough else "达标" if in_groups else "团体献血人员不足")


@pytest.mark.parametrize(("group", "result"), [(374, "团体献血人员不足"), (375, "达标"), (376, "达标")])
def test_three_quarters_of_five_hundred(world: World, group: int, result: str) -> None:
    facts = {"echelon": "第一梯队", "daily_need": 100, "team_size": 500, "group_donors": group}
    assert decide(world, "echelon_check", read_facts(world.facts, facts)).output == result


@settings(deadline=None, max_examples=40)
@given(residents=st.integers(0, 1_000_000), size=st.integers(0, 500))
def test_a_county_has_four_in_ten_thousand(residents: int, size: int) -> None:
    facts = read_facts(loaded().facts, {"residents": residents, "team_size": size})
    assert decide(loaded(), "county_check", facts).output == ("达标" if 10_000 * size >= 4 * residents else "人数不足")


@given(size=st.integers(0, 3000))
@settings(deadline=None, max_examples=30)
def test_the_shares_of_the_types_are_the_whole_team(size: int) -> None:
    outcome = decide(loaded(), "type_need", read_facts(loaded().facts, {"team_size": size}))
    assert outcome.value is not None
    assert sum(outcome.value.values()) == size


def team(world: World, *events: tuple[Actor, str, dt.datetime, dict[str, Any]]) -> list[Event]:
    opened = dt.datetime(2023, 3, 1, 9, tzinfo=SHANGHAI)
    known = {"team_holder": "三河市人民政府", "team_kind": "县（市、区）队伍", "residents": 500_000}
    log = list(open_case(world, "team", actor=COUNTY, facts=known, occurred_at=opened, recorded_at=opened))
    for actor, action, when, facts in events:
        log += act(world, "team", log, action=action, actor=actor, facts=facts, occurred_at=when, recorded_at=when)
    return log


@pytest.mark.parametrize(("day", "status"), [(20, "met"), (21, "lapsed")])
def test_a_team_is_confirmed_once_a_year(world: World, day: int, status: str) -> None:
    size = {"team_size": 200, "group_donors": 150}
    when = dt.datetime(2024, 3, day, 9, tzinfo=SHANGHAI)
    log = team(
        world, (COUNTY, "built", dt.datetime(2023, 3, 20, 9, tzinfo=SHANGHAI), size),
        (COMMISSION, "team_filed", dt.datetime(2023, 3, 21, 9, tzinfo=SHANGHAI), {}), (COUNTY, "confirmed", when, size),
    )  # fmt: skip
    clock = min(replay(world, "team", log, when).deadlines, key=lambda d: d.due)
    assert (clock.due, clock.status) == (dt.datetime(2024, 3, 20, 23, 59, 59, tzinfo=SHANGHAI), status)
    assert clock.breached is (status == "lapsed")


def test_a_volunteer_is_recorded_as_personal_data(world: World) -> None:
    when = dt.datetime(2023, 3, 2, 9, tzinfo=SHANGHAI)
    person = {
        "volunteer": "张某",
        "volunteer_unit": "甲公司",
        "volunteer_phone": "13800000000",
        "volunteer_type": "O型",
    }
    with pytest.raises(BadFacts):
        team(world, (COUNTY, "enrolled", when, {**person, "volunteer_type": "P型"}))
    team(world, (COUNTY, "enrolled", when, person))
    assert all(world.facts[name].personal for name in person)
    assert world.facts["volunteer_type"].personal == "sensitive"


# ------------------------------------------------------------------------------------------------------ papers

PAPERS = {
    "station_wrote": ("关于血液供应情况的报告", "廊坊市中心血站", "廊坊市卫生健康委员会"),
    "commission_wrote": ("关于血液应急保障事件的报告", "廊坊市卫生健康委员会", "，".join(THREE)),
    "warning_proposed": ("关于发布血液保障预警的建议", "廊坊市卫生健康委员会", "廊坊市人民政府"),
    "warning_published": ("血液保障橙色预警信息", "廊坊市人民政府", ""),
    "start_requested": ("关于启动血液保障Ⅱ级应急响应的请示", "廊坊市卫生健康委员会", "廊坊市人民政府，廊坊市血液应急保障指挥部"),
    "government_started": ("关于启动血液保障Ⅱ级应急响应的通知", "廊坊市人民政府", "各有关单位"),
    "blood_asked": ("关于申请调剂血液的报告", "廊坊市卫生健康委员会", "河北省卫生健康委员会"),
    "temp_named": ("关于启动临时血液处置单位的通知", "廊坊市卫生健康委员会", "甲医院"),
    "end_proposed": ("关于结束血液保障应急响应的建议", "廊坊市卫生健康委员会", "市政府"),
    "government_ended": ("关于终止血液保障应急响应的通知", "廊坊市人民政府", "各有关单位"),
    "warning_lifted": ("解除血液保障预警信息", "廊坊市人民政府", ""),
    "evaluated": ("血液保障应急响应评估报告", "廊坊市人民政府", ""),
}  # fmt: skip


def test_every_paper_is_issued_by_the_unit_that_acts_and_says_to_whom(world: World) -> None:
    log = Log(world).do(STATION, "station_wrote", "10 08:10", reported_grade="重大", situation="设施损毁")
    log.do(COMMISSION, "commission_wrote", "10 08:20", to=THREE, situation="设施损毁").graded("重大")
    log.do(COMMISSION, "warning_proposed", "10 09:01", **WARNING).do(GOVERNMENT, "warning_published", "10 09:05")
    log.do(COMMISSION, "start_requested", "10 09:10").do(GOVERNMENT, "government_started", "10 09:20")
    log.do(COMMISSION, "blood_asked", "10 09:30", asked_note="O型200单位")
    log.do(COMMISSION, "temp_named", "10 09:40", cannot_process=True, temp_kind="指定医疗机构", temp_unit="甲医院")
    log.do(COMMISSION, "end_proposed", "20 09:00", end_approver="市政府", **END)
    log.do(GOVERNMENT, "government_ended", "20 10:00").do(GOVERNMENT, "warning_lifted", "20 10:10")
    log.do(GOVERNMENT, "evaluated", "22 10:00", **EVALUATION)
    pack = read_source(FOLDER).pack
    seen = set()
    for i, event in enumerate(log.events):
        if (name := event.data.get("document")) is None:
            continue
        template = pack.documents[str(name)]
        scope = fold_of(world, "shortage", log.events[: i + 1]).scope(event.occurred_at).over(unit=event.unit)

        def evaluate(text: str, scope: Scope = scope) -> Any:
            return compile_expression(text, (*scope_names(pack), *PAPER), FUNCTIONS).evaluate(scope)

        paper = fill(title=template.title, body=template.body, table=template.table, evaluate=evaluate,
                     addressees=template.addressees or "", issuer=template.issuer or "")  # fmt: skip
        assert (paper.title, paper.issuer, paper.addressees) == PAPERS[str(event.data["action"])]
        assert not any("{" in text for text in (*paper.paragraphs, *(value for _, value in paper.table)))
        seen.add(event.data["action"])
    assert seen == set(PAPERS)

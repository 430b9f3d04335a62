"""Rural road safety as it is worked: a duty post's month, the posts of villages, crossings to be rebuilt, vehicles, routes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packs.logs import Log as CaseLog
from tests.packs.papers import assert_every_paper_is_filled

from gongbao.engine.case import standing_tasks
from gongbao.engine.decision.decide import decide
from gongbao.engine.errors import BadFacts, NotPossible, NotYours
from gongbao.engine.model import Actor
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

FOLDER = packs_root() / "langfang" / "rural-road-safety"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))

COUNTY = Actor("county", "固安县人民政府", frozenset({"承办人"}))
OTHER_COUNTY = Actor("other", "霸州市人民政府", frozenset({"承办人"}))
TRANSPORT = Actor("transport", "廊坊市交通运输局", frozenset({"承办人"}))
POLICE = Actor("police", "廊坊市公安局", frozenset({"承办人"}))
FARM = Actor("farm", "廊坊市农业农村局", frozenset({"承办人"}))
TOWN = "甲镇人民政府"

FIVE = ["警告标志", "交通标线", "减速带", "警示桩", "信号灯"]
THREE = ["警告标志", "减速带", "路侧护栏"]


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def world() -> World:
    return loaded()


def at(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


class Log(CaseLog):
    """The log of one case in 固安县."""

    at = staticmethod(at)

    def __init__(self, world: World, procedure: str, by: Actor, when: str, **facts: Any) -> None:
        super().__init__(world, procedure, by, when, facts, place=facts.get("place"))

    def steps(self) -> list[str]:
        return [s.id for s in self.state().steps]


def month(world: World, hours: list[Any]) -> Log:
    """March 2023 of one post, one entry a day from the first on."""
    log = Log(world, "post_month", COUNTY, "2023-03-01 08:00", place="固安县", town="甲镇", village="乙村",
              post_name="乙村劝导站", month="2023-03-01")  # fmt: skip
    for number, each in enumerate(hours, start=1):
        log.do(COUNTY, "day_logged", day=f"2023-03-{number:02}", hours=each)
    return log


def site(world: World, kind: str = "平交路口", **figures: Any) -> Log:
    log = Log(
        world, "site", TRANSPORT, "2023-03-01 08:00", place="固安县", spot="甲路", site_kind=kind, hazard_note="险"
    )
    return log.do(TRANSPORT, "facilities_seen", facilities=["警告标志", "减速带"])


def test_the_pack_passes_its_own_check() -> None:
    report = check_folder(FOLDER)
    assert report.errors == ()
    assert report.warnings == ()


# --------------------------------------------------------------------------------------------------- a post's month


@pytest.mark.parametrize(
    ("hours", "result"),
    [
        ([6] * 15, "合规"),
        ([6] * 14, "劝导天数不足"),
        ([6] * 14 + ["5.5"], "劝导天数不足"),
        ([6] * 14 + ["5.9"], "劝导天数不足"),
        ([6] * 15 + ["5.5"], "合规"),
        ([], "劝导天数不足"),
    ],
)
def test_fifteen_days_of_six_hours_make_the_month(world: World, hours: list[Any], result: str) -> None:
    """S002b-66-2."""
    log = month(world, hours).do(COUNTY, "month_over", "2023-03-31 20:00")
    facts = {name: log.state().facts[name] for name in ("full_days", "missed_times")}
    assert decide(world, "month_duty", facts).value == {"result": result}
    good, wrong = ("compliant", "noncompliant") if result == "合规" else ("noncompliant", "compliant")
    with pytest.raises(NotPossible):
        log.do(COUNTY, wrong, checked_note="已核")
    log.do(COUNTY, good, checked_note="已核")
    assert (log.state().closed_at is not None) is (result == "合规")


def test_a_must_be_there_time_that_was_missed_spoils_the_month(world: World) -> None:
    log = month(world, [6] * 15)
    log.do(COUNTY, "missed", "2023-03-21 20:00", missed_day="2023-03-21", missed_occasion="赶集庙会")
    log.do(COUNTY, "month_over", "2023-03-31 20:00").do(COUNTY, "noncompliant", checked_note="缺岗")
    assert [t.duty for t in log.state().tasks if t.status == "issued"] == ["month_rectify"]
    log.do(COUNTY, "duty_rectified", rectify_note="已补岗")
    assert log.state().closed_at is not None
    assert [t.status for t in log.state().tasks] == ["done"]


def test_the_eight_occasions_are_those_that_are_printed(world: World) -> None:
    rows = [row["occasion"] for row in world.registers["occasions"].rows]
    assert list(world.facts["missed_occasion"].values) == rows
    assert len(rows) == 8


@pytest.mark.parametrize("day", ["2023-03-02", "2023-02-28", "2023-04-01", "2022-03-03"])
def test_a_day_is_of_the_month_and_entered_once(world: World, day: str) -> None:
    with pytest.raises(NotPossible, match="本月内"):
        month(world, [6, 6]).do(COUNTY, "day_logged", day=day, hours=6)


@pytest.mark.parametrize("hours", [-1, "24.1", "5.55"])
def test_hours_are_those_of_a_day(world: World, hours: Any) -> None:
    with pytest.raises(BadFacts, match="当天劝导小时数"):
        month(world, []).do(COUNTY, "day_logged", day="2023-03-01", hours=hours)


@given(st.lists(st.integers(0, 240), max_size=20), st.data())
@settings(max_examples=12, deadline=None)
def test_full_days_are_counted_from_what_was_entered_and_corrected(tenths: list[int], data: st.DataObject) -> None:
    log, hours = month(loaded(), [str(Decimal(t) / 10) for t in tenths]), list(tenths)
    if tenths:
        which, new = data.draw(st.integers(0, len(tenths) - 1)), data.draw(st.integers(0, 240))
        log.do(COUNTY, "day_corrected", day=f"2023-03-{which + 1:02}", hours=str(Decimal(new) / 10), reason_note="误登")
        hours[which] = new
    log.do(COUNTY, "month_over")
    assert log.state().facts["full_days"] == sum(h >= 60 for h in hours)


@given(st.lists(st.integers(0, 24), min_size=1, max_size=12), st.integers(0, 12))
@settings(max_examples=10, deadline=None)
def test_many_days_at_once_come_to_the_same_as_day_by_day(hours: list[int], first: int) -> None:
    first = min(first, len(hours) - 1)
    log = month(loaded(), list(hours[:first]))
    days = [f"2023-03-{n:02}" for n in range(first + 1, len(hours) + 1)]
    log.do(COUNTY, "days_logged", new_dates=days, new_hours=hours[first:])
    whole, by_day = log.state().facts, month(loaded(), list(hours)).state().facts
    assert [whole[k] for k in ("duty_dates", "duty_hours", "full_days")] == [
        by_day[k] for k in ("duty_dates", "duty_hours", "full_days")
    ]


@pytest.mark.parametrize(
    ("days", "hours"),
    [
        (["2023-03-01"], [6]),
        (["2023-03-02", "2023-03-02"], [6, 6]),
        (["2023-03-02"], [6, 6]),
        (["2023-04-02"], [6]),
        (["2023-03-02"], ["24.5"]),
        (["2023-03-02"], [-1]),
    ],
)
def test_many_days_at_once_are_each_a_day_of_the_month_entered_once(
    world: World, days: list[str], hours: list[Any]
) -> None:
    with pytest.raises(NotPossible, match="一一对应"):
        month(world, [6]).do(COUNTY, "days_logged", new_dates=days, new_hours=hours)


def test_only_a_day_that_was_entered_is_corrected(world: World) -> None:
    with pytest.raises(NotPossible, match="还没有登记"):
        month(world, [6]).do(COUNTY, "day_corrected", day="2023-03-02", hours=6, reason_note="误登")


def test_the_town_enters_through_the_county_and_another_county_does_not(world: World) -> None:
    log = month(world, [])
    log.do(COUNTY, "day_logged", on_behalf_of=TOWN, day="2023-03-01", hours=6)
    with pytest.raises(NotYours):
        log.do(OTHER_COUNTY, "day_logged", day="2023-03-02", hours=6)


# ---------------------------------------------------------------------------------------------------------- villages


@pytest.mark.parametrize(("posts", "enough"), [(0, False), (1, True), (2, True)])
def test_a_village_has_at_least_one_post(world: World, posts: int, enough: bool) -> None:
    """S002b-66-1."""
    ledgers = {"vehicle_ledger": True, "owner_ledger": True, "driver_ledger": True}
    log = Log(world, "village_check", COUNTY, "2023-03-01 08:00", place="固安县", town="甲镇", village="乙村")
    good, wrong = ("village_ok", "village_short") if enough else ("village_short", "village_ok")
    with pytest.raises(NotPossible):
        log.do(COUNTY, wrong, posts=posts, **ledgers)
    log.do(COUNTY, good, posts=posts, **ledgers)
    assert (log.state().closed_at is not None) is enough


# ------------------------------------------------------------------------------------------------------------- sites


@pytest.mark.parametrize(
    ("most", "total", "mixed", "listed"),
    [(2, 6, False, True), (2, 5, False, False), (3, 3, False, True), (2, 2, False, False), (2, 5, True, True)],
)
def test_a_crossing_is_listed_by_its_deaths_or_by_judgement(
    world: World, most: int, total: int, mixed: bool, listed: bool
) -> None:
    """S002b-66-3."""
    figures = {"site_kind": "平交路口", "max_deaths": most, "total_deaths": total, "mixed_prone": mixed}
    good, wrong = ("listed", "not_listed") if listed else ("not_listed", "listed")
    with pytest.raises(NotPossible):
        site(world).do(TRANSPORT, wrong, **figures)
    state = site(world).do(TRANSPORT, good, **figures).state()
    due = [d.due.astimezone(SHANGHAI).date() for d in state.deadlines if d.id == "upgraded" and d.due is not None]
    assert due == ([dt.date(2023, 12, 31)] if listed else [])


@pytest.mark.parametrize(("deaths", "listed"), [(3, False), (4, True)])
def test_a_roadside_section_is_listed_for_more_than_three(world: World, deaths: int, listed: bool) -> None:
    log = site(world, "路侧险要路段")
    log.do(TRANSPORT, "listed" if listed else "not_listed", site_kind="路侧险要路段", runoff_deaths=deaths)
    assert log.steps() == ["rectify"]


@pytest.mark.parametrize(("kind", "whole"), [("平交路口", FIVE), ("路侧险要路段", THREE)])
def test_what_is_missing_is_named_and_nothing_is_accepted_without_it(world: World, kind: str, whole: list[str]) -> None:
    """S002b-66-4."""
    for lacking in whole:
        there = [f for f in whole if f != lacking]
        found = decide(world, "missing_facilities", {"site_kind": kind, "facilities": there}).value
        assert found == {"missing": [lacking]}
        log = site(world, kind).do(TRANSPORT, "listed", site_kind=kind, max_deaths=3, total_deaths=3, runoff_deaths=4)
        log.do(COUNTY, "works_done", rectify_note="已整改", facilities=there)
        with pytest.raises(NotPossible, match="设施齐全"):
            log.do(TRANSPORT, "accepted", accepted_by=["交通运输", "公安"], accept_note="合格")
    log.do(TRANSPORT, "not_accepted", reason_note="还缺")
    log.do(COUNTY, "works_done", rectify_note="已补", facilities=whole)
    with pytest.raises(NotPossible, match="联合验收"):
        log.do(TRANSPORT, "accepted", accepted_by=["公安"], accept_note="合格")
    assert log.do(TRANSPORT, "accepted", accepted_by=["交通运输", "公安"], accept_note="合格").state().closed_at


def test_what_is_there_is_not_known_until_somebody_looked(world: World) -> None:
    assert not decide(world, "missing_facilities", {"site_kind": "平交路口"}).settled
    log = Log(
        world, "site", COUNTY, "2023-03-01 08:00", place="固安县", spot="甲路", site_kind="平交路口", hazard_note="险"
    )
    figures = {"site_kind": "平交路口", "max_deaths": 3, "total_deaths": 3}
    with pytest.raises(NotPossible, match="现有设施"):
        log.do(COUNTY, "listed", **figures)
    log.do(COUNTY, "no_facilities").do(COUNTY, "listed", **figures)
    assert log.state().facts["facilities"] == []


# ------------------------------------------------------------------------------------------------- vehicles and routes


@pytest.mark.parametrize("application", ["注册登记", "检验"])
def test_a_tractor_without_reflective_marking_is_refused(world: World, application: str) -> None:
    """S002b-66-5."""
    log = Log(world, "vehicle", FARM, "2023-03-01 08:00", place="固安县", vehicle_kind="拖拉机运输机组",
              application=application, applied_on="2023-03-01")  # fmt: skip
    seen = {"standard_ok": True, "lights_ok": True, "reflective_ok": False}
    with pytest.raises(NotPossible):
        log.do(FARM, "may_proceed", **seen)
    assert log.do(FARM, "refused", **seen).state().closed_at is not None


@pytest.mark.parametrize(("day", "refused"), [("2022-12-31", False), ("2023-01-01", True)])
def test_transport_only_tractors_are_registered_no_more_from_2023(world: World, day: str, refused: bool) -> None:
    outcome = decide(
        world,
        "vehicle_check",
        {
            "vehicle_kind": "变型拖拉机",
            "application": "注册登记",
            "applied_on": dt.date.fromisoformat(day),
            "standard_ok": True,
        },
    )
    assert outcome.needs_person is not refused
    assert (outcome.value == {"result": "不予登记"}) is refused


def test_a_route_of_higher_risk_runs_within_all_four_limits(world: World) -> None:
    log = Log(world, "bus_route", TRANSPORT, "2023-03-01 08:00", place="固安县", route_name="甲乙线", operator="甲公司",
              route_state="已开通")  # fmt: skip
    seen = {"vehicle_fits": True, "road_fits": True, "bus_like": False, "standing_area": False, "risk_high": True}
    log.do(TRANSPORT, "limits_first", **seen)
    with pytest.raises(NotPossible):
        log.do(TRANSPORT, "may_run", **seen)
    limits = {"limit_vehicle": "中型", "limit_seats": "核载", "limit_time": "白天", "limit_speed": "限速"}
    for lacking in limits:
        with pytest.raises(BadFacts, match=lacking):
            log.do(TRANSPORT, "limited", **{k: v for k, v in limits.items() if k != lacking})
    assert log.do(TRANSPORT, "limited", **limits).do(TRANSPORT, "may_run", **seen).state().closed_at is not None


# ------------------------------------------------------------------------------------------------------------- tasks


def test_the_sixteen_tasks_go_to_the_counties_and_the_zone_but_not_to_the_airport_zone(world: World) -> None:
    log = Log(world, "programme", POLICE, "2023-01-05 08:00", work_year="2023年度")
    by_duty: dict[str, set[str]] = {}
    for task in log.state().tasks:
        by_duty.setdefault(task.duty, set()).add(task.unit)
    clauses = {d.cite for d in world.duties if d.id in by_duty}
    assert clauses == {row["clause"] for row in world.registers["tasks"].rows}
    assert len(clauses) == 16
    assert len(by_duty["task_1"]) == 11
    assert "临空经济区（廊坊）管理委员会" not in by_duty["task_1"]
    assert by_duty["task_14"] == {"廊坊市公安局", "廊坊市交通运输局"}


def test_the_dated_tasks_are_those_of_the_text(world: World) -> None:
    tasks = standing_tasks(world, (), at("2023-01-05 08:00"))
    dues = {t.duty: t.deadline.due.astimezone(SHANGHAI).date() for t in tasks if t.deadline and t.deadline.due}
    assert dues == {"stop_registration": dt.date(2022, 12, 31), "clear_tractors": dt.date(2025, 12, 31)}


def test_the_rates_of_2024_are_indicators_and_nowhere_else(world: World) -> None:
    targets = {name: (one.targets[0].year, one.targets[0].value) for name, one in world.indicators.items()}
    assert targets == {
        "helmet_motorcycle": (2024, 90), "helmet_ebike": (2024, 80), "belt_driver": (2024, 95), "belt_passenger": (2024, 80),
    }  # fmt: skip
    rules = "".join((FOLDER / f"{n}.yaml").read_text(encoding="utf-8") for n in ("decisions", "duties", "params"))
    assert not any(rate in rules for rate in ("90", "95", "80"))


# ------------------------------------------------------------------------------------------------------------ papers


def test_every_paper_is_filled_from_the_case_that_issues_it(world: World) -> None:
    assert_every_paper_is_filled(FOLDER, world)

"""The heavy-pollution pack as the duty office lives it: levels from forecasts, a warning from forecast to release."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packs.logs import Log as CaseLog

from gongbao.engine.decision.decide import decide
from gongbao.engine.errors import CaseError, NotPossible, NotYours
from gongbao.engine.fact import read_facts
from gongbao.engine.model import Actor
from gongbao.engine.series import HOUR, Series
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

FOLDER = packs_root() / "langfang" / "heavy-pollution"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
LEVELS = ("无", "蓝色", "黄色", "橙色", "红色")

OFFICE = Actor("office", "市应急响应办公室", frozenset({"值班员"}))
FORECASTERS = Actor("forecast", "监测预报组", frozenset({"承办人"}))
EMERGENCY = Actor("emergency", "市政府应急办", frozenset({"值班员"}))
HEAD = Actor("head", "市政府", posts=frozenset({"市大气领导小组组长"}))
DEPUTY = Actor("deputy", "市政府", posts=frozenset({"市大气领导小组副组长"}))
REPORT = {"area": "全市", "severity": "重度污染", "main_pollutant": "PM2.5", "weather": "静稳", "cause": "一般"}


@pytest.fixture(scope="module")
def world() -> World:
    return load_folder(FOLDER).with_settings({"light_max": 150, "moderate_max": 200})


def at(text: str) -> dt.datetime:
    """`05 09:30` of November 2017."""
    return dt.datetime.strptime(f"2017-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


class Log(CaseLog):
    """The log of one warning."""

    at = staticmethod(at)

    def __init__(self, world: World, opened: str = "03 08:00", **facts: Any) -> None:
        super().__init__(world, "warning", OFFICE, opened, {"warning_source": "本市", **facts})

    def to_signature(self, level: str, day: str = "03", action: str = "reported", **facts: Any) -> Log:
        said = {"change": "发布", "warning_level": level, **REPORT, **facts}
        self.do(FORECASTERS, action, f"{day} 09:40", **said)
        self.do(OFFICE, "office_signed", f"{day} 10:00", on_behalf_of="市应急响应办公室副主任")
        return self.do(OFFICE, "submitted", f"{day} 10:10").do(EMERGENCY, "forwarded", f"{day} 10:20")

    def consulted(self) -> Log:
        return self.do(FORECASTERS, "conditions_met", "03 09:00", consulted=True)

    def open_duties(self, now: str) -> set[str]:
        return {t.duty for t in self.state(now).tasks if t.status != "cancelled"}


def published(world: World, level: str, response: str, signer: Actor, **facts: Any) -> Log:
    log = Log(world, **facts).consulted().to_signature(level)
    return log.do(signer, "signed", "04 09:30").do(EMERGENCY, "published", "04 10:30", response_level=response)


def test_the_pack_passes_its_own_check() -> None:
    assert check_folder(FOLDER).errors == ()


# ------------------------------------------------------------------------------------------------------ levels


def level_of(world: World, values: list[int]) -> str:
    outcome = decide(world, "level", read_facts(world.facts, {"aqi": values}))
    assert outcome.settled
    return str(outcome.output)


@settings(deadline=None)  # the first example compiles the pack
@given(values=st.lists(st.sampled_from([201, 250, 300, 301, 350, 499, 500]), min_size=1, max_size=8))
def test_days_that_are_all_above_200_grade_as_the_text_counts_them(values: list[int]) -> None:
    world = load_folder(FOLDER).with_settings({"light_max": 150})
    days, over, run = len(values), 0, 0
    for value in values:
        run = run + 1 if value > 300 else 0
        over = max(over, run)
    if (days >= 4 and over >= 2) or max(values) >= 500:
        expected = "红色"
    elif days >= 3 and over >= 1:
        expected = "橙色"
    else:
        expected = "黄色" if days >= 2 else "蓝色"
    assert level_of(world, values) == expected


@settings(deadline=None)  # the first example compiles the pack
@given(
    values=st.lists(st.integers(151, 520), min_size=1, max_size=6),
    more=st.integers(0, 200),
    day=st.integers(0, 5),
)
def test_worse_air_on_one_day_of_one_run_never_lowers_the_level(values: list[int], more: int, day: int) -> None:
    world = load_folder(FOLDER).with_settings({"light_max": 150})
    values = [max(v, 201) for v in values]
    worse = list(values)
    worse[day % len(values)] += more
    assert LEVELS.index(level_of(world, worse)) >= LEVELS.index(level_of(world, values))


# ------------------------------------------------------------------------------------------------------ signature


def test_orange_is_for_the_head_and_blue_for_the_deputy(world: World) -> None:
    orange = Log(world).consulted().to_signature("橙色")
    with pytest.raises(NotYours, match="市大气领导小组组长"):
        orange.do(DEPUTY, "signed", "04 09:30")
    orange.do(HEAD, "signed", "04 09:30")
    blue = Log(world).consulted().to_signature("蓝色")
    with pytest.raises(NotYours, match="市大气领导小组副组长"):
        blue.do(HEAD, "signed", "04 09:30")
    blue.do(DEPUTY, "signed", "04 09:30")


def test_staff_enter_a_leaders_signature_only_with_the_leader_named(world: World) -> None:
    log = Log(world).consulted().to_signature("红色")
    with pytest.raises(NotYours, match="写明是谁"):
        log.do(EMERGENCY, "signed", "04 09:30")
    log.do(EMERGENCY, "signed", "04 09:30", on_behalf_of="市大气领导小组组长")
    assert log.state("04 09:31").decided["level"].by == "市大气领导小组组长"


def test_a_sandstorm_must_be_explained_in_the_report(world: World) -> None:
    log = Log(world).consulted()
    with pytest.raises(NotPossible, match="沙尘暴"):
        log.to_signature("黄色", cause="沙尘暴")
    log.to_signature("黄色", cause="沙尘暴", cause_note="外来沙尘")


def test_two_hours_after_the_signature_are_in_time_and_a_minute_more_is_late(world: World) -> None:
    for minute, status in (("30", "met"), ("31", "met_late")):
        log = Log(world).consulted().to_signature("黄色").do(DEPUTY, "signed", "04 09:30")
        log.do(EMERGENCY, "published", f"04 11:{minute}", response_level="III级")
        deadline = next(d for d in log.state("04 12:00").deadlines if d.id == "publish")
        assert (deadline.due, deadline.status) == (at("04 11:30"), status)


def test_the_response_must_match_the_warning_that_was_signed(world: World) -> None:
    log = Log(world).consulted().to_signature("橙色").do(HEAD, "signed", "04 09:30")
    with pytest.raises(NotPossible, match="响应级别须与预警级别对应"):
        log.do(EMERGENCY, "published", "04 10:00", response_level="I级")


# ------------------------------------------------------------------------------------------- adjusting, releasing


def test_orange_is_raised_to_red_released_and_evaluated(world: World) -> None:
    log = published(world, "橙色", "II级", HEAD)
    assert {"industry_2", "vehicle_2"} <= log.open_duties("04 12:00")
    raised: dict[str, Any] = {"current_level": "橙色", "warning_level": "红色", "change": "升级"}
    log.do(OFFICE, "adjust_proposed", "05 09:00", consulted=True, **raised)
    log.to_signature("红色", "05", change="升级").do(HEAD, "signed", "05 10:30")
    log.do(EMERGENCY, "published", "05 11:00", response_level="I级")
    assert {"industry_1", "vehicle_1"} <= log.open_duties("05 12:00")
    assert not {"industry_2", "vehicle_2"} & log.open_duties("05 12:00")
    log.do(OFFICE, "released_on_time", "08 12:00", change="按期解除")
    assert log.state("08 12:01").decided["response"].value == {"response": "无"}
    assert not {"industry_1", "vehicle_1", "cast_radio"} & log.open_duties("08 12:01")
    with pytest.raises(NotPossible, match="调查评估"):
        log.do(OFFICE, "archived", "10 09:00", archive_note="齐全")
    log.do(Actor("inspect", "督导考核组"), "evaluated", "20 23:59", evaluation_note="到位")
    log.do(OFFICE, "archived", "21 09:00", archive_note="齐全")
    state = log.state("21 10:00")
    assert state.closed_at == at("21 09:00")
    assert [d.status for d in state.deadlines if d.id == "evaluate"] == ["met"]


@pytest.mark.parametrize(
    "facts",
    [
        {"warning_level": "蓝色", "change": "降级", "oscillating": False},
        {"warning_level": "黄色", "change": "降级", "oscillating": True},
        {"warning_level": "红色", "change": "降级", "oscillating": False},
        {"warning_level": "红色", "change": "升级", "consulted": False},
    ],
    ids=["down to blue", "oscillating", "wrong direction", "without consultation"],
)
def test_an_adjustment_that_the_plan_does_not_allow_is_refused(world: World, facts: dict[str, Any]) -> None:
    log = published(world, "橙色", "II级", HEAD)
    with pytest.raises(CaseError, match="不得降为蓝色"):
        log.do(OFFICE, "adjust_proposed", "05 09:00", **{"consulted": True, "current_level": "橙色", **facts})


@pytest.mark.parametrize(("aqi", "hours", "allowed"), [(150, 36, True), (150, 35, False), (151, 36, False)])
def test_early_release_needs_light_pollution_for_36_hours(world: World, aqi: int, hours: int, allowed: bool) -> None:
    log = published(world, "黄色", "III级", DEPUTY)
    facts: dict[str, Any] = {"consulted": True, "change": "提前解除", "improved_aqi": aqi, "good_hours": hours}
    if not allowed:
        with pytest.raises(NotPossible, match="36小时"):
            log.do(OFFICE, "early_release_proposed", "05 09:00", **facts)
        return
    log.do(OFFICE, "early_release_proposed", "05 09:00", **facts)
    log.to_signature("黄色", "05", change="提前解除").do(DEPUTY, "signed", "05 10:30")
    with pytest.raises(NotPossible, match="提前解除"):
        log.do(EMERGENCY, "published", "05 10:40", response_level="III级")
    log.do(EMERGENCY, "released_early", "05 10:40")
    assert [s.id for s in log.state("05 11:00").steps] == ["wrap_up"]


# ----------------------------------------------------------------------------------------------------- the province


def test_under_a_provincial_warning_health_measures_wait_for_local_pollution(world: World) -> None:
    log = Log(world, warning_source="省或国家")
    log.do(OFFICE, "province_received", "03 08:10", warning_source="省或国家", notice_level="红色", local_level="蓝色")
    log.consulted().to_signature("红色", action="province_reported", notice_level="红色", local_level="蓝色")
    log.do(HEAD, "signed", "03 11:00").do(EMERGENCY, "published", "03 12:10", response_level="I级")
    assert [d.status for d in log.state("03 13:00").deadlines if d.id == "publish_province"] == ["met"]
    duties = log.open_duties("03 13:00")
    assert {"industry_1", "vehicle_1", "health_4_public"} <= duties
    assert not {"health_1_public", "health_1_school"} & duties
    lowered: dict[str, Any] = {
        "special_case": True,
        "office_consent": True,
        "local_level": "黄色",
        "response_level": "III级",
    }
    with pytest.raises(NotPossible, match="须写明I级响应终止时间"):
        log.do(OFFICE, "response_lowered", "04 09:00", **lowered)
    log.do(OFFICE, "response_lowered", "04 09:00", **lowered, level_one_ended="2017-11-04 09:00")
    assert [d.status for d in log.state("04 10:00").deadlines if d.id == "evaluate_lowered"] == ["running"]
    duties = log.open_duties("04 10:00")
    assert {"industry_3", "health_3_school"} <= duties
    assert not {"industry_1", "vehicle_1"} & duties
    assert log.state("04 10:00").decided["level"].value == {"level": "红色"}


def province_orange(world: World) -> Log:
    log = Log(world, warning_source="省或国家")
    known: dict[str, Any] = {"notice_level": "橙色", "local_level": "蓝色"}
    log.do(OFFICE, "province_received", "03 08:10", warning_source="省或国家", **known)
    log.consulted().to_signature("橙色", action="province_reported", **known).do(HEAD, "signed", "03 11:00")
    return log.do(EMERGENCY, "published", "03 12:00", response_level="II级")


def test_the_province_raises_its_warning_and_the_city_follows(world: World) -> None:
    log = province_orange(world)
    log.do(OFFICE, "province_adjusted", "04 09:00", notice_level="红色")
    said: dict[str, Any] = {"notice_level": "红色", "local_level": "蓝色", "current_level": "橙色"}
    with pytest.raises(NotPossible, match="取其较高者"):
        log.do(OFFICE, "province_adjust_proposed", "04 09:10", **said, warning_level="黄色", change="降级")
    log.do(OFFICE, "province_adjust_proposed", "04 09:10", **said, warning_level="红色", change="升级")
    log.to_signature("红色", "04", "province_reported", change="升级", notice_level="红色", local_level="蓝色")
    log.do(HEAD, "signed", "04 10:30").do(EMERGENCY, "published", "04 11:00", response_level="I级")
    assert log.state("04 12:00").decided["level"].value == {"level": "红色"}
    sent = [t.status for t in log.state("04 12:00").tasks if t.duty == "cast_sms" and t.unit == "廊坊市气象局"]
    assert sent == ["cancelled", "issued"]
    lists = [t for t in log.state("04 12:00").tasks if t.duty == "site_lists"]
    assert len(lists) == len({t.unit for t in lists})


def test_a_response_lowered_to_four_by_consent_is_reported_within_two_days(world: World) -> None:
    log = province_orange(world)
    assert "info_report_lowered" not in log.open_duties("03 13:00")
    log.do(OFFICE, "response_lowered", "06 09:00", special_case=True, office_consent=True, local_level="蓝色",
           response_level="IV级")  # fmt: skip
    due = {t.deadline.due.date() for t in log.state("06 10:00").tasks if t.duty == "info_report_lowered" and t.deadline}
    assert due == {dt.date(2017, 11, 8)}
    log.do(OFFICE, "province_released", "07 09:00", change="按期解除")
    assert "info_report" not in log.open_duties("07 10:00")


def reports(log: Log, now: str) -> dict[dt.datetime, int]:
    """How many reports on the end of a response of level III or above arose when, over all units."""
    found: dict[dt.datetime, int] = {}
    for task in log.state(now).tasks:
        if task.duty in ("info_report", "info_report_lowered") and task.status != "cancelled":
            found[task.arises_at] = found.get(task.arises_at, 0) + 1
    return found


def to_blue(log: Log, day: str) -> Log:
    """The province lowers its warning to 蓝色 and the city publishes that at 11:00 of `day`."""
    known: dict[str, Any] = {"notice_level": "蓝色", "local_level": "蓝色"}
    log.do(OFFICE, "province_adjusted", f"{day} 09:00", notice_level="蓝色")
    log.do(OFFICE, "province_adjust_proposed", f"{day} 09:10", **known, current_level="橙色", warning_level="蓝色",
           change="降级")  # fmt: skip
    log.to_signature("蓝色", day, "province_reported", change="降级", **known)
    return log.do(DEPUTY, "signed", f"{day} 10:30").do(EMERGENCY, "published", f"{day} 11:00", response_level="IV级")


def test_the_province_lowers_to_blue_and_the_ended_response_is_reported(world: World) -> None:
    log = province_orange(world)
    assert reports(log, "05 12:00") == {}
    to_blue(log, "06")
    assert log.state("06 12:00").decided["level"].value == {"level": "蓝色"}
    assert list(reports(log, "06 12:00")) == [at("06 11:00")]
    due = {t.deadline.due.date() for t in log.state("06 12:00").tasks if t.duty == "info_report_lowered" and t.deadline}
    assert due == {dt.date(2017, 11, 8)}


def test_lowered_by_consent_and_then_to_blue_is_one_ended_response_and_one_report(world: World) -> None:
    log = province_orange(world)
    log.do(OFFICE, "response_lowered", "05 09:00", special_case=True, office_consent=True, local_level="蓝色",
           response_level="IV级")  # fmt: skip
    once = reports(log, "05 10:00")
    assert list(once) == [at("05 09:00")]
    to_blue(log, "06")
    assert reports(log, "06 12:00") == once
    log.do(OFFICE, "province_released", "07 09:00", change="按期解除")
    assert reports(log, "07 10:00") == once


def test_a_first_blue_warning_ends_no_higher_response(world: World) -> None:
    assert reports(published(world, "蓝色", "IV级", DEPUTY), "05 09:00") == {}


@pytest.mark.parametrize("response", ["II级", "IV级"])
def test_the_province_extends_and_the_response_in_force_goes_on(world: World, response: str) -> None:
    log = province_orange(world)
    if response == "IV级":
        log.do(OFFICE, "response_lowered", "04 09:00", special_case=True, office_consent=True, local_level="蓝色",
               response_level=response)  # fmt: skip
    log.do(OFFICE, "extension_proposed", "05 09:00", change="延长", ends_at="2017-11-09 12:00")
    log.to_signature("橙色", "05", "province_reported", change="延长", notice_level="橙色", local_level="蓝色")
    log.do(HEAD, "signed", "05 10:30")
    with pytest.raises(NotPossible, match="延长"):
        log.do(EMERGENCY, "published", "05 11:00", response_level=response)
    with pytest.raises(NotPossible, match="延长不改变现行响应级别"):
        log.do(EMERGENCY, "extended", "05 11:00", response_level="III级")
    log.do(EMERGENCY, "extended", "05 12:30", response_level=response)
    state = log.state("05 13:00")
    assert [s.id for s in state.steps] == ["respond"]
    assert state.decided["level"].value == {"level": "橙色"}
    assert state.decided["response"].value == {"response": response}
    clocks = [d for d in state.deadlines if d.id == "publish_extension" and d.status != "cancelled"]
    assert [(d.due, d.status) for d in clocks] == [(at("05 12:30"), "met")]
    assert [d.due for d in state.deadlines if d.id == "release_time" and d.status == "running"] == [at("09 12:00")]
    assert log.events[-1].data["document"] == "extension_text"


# ------------------------------------------------------------------------------------------------- a missing hour


def missing(*at_hours: int) -> Series:
    """Four days of 250, hour by hour, with these hours missing."""
    values = tuple(None if i in at_hours else 250 for i in range(96))
    return Series(at("04 00:00"), HOUR, values, ("预报",) * 96)


def test_a_missing_hour_names_the_setting_that_would_settle_it(world: World) -> None:
    outcome = decide(world, "level", {"aqi": missing(50)})
    assert [each["level"] for each in outcome.candidates] == ["黄色", "橙色", "红色"]
    assert [each.name for each in outcome.open] == ["valid_hours"]
    assert "市环保局" in outcome.reason
    assert outcome.ask == ("aqi",)


@pytest.mark.parametrize(("gone", "settled"), [((50,), True), ((50, 51, 52, 53), True), ((50, 51, 52, 53, 54), False)])
def test_enough_valid_hours_settle_the_level_and_too_few_ask_for_the_readings(
    world: World, gone: tuple[int, ...], settled: bool
) -> None:
    outcome = decide(world.with_settings({"valid_hours": 20}), "level", {"aqi": missing(*gone)})
    assert outcome.settled is settled
    assert outcome.open == ()
    if settled:
        assert outcome.output == "黄色"
    else:
        assert outcome.ask == ("aqi",)


def test_two_consultations_a_day_count_over_the_episode(world: World) -> None:
    log = Log(world).consulted().to_signature("黄色", starts_at="2017-11-05 12:00", ends_at="2017-11-06 12:00")
    log.do(DEPUTY, "signed", "04 09:30").do(EMERGENCY, "published", "04 10:30", response_level="III级")

    def arisen(now: str) -> list[dt.date]:
        return [d.arises_at.date() for d in log.state(now).deadlines if d.id == "consult_twice_daily"]

    assert arisen("05 11:59") == []
    assert arisen("05 12:00") == [dt.date(2017, 11, 5)]
    assert len(arisen("09 12:00")) == 2

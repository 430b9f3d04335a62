"""The environmental-incident pack as the duty desk lives it: grade, report to the province, who starts what, end, filing, warning."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packs.logs import Log as CaseLog

from gongbao.engine.case import possible
from gongbao.engine.case.scope import Scope
from gongbao.engine.case.state import fold_of
from gongbao.engine.decision.decide import decide
from gongbao.engine.errors import NotPossible, NotYours
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

FOLDER = packs_root() / "langfang" / "environmental-incident"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
GRADES = ("未达一般", "一般", "较大", "重大", "特别重大")

COUNTY = Actor("county", "廊坊市生态环境局三河市分局", frozenset({"值班员"}))
OTHER_COUNTY = Actor("other", "廊坊市生态环境局霸州市分局", frozenset({"值班员"}))
COUNTY_GOVERNMENT = Actor("sanhe", "三河市人民政府", frozenset({"承办人"}))
CITY = Actor("city", "廊坊市生态环境局", frozenset({"值班员"}))
WATER = Actor("water", "廊坊市水利局", frozenset({"值班员"}))
CITY_GOVERNMENT = Actor("government", "廊坊市人民政府", frozenset({"承办人"}))
COMMAND = Actor("command", "廊坊市突发环境事件应急指挥部")
PROVINCE = "河北省突发环境事件应急指挥机构"

END_MET = {"condition_removed": True, "within_limits": True, "harm_removed": True}


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
    at = staticmethod(at)

    def __init__(self, world: World, procedure: str = "incident", by: Actor = COUNTY, **facts: Any) -> None:
        known = {"place": "三河市", "situation": "河道油污", **facts} if procedure != "plan_filing" else facts
        super().__init__(world, procedure, by, "04 08:00", known, place="三河市")

    def graded(self, grade: str, **facts: Any) -> Log:
        return self.do(
            COUNTY, "assessed", "04 08:20", value=grade, note="现场判断", kind="水体污染", inside=True, **facts
        )

    def responding(self, level: str, **facts: Any) -> Log:
        if level == "Ⅳ级":
            return self.graded("一般", **facts).do(COUNTY_GOVERNMENT, "county_started", "04 09:00")
        if level == "Ⅲ级":
            return self.graded("较大", **facts).do(COMMAND, "city_started", "04 09:00", commander="李某")
        self.graded("重大", **facts)
        return self.do(CITY, "superior_started", "04 09:00", proposed_level=level, on_behalf_of=PROVINCE)

    def steps(self, now: str) -> list[str]:
        return [s.id for s in self.state(now).steps]

    def tasks(self, now: str) -> dict[str, set[str]]:
        """Open or done duties with the units that have them."""
        found: dict[str, set[str]] = {}
        for task in self.state(now).tasks:
            if task.status != "cancelled":
                found.setdefault(task.duty, set()).add(task.unit)
        return found

    def status(self, duty: str, now: str) -> str:
        return next(t.status for t in self.state(now).tasks if t.duty == duty)


def test_the_pack_passes_its_own_check_without_a_warning() -> None:
    report = check_folder(FOLDER)
    assert report.errors == ()
    assert report.warnings == ()


# ------------------------------------------------------------------------------------------------------ grades

NOTHING: dict[str, Any] = {
    "deaths": 0, "injured": 0, "evacuated": 0, "loss": 0, "ecology": "未涉及", "water_cut": "未中断", "source_event": "没有",
    "wide_harm": False, "radiation_deaths": 0, "radiation_sick": 0, "overdose": False, "leak": "没有", "cross": "未跨县",
    "county_dispute": False, "some_effect": False,
}  # fmt: skip


def grade_of(world: World, **facts: Any) -> str:
    outcome = decide(world, "grade", read_facts(world.facts, {**NOTHING, **facts}))
    assert outcome.settled
    return str(outcome.output)


LOWER_BOUNDS = {
    "deaths": (1, 3, 10, 30), "injured": (1, 10, 50, 100), "evacuated": (1, 5000, 10000, 50000),
    "loss": (1, 5_000_000, 20_000_000, 100_000_000),
}  # fmt: skip
AROUND = {
    name: sorted({max(0, bound + step) for bound in bounds for step in (-1, 0, 1)})
    for name, bounds in LOWER_BOUNDS.items()
}


@settings(deadline=None, max_examples=80)
@given(facts=st.fixed_dictionaries({name: st.sampled_from(values) for name, values in AROUND.items()}))
def test_the_highest_of_the_numbers_decides_and_each_bound_belongs_to_the_higher_grade(facts: dict[str, int]) -> None:
    reached = [sum(facts[name] >= bound for bound in bounds) for name, bounds in LOWER_BOUNDS.items()]
    assert grade_of(loaded(), **facts) == GRADES[max(reached)]


ONE_CRITERION = [
    ({"ecology": "生态功能丧失或重点保护物种灭绝"}, "特别重大"), ({"water_cut": "县级城市"}, "重大"),
    ({"water_cut": "乡（镇）"}, "较大"), ({"cross": "跨省级"}, "重大"), ({"cross": "跨设区的市级"}, "较大"),
    ({"cross": "跨县级"}, "未达一般"), ({"county_dispute": True}, "一般"), ({"some_effect": True}, "一般"),
    ({"radiation_deaths": 2}, "重大"), ({"radiation_sick": 9}, "较大"), ({"overdose": True}, "一般"), ({}, "未达一般"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "grade"), ONE_CRITERION)
def test_one_criterion_is_enough(world: World, facts: dict[str, Any], grade: str) -> None:
    assert grade_of(world, **facts) == grade


def test_the_criterion_that_decides_is_shown_with_its_clause(world: World) -> None:
    outcome = decide(world, "grade", read_facts(world.facts, {**NOTHING, "deaths": 2, "evacuated": 12000}))
    assert outcome.output == "重大"
    rules = read_source(FOLDER).pack.decisions["grade"].rules
    assert [rules[row].cite for row in outcome.rows] == ["附件1 二2"]


def test_what_is_known_already_bounds_the_grade(world: World) -> None:
    outcome = decide(world, "grade", read_facts(world.facts, {"deaths": 2, "evacuated": 12000}))
    assert [c["grade"] for c in outcome.candidates] == ["重大", "特别重大"]


def test_where_nothing_radioactive_is_involved_nothing_radioactive_is_asked(world: World) -> None:
    radiation = {"source_event", "wide_harm", "radiation_deaths", "radiation_sick", "overdose", "leak"}
    plain = {name: value for name, value in NOTHING.items() if name not in radiation}
    settled = decide(world, "grade", read_facts(world.facts, {**plain, "radiation": False, "deaths": 3}))
    assert (settled.settled, settled.output) == (True, "较大")
    open_ = decide(world, "grade", read_facts(world.facts, {**plain, "radiation": True, "deaths": 3}))
    assert not open_.settled
    assert set(open_.ask) <= radiation


def test_what_is_offered_before_the_form_is_filled(world: World) -> None:
    log = Log(world)
    offered = {
        p.action for p in possible(world, log.state("04 08:10"), log.events, COUNTY, at("04 08:10")) if p.allowed
    }
    assert {"assessed", "redirected", "unfounded", "county_reported"} <= offered
    log.responding("Ⅳ级")
    ends = possible(world, log.state("04 10:00"), log.events, COUNTY_GOVERNMENT, at("04 10:00"))
    assert [p.action for p in ends if p.allowed and p.action.endswith("_ended")] == ["county_ended"]


@settings(deadline=None, max_examples=60)
@given(
    facts=st.fixed_dictionaries({name: st.sampled_from(values) for name, values in AROUND.items()}),
    worse=st.sampled_from(["deaths", "injured", "evacuated", "loss", "radiation_deaths", "radiation_sick"]),
)
def test_more_harm_never_lowers_the_grade(facts: dict[str, int], worse: str) -> None:
    world = loaded()
    before = grade_of(world, **facts)
    after = grade_of(world, **{**facts, worse: facts.get(worse, 0) + 1})
    assert GRADES.index(after) >= GRADES.index(before)


# ------------------------------------------------------------------------------------------- other plans, reports


@pytest.mark.parametrize(("kind", "plan"), [("辐射事故", "辐射事故"), ("重污染天气", "重污染天气")])
def test_radiation_and_heavy_pollution_go_to_their_own_plans(world: World, kind: str, plan: str) -> None:
    log = Log(world)
    with pytest.raises(NotPossible, match="另外的预案"):
        log.do(COUNTY, "assessed", "04 08:20", value="一般", note="误", kind=kind, inside=True)
    log.do(COUNTY, "redirected", "04 08:30", kind=kind, inside=True, handed_to="市生态环境局")
    assert log.state("04 08:40").closed_at == at("04 08:30")
    outcome = decide(world, "applicability", read_facts(world.facts, {"kind": kind, "inside": True}))
    assert outcome.output == f"廊坊市{plan}应急预案"
    assert grade_of(world, source_event="Ⅰ、Ⅱ类丢失或被盗") == "重大"


def test_water_pollution_is_not_sent_to_another_plan(world: World) -> None:
    with pytest.raises(NotPossible, match="才转办"):
        Log(world).do(COUNTY, "redirected", "04 08:30", kind="水体污染", inside=True, handed_to="市应急管理局")


def test_a_larger_incident_is_a_task_to_tell_the_province_at_once(world: World) -> None:
    log = Log(world).graded("较大")
    assert log.tasks("04 08:21")["tell_province"] == {"廊坊市人民政府"}
    log.do(CITY_GOVERNMENT, "province_told", "04 08:40", said="初判较大")
    assert log.status("tell_province", "04 08:41") == "done"


def test_a_general_incident_is_told_to_the_province_when_a_mass_event_is_possible(world: World) -> None:
    log = Log(world).graded("一般")
    assert "tell_province" not in log.tasks("04 08:21")
    calm = {"mass_event": False, "international": False, "foreign_cause": False, "deemed_needed": False}
    log.do(CITY_GOVERNMENT, "judged_special", "04 08:30", **calm)
    with pytest.raises(NotPossible, match="不在五种情形"):
        log.do(CITY_GOVERNMENT, "province_told", "04 08:31", said="一般")
    log.do(CITY_GOVERNMENT, "judged_special", "04 08:32", **{**calm, "mass_event": True})
    assert "tell_province" in log.tasks("04 08:33")


def test_the_report_of_the_county_does_not_do_the_report_of_the_city(world: World) -> None:
    log = Log(world).graded("较大").do(COUNTY, "county_reported", "04 08:25", to=["上级生态环境部门"], said="较大")
    assert log.status("report_up", "04 08:26") == "done"
    assert log.status("city_told", "04 08:26") == "issued"
    log.do(CITY, "city_reported", "04 08:30", to=["市政府"], said="较大")
    assert log.status("city_told", "04 08:31") == "done"


def test_without_the_national_limit_no_clock_runs(world: World) -> None:
    assert [d.due for d in Log(world).graded("较大").state("04 09:00").deadlines if d.due is not None] == []


def test_other_cities_are_told_only_when_the_effect_may_reach_them(world: World) -> None:
    log = Log(world).graded("一般", may_cross="跨县级")
    assert "tell_counties" in log.tasks("04 08:30")
    with pytest.raises(NotPossible, match="跨市级"):
        log.do(CITY, "cities_told", "04 08:40", to=["河北省生态环境厅"], neighbours="天津", said="油污")
    log.do(CITY, "counties_told", "04 08:40", neighbours="香河县", said="油污")
    assert log.status("tell_counties", "04 08:41") == "done"


# ------------------------------------------------------------------------------------------------------ response


def test_the_county_starts_level_four_and_only_that(world: World) -> None:
    log = Log(world).graded("一般")
    with pytest.raises(NotYours):
        log.do(COUNTY_GOVERNMENT, "city_started", "04 09:00", commander="李某")
    log.do(COUNTY_GOVERNMENT, "county_started", "04 09:00")
    assert log.state("04 09:10").decided["response"].value == {"level": "Ⅳ级"}
    with pytest.raises(NotPossible, match="较大及以上由市指挥部或上级"):
        Log(world).graded("较大").do(COUNTY_GOVERNMENT, "county_started", "04 09:00")


def test_the_level_is_raised_by_one_only_in_a_sensitive_place_or_time(world: World) -> None:
    log = Log(world).graded("一般")
    with pytest.raises(NotPossible, match="重要时段"):
        log.do(COMMAND, "city_started", "04 09:00", commander="李某", sensitive_area=False, sensitive_time=False)
    log.do(COMMAND, "city_started", "04 09:00", commander="李某", sensitive_area=True, sensitive_time=False)
    assert log.state("04 09:10").decided["response"].value == {"level": "Ⅲ级"}
    with pytest.raises(NotPossible):
        Log(world).graded("一般").do(
            CITY, "superior_started", "04 09:00", proposed_level="Ⅱ级", sensitive_area=True, on_behalf_of=PROVINCE
        )


def test_levels_one_and_two_are_registered_for_the_province(world: World) -> None:
    log = Log(world).graded("重大")
    with pytest.raises(NotYours, match="须写明是谁作出的"):
        log.do(CITY, "superior_started", "04 09:00", proposed_level="Ⅱ级")
    log.do(CITY, "superior_started", "04 09:00", proposed_level="Ⅱ级", on_behalf_of=PROVINCE)
    assert log.state("04 09:10").decided["response"].by == PROVINCE
    assert len(log.tasks("04 09:10")["under_superior"]) == 1


def test_a_county_elsewhere_has_no_part_in_it(world: World) -> None:
    with pytest.raises(NotYours):
        Log(world).do(OTHER_COUNTY, "assessed", "04 08:30", value="一般", note="误", kind="水体污染", inside=True)


def test_raising_a_county_response_is_for_the_city_command(world: World) -> None:
    log = Log(world).responding("Ⅳ级")
    with pytest.raises(NotPossible, match="由市指挥部决定"):
        log.do(COMMAND, "city_adjusted", "04 12:00", proposed_level="Ⅳ级", reason_note="不变")
    log.do(COMMAND, "city_adjusted", "04 12:00", proposed_level="Ⅲ级", reason_note="损失扩大")
    tasks = log.tasks("04 12:10")
    assert "m1_pollution" in tasks
    assert "c1_pollution" not in tasks
    with pytest.raises(NotPossible, match="由启动响应"):
        log.do(COUNTY_GOVERNMENT, "county_ended", "05 09:00", **END_MET)


# ------------------------------------------------------------------------------------------- groups and duties

UNIT_OF_LEAD = {"市委宣传部（市政府新闻办）": "市委宣传部"}


def test_each_group_has_the_lead_and_members_that_the_text_names(world: World) -> None:
    rows = world.registers["groups"].rows
    log = Log(world).responding("Ⅲ级")
    log.do(COMMAND, "groups_formed", "04 09:30", groups=[str(row["group"]) for row in rows])
    tasks = {t.duty: t for t in log.state("04 10:00").tasks}
    for row in rows:
        task = tasks[f"g{row['seq']}"]
        lead = str(row["lead"])
        assert task.unit == world.units.find(UNIT_OF_LEAD.get(lead, lead)).name
        assert task.with_ == tuple(world.units.find(u).name for u in str(row["members"]).split("、"))


def test_every_row_of_the_duty_table_is_a_unit_with_a_task_of_that_row(world: World) -> None:
    pack = read_source(FOLDER).pack
    rows = [row for row in pack.rows["duties"] if row["unit"]]
    assert [row["seq"] for row in rows] == list(range(4, 30))
    for row in rows:
        duties = [d for d in pack.duties if d.cite == f"附件2 {row['seq']}"]
        assert duties, row
        for duty in duties:
            assert [who.unit for who in duty.lead] == [row["unit"]]


def test_those_whose_duties_say_so_compile_their_own_plan(world: World) -> None:
    rows = read_source(FOLDER).pack.rows["duties"]
    compile_own = {world.units.find(str(row["unit"])).name for row in rows if row["plan"] == "本部门"}
    group = world.units.members("编制本部门突发环境事件应急预案的单位", dt.date(2023, 1, 4), "廊政办字〔2022〕62号")
    assert {u.name for u in group} == compile_own
    assert len(compile_own) == 22


def test_a_road_accident_with_chemicals_is_the_work_of_police_and_transport(world: World) -> None:
    tasks = Log(world).responding("Ⅲ级", cause="危化品运输交通事故").tasks("04 09:10")
    assert tasks["u10_road"] == {"廊坊市公安局"}
    assert tasks["u14"] == {"廊坊市交通运输局"}
    assert "u13_sewage" not in tasks


def test_what_the_command_assigns_is_a_task_of_that_unit(world: World) -> None:
    log = Log(world).responding("Ⅲ级").do(COMMAND, "assigned", "04 10:00", assigned_to="市水利局", asked="筑坝")
    assert log.tasks("04 10:01")["assigned"] == {"廊坊市水利局"}
    log.do(WATER, "assigned_done", "04 18:00", reason_note="已筑坝")
    assert log.status("assigned", "04 18:01") == "done"


# ------------------------------------------------------------------------------------------------ end and after


@pytest.mark.parametrize("missing", sorted(END_MET))
@pytest.mark.parametrize(("level", "who", "action"), [
    ("Ⅳ级", COUNTY_GOVERNMENT, "county_ended"), ("Ⅲ级", COMMAND, "city_ended"),
])  # fmt: skip
def test_two_of_three_conditions_do_not_end_it(world: World, missing: str, level: str, who: Actor, action: str) -> None:
    log = Log(world).responding(level)
    with pytest.raises(NotPossible, match="三项条件须齐备"):
        log.do(who, action, "06 09:00", **{**END_MET, missing: False})
    log.do(who, action, "06 10:00", **END_MET)
    assert log.steps("06 10:10") == ["after"]
    assert log.state("06 10:10").decided["response"].value == {"level": "无"}


def test_who_started_it_ends_it(world: World) -> None:
    log = Log(world).responding("Ⅲ级")
    with pytest.raises(NotPossible, match="由启动响应的政府或指挥机构终止"):
        log.do(COUNTY_GOVERNMENT, "county_ended", "06 09:00", **END_MET)
    with pytest.raises(NotYours):
        log.do(CITY, "city_ended", "06 09:00", **END_MET)


def test_it_is_closed_after_assessment_inquiry_and_aftermath(world: World) -> None:
    log = Log(world).responding("Ⅳ级").do(COUNTY_GOVERNMENT, "county_ended", "06 10:00", **END_MET)
    assert {"assess_damage", "inquire_county", "aftermath"} <= log.tasks("06 10:01").keys()
    assert "inquire_city" not in log.tasks("06 10:01")
    for who, action, facts in (
        (COUNTY_GOVERNMENT, "damage_assessed", {"damage_note": "甲"}),
        (COUNTY, "investigated", {"inquiry_note": "乙", "with_discipline": False}),
        (COUNTY_GOVERNMENT, "aftermath_planned", {"aftermath": "丙"}),
    ):
        with pytest.raises(NotPossible, match="须先完成"):
            log.do(COUNTY_GOVERNMENT, "finished", "07 08:00")
        log.do(who, action, "07 09:00", **facts)
    log.do(COUNTY_GOVERNMENT, "finished", "08 09:00")
    assert log.state("08 10:00").closed_at == at("08 09:00")


# ------------------------------------------------------------------------------------------------------- warning


def proposed(world: World) -> Log:
    log = Log(world, "warning", by=WATER)
    with pytest.raises(NotPossible, match="须通报同级"):
        log.do(WATER, "warning_proposed", "04 08:30", risk_note="可能影响取水", warning_colour="黄色", told_peers=False)
    return log.do(
        WATER, "warning_proposed", "04 08:30", risk_note="可能影响取水", warning_colour="黄色", told_peers=True
    )


def test_only_the_command_or_whom_it_authorises_publishes(world: World) -> None:
    log = proposed(world)
    with pytest.raises(NotYours):
        log.do(WATER, "city_warned", "04 09:00", channels=["电视"])
    with pytest.raises(NotYours, match="须写明是谁作出的"):
        log.do(CITY, "authority_warned", "04 09:00", channels=["电视"])
    log.do(CITY, "authority_warned", "04 09:00", channels=["电视"], on_behalf_of=COMMAND.unit)
    assert log.state("04 09:10").decided["warning"].value == {"colour": "黄色"}
    assert log.tasks("04 09:10")["w1"] == {"廊坊市水利局"}


def test_who_published_adjusts_and_lifts(world: World) -> None:
    log = proposed(world).do(COMMAND, "city_warned", "04 09:00", channels=["电视"])
    with pytest.raises(NotPossible, match="由发布预警的"):
        log.do(COUNTY_GOVERNMENT, "county_changed", "04 12:00", warning_colour="红色", risk_note="加重")
    log.do(COMMAND, "city_changed", "04 12:00", warning_colour="红色", risk_note="加重")
    assert log.state("04 12:10").decided["warning"].value == {"colour": "红色"}
    with pytest.raises(NotPossible, match="危险已经消除"):
        log.do(COMMAND, "city_lifted", "05 09:00", impossible=False, danger_gone=False)
    log.do(COMMAND, "city_lifted", "05 10:00", impossible=True, danger_gone=False)
    assert log.state("05 10:10").closed_at == at("05 10:00")


# -------------------------------------------------------------------------------------------------------- filing


def test_a_county_plan_is_filed_with_the_city_within_fifteen_days(world: World) -> None:
    log = Log(world, "plan_filing", by=COUNTY_GOVERNMENT, plan_kind="县级预案", plan_holder="三河市人民政府")
    with pytest.raises(NotPossible, match="环境应急资源调查"):
        log.do(COUNTY_GOVERNMENT, "county_finished", "04 09:00", risk_assessed=True, resources_surveyed=False)
    log.do(COUNTY_GOVERNMENT, "county_finished", "04 09:00", risk_assessed=True, resources_surveyed=True)
    (clock,) = log.state("05 09:00").deadlines
    assert (clock.id, clock.due) == ("county_filing", at("19 23:59") + dt.timedelta(seconds=59))
    log.do(COUNTY_GOVERNMENT, "plan_filed", "19 17:00")
    assert log.state("19 18:00").deadlines[0].status == "met"


# -------------------------------------------------------------------------------------------------------- papers


def papers_of(world: World, log: Log) -> dict[str, Any]:
    pack = read_source(FOLDER).pack
    found = {}
    for i, event in enumerate(log.events):
        if (name := event.data.get("document")) is None:
            continue
        template = pack.documents[str(name)]
        scope = fold_of(world, log.procedure, log.events[: i + 1]).scope(event.occurred_at).over(unit=event.unit)

        def evaluate(text: str, scope: Scope = scope) -> Any:
            return compile_expression(text, (*scope_names(pack), *PAPER), FUNCTIONS).evaluate(scope)

        found[str(name)] = fill(title=template.title, body=template.body, table=template.table, evaluate=evaluate,
                                addressees=template.addressees, issuer=template.issuer or "")  # fmt: skip
    return found


def test_every_paper_is_filled_and_says_who_issues_it(world: World) -> None:
    log = Log(world, company="甲公司").responding("Ⅲ级")
    log.do(CITY, "city_reported", "04 09:05", to=["市政府", "河北省生态环境厅"], said="较大")
    log.do(CITY_GOVERNMENT, "province_told", "04 09:06", said="较大")
    log.do(COMMAND, "groups_formed", "04 09:10", groups=["污染处置组"])
    log.do(COUNTY_GOVERNMENT, "plan_made", "04 09:20", treatment_plan="围挡、吸附")
    log.do(CITY, "scheme_made", "04 09:30", scheme="三处断面，每2小时一次")
    log.do(COMMAND, "released", "04 10:00", release_items=["事件原因", "影响范围"], release_text="通报")
    log.do(COMMAND, "city_adjusted", "05 09:00", proposed_level="Ⅳ级", reason_note="好转")
    log.do(COUNTY_GOVERNMENT, "county_ended", "06 10:00", **END_MET)
    log.do(COUNTY_GOVERNMENT, "damage_assessed", "07 09:00", damage_note="甲")
    log.do(COUNTY, "investigated", "07 09:00", inquiry_note="乙", with_discipline=True)
    log.do(COUNTY_GOVERNMENT, "aftermath_planned", "07 10:00", aftermath="丙")
    warned = proposed(world).do(COMMAND, "city_warned", "04 09:00", channels=["电视"])
    warned.do(COMMAND, "city_lifted", "05 10:00", impossible=True, danger_gone=False)
    moved = Log(world).do(COUNTY, "redirected", "04 09:00", kind="辐射事故", inside=True, handed_to="市生态环境局")
    filed = Log(world, "plan_filing", by=COUNTY_GOVERNMENT, plan_kind="县级预案", plan_holder="三河市人民政府")
    filed.do(COUNTY_GOVERNMENT, "county_finished", "04 09:00", risk_assessed=True, resources_surveyed=True)
    filed.do(COUNTY_GOVERNMENT, "plan_filed", "10 09:00")
    papers = {name: paper for one in (log, warned, moved, filed) for name, paper in papers_of(world, one).items()}
    assert papers.keys() == read_source(FOLDER).pack.documents.keys()
    for paper in papers.values():
        assert not any("{" in text for text in (*paper.paragraphs, *(value for _, value in paper.table)))
    assert papers["report"].title == "关于甲公司突发环境事件的报告"
    assert papers["report"].addressees == "市政府，河北省生态环境厅"
    assert papers["province_report"].issuer == "廊坊市人民政府"
    assert papers["end_notice"].issuer == "三河市人民政府"
    assert papers["filing_letter"].addressees == "市生态环境局"

"""The rules on investigating fires as they are worked: who investigates, the group, recusal, time, report, assessment."""

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

FOLDER = packs_root() / "langfang" / "fire-investigation"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))

BRIGADE = Actor("brigade", "三河市消防救援大队", frozenset({"承办人"}))
OTHER_BRIGADE = Actor("other", "霸州市消防救援大队", frozenset({"承办人"}))
CITY_BRIGADE = Actor("city", "廊坊市消防救援支队", frozenset({"承办人"}))
COUNTY = Actor("county", "三河市人民政府", frozenset({"承办人"}))
OTHER_COUNTY = Actor("bazhou", "霸州市人民政府", frozenset({"承办人"}))
CITY = Actor("government", "廊坊市人民政府", frozenset({"承办人"}))
POLICE = Actor("police", "三河市公安局", frozenset({"承办人"}))

GROUP: dict[str, Any] = {
    "leader": "张某", "member_units": ["三河市公安局", "市应急管理局"], "members": ["张某", "李某"],
    "invited": ["同级纪检监察机关", "同级检察院"],
}  # fmt: skip
REPORT: dict[str, Any] = {
    "part_unit": "甲公司", "part_course": "凌晨起火", "part_loss": "一人死亡", "part_cause": "电气故障",
    "part_liability": "甲公司负主要责任", "part_measures": "整改电路", "signed": ["张某", "李某"], "evidence_listed": "勘验笔录",
}  # fmt: skip
ASSESSED: dict[str, Any] = {
    "eval_liability": "已追究", "eval_measures": "已落实", "eval_site": "已检查", "eval_conclusion": "到位",
    "methods": ["资料审查", "现场核查"], "staff_not_held": False, "fines_short": False, "credit_not_done": False,
}  # fmt: skip
ARCHIVE = ["调查组成立的文件", "火灾事故调查报告", "调查组人员签字名册", "政府批复文件", "证据材料"]
SPELLS = ("concealment", "rescue", "testing", "force_majeure")


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def world() -> World:
    return loaded()


def at(text: str) -> dt.datetime:
    """`03-02 09:30` of 2023, or a whole date with its year."""
    whole = text if text.startswith("20") else f"2023-{text}"
    return dt.datetime.strptime(whole, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


class Log(CaseLog):
    """The log of one fire in 三河 on 1 March 2023 at 14:00."""

    at = staticmethod(at)

    def __init__(self, world: World, by: Actor = BRIGADE, place: str = "三河市") -> None:
        facts = {"place": place, "fire_at": "2023-03-01 14:00", "fire_unit": "甲公司"}
        super().__init__(world, "investigation", by, "03-01 15:00", facts, place=place)

    def accepted(self, grade: str = "一般", deaths: int = 1, site: str = "其他场所", by: Actor = BRIGADE) -> Log:
        return self.do(by, "accepted", "03-02 09:00", site_kind=site, grade=grade, deaths=deaths, social=False)

    def formed(self) -> Log:
        self.accepted().do(BRIGADE, "petitioned", "03-02 10:00")
        return self.do(COUNTY, "county_formed", "03-03 10:00", **GROUP)

    def formed_by_the_city(self) -> Log:
        self.accepted("较大", 3).do(CITY_BRIGADE, "petitioned", "03-02 10:00")
        return self.do(CITY, "city_formed", "03-03 10:00", **GROUP)

    def approved(self, *answerers: str) -> Log:
        self.formed().do(BRIGADE, "report_submitted", "04-20 10:00", **REPORT)
        return self.do(COUNTY, "approved", "05-05 10:00", reply_note="同意", answerers=list(answerers))

    def approved_by_the_city(self) -> Log:
        self.formed_by_the_city().do(CITY_BRIGADE, "report_submitted", "04-20 10:00", **REPORT)
        return self.do(CITY, "approved", "07-24 10:00", reply_note="同意", answerers=["三河市公安局"])

    def steps(self, now: str) -> list[str]:
        return [step.id for step in self.state(now).steps]

    def clock(self, name: str, now: str) -> tuple[dt.date | None, str]:
        found = [d for d in self.state(now).deadlines if d.id == name]
        return (found[-1].due.date() if found[-1].due else None, found[-1].status) if found else (None, "")


def test_the_pack_passes_its_own_check() -> None:
    assert check_folder(FOLDER).errors == ()


# ------------------------------------------------------------------------------------------- who investigates


@settings(deadline=None, max_examples=80)
@given(
    site=st.sampled_from(["军事设施", "矿井地下部分", "森林或草原", "其他场所"]),
    grade=st.sampled_from(["一般", "较大", "重大", "特别重大"]), deaths=st.integers(0, 3), social=st.booleans(),
    raising=st.sampled_from(["无", "市人民政府认为有必要", "县级人民政府认为确有困难", "其他应当提级的情形"]),
)  # fmt: skip
def test_jurisdiction_is_that_of_articles_two_to_four(
    site: str, grade: str, deaths: int, social: bool, raising: str
) -> None:
    world = loaded()
    facts = {"site_kind": site, "grade": grade, "deaths": deaths, "social": social, "raising": raising}
    outcome = decide(world, "jurisdiction", read_facts(world.facts, facts))
    concerned = deaths >= 1 or social
    if site != "其他场所":
        wanted = "不适用"
    elif grade == "特别重大" or (grade == "较大" and not concerned):
        wanted = None  # the text does not say: for a person
    elif grade == "一般":
        wanted = "不适用" if not concerned else "县级政府" if raising == "无" else "市级政府"
    else:
        wanted = {"较大": "市级政府", "重大": "省政府"}[grade]
    assert outcome.output == wanted


@pytest.mark.parametrize("area", [
    "三河市", "大厂回族自治县", "香河县", "广阳区", "安次区", "固安县", "永清县", "霸州市", "文安县", "大城县", "廊坊开发区",
    "临空经济区（廊坊）",
])  # fmt: skip
def test_every_county_has_its_government_and_brigade(world: World, area: str) -> None:
    when = {"occurred_at": at("03-01 15:00"), "recorded_at": at("03-01 15:00")}
    facts = {"place": area, "fire_at": "2023-03-01 14:00", "fire_unit": "甲公司"}
    events = list(open_case(world, "investigation", actor=CITY_BRIGADE, facts=facts, data={"place": area}, **when))
    events += act(world, "investigation", events, action="accepted", actor=CITY_BRIGADE,
                  facts={"site_kind": "其他场所", "grade": "一般", "deaths": 1, "social": False}, **when)  # fmt: skip
    brigade = world.units.relative("消防救援机构", "县", area)[0]
    government = world.units.relative("人民政府", "县", area)[0]
    events += act(world, "investigation", events, action="petitioned", actor=Actor("b", brigade.name), **when)
    events += act(world, "investigation", events, action="county_formed", actor=Actor("g", government.name),
                  facts=GROUP, **when)  # fmt: skip
    assert [s.id for s in replay(world, "investigation", events, at("03-01 16:00")).steps] == ["investigate"]


def test_only_the_brigade_of_the_place_accepts_and_petitions(world: World) -> None:
    log = Log(world)
    with pytest.raises(NotYours):
        log.accepted(by=OTHER_BRIGADE)
    log.accepted()
    for other in (OTHER_BRIGADE, CITY_BRIGADE, COUNTY):
        with pytest.raises(NotYours):
            log.do(other, "petitioned", "03-02 10:00")
    log.do(BRIGADE, "petitioned", "03-02 10:00")
    for other in (CITY, OTHER_COUNTY, BRIGADE):
        with pytest.raises(NotYours):
            log.do(other, "county_formed", "03-03 10:00", **GROUP)
    log.do(COUNTY, "county_formed", "03-03 10:00", **GROUP)


def test_an_underground_mine_is_out_of_scope_and_nobody_is_asked_to_form_a_group(world: World) -> None:
    log = Log(world).accepted("较大", 3, "矿井地下部分")
    assert log.steps("03-02 10:00") == ["outside"]
    assert log.clock("investigation", "03-02 10:00") == (None, "")
    log.do(BRIGADE, "out_of_scope", "03-02 11:00", reason_note="井下火灾")
    assert log.state("03-02 12:00").closed_at == at("03-02 11:00")


def test_the_county_s_difficulty_raises_the_case_to_the_city(world: World) -> None:
    log = Log(world).formed()
    with pytest.raises(NotYours):
        log.do(OTHER_COUNTY, "county_difficult", "03-10 10:00", raise_note="力量不足")
    log.do(COUNTY, "county_difficult", "03-10 10:00", raise_note="力量不足")
    assert log.state("03-10 11:00").decided["jurisdiction"].value == {"level": "市级政府"}
    log.do(CITY_BRIGADE, "petitioned", "03-10 14:00")
    with pytest.raises(NotPossible):
        log.do(COUNTY, "county_formed", "03-10 15:00", **GROUP)
    log.do(CITY, "city_formed", "03-10 15:00", **GROUP)
    with pytest.raises(NotYours):
        log.do(BRIGADE, "report_submitted", "04-20 10:00", **REPORT)
    assert log.clock("investigation", "03-11 10:00")[1] == "running"


def test_nobody_but_the_city_government_takes_a_county_s_case(world: World) -> None:
    log = Log(world).formed()
    with pytest.raises(NotYours):
        log.do(CITY_BRIGADE, "city_takes", "03-10 10:00", raise_note="影响大")
    log.do(CITY, "city_takes", "03-10 10:00", raise_note="影响大")
    assert log.steps("03-10 11:00") == ["petition"]


# ------------------------------------------------------------------------------------------------- the group, recusal


@pytest.mark.parametrize("invited", [["同级检察院"], ["同级纪检监察机关"]])
def test_no_group_without_both_invitations(world: World, invited: list[str]) -> None:
    log = Log(world).accepted().do(BRIGADE, "petitioned", "03-02 10:00")
    with pytest.raises(NotPossible, match="派人介入"):
        log.do(COUNTY, "county_formed", "03-03 10:00", **{**GROUP, "invited": invited})


def test_members_of_the_group_share_its_five_duties(world: World) -> None:
    tasks = {t.duty: t for t in Log(world).formed().state("03-03 11:00").tasks}
    for duty in ("find_out", "who_is_liable", "proposals", "lessons"):
        assert tasks[duty].unit == "三河市消防救援大队"
        assert set(tasks[duty].with_) == {"三河市公安局", "廊坊市应急管理局"}


@pytest.mark.parametrize(("when", "in_time"), [("03-08 23:59", True), ("03-09 00:00", False), ("03-09 09:00", False)])
def test_recusal_is_applied_for_within_five_days(world: World, when: str, in_time: bool) -> None:
    log = Log(world).formed()
    asked = {"recusal_by": "王某", "recusal_person": "李某", "recusal_reason": "债务"}
    if not in_time:
        with pytest.raises(NotPossible, match="届满"):
            log.do(BRIGADE, "recusal_applied", when, on_behalf_of="王某", **asked)
        return
    log.do(BRIGADE, "recusal_applied", when, on_behalf_of="王某", **asked)
    opens = log.events[-1].data["opens"]
    assert opens["procedure"] == "recusal"
    assert opens["facts"]["group_level"] == "县级"


@pytest.mark.parametrize(
    ("level", "decider", "other"), [("县级", BRIGADE, CITY_BRIGADE), ("市级", CITY_BRIGADE, BRIGADE)]
)
def test_the_group_decides_a_recusal_within_three_days(world: World, level: str, decider: Actor, other: Actor) -> None:
    facts = {
        "place": "三河市",
        "group_level": level,
        "recusal_by": "王某",
        "recusal_person": "李某",
        "recusal_reason": "债务",
    }
    when = {"occurred_at": at("03-06 10:00"), "recorded_at": at("03-06 10:00")}
    events = list(open_case(world, "recusal", actor=BRIGADE, facts=facts, data={"place": "三河市"}, **when))
    said = {"party_or_kin": False, "interested": False, "tied": True, "may_sway": True, "other_ground": False}
    late = {"occurred_at": at("03-09 23:59"), "recorded_at": at("03-09 23:59")}
    with pytest.raises(BadFacts, match="原因"):
        act(world, "recusal", events, action="recusal_decided", actor=decider, facts=said, **late)
    said["recusal_note"] = "有债务"
    with pytest.raises(NotYours):
        act(world, "recusal", events, action="recusal_decided", actor=other, facts=said, **late)
    events += act(world, "recusal", events, action="recusal_decided", actor=decider, facts=said, **late)
    state = replay(world, "recusal", events, at("03-10 10:00"))
    assert state.decided["recusal"].value == {"result": "应当回避"}
    assert [(d.due, d.status) for d in state.deadlines] == [(at("03-09 23:59").replace(second=59), "met")]


def test_a_member_steps_aside_only_on_a_ground_of_article_ten(world: World) -> None:
    log = Log(world).formed()
    clear = {"party_or_kin": False, "interested": False, "tied": True, "may_sway": False, "other_ground": False}
    with pytest.raises(NotPossible, match="不属应当回避"):
        log.do(POLICE, "recused", "03-10 10:00", recusal_person="李某", **clear)
    log.do(POLICE, "recused", "03-10 10:00", recusal_person="李某", **{**clear, "may_sway": True})


# ------------------------------------------------------------------------------------------------------ sixty days


def spell(log: Log, name: str, opens: str, closes: str) -> Log:
    log.do(BRIGADE, f"{name}_began", opens, reason_note="说明")
    return log.do(BRIGADE, f"{name}_ended", closes)


@pytest.mark.parametrize("name", SPELLS)
def test_each_of_the_four_spells_stops_the_sixty_days(world: World, name: str) -> None:
    log = spell(Log(world).formed(), name, "03-10 09:00", "03-22 09:00")
    assert log.clock("investigation", "03-23 10:00") == (dt.date(2023, 5, 12), "running")


def test_one_extension_of_sixty_days_by_the_government_that_is_responsible(world: World) -> None:
    log = spell(Log(world).formed(), "testing", "03-10 09:00", "03-22 09:00")
    with pytest.raises(NotPossible, match="没有待批"):
        log.do(COUNTY, "extension_granted", "05-08 09:00")
    with pytest.raises(NotPossible, match="复杂疑难"):
        log.do(BRIGADE, "extension_asked", "05-08 09:00", complex=False, reason_note="忙")
    log.do(BRIGADE, "extension_asked", "05-08 09:00", complex=True, reason_note="疑难")
    for other in (CITY, OTHER_COUNTY, BRIGADE):
        with pytest.raises(NotYours):
            log.do(other, "extension_granted", "05-10 09:00")
    log.do(COUNTY, "extension_granted", "05-10 09:00")
    assert log.clock("investigation", "05-11 09:00") == (dt.date(2023, 7, 11), "running")
    log.do(BRIGADE, "extension_asked", "05-12 09:00", complex=True, reason_note="疑难")
    with pytest.raises(NotPossible, match="最多延期1次"):
        log.do(COUNTY, "extension_granted", "05-13 09:00")


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(SPELLS), st.integers(1, 20), st.integers(1, 8)), max_size=3))
def test_overlapping_spells_are_taken_off_once(spells: list[tuple[str, int, int]]) -> None:
    log = Log(loaded()).formed()
    acts: list[tuple[str, str]] = []
    excluded: set[dt.date] = set()
    for name, first, length in {s[0]: s for s in spells}.values():
        begin = at("03-10 09:00") + dt.timedelta(days=first)
        acts += [(f"{begin:%m-%d %H:%M}", f"{name}_began")]
        acts += [(f"{begin + dt.timedelta(days=length):%m-%d %H:%M}", f"{name}_ended")]
        excluded |= {begin.date() + dt.timedelta(days=n) for n in range(1, length + 1)}
    for when, action in sorted(acts):
        facts = {"reason_note": "说明"} if action.endswith("began") else {}
        log.do(BRIGADE, action, when, **facts)
    day = dt.date(2023, 3, 1) + dt.timedelta(days=60 + len(excluded))
    while not loaded().calendar.is_working(day):
        day += dt.timedelta(days=1)
    assert log.clock("investigation", "04-15 10:00") == (day, "running")


def test_time_that_does_not_count_must_be_explained_with_the_report(world: World) -> None:
    log = spell(Log(world).formed(), "rescue", "03-03 12:00", "03-04 12:00")
    with pytest.raises(NotPossible, match="说明"):
        log.do(BRIGADE, "report_submitted", "04-20 10:00", **REPORT)
    log.do(BRIGADE, "report_submitted", "04-20 10:00", **REPORT, pause_note="余火未灭一日")


@pytest.mark.parametrize("part", ["part_unit", "part_course", "part_loss", "part_cause", "part_liability",
                                  "part_measures", "signed", "evidence_listed"])  # fmt: skip
def test_a_report_without_any_of_its_parts_is_not_submitted(world: World, part: str) -> None:
    log = Log(world).formed()
    with pytest.raises(BadFacts) as refused:
        log.do(BRIGADE, "report_submitted", "04-20 10:00", **{k: v for k, v in REPORT.items() if k != part})
    assert world.facts[part].label in str(refused.value)


@pytest.mark.parametrize("signed", [["张某"], ["李某"], ["张某", "王某"]])
def test_every_member_signs_and_may_dissent(world: World, signed: list[str]) -> None:
    log = Log(world).formed()
    with pytest.raises(NotPossible, match="全部签名"):
        log.do(BRIGADE, "report_submitted", "04-20 10:00", **{**REPORT, "signed": signed})
    log.do(BRIGADE, "report_submitted", "04-20 10:00", **REPORT, dissent="李某认为原因不明")


# ------------------------------------------------------------------------------------------- approval and after


@pytest.mark.parametrize(("when", "status"), [("07-24 23:59", "met"), ("07-25 00:00", "met_late")])
def test_the_government_replies_within_fifteen_working_days(world: World, when: str, status: str) -> None:
    log = Log(world).formed().do(BRIGADE, "report_submitted", "07-03 10:00", **REPORT)
    log.do(COUNTY, "approved", when, reply_note="同意", answerers=["三河市公安局"])
    assert log.clock("approval", "07-25 01:00") == (dt.date(2023, 7, 24), status)


@pytest.mark.parametrize(("asked", "due"), [
    (None, "08-14"), ("10个工作日", "08-07"), ("15个工作日", "08-14"), ("16个工作日", "08-14"),
])  # fmt: skip
def test_the_reply_is_put_off_by_fifteen_working_days_at_most(world: World, asked: str | None, due: str) -> None:
    log = Log(world).formed().do(BRIGADE, "report_submitted", "07-03 10:00", **REPORT)
    length = {} if asked is None else {"limit": asked}
    log.do(COUNTY, "approval_extended", "07-20 10:00", special=True, reason_note="论证", **length)
    assert log.clock("approval", "07-21 10:00")[0] == at(f"{due} 00:00").date()
    with pytest.raises(NotPossible, match="最多延期1次"):
        log.do(COUNTY, "approval_extended", "07-22 10:00", special=True, reason_note="再论证")


@pytest.mark.parametrize(("when", "status"), [("06-05 23:59", "met"), ("06-06 00:00", "met_late")])
def test_each_unit_answers_within_thirty_days_for_itself(world: World, when: str, status: str) -> None:
    log = Log(world).approved("三河市公安局", "甲公司")
    told = {"penalties_note": "已处罚", "rectified_note": "已整改"}
    with pytest.raises(NotYours):
        log.do(POLICE, "feedback_given", "05-20 10:00", each_key="甲公司", **told)
    log.do(POLICE, "feedback_given", "05-20 10:00", each_key="三河市公安局", **told)
    assert log.steps("05-21 10:00") == ["carry_out", "feedback"]
    log.do(BRIGADE, "feedback_given", when, each_key="甲公司", **told)
    clocks = [(d.due.date(), d.status) for d in log.state("06-07 10:00").deadlines if d.id == "feedback" and d.due]
    assert clocks == [(dt.date(2023, 6, 5), "met"), (dt.date(2023, 6, 5), status)]


@pytest.mark.parametrize("missing", ARCHIVE)
def test_the_archive_has_all_five(world: World, missing: str) -> None:
    log = Log(world).approved("三河市公安局")
    with pytest.raises(NotPossible, match="五项材料"):
        log.do(BRIGADE, "archived", "05-06 10:00", archived_items=[item for item in ARCHIVE if item != missing])
    log.do(BRIGADE, "archived", "05-06 10:00", archived_items=ARCHIVE)


def test_a_general_fire_ends_without_an_assessment_but_not_before_all_is_done(world: World) -> None:
    log = Log(world).approved("三河市公安局")
    assert log.clock("assessment", "05-06 10:00") == (None, "")
    steps = [
        (COUNTY, "published", {"published_by": "三河市人民政府"}, None),
        (BRIGADE, "archived", {"archived_items": ARCHIVE}, None),
        (POLICE, "feedback_given", {"penalties_note": "已处罚", "rectified_note": "已整改"}, "三河市公安局"),
    ]
    for actor, action, facts, key in steps:
        with pytest.raises(NotPossible, match="须已公布、归档"):
            log.do(COUNTY, "finished", "05-06 09:00")
        log.do(actor, action, "05-06 10:00", each_key=key, **facts)
    log.do(COUNTY, "finished", "05-07 09:00")
    assert log.state("05-08 10:00").closed_at == at("05-07 09:00")


@pytest.mark.parametrize(("reported", "status"), [("2024-07-24 23:59", "met"), ("2024-07-25 00:00", "met_late")])
def test_a_larger_fire_is_assessed_within_a_year_of_the_reply(world: World, reported: str, status: str) -> None:
    log = Log(world).approved_by_the_city()
    assert log.clock("assessment", "07-25 10:00") == (dt.date(2024, 7, 24), "running")
    group = {"assessor_leader": "张某", "assessors": ["张某"], "discipline_invited": True}
    with pytest.raises(NotYours):
        log.do(COUNTY, "assessors_formed", "2024-06-01 10:00", **group)
    log.do(CITY, "assessors_formed", "2024-06-01 10:00", **group)
    assert log.clock("assessing", "2024-06-02 10:00")[0] == dt.date(2024, 7, 31)
    log.do(CITY_BRIGADE, "assessment_reported", reported, **ASSESSED)
    assert log.clock("assessment", "2024-07-26 10:00")[1] == status


@pytest.mark.parametrize("short", ["staff_not_held", "fines_short", "credit_not_done"])
def test_what_was_not_carried_out_is_told_to_the_organs(world: World, short: str) -> None:
    log = Log(world).approved_by_the_city()
    log.do(
        CITY,
        "assessors_formed",
        "2024-03-01 10:00",
        assessor_leader="张某",
        assessors=["张某"],
        discipline_invited=True,
    )
    log.do(CITY_BRIGADE, "assessment_reported", "2024-04-01 10:00", **{**ASSESSED, short: True})
    with pytest.raises(NotPossible, match="须通报"):
        log.do(CITY, "all_carried_out", "2024-04-02 10:00")
    log.do(CITY, "told_organs", "2024-04-02 10:00", told_body="人民检察院")
    assert log.steps("2024-04-03 10:00") == ["carry_out", "feedback"]


def test_nothing_is_released_without_the_leader_s_consent(world: World) -> None:
    log = Log(world).formed()
    for actor in (POLICE, BRIGADE):
        with pytest.raises(NotPossible, match="未经组长允许"):
            log.do(
                actor,
                "information_released",
                "03-10 10:00",
                release_body="调查组",
                leader_consent=False,
                release_text="通报",
            )
    log.do(
        POLICE, "information_released", "03-10 10:00", release_body="调查组", leader_consent=True, release_text="通报"
    )


# ------------------------------------------------------------------------------------------------------ papers


def test_every_paper_is_filled_and_issued_by_the_unit_that_acts(world: World) -> None:
    log = Log(world).formed_by_the_city()
    log.do(CITY_BRIGADE, "channels_published", "03-04 10:00", channels=["举报电话"], channel_detail="0316-0000000")
    log.do(CITY_BRIGADE, "materials_asked", "03-04 11:00", asked_of="甲公司", materials="图纸")
    log.do(CITY_BRIGADE, "commissioned", "03-04 12:00", commission="技术鉴定", agency="乙公司", qualified=True)
    log.do(CITY_BRIGADE, "clue_transferred", "03-05 10:00", clue_kind="涉嫌职务违法", clue_note="线索")
    log.do(CITY_BRIGADE, "extension_asked", "03-06 10:00", complex=True, reason_note="疑难")
    log.do(CITY, "extension_granted", "03-07 10:00")
    log.do(CITY_BRIGADE, "report_submitted", "04-20 10:00", **REPORT)
    log.do(CITY, "approved", "04-28 10:00", reply_note="同意", answerers=["三河市公安局"])
    log.do(CITY, "published", "05-06 10:00", published_by="廊坊市人民政府")
    log.do(POLICE, "feedback_given", "05-06 11:00", each_key="三河市公安局", penalties_note="甲", rectified_note="乙")
    log.do(CITY, "assessors_formed", "06-01 10:00", assessor_leader="张某", assessors=["张某"], discipline_invited=True)
    log.do(CITY_BRIGADE, "assessment_reported", "07-01 10:00", **{**ASSESSED, "fines_short": True})
    log.do(CITY, "told_organs", "07-02 10:00", told_body="同级纪检监察机关")
    pack = read_source(FOLDER).pack
    seen: dict[str, tuple[str, str]] = {}
    for i, event in enumerate(log.events):
        if (name := event.data.get("document")) is None:
            continue
        template = pack.documents[str(name)]
        scope = fold_of(world, "investigation", log.events[: i + 1]).scope(event.occurred_at).over(unit=event.unit)

        def evaluate(text: str, scope: Scope = scope) -> Any:
            return compile_expression(text, (*scope_names(pack), *PAPER), FUNCTIONS).evaluate(scope)

        paper = fill(title=template.title, body=template.body, table=template.table, evaluate=evaluate,
                     addressees=template.addressees, issuer=template.issuer or "")  # fmt: skip
        texts = (paper.title, *paper.paragraphs, *(value for _, value in paper.table))
        assert not any("{" in text or ("（未填写）" in text and name != "petition") for text in texts)
        assert paper.issuer
        seen[str(name)] = (paper.issuer, paper.addressees or "")
    assert set(seen) == set(pack.documents) - {"raise_note", "recusal_reply"}
    assert seen["petition"] == ("廊坊市消防救援支队", "市政府")
    assert seen["investigation_report"] == ("甲公司火灾事故调查组", "市政府")
    assert seen["reply"] == ("廊坊市人民政府", "市消防救援支队")
    assert seen["feedback"] == ("三河市公安局", "市消防救援支队")
    assert seen["clue_letter"][1] == "纪检监察机关"

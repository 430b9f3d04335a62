"""The fireworks pack as the police desk lives it: is it banned here and now, who handles it, which fine may be imposed."""

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

from gongbao.engine.case.scope import Scope
from gongbao.engine.case.state import fold_of
from gongbao.engine.decision.decide import decide
from gongbao.engine.errors import NotPossible, NotYours
from gongbao.engine.fact import read_facts
from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.model import Actor, CaseState
from gongbao.engine.world import World
from gongbao.exchange.paper import fill
from gongbao.feel import compile_expression
from gongbao.policy.check import check_folder
from gongbao.policy.coverage import coverage
from gongbao.policy.expressions import PAPER, scope_names
from gongbao.policy.loader import load_folder, packs_root
from gongbao.policy.source import read_source
from gongbao.policy.verify import read_gazettes, verify

FOLDER = packs_root() / "langfang" / "fireworks"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))

POLICE = Actor("police", "三河市公安局", frozenset({"值班员"}))
OTHER_POLICE = Actor("other", "霸州市公安局", frozenset({"值班员"}))
SAFETY = Actor("safety", "廊坊市应急管理局", frozenset({"承办人"}))  # has taken over from 市安监局

ZONES = ("外环线以内", "外环线上", "廊坊经济技术开发区内", "外环线以外")
SITES = (
    "不在所列场所", "党政机关办公场所", "交通枢纽和铁路安全保护区", "易燃易爆危险物品单位", "能源设施安全保护区", "文物保护单位",
    "重要军事区域", "学校医疗养老机构", "人员密集场所", "政府划定公布的其他区域场所",
)  # fmt: skip
ADJUSTED = ("没有调整", "调整为禁止燃放", "调整为不禁止燃放")
FIELD = {"zone": "外环线以外", "site": "不在所列场所", "warning_on": False, "adjusted": "没有调整"}
STREET = {**FIELD, "zone": "外环线以内"}
FINE: dict[str, Any] = {
    "crime": False, "public_order": False, "other_law": False, "measure_done": True, "fined": True,
}  # fmt: skip


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def world() -> World:
    return loaded()


def at(text: str) -> dt.datetime:
    """`09 22:10` of February 2024 (the eve of the Spring Festival is the 9th)."""
    return dt.datetime.strptime(f"2024-02-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


class Log(CaseLog):
    """The log of one report in 三河."""

    at = staticmethod(at)

    def __init__(self, world: World, by: Actor = POLICE, **facts: Any) -> None:
        known = {
            "place": "三河市",
            "content": "有人放鞭炮",
            "channel": "110报警电话",
            "happened_at": "2024-02-09 22:00",
            **facts,
        }
        super().__init__(world, "report", by, "09 22:10", known, place="三河市")

    def confirmed(self, where: dict[str, Any], unsafe: str = "没有发现") -> Log:
        self.do(POLICE, "taken", "09 22:12", activity="燃放", **where)
        return self.do(
            POLICE,
            "police_confirmed",
            "09 22:40",
            finding="当场查获",
            offender="某甲",
            unsafe=unsafe,
            large_display=False,
        )

    def state(self, when: Any = "12 12:00") -> CaseState:
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


# ------------------------------------------------------------------------------------------------------ the ban


def banned(zone: str, site: str, warning_on: bool, adjusted: str) -> bool:
    if warning_on:
        return True
    if adjusted != "没有调整":
        return adjusted == "调整为禁止燃放"
    return zone != "外环线以外" or site != "不在所列场所"


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(ZONES), st.sampled_from(SITES), st.booleans(), st.sampled_from(ADJUSTED))
def test_the_ban_is_by_warning_then_notice_then_place(zone: str, site: str, warning_on: bool, adjusted: str) -> None:
    world = loaded()
    facts = {"zone": zone, "site": site, "warning_on": warning_on, "adjusted": adjusted}
    outcome = decide(world, "ban", read_facts(world.facts, facts))
    assert outcome.settled
    assert outcome.output["result"] == ("禁止燃放" if banned(**facts) else "可以燃放")


@pytest.mark.parametrize(("facts", "result", "cite"), [
    ({**FIELD, "zone": "外环线上"}, "禁止燃放", "第十六条第1款"),
    (FIELD, "可以燃放", "第十六条"),
    ({**FIELD, "warning_on": True}, "禁止燃放", "第十七条第1款"),
])  # fmt: skip
def test_the_ring_road_itself_the_village_field_and_the_field_in_a_warning(
    world: World, facts: dict[str, Any], result: str, cite: str
) -> None:
    outcome = decide(world, "ban", read_facts(world.facts, facts))
    assert (outcome.output["result"], outcome.cites) == (result, (cite,))


def test_in_a_warning_the_place_is_not_asked_for(world: World) -> None:
    outcome = decide(world, "ban", read_facts(world.facts, {"warning_on": True}))
    assert outcome.settled
    assert outcome.ask == ()


def test_every_printed_place_is_one_that_the_form_offers(world: World) -> None:
    offered = world.facts["site"].values
    assert [str(row["fact"]) for row in world.registers["sites"].rows] == list(offered[1:])


# ------------------------------------------------------------------------------------------------------ the fine

RANGES = {"第二十一条": (200, 1000, False), "第二十二条": (500, 2000, False), "第二十三条": (100, 500, True)}


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(sorted(RANGES)), st.sampled_from([99, 100, 199, 200, 499, 500, 501, 1000, 1001, 2000, 2001]))
def test_a_fine_stands_within_the_range_of_its_article(article: str, fine: int) -> None:
    world, (least, most, _) = loaded(), RANGES[article]
    outcome = decide(world, "fine_check", read_facts(world.facts, {"applied": article, "fined": True, "fine": fine}))
    assert (outcome.output == "合规") is (least <= fine <= most)


@pytest.mark.parametrize("article", sorted(RANGES))
def test_only_unsafe_firing_must_be_fined(world: World, article: str) -> None:
    outcome = decide(world, "fine_check", read_facts(world.facts, {"applied": article, "fined": False}))
    assert outcome.output == ("应当罚款" if RANGES[article][2] else "合规")


@pytest.mark.parametrize("fine", [499, 2001])
def test_the_desk_refuses_an_amount_outside_the_range(world: World, fine: int) -> None:
    log = Log(world).confirmed(STREET)
    with pytest.raises(NotPossible, match="罚款在幅度内"):
        log.do(POLICE, "punished", "09 23:00", applied="第二十二条", fine=fine, **FINE)


@pytest.mark.parametrize("fine", [500, 2000])
def test_the_bounds_of_the_range_are_accepted(world: World, fine: int) -> None:
    log = Log(world).confirmed(STREET).do(POLICE, "punished", "09 23:00", applied="第二十二条", fine=fine, **FINE)
    assert [s.id for s in log.state().steps] == ["after"]


def test_where_two_articles_are_broken_a_person_chooses_and_says_why(world: World) -> None:
    log = Log(world).confirmed(STREET, unsafe="影响道路交通安全")
    decided = {"violation": log.state().decided["violation"].value}
    assert decide(world, "article", {}, decided=decided).needs_person
    with pytest.raises(NotPossible, match="适用哪一条的理由"):
        log.do(POLICE, "punished", "09 23:00", applied="第二十三条", fine=300, **FINE)
    log.do(POLICE, "punished", "09 23:00", applied="第二十三条", fine=300, reason_note="主要危害是影响交通", **FINE)
    assert [s.id for s in log.state().steps] == ["after"]


# ------------------------------------------------------------------------------------------------------ the walk


def test_a_report_is_walked_from_the_call_to_the_fine_and_the_credit_record(world: World) -> None:
    log = Log(world, address="某小区").confirmed(STREET)
    log.do(POLICE, "punished", "09 23:00", applied="第二十二条", fine=500, **FINE)
    with pytest.raises(NotPossible, match="须已纳入信用平台"):
        log.do(POLICE, "concluded", "09 23:10", has_goods=False)
    log.do(POLICE, "credit_sent", "09 23:20").do(POLICE, "rewarded", "10 09:00", reward_note="按规定")
    log.do(POLICE, "concluded", "10 10:00", has_goods=False)
    state = log.state()
    assert state.closed_at == at("10 10:00")
    done = {t.duty for t in state.tasks if t.status == "done"}
    assert {"inspect_site", "put_on_credit", "reward_informant"} <= done


def test_what_was_confiscated_is_destroyed_before_the_case_is_closed(world: World) -> None:
    log = Log(world).do(POLICE, "taken", "09 22:12", activity="运输")
    log.do(POLICE, "carriage_confirmed", "09 22:40", finding="查获", carriage="携带搭乘公共交通工具")
    log.do(POLICE, "punished", "09 23:00", applied="第二十一条", fine=200, **FINE).do(POLICE, "credit_sent", "09 23:05")
    with pytest.raises(NotPossible, match="须已销毁处置"):
        log.do(POLICE, "concluded", "09 23:10", has_goods=False)
    log.do(POLICE, "sealed", "09 23:20", goods="鞭炮2盘", goods_source="没收的非法烟花爆竹", sealed_where="仓库")
    log.do(POLICE, "destroyed", "10 09:00", destroy_note="浸水销毁").do(POLICE, "concluded", "10 10:00", has_goods=True)
    assert log.state().closed_at == at("10 10:00")


def test_a_report_is_for_the_police_of_its_place(world: World) -> None:
    with pytest.raises(NotYours):
        Log(world).do(OTHER_POLICE, "taken", "09 22:12", activity="燃放")


def test_trade_and_storage_go_to_the_successor_of_the_safety_authority(world: World) -> None:
    log = Log(world).do(POLICE, "taken", "09 22:12", activity="经营")
    assert [s.id for s in log.state().steps] == ["safety_inquiry"]
    with pytest.raises(NotYours):
        log.do(POLICE, "trade_confirmed", "09 22:40", finding="无证", permit=False)
    log.do(SAFETY, "trade_confirmed", "09 22:40", finding="无证", permit=False)
    assert log.state().decided["trade_violation"].value == {"kind": "违规经营"}


def test_the_penalty_paper_and_the_credit_sheet_say_what_was_decided(world: World) -> None:
    log = Log(world, address="某小区").confirmed(STREET)
    log.do(POLICE, "punished", "09 23:00", applied="第二十二条", fine=800, **FINE).do(POLICE, "credit_sent", "09 23:20")
    pack, papers = read_source(FOLDER).pack, {}
    for i, event in enumerate(log.events):
        if (name := event.data.get("document")) is None:
            continue
        template = pack.documents[str(name)]
        scope = fold_of(world, "report", log.events[: i + 1]).scope(event.occurred_at).over(unit=event.unit)

        def evaluate(text: str, scope: Scope = scope) -> Any:
            return compile_expression(text, (*scope_names(pack), *PAPER), FUNCTIONS).evaluate(scope)

        papers[name] = fill(title=template.title, body=template.body, table=template.table, evaluate=evaluate,
                            addressees=template.addressees, issuer=template.issuer or "")  # fmt: skip
    decision = papers["penalty_decision"]
    assert (decision.issuer, decision.addressees) == ("三河市公安局", "某甲")
    assert any("第二十二条" in p and "责令停止燃放" in p and "罚款800元" in p for p in decision.paragraphs)
    assert dict(decision.table)["罚款上限（元）"] == "2000"
    assert dict(papers["credit_sheet"].table)["违法情形"] == "禁放区域场所时段燃放"

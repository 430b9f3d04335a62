"""The city's reserve as it is kept: catalogue, custody with its account, drawing, urgent calls filed, what keepers may not do."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packs.logs import Log as CaseLog
from tests.packs.papers import assert_every_paper_is_filled

from gongbao.engine.case import possible
from gongbao.engine.decision.decide import decide
from gongbao.engine.errors import BadFacts, CaseError, NotPossible, NotYours
from gongbao.engine.model import Actor
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

FOLDER = packs_root() / "langfang" / "material-reserve"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))

PLANNING = Actor("planning", "廊坊市发展和改革委员会", frozenset({"承办人"}))
FINANCE = Actor("finance", "廊坊市财政局", frozenset({"承办人"}))
CITY = Actor("city", "廊坊市人民政府", frozenset({"承办人"}))
DEPARTMENT = Actor("emergency", "廊坊市应急管理局", frozenset({"承办人"}))
OTHER = Actor("commerce", "廊坊市商务局", frozenset({"承办人"}))
COMMAND = Actor("command", "廊坊市抗灾救灾指挥部门", frozenset({"承办人"}))

TENTS: dict[str, Any] = {
    "department": "市应急管理局", "goods": "救灾物资", "variety": "帐篷", "measure": "顶", "planned": 1000, "in_catalogue": True,
}  # fmt: skip
SELECTED: dict[str, Any] = {"keeper": "甲公司", "select_by": "招投标", "mode": "市场化方式", "prescribed": False}
CONTRACT: dict[str, Any] = {
    "storage_term": "一年", "depot": "甲库", "depot_place": "广阳区", "contract_quantity": 1000, "quality": "国标",
    "rotation_terms": "无", "draw_terms": "按指令", "subsidy_terms": "按规定", "liability_terms": "按合同",
    "needs_rotation": False, "safety_ready": True,
}  # fmt: skip
DRAW: dict[str, Any] = {
    "trigger": "市内突发重大事件", "draw_varieties": ["帐篷"], "draw_quantities": "帐篷800顶", "price_note": "无偿",
    "use_note": "安置点", "transport_note": "汽运",
}  # fmt: skip


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
    at = staticmethod(at)

    def __init__(self, world: World, procedure: str, by: Actor, when: str, **facts: Any) -> None:
        super().__init__(world, procedure, by, when, facts)


def stocked(world: World, quantity: Any = 1000, **more: Any) -> Log:
    log = Log(world, "custody", DEPARTMENT, "03-01 09:00", **{**TENTS, "floor": 300})
    log.do(DEPARTMENT, "selected", **SELECTED).do(DEPARTMENT, "signed", **{**CONTRACT, **more})
    return log.do(DEPARTMENT, "received", order_no="入1", in_quantity=quantity, quality_ok=True, dedicated=True)


def drawing(world: World) -> Log:
    return Log(world, "drawing", DEPARTMENT, "07-30 09:00", department="市应急管理局", trigger="市内突发重大事件",
               trigger_note="洪水")  # fmt: skip


def test_the_pack_passes_its_own_check() -> None:
    report = check_folder(FOLDER)
    assert report.errors == ()
    assert report.warnings == ()


def test_no_quantity_of_goods_stands_in_the_pack() -> None:
    """The text prints none: the figures are the day and years in force, and the days of filing."""
    rules = "".join(
        (FOLDER / name).read_text(encoding="utf-8") for name in ("decisions.yaml", "duties.yaml", "params.yaml")
    )
    written = re.sub(r"#[^\n]*|cite: [^,}\n]*|2023-01-15|2023年1月15日|text: 5年", "", rules)
    assert set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", written)) <= {"0", "5"}
    assert {d.limit.amount for p in loaded().procedures.values() for d in p.deadlines if d.kind == "period"} == {20}


# ------------------------------------------------------------------------------------------------------- in force


def test_before_the_day_in_force_nothing_is_opened_under_the_measures(world: World) -> None:
    with pytest.raises(CaseError, match="2023-01-15"):
        Log(world, "planning", PLANNING, "01-14 09:00", plan_kind="年度计划", plan_period="2023年度")
    Log(world, "planning", PLANNING, "01-15 09:00", plan_kind="年度计划", plan_period="2023年度")


# ------------------------------------------------------------------------------------------- catalogue, plan, addition


def test_from_catalogue_to_filed(world: World) -> None:
    """The walk of the issue: catalogue, stock, drawn, replenished; then an urgent call, filed in time."""
    plan = Log(world, "planning", PLANNING, "02-01 09:00", plan_kind="储备物资目录", plan_period="2023年")
    plan.do(PLANNING, "departments_consulted", consulted=["市应急管理局"], consult_note="同意")
    plan.do(FINANCE, "catalogue_submitted", varieties=["帐篷"], scales="帐篷：见附表", factors=["供应风险"])
    plan.do(CITY, "approved")
    assert [s.id for s in plan.state().steps] == ["in_use"]

    stock = stocked(world)
    draw = drawing(world).do(PLANNING, "plan_submitted", **DRAW).do(CITY, "draw_approved")
    draw.do(DEPARTMENT, "out_ordered", order_no="出1", keeper="甲公司")
    stock.do(DEPARTMENT, "issued", "07-30 12:00", order_no="出1", out_quantity=800, out_for="经批准动用")
    assert stock.state().facts["on_hand"] == 200
    assert {"refill_stock", "below_floor"} <= stock.open_tasks()
    draw.do(DEPARTMENT, "delivered", delivered_note="已送达")
    assert "plan_refill" in draw.open_tasks()
    draw.do(DEPARTMENT, "refill_planned", market_note="平稳", refill_varieties=["帐篷"], refill_quantities="帐篷800顶")
    stock.do(DEPARTMENT, "restocked_up", "08-20 09:00", restocked=800, order_no="入2", quality_ok=True)
    assert stock.state().facts["on_hand"] == 1000
    assert not {"refill_stock", "below_floor"} & stock.open_tasks()
    assert draw.do(DEPARTMENT, "refilled", restored=True).state().closed_at is not None

    urgent = Log(world, "urgent_call", COMMAND, "07-30 01:00", department="市应急管理局", trigger="市内突发重大事件",
                 trigger_note="洪水", authority="市抗灾救灾指挥部门")  # fmt: skip
    call = {k: v for k, v in DRAW.items() if k not in ("trigger", "price_note")}
    urgent.do(COMMAND, "called", authority="市抗灾救灾指挥部门", **call)
    urgent.do(COMMAND, "work_over", "08-10 18:00", work_ended_on="2023-08-10")
    (filing,) = [d for d in urgent.state().deadlines if d.id == "filing"]
    assert filing.due is not None
    assert filing.due.astimezone(SHANGHAI).date() == dt.date(2023, 8, 30)
    urgent.do(COMMAND, "filed", "08-30 17:00", filing_note="已报")
    (filing,) = [d for d in urgent.state().deadlines if d.id == "filing"]
    assert filing.status == "met"
    assert {s.id for s in urgent.state().steps} == {"urgent_refill"}


def test_the_filing_is_late_on_the_twenty_first_day(world: World) -> None:
    urgent = Log(world, "urgent_call", COMMAND, "07-30 01:00", department="市应急管理局", trigger="市内突发重大事件",
                 trigger_note="洪水", authority="市抗灾救灾指挥部门")  # fmt: skip
    call = {k: v for k, v in DRAW.items() if k not in ("trigger", "price_note")}
    urgent.do(COMMAND, "called", authority="市抗灾救灾指挥部门", **call)
    urgent.do(COMMAND, "work_over", "08-10 18:00", work_ended_on="2023-08-10")
    statuses = [
        next(d.status for d in urgent.state(when).deadlines if d.id == "filing")
        for when in ("2023-08-30 23:59", "2023-08-31 00:01")
    ]
    assert statuses == ["running", "overdue"]


@pytest.mark.parametrize("missing", ["varieties", "scales", "factors"])
def test_a_catalogue_without_its_kinds_scale_or_grounds_is_refused(world: World, missing: str) -> None:
    log = Log(world, "planning", PLANNING, "02-01 09:00", plan_kind="储备物资目录", plan_period="2023年")
    log.do(PLANNING, "departments_consulted", consulted=["市商务局"], consult_note="同意")
    whole: dict[str, Any] = {"varieties": ["小麦"], "scales": "见附表", "factors": ["供应风险"]}
    with pytest.raises(BadFacts, match=missing):
        log.do(PLANNING, "catalogue_submitted", **{k: v for k, v in whole.items() if k != missing})


def test_only_the_city_government_approves(world: World) -> None:
    log = Log(world, "planning", PLANNING, "02-01 09:00", plan_kind="储备物资目录", plan_period="2023年")
    log.do(PLANNING, "departments_consulted", consulted=["市商务局"], consult_note="同意")
    log.do(PLANNING, "catalogue_submitted", varieties=["小麦"], scales="见附表", factors=["供应风险"])
    with pytest.raises(NotYours):
        log.do(PLANNING, "approved")


def test_a_temporary_variety_is_removed_after_its_period_unless_the_city_takes_it_in(world: World) -> None:
    def added() -> Log:
        log = Log(world, "temporary", OTHER, "08-01 09:00", department="市商务局", variety="瓶装水",
                  temporary_cause="重大灾害")  # fmt: skip
        log.do(OTHER, "petitioned", scales="见附表", temporary_until="2023-09-30")
        return log.do(CITY, "temporary_approved", temporary_until="2023-09-30")

    with pytest.raises(NotPossible, match="尚未期满"):
        added().do(OTHER, "removed", "09-30 23:00")
    assert added().do(OTHER, "removed", "10-01 00:01").state().facts["temporary"] is False
    kept = added().do(PLANNING, "entry_petitioned", "10-01 09:00", reason_note="仍需").do(CITY, "entered")
    assert kept.state().facts["in_catalogue"] is True
    refused = added().do(PLANNING, "entry_petitioned", "10-01 09:00", reason_note="仍需")
    refused.do(CITY, "entry_refused", reason_note="不需")
    assert refused.do(OTHER, "removed").state().closed_at is not None


# -------------------------------------------------------------------------------------------------------- custody


def test_the_department_of_the_reserve_keeps_it_and_no_other(world: World) -> None:
    log = Log(world, "custody", DEPARTMENT, "03-01 09:00", **TENTS)
    with pytest.raises(NotYours):
        log.do(OTHER, "selected", **SELECTED)


@pytest.mark.parametrize("missing", [k for k in CONTRACT if k not in ("needs_rotation", "safety_ready")])
def test_a_contract_says_all_its_nine_terms(world: World, missing: str) -> None:
    log = Log(world, "custody", DEPARTMENT, "03-01 09:00", **TENTS).do(DEPARTMENT, "selected", **SELECTED)
    with pytest.raises(BadFacts, match=missing):
        log.do(DEPARTMENT, "signed", **{k: v for k, v in CONTRACT.items() if k != missing})


@pytest.mark.parametrize(("quality", "dedicated"), [(False, True), (True, False), (False, False)])
def test_nothing_is_taken_in_of_bad_quality_or_without_its_own_store(
    world: World, quality: bool, dedicated: bool
) -> None:
    log = Log(world, "custody", DEPARTMENT, "03-01 09:00", **TENTS)
    log.do(DEPARTMENT, "selected", **SELECTED).do(DEPARTMENT, "signed", **CONTRACT)
    with pytest.raises(NotPossible, match="质量达标"):
        log.do(DEPARTMENT, "received", order_no="入1", in_quantity=10, quality_ok=quality, dedicated=dedicated)


@pytest.mark.parametrize(("added", "enough"), [("99.999", False), (100, True), ("100.001", True)])
def test_what_is_scrapped_is_replaced_at_once_up_to_the_plan(world: World, added: Any, enough: bool) -> None:
    log = stocked(world)
    if not enough:
        with pytest.raises(NotPossible, match="报废须同时补充"):
            log.do(DEPARTMENT, "scrapped_and_replaced", scrapped=100, added=added, scrap_note="到期")
        return
    log.do(DEPARTMENT, "scrapped_and_replaced", scrapped=100, added=added, scrap_note="到期")
    assert log.state().facts["on_hand"] >= 1000


def test_what_needs_rotation_is_rotated_and_what_does_not_is_scrapped(world: World) -> None:
    turn: dict[str, Any] = {
        "rotated_out": 10,
        "rotated_in": 10,
        "mode": "市场化方式",
        "prescribed": False,
        "quality_ok": True,
    }
    with pytest.raises(NotPossible, match="不需轮换"):
        stocked(world).do(DEPARTMENT, "rotated", **turn)
    grain = stocked(world, needs_rotation=True)
    with pytest.raises(NotPossible, match="需要轮换"):
        grain.do(DEPARTMENT, "scrapped_and_replaced", scrapped=1, added=1, scrap_note="到期")
    assert grain.do(DEPARTMENT, "rotated", **turn).state().facts["on_hand"] == 1000
    with pytest.raises(NotPossible, match="市场化"):
        grain.do(DEPARTMENT, "rotated", **{**turn, "mode": "定向方式"})


@given(st.lists(st.tuples(st.sampled_from(("received", "issued", "restocked_up")), st.integers(1, 400)), max_size=8))
@settings(max_examples=15, deadline=None)
def test_the_account_is_what_went_in_less_what_went_out_and_never_below_nothing(moves: list[tuple[str, int]]) -> None:
    log, balance = stocked(loaded(), 500), Decimal(500)
    for action, amount in moves:
        facts: dict[str, Any] = {
            "received": {"order_no": "入", "in_quantity": amount, "quality_ok": True, "dedicated": True},
            "issued": {"order_no": "出", "out_quantity": amount, "out_for": "紧急调用"},
            "restocked_up": {"restocked": amount, "order_no": "入", "quality_ok": True},
        }[action]
        if action == "issued" and amount > balance:
            with pytest.raises(BadFacts, match="账面现存数量"):
                log.do(DEPARTMENT, action, **facts)
            continue
        log.do(DEPARTMENT, action, **facts)
        balance += -amount if action == "issued" else amount
    assert log.state().facts["on_hand"] == balance
    drawn = any(e.type == "issued" for e in log.events)
    assert ("refill_stock" in log.open_tasks()) is (drawn and balance < 1000)
    assert ("below_floor" in log.open_tasks()) is (balance < 300)


def test_a_count_that_differs_is_to_be_explained_before_the_account_is_put_right(world: World) -> None:
    log = stocked(world)
    with pytest.raises(NotPossible, match="按账实不符登记"):
        log.do(DEPARTMENT, "stock_counted", counted_quantity=998, count_note="少两顶")
    log.do(DEPARTMENT, "count_differed", counted_quantity=998, count_note="少两顶")
    assert "find_difference" in log.open_tasks()
    log.do(DEPARTMENT, "account_corrected", reason_note="损毁两顶")
    assert log.state().facts["on_hand"] == 998
    assert "find_difference" not in log.open_tasks()


def test_custody_ends_when_nothing_is_left(world: World) -> None:
    log = stocked(world)
    with pytest.raises(NotPossible, match="账面还有物资"):
        log.do(DEPARTMENT, "custody_ended")
    log.do(DEPARTMENT, "issued", order_no="出1", out_quantity=1000, out_for="合同到期移库")
    assert log.do(DEPARTMENT, "custody_ended").state().closed_at is not None


# -------------------------------------------------------------------------------------------------------- drawing


@pytest.mark.parametrize("missing", ["draw_varieties", "draw_quantities", "price_note", "use_note", "transport_note"])
def test_a_plan_of_use_without_one_of_its_five_parts_is_refused(world: World, missing: str) -> None:
    """S002b-67-1."""
    with pytest.raises(BadFacts, match=missing):
        drawing(world).do(PLANNING, "plan_submitted", **{k: v for k, v in DRAW.items() if k != missing})


def test_the_department_does_not_submit_a_plan_of_use_alone(world: World) -> None:
    with pytest.raises(NotYours):
        drawing(world).do(DEPARTMENT, "plan_submitted", **DRAW)


def test_nothing_is_delivered_without_an_order_nor_closed_before_the_plan_is_reached(world: World) -> None:
    log = drawing(world).do(PLANNING, "plan_submitted", **DRAW).do(CITY, "draw_approved")
    with pytest.raises(NotPossible, match="出库指令"):
        log.do(DEPARTMENT, "delivered", delivered_note="已送达")
    log.do(DEPARTMENT, "out_ordered", order_no="出1", keeper="甲公司").do(
        DEPARTMENT, "delivered", delivered_note="已送达"
    )
    with pytest.raises(NotPossible, match="补充方案"):
        log.do(DEPARTMENT, "refilled", restored=True)
    log.do(DEPARTMENT, "refill_planned", market_note="平稳", refill_varieties=["帐篷"], refill_quantities="帐篷800顶")
    with pytest.raises(NotPossible, match="补充至计划储备规模"):
        log.do(DEPARTMENT, "refilled", restored=False)


@pytest.mark.parametrize(
    ("authority", "basis", "may"),
    [("市抗灾救灾指挥部门", None, True), ("市人民政府授权部门", "廊政授权", True), ("市人民政府授权部门", None, False), ("其他部门", "有", False)],
)  # fmt: skip
def test_who_may_call_on_the_reserve_at_once(world: World, authority: str, basis: str | None, may: bool) -> None:
    log = Log(world, "urgent_call", DEPARTMENT, "07-30 01:00", department="市应急管理局", trigger="市内突发重大事件",
              trigger_note="洪水", authority=authority)  # fmt: skip
    call = {k: v for k, v in DRAW.items() if k not in ("trigger", "price_note")} | {"authority": authority}
    if basis is not None:
        call["authorisation"] = basis
    if may:
        assert [s.id for s in log.do(DEPARTMENT, "called", **call).state().steps] == ["rescue"]
    else:
        with pytest.raises(NotPossible):
            log.do(DEPARTMENT, "called", **call)


# ------------------------------------------------------------------------------------------------------- sanctions


def test_refusing_inspection_counts_only_with_serious_consequences_then_interview_then_cancellation(
    world: World,
) -> None:
    """S002b-67-4."""

    def found(serious: bool) -> Log:
        return Log(world, "keeper_breach", OTHER, "05-01 09:00", department="市商务局", keeper="甲公司",
                   breach="拒绝阻挠干涉监督检查", serious=serious, finding_note="已查明")  # fmt: skip

    with pytest.raises(NotPossible, match="须造成严重后果"):
        found(False).do(PLANNING, "interviewed", other_law=False, interview_note="限期整改")
    with pytest.raises(NotPossible, match="同时有其他情形"):
        found(False).do(PLANNING, "not_a_breach", reason_note="未造成后果", more_breaches=["掺杂掺假以次充好"])
    log = found(True).do(PLANNING, "interviewed", other_law=False, interview_note="限期整改")
    log.do(PLANNING, "refused", rectify_note="拒不整改")
    with pytest.raises(NotYours):
        log.do(PLANNING, "cancelled")
    assert log.do(OTHER, "cancelled").state().closed_at is not None


@pytest.mark.parametrize("who", [PLANNING, FINANCE, OTHER])
def test_each_of_the_three_may_interview(world: World, who: Actor) -> None:
    log = Log(world, "keeper_breach", OTHER, "05-01 09:00", department="市商务局", keeper="甲公司",
              breach="掺杂掺假以次充好", finding_note="已查明")  # fmt: skip
    offered = possible(world, log.state(), log.events, who, log.now)
    assert any(p.action == "interviewed" and p.allowed for p in offered)
    log.do(who, "interviewed", other_law=False, interview_note="限期整改")


def test_every_breach_of_the_list_can_be_chosen_and_cites_its_item(world: World) -> None:
    rows = world.registers["breaches"].rows
    assert [row["breach"] for row in rows] == list(world.facts["breach"].values)
    assert [row["clause"] for row in rows] == [f"六（二）{n}" for n in range(1, 11)]


def test_harm_to_the_reserve_without_offence_is_left_to_a_person(world: World) -> None:
    facts = {"conduct": "非法侵占仓库用地", "crime": False, "public_order": False}
    assert decide(world, "liability", facts).needs_person


# ------------------------------------------------------------------------------------------------------- registers


def test_the_stock_that_the_departments_keep_has_what_the_desk_looks_for(world: World) -> None:
    stock = world.registers["stock"]
    assert stock.kind == "stock"
    roles = {c.role for c in stock.columns if c.role}
    assert {"name", "class", "quantity", "measure", "floor", "place", "spot", "owner", "contact", "state"} <= roles
    assert stock.rows == ()
    departments = {world.units.find(str(row["unit"])).name for row in world.registers["departments"].rows}
    assert {u.name for u in world.units.members("市级储备部门", dt.date(2023, 2, 1))} == departments


def test_every_department_and_county_has_its_task_in_the_year(world: World) -> None:
    log = Log(world, "year_work", PLANNING, "02-01 09:00", work_year="2023年度")
    by_duty: dict[str, set[str]] = {}
    for task in log.state().tasks:
        by_duty.setdefault(task.duty, set()).add(task.unit)
    assert len(by_duty["statistics_duty"]) == 7
    assert len(by_duty["county_reserve"]) == 10
    assert by_duty["audit"] == {"廊坊市审计局"}


# ------------------------------------------------------------------------------------------------------------ papers


def test_every_paper_is_filled_from_the_case_that_issues_it(world: World) -> None:
    assert_every_paper_is_filled(FOLDER, world)

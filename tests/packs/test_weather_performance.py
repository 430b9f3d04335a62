"""The weather bureau's yearly sheet: 27 tasks that come to 102 points, scored by the unit itself, then by the bureau."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from tests.packs.logs import Log as CaseLog
from tests.packs.papers import assert_every_paper_is_filled

from gongbao.engine.case import possible
from gongbao.engine.errors import CaseError
from gongbao.engine.fact import read_facts
from gongbao.engine.model import Actor
from gongbao.engine.scoresheet import score
from gongbao.engine.scoresheet_ranking import differences, ranked
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root
from gongbao.policy.source import read_source

FOLDER = packs_root() / "langfang" / "weather-performance"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
BUREAU = Actor("bureau", "廊坊市气象局", frozenset({"承办人"}))
COUNTY = Actor("sanhe", "三河市人民政府", frozenset({"承办人"}))
OTHER = Actor("xianghe", "香河县人民政府", frozenset({"承办人"}))
INSPECTORS = Actor("inspect", "廊坊市人民政府督查室", frozenset({"承办人"}))


@cache
def bare() -> World:
    return load_folder(FOLDER)


@cache
def world() -> World:
    return bare().with_settings({
        "in_proportion": "按完成比例得分", "some_named": "按完成比例得分", "funds_partial": "不足一档不扣",
        "data_partial": "不足一档不扣", "shared_floor": 0, "stations_at_40": 3, "task19_most": 2, "three_models": 4,
    })  # fmt: skip


@cache
def full() -> dict[str, Any]:
    """The findings of the example in which every task is done."""
    found = next(each for each in read_source(FOLDER).pack.examples if each.id == "all-full")
    return dict(found.given)


def total(**facts: Any) -> Any:
    return score(world(), world().scoresheets["weather"], read_facts(bare().facts, {**full(), **facts}))


def test_the_pack_passes_its_own_check() -> None:
    report = check_folder(FOLDER)
    assert report.errors == ()
    assert report.warnings == ()


def test_there_are_27_tasks_under_11_indicators_with_the_sums_of_the_text() -> None:
    sheet = bare().scoresheets["weather"]
    sums: dict[str | None, int] = {}
    for line in sheet.lines:
        assert line.full is not None
        sums[line.group] = sums.get(line.group, 0) + int(line.full)
    assert [line.id for line in sheet.lines] == [str(n) for n in range(1, 28)]
    assert list(sums.values()) == [5, 10, 17, 10, 18, 17, 10, 5, 5, 4, 1]


def test_the_points_come_to_102_and_the_sheet_says_so() -> None:
    sheet = bare().scoresheets["weather"]
    assert (sheet.full, sheet.printed) == (102, None)
    assert any("102 分，不是 100 分" in said for said in sheet.discrepancies)
    assert total().total == 102


def test_every_task_names_its_papers_or_who_has_them() -> None:
    items = read_source(FOLDER).pack.scoresheets["weather"].items
    assert all(item.evidence is not None for item in items)
    provided = [item.id for item in items if item.evidence is not None and item.evidence.provided_by is not None]
    assert provided == ["9", "10", "11", "14", "23", "24"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"shared": 3}, Decimal("101.2")),
        ({"staffed": 59}, 100),
        ({"undamaged": 9}, Decimal("101.5")),
        ({"completeness": 75}, 101),
        ({"completeness": 64}, 99),
        ({"township_city": False}, 101),
        ({"lightning_city": False, "lightning_counties": 5}, Decimal("98.5")),
        ({"key_lists": 0}, 97),
    ],
)
def test_a_deduction_in_the_whole(facts: dict[str, Any], expected: Any) -> None:
    assert total(**facts).total == expected


def test_until_the_bureau_sets_the_arithmetic_proportional_points_are_a_range() -> None:
    sheet = bare().scoresheets["weather"]
    found = score(bare(), sheet, read_facts(bare().facts, {**full(), "plan_revised": 10}))
    line = next(each for each in found.lines if each.id == "20")
    assert (line.points, line.lowest, line.highest) == (None, 0, 5)
    assert any("按比例扣分的算法" in reason for reason in found.reasons)


def test_counties_are_ranked_and_equal_scores_share_a_place() -> None:
    cases = [
        ("三河市", total()),
        ("香河县", total(modern=False)),
        ("固安县", total(drills=0, drill_summary=False, command_funded=False)),
    ]
    places = ranked([(name, made, {}) for name, made in cases])
    assert [(p.subject, p.best, p.tied) for p in places] == [
        ("三河市", 1, False),
        ("香河县", 2, True),
        ("固安县", 2, True),
    ]


# ------------------------------------------------------------------------------------------------------- the course


def at(text: str) -> dt.datetime:
    return dt.datetime.strptime(f"2017-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


class Log(CaseLog):
    at = staticmethod(at)

    def __init__(self) -> None:
        super().__init__(world(), "assessment", BUREAU, "08-11 09:00", {"subject_unit": "三河市人民政府"})


def scored() -> Log:
    log = Log().do(
        COUNTY, "contact_named", "08-15 09:00", contact_name="张某", contact_post="科员", contact_phone="0316-2021721"
    )
    log.do(COUNTY, "progress_reported", "09-28 09:00", quarter_progress="已建防御中心")
    return log.do(COUNTY, "self_scored", "12-10 09:00", **full())


def test_from_self_score_over_verification_and_dissent_to_the_result() -> None:
    log = scored().do(BUREAU, "verified", "12-20 09:00", **{**full(), "shared": 3})
    assert log.state().decided["weather_total"].value == {"points": Decimal("101.2")}
    log.do(COUNTY, "dissented", "12-21 09:00", dissent="第四个部门的协议已补交")
    assert [step.id for step in log.state().steps] == ["review"]
    log.do(BUREAU, "revised", "12-22 09:00", dissent_answer="经复核属实", shared=4)
    assert log.state().decided["weather_total"].value == {"points": 102}
    log.do(BUREAU, "announced", "12-25 09:00")
    assert log.state().closed_at is not None


def test_self_score_and_verified_score_stand_side_by_side_in_the_log() -> None:
    log = scored().do(BUREAU, "verified", "12-20 09:00", **{**full(), "shared": 3})
    sheet = world().scoresheets["weather"]
    own, verified = (
        score(world(), sheet, next(e for e in log.events if e.type == kind).facts)
        for kind in ("self_scored", "verified")
    )
    assert [(d.line, d.self_points, d.verified_points) for d in differences(own, verified)] == [
        ("12", 3, Decimal("2.2"))
    ]


def test_the_contact_is_due_on_the_twentieth_of_august() -> None:
    (due,) = [d for d in Log().state().deadlines if d.id == "contact_by"]
    assert due.due is not None
    assert due.due.date() == dt.date(2017, 8, 20)


def test_only_untrue_data_are_circulated() -> None:
    log = scored()
    with pytest.raises(CaseError, match="数据不实"):
        log.do(INSPECTORS, "circulated", "12-12 09:00")
    log.do(INSPECTORS, "checked", "12-12 10:00", check_finding="台账系补造", data_untrue=True)
    log.do(INSPECTORS, "circulated", "12-12 11:00")


def test_another_unit_can_do_nothing() -> None:
    log = scored()
    assert not [p for p in possible(world(), log.state(), log.events, OTHER, log.now) if p.allowed]


def test_every_paper_is_filled() -> None:
    assert_every_paper_is_filled(FOLDER, bare())

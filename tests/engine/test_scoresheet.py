"""A scoring sheet gives every point by its rule, explains every deduction, and says what is possible while it does not know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.sheets import FULL, SET, ZERO, written

from gongbao.engine.fact import read_facts
from gongbao.engine.receipt import make_receipt, verify_receipt
from gongbao.engine.scoresheet import Score, Sheet, score
from gongbao.engine.scoresheet_findings import read_findings
from gongbao.engine.scoresheet_ranking import Vote, differences, ranked, tally
from gongbao.engine.scoresheet_words import explain
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.world import World
from gongbao.policy.compile import compile_pack
from gongbao.policy.source import read_source


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> World:
    return compile_pack(read_source(written(tmp_path_factory.mktemp("sheet"))))


@pytest.fixture(scope="module")
def world(bare: World) -> World:
    return bare.with_settings(SET)


def sheet(world: World) -> Sheet:
    return world.scoresheets["yearly"]


def scored(world: World, facts: Mapping[str, Any], **more: Any) -> Score:
    return score(world, sheet(world), read_facts(world.facts, facts), **more)


def points(world: World, line: str, **facts: Any) -> Any:
    """What one line gives when everything else is in order."""
    found = scored(world, FULL | facts)
    return {each.id: each.points for item in found.lines for each in (item, *item.parts)}[line]


# The whole


def test_all_in_order_gives_the_full_total_and_the_bonus(world: World) -> None:
    found = scored(world, FULL)
    assert sheet(world).full == 45
    assert (found.total, found.lowest, found.highest) == (49, 49, 49)
    assert found.grade == "优秀"
    assert found.deductions == ()


def test_nothing_done_gives_what_the_floors_leave(world: World) -> None:
    found = scored(world, ZERO)
    assert (found.total, found.grade) == (1, "不合格")  # of line 3 a tenth costs one point: four of five
    lost = sum(d.points * (Decimal("0.5") if d.line == "7" else 1) for d in found.deductions)
    assert lost == 45  # 44, and the parts of line 9 lose 2 each, of the 3 that it gives


def test_every_deduction_names_its_clause_and_the_finding(world: World) -> None:
    (only,) = scored(world, FULL | {"shared": 3}).deductions
    assert (only.line, only.points, only.cite) == ("2", Decimal("0.8"), "附件 2")
    assert "共享部门数 3个" in only.why
    assert "每少 1 扣 0.8 分" in only.why
    assert "共享：扣 0.8 分" in explain(world, scored(world, FULL | {"shared": 3}))


def test_a_score_has_a_receipt_that_can_be_verified(world: World) -> None:
    facts = read_facts(world.facts, FULL | {"shared": 1})
    outcome = score(world, sheet(world), facts).outcome
    assert outcome is not None
    assert not verify_receipt(make_receipt(world, outcome, facts), world)
    assert set(outcome.required) >= {"yearly_total", "yearly_criticism"}


# Each rule at its bounds


@pytest.mark.parametrize(
    ("line", "facts", "expected"),
    [
        ("1", {"drawn_up": False}, 0),
        ("2", {"shared": 5}, 3),
        ("2", {"shared": 4}, 3),
        ("2", {"shared": 3}, Decimal("2.2")),
        ("2", {"shared": 1}, Decimal("0.6")),
        ("2", {"shared": 0}, 0),
        ("3", {"funds": 40}, 5),
        ("3", {"funds": 39}, 4),
        ("3", {"funds": 30}, 4),
        ("3", {"funds": 29}, 3),
        ("3", {"funds": 0}, 1),
        ("4", {"whole": 9, "stations": 10}, Decimal("4.5")),
        ("4", {"whole": 0}, 0),
        ("5.a", {"ready": 1, "counties": 2}, Decimal("2.5")),
        ("5.b", {"staffed": 29}, 0),
        ("5.b", {"staffed": 30}, 1),
        ("5.b", {"staffed": 59}, 1),
        ("5.b", {"staffed": 60}, 2),
        ("5.b", {"staffed": 99}, 2),
        ("5.b", {"staffed": 100}, 3),
        ("6", {"accidents": 2}, 2),
        ("6", {"accidents": 3}, 0),
        ("6", {"accidents": 4}, 0),
        ("7", {"impression": 7}, 7),
        ("8", {"prizes": 2}, 3),
        ("8", {"prizes": 3}, 4),
        ("9", {}, 3),
        ("9", {"tried": False}, 2),
    ],
)
def test_a_rule_at_its_bounds(world: World, line: str, facts: dict[str, Any], expected: Any) -> None:
    assert points(world, line, **facts) == expected


@pytest.mark.parametrize(
    ("how", "expected"), [("不足一档不扣", 5), ("不足一档按一档扣", 4), ("不足一档按比例扣", Decimal("4.5"))]
)
def test_less_than_a_step_costs_what_the_owner_set(world: World, how: str, expected: Any) -> None:
    assert points(world.with_settings({"funds_partial": how}), "3", funds=35) == expected


def test_a_weight_counts_in_the_total_only(world: World) -> None:
    assert scored(world, FULL | {"impression": 8}).total == 48


# What is not known


def test_nothing_known_gives_the_whole_range_and_asks_for_everything(world: World) -> None:
    found = scored(world, {})
    assert (found.total, found.lowest, found.highest) == (None, 0, 49)
    assert set(found.missing) >= {"drawn_up", "shared", "whole", "faked", "listed"}
    assert found.grades == ("不合格", "合格", "优秀")


def test_one_unknown_finding_gives_the_range_of_its_line(world: World) -> None:
    found = scored(world, {**FULL, "staffed": None})
    assert (found.total, found.lowest, found.highest, found.missing) == (None, 46, 49, ("staffed",))
    assert found.grade == "优秀"  # whatever it is


def test_in_proportion_is_nobodys_to_say_until_the_setting_is_filled(bare: World) -> None:
    found = scored(bare, FULL | {"ready": 2})
    line = next(each for each in found.lines if each.id == "5")
    assert (line.points, line.lowest, line.highest) == (None, 3, 8)
    assert "share_curve" in found.open
    assert any("按比例的算法" in reason for reason in found.reasons)
    assert next(each for each in scored(bare, FULL).lines if each.id == "5").points == 8  # nothing is deducted


def test_points_may_be_given_by_hand_where_the_owner_says_so(bare: World) -> None:
    by_hand = bare.with_settings(SET | {"share_curve": "人工评定"})
    assert points(by_hand, "5.a", ready=1, by_hand=4) == 4
    found = scored(by_hand, FULL | {"ready": 1})
    assert (found.total, found.missing) == (None, ("by_hand",))


def test_a_floor_that_is_not_set_matters_only_below_nought(bare: World) -> None:
    assert points(bare, "2", shared=1) == Decimal("0.6")
    assert points(bare, "2", shared=0) is None
    assert points(bare.with_settings({"shared_floor": -1}), "2", shared=0) == Decimal("-0.2")


def test_parts_that_come_to_more_than_their_line_wait_for_the_owner(bare: World) -> None:
    found = next(each for each in scored(bare, FULL).lines if each.id == "9")
    assert (found.points, found.open) == (None, ("parts_most",))
    assert points(bare, "9", tried=False) == 2


# Vetoes


def test_a_veto_can_strike_the_whole_total(world: World) -> None:
    found = scored(world, FULL | {"faked": True})
    assert (found.total, found.grade) == (0, "不合格")


def test_a_veto_can_strike_one_line(world: World) -> None:
    assert scored(world, FULL | {"struck": True}).total == 39


def test_a_veto_withholds_a_grade_and_leaves_the_other_to_a_person(world: World) -> None:
    found = scored(world, FULL | {"criticised": True})
    assert (found.total, found.grade, found.grades) == (49, None, ("不合格", "合格"))
    assert any("不得评为优秀" in reason for reason in found.reasons)


def test_a_veto_does_not_touch_a_grade_that_it_does_not_withhold(world: World) -> None:
    assert scored(world, FULL | {"criticised": True, "drawn_up": False, "funds": 0}).grade == "合格"


def test_an_unknown_veto_leaves_the_lowest_at_nought(world: World) -> None:
    found = scored(world, {**FULL, "faked": None})
    assert (found.total, found.lowest, found.highest, found.missing) == (None, 0, 49, ("faked",))


# Grades at their bounds


@pytest.mark.parametrize(("impression", "grade"), [("2.0", "优秀"), ("1.9", "合格")])
def test_the_grade_at_its_bound(world: World, impression: str, grade: str) -> None:
    facts = FULL | {"shared": 0, "prizes": 0, "impression": Decimal(impression), "accidents": 1}
    total = scored(world, facts).total
    assert total == 40 - Decimal("5") + Decimal(impression) / 2
    assert scored(world, facts).grade == grade


# Order


def test_equal_totals_share_a_place_and_the_next_is_counted_on(world: World) -> None:
    cases = [("东区", FULL), ("西区", FULL), ("南区", ZERO)]
    places = ranked([(name, scored(world, facts), {}) for name, facts in cases])
    assert [(p.subject, p.best, p.worst, p.tied) for p in places] == [
        ("东区", 1, 1, True), ("西区", 1, 1, True), ("南区", 3, 3, False),
    ]  # fmt: skip


def test_those_who_share_the_last_place_are_not_chosen_for_them(world: World) -> None:
    cases = [("东区", FULL), ("西区", FULL | {"drawn_up": False}), ("南区", FULL | {"drawn_up": False}), ("北区", ZERO)]
    places = ranked([(name, scored(world, facts), {}) for name, facts in cases], take=2)
    assert [(p.subject, p.chosen) for p in places] == [("东区", True), ("西区", None), ("南区", None), ("北区", False)]


def test_an_unsettled_total_holds_a_span_of_places(world: World) -> None:
    cases = [("东区", FULL | {"drawn_up": False}), ("西区", {**FULL, "drawn_up": None})]
    places = ranked([(name, scored(world, facts), {}) for name, facts in cases])
    assert [(p.subject, p.best, p.worst) for p in places] == [("西区", 1, 1), ("东区", 1, 2)]


def test_who_is_excluded_is_not_ranked(world: World) -> None:
    cases = [("东区", FULL | {"listed": True}), ("西区", ZERO)]
    places = ranked([(name, scored(world, facts), {}) for name, facts in cases])
    assert [(p.subject, p.best, p.left_out) for p in places] == [("西区", 1, ""), ("东区", None, "列入失信名单")]


def test_subjects_are_ranked_apart_by_a_choice(world: World) -> None:
    kinds = {"东区": "甲", "西区": "乙", "南区": "甲"}
    found = ranked([(name, scored(world, FULL), {"kind": kind}) for name, kind in kinds.items()], within="kind")
    assert [(p.subject, p.within, p.best) for p in found] == [("东区", "甲", 1), ("南区", "甲", 1), ("西区", "乙", 1)]


# Self-score, papers, votes


def test_self_score_and_verified_score_are_told_apart_line_by_line(world: World) -> None:
    own, verified = scored(world, FULL), scored(world, FULL | {"shared": 3, "staffed": 60})
    found = [(d.line, d.self_points, d.verified_points) for d in differences(own, verified)]
    assert found == [("2", 3, Decimal("2.2")), ("5.b", 3, 2)]
    assert differences(own, own) == ()


def test_papers_that_were_not_handed_in_are_named(world: World) -> None:
    lacking = {line.id: line.lacking for line in scored(world, FULL, evidence={}).lines if line.lacking}
    assert lacking == {"1": ("方案正文|方案扫描件",)}
    assert not any(line.lacking for line in scored(world, FULL, evidence={"1": ["方案扫描件"]}).lines)
    assert not any(line.lacking for line in scored(world, FULL).lines)  # nobody looked


def vote(voter: str, at: str, subject: str = "甲店") -> Vote:
    return Vote(voter, subject, dt.datetime.fromisoformat(f"2022-10-{at}").replace(tzinfo=SHANGHAI))


def test_the_vote_after_the_last_of_a_day_is_refused_and_the_next_day_counts_anew(world: World) -> None:
    rule = sheet(world).votes
    assert rule is not None
    ten = [vote("10.0.0.1", f"20T09:{i:02}") for i in range(10)]
    votes = [
        *ten,
        vote("10.0.0.1", "20T23:59", "乙店"),
        vote("10.0.0.2", "20T10:00"),
        vote("10.0.0.1", "21T00:00", "乙店"),
    ]
    found = tally(votes, rule)
    assert found.counted == {"甲店": 11, "乙店": 1}
    assert [(at, v.voter) for at, v, _ in found.refused] == [(11, "10.0.0.1")]


# Findings as they come


def test_findings_of_many_subjects_are_read_with_their_self_scores(world: World) -> None:
    raw = {"subjects": [{"subject": "东区", "verified": {"共享部门数": 3}, "self": {"shared": 4}}, {"subject": "西区"}]}
    found, votes, many = read_findings(world, sheet(world), raw)
    assert many
    assert votes == ()
    assert [(f.subject, f.facts, f.own) for f in found] == [("东区", {"shared": 3}, {"shared": 4}), ("西区", {}, None)]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (7, "应是一个映射"),
        ([{"subject": "东区"}, {"subject": "东区"}], "对象重复：东区"),
        ([{"facts": {}, "subject": ""}], "没有写 subject"),
        ([{"subject": "东区", "score": 3}], "不认识“score”"),
        ([{"subject": "东区", "verified": {}, "facts": {}}], "只写一个"),
        ([{"subject": "东区", "evidence": {"99": []}}], "没有“99”这一项"),
        ({"subjects": [], "votes": [{"voter": "1"}]}, "第 1 票应写"),
        ({"subjects": [], "votes": [{"voter": "1", "subject": "甲", "at": "昨天"}]}, "at 应是时间"),
    ],
)
def test_findings_that_cannot_be_are_told(world: World, raw: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_findings(world, sheet(world), raw)


# What holds for whatever is found

KNOWN: dict[str, st.SearchStrategy[Any]] = {
    "drawn_up": st.booleans(), "tried": st.booleans(), "shared": st.integers(0, 20), "funds": st.integers(0, 100),
    "whole": st.integers(0, 9), "stations": st.just(9), "ready": st.integers(0, 3), "counties": st.just(3),
    "staffed": st.integers(0, 100), "accidents": st.integers(0, 50), "prizes": st.integers(0, 50),
    "impression": st.integers(0, 10), "criticised": st.booleans(), "faked": st.booleans(), "struck": st.booleans(),
    "listed": st.booleans(),
}  # fmt: skip
BETTER = ("shared", "funds", "whole", "ready", "staffed", "prizes", "impression")


@pytest.fixture(scope="module")
def holder(world: World) -> World:
    return world


@settings(max_examples=60, deadline=None)
@given(facts=st.fixed_dictionaries(KNOWN))
def test_a_score_is_between_nought_and_full_with_bonus(holder: World, facts: dict[str, Any]) -> None:
    found = scored(holder, facts)
    assert found.total is not None
    assert found.total == found.lowest == found.highest
    assert 0 <= found.total <= 49


@settings(max_examples=60, deadline=None)
@given(facts=st.fixed_dictionaries(KNOWN), hidden=st.sets(st.sampled_from(sorted(KNOWN))))
def test_what_comes_out_when_all_is_known_was_possible_before(
    holder: World, facts: dict[str, Any], hidden: set[str]
) -> None:
    known = scored(holder, facts)
    before = scored(holder, {name: value for name, value in facts.items() if name not in hidden})
    assert before.lowest is not None
    assert before.highest is not None
    assert known.total is not None
    assert before.lowest <= known.total <= before.highest
    assert known.grade is None or known.grade in before.grades
    assert before.grade is None or known.grade in (before.grade, None)


@settings(max_examples=60, deadline=None)
@given(facts=st.fixed_dictionaries(KNOWN), name=st.sampled_from(BETTER))
def test_a_better_finding_never_costs_points(holder: World, facts: dict[str, Any], name: str) -> None:
    worse, better = scored(holder, facts | {name: 0}), scored(holder, facts)
    assert worse.total is not None
    assert better.total is not None
    assert worse.total <= better.total


@settings(max_examples=30, deadline=None)
@given(scores=st.lists(st.integers(0, 10), min_size=1, max_size=6))
def test_places_are_those_of_the_totals_sorted(holder: World, scores: list[int]) -> None:
    cases = [(f"{i}", scored(holder, FULL | {"impression": each}), {}) for i, each in enumerate(scores)]
    places = ranked(cases)
    totals = [p.score.total for p in places]
    assert totals == sorted(totals, reverse=True)  # type: ignore[type-var]
    for place in places:
        assert place.best == place.worst == 1 + sum(t > place.score.total for t in totals)  # type: ignore[operator]

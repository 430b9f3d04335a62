"""What is proved of a table is what trying every case shows; a counter-example that is printed reproduces."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.policy.analysis.conftest import Made, made, table

from gongbao.dmn import OverlapError
from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import read_facts
from gongbao.engine.world import World
from gongbao.policy.analysis import Case, TableView
from gongbao.policy.analysis.survivors import changed_world
from gongbao.policy.analysis.tables import table_of
from gongbao.policy.analysis.work import work_of

LETS = {
    "s": "a + b",
    "e": "a - b",
    "m": "if d then a else b",
    "k": 'if c = "x" then "p" else "q"',
    "g": "a + b >= 3 or d",
}
CELLS = {
    "a": ["> 1", "<= 1", "[1..3]", "2, 3", "(0..4)", "not(2)", "> b", "<= s", "b + 1"],
    "c": ['"x"', '"y", "z"', 'not("x")'],
    "d": ["true", "false"],
    "s": [">= 3", "< 3", "[2..5)", "0", "> 7"],
    "e": ["0", "> 0", "< 0", ">= 2"],
    "m": ["> 2", "<= 2"],
    "k": ['"p"', '"q"'],
    "g": ["true", "false"],
    "a > b": ["true", "false"],
}
rows = st.dictionaries(st.sampled_from(list(CELLS)), st.integers(0, 8), min_size=1, max_size=3).map(
    lambda picked: {column: CELLS[column][at % len(CELLS[column])] for column, at in picked.items()}
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    rules: list[dict[str, Any]] = [
        {"when": row, "then": f"{i % 3}"} for i, row in enumerate(draw(st.lists(rows, min_size=1, max_size=5)))
    ]
    if draw(st.booleans()):
        rules.append({"otherwise": "9"})
    assume = draw(st.sampled_from([[], ["a <= b"], ['c != "z" or d']]))
    return table(rules, hit=draw(st.sampled_from(["unique", "first"])), let=LETS, assume=assume)


def every_case() -> Iterator[dict[str, Any]]:
    for a, b, c, d in product(range(5), range(5), "xyz", (False, True)):
        yield {"a": a, "b": b, "c": c, "d": d}


def assumed(spec: dict[str, Any], facts: dict[str, Any]) -> bool:
    a, b, c, d = facts.values()
    return all({"a <= b": a <= b, 'c != "z" or d': c != "z" or d}[each] for each in spec["assume"])


def outcome(world: World, facts: dict[str, Any]) -> tuple[Any, tuple[int, ...]]:
    try:
        found = decide(world, "t", facts)
    except OverlapError as error:
        return "overlap", error.rules
    return (None if found.value is None else found.output), found.rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_gaps_overlaps_and_dead_rules_are_those_that_every_case_shows(spec: dict[str, Any]) -> None:
    source, world = made({"t": spec})
    view = table_of(source, world, "t", ())
    cases = [facts for facts in every_case() if assumed(spec, facts)]
    found = [outcome(world, facts) for facts in cases]
    assert bool(view.gaps) == any(not rows for _, rows in found)
    assert bool(view.overlaps) == any(value == "overlap" for value, _ in found)
    hit: set[int] = {row for _, rows in found for row in rows}
    if spec["hit"] == "unique":  # of an overlap only the first two rows are told
        work = work_of(source.pack, world, "t")
        hit = {i for i in work.ruled if any(_row_holds(source, world, i, f) for f in cases)} | {
            row for _, rows in found for row in rows if row not in work.ruled
        }
    assert {rule.number - 1 for rule in view.rules if rule.dead} == set(range(len(spec["rules"]))) - hit
    for case in (*view.gaps, *view.overlaps):
        value, rows = outcome(world, read_facts(world.facts, dict(case.facts)))
        assert (value, rows) == (None, ()) if not case.rules else value == "overlap"


def _row_holds(source: Any, world: World, i: int, facts: dict[str, Any]) -> bool:
    cells = world.decisions["t"].table.cells[i]
    return all(cell is None or cell.evaluate({**facts, "params": {}}) is True for cell in cells)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.randoms(use_true_random=False))
def test_a_change_shows_at_some_facts_exactly_where_the_table_says_so(spec: dict[str, Any], chance: Any) -> None:
    source, world = made({"t": spec})
    work = work_of(source.pack, world, "t")
    cases = [facts for facts in every_case() if assumed(spec, facts)]
    for mutant in chance.sample(work.mutants, min(6, len(work.mutants))):
        changed = changed_world(work, mutant)
        if changed is None:
            continue
        differs, twice = work.refined(mutant.column).differs(mutant, (0,))
        before, after = ([outcome(one, facts)[0] for facts in cases] for one in (world, changed))
        assert bool(differs | twice) == (before != after), mutant.told


def view_of(pack: Made, name: str = "t") -> TableView:
    return table_of(*pack, name, ())


def test_the_smallest_facts_are_shown() -> None:
    rules = [{"when": {"s": ">= 3"}, "then": "x"}, {"when": {"s": "< 2"}, "then": "y"}]
    view = view_of(made({"t": table(rules, let=LETS)}))
    (gap,) = view.gaps
    assert gap == Case({"a": 0, "b": 2, "c": "x", "d": False}, told="甲数＝0，乙数＝2，类别＝x，是否＝否")
    assert gap.as_json() == '{"a": 0, "b": 2, "c": "x", "d": false}'


def test_an_assumption_takes_a_gap_away() -> None:
    rules = [{"when": {"a": "<= b"}, "then": "x"}]
    assert view_of(made({"t": table(rules)})).gaps
    assert not view_of(made({"t": table(rules, assume=["a <= b"])})).gaps


def test_of_a_required_decision_only_what_it_gives_is_looked_at() -> None:
    inner = table([{"when": {"a": ">= 2"}, "then": "高"}, {"when": {"a": "< 2"}, "then": "低"}])
    inner["output"] = {"o": {"type": "choice", "values": ["低", "中", "高"]}}
    outer = table([{"when": {"i.o": '"高"'}, "then": "x"}, {"when": {"i.o": '"中"'}, "then": "y"}], requires=["i"])
    view = view_of(made({"i": inner, "t": outer}))
    assert [rule.dead for rule in view.rules] == [False, True]
    assert view.gaps[0].facts == {"a": 0}


def test_what_a_person_decides_may_be_anything() -> None:
    inner = table([{"when": {"d": "true"}, "then": "高"}, {"when": {"d": "false"}, "then": None}])
    inner["output"] = {"o": {"type": "choice", "values": ["低", "高"]}}
    outer = table([{"when": {"i.o": '"高"'}, "then": "x"}], requires=["i"])
    (gap,) = view_of(made({"i": inner, "t": outer})).gaps
    assert (gap.facts, gap.judged) == ({"d": False}, {"i": "低"})
    assert "由人判定为低" in gap.told


def test_settings_dates_and_texts_are_looked_at_too() -> None:
    facts = {
        "on": {"label": "日期", "type": "date"},
        "word": {"label": "词", "type": "text"},
        "n": {"label": "数", "type": "number", "scale": 1, "step": 0.1},
    }
    rules = [
        {"when": {"on": '> date("2020-02-29")', "n": "> settings.limit"}, "then": "x"},
        {"when": {"on": '<= date("2020-02-29")', "n": "> settings.limit"}, "then": "y"},
        {"when": {"n": "< settings.limit", "word": '"甲"'}, "then": "z"},
    ]
    limit = {"limit": {"owner": "市交管局", "label": "上限", "type": "integer", "min": 1, "max": 9}}
    (gap,) = view_of(made({"t": table(rules)}, facts, settings=limit)).gaps
    assert gap.settings
    assert set(gap.facts) == {"on", "word", "n"}


def test_a_date_with_years_added_is_decided_exactly() -> None:
    facts = {"on": {"label": "日期", "type": "date"}, "since": {"label": "起", "type": "date"}}
    later = 'since + duration("P3Y")'
    rules = [{"when": {"on > later": "true"}, "then": "x"}, {"when": {"on = later": "true"}, "then": "y"}]
    view = view_of(made({"t": table(rules, let={"later": later})}, facts))
    assert view.undecided == ()
    assert len(view.gaps) == 1


def test_what_cannot_be_looked_at_exactly_is_said() -> None:
    facts = {"days": {"label": "读数", "type": "series", "of": "number"}}
    view = view_of(made({"t": table([{"when": {"days = null": "true"}, "then": "x"}])}, facts))
    assert view.undecided == ("“读数”（序列）的取值不能列举",)


def test_no_rule_is_called_dead_where_only_some_values_were_tried() -> None:
    facts = {"born": {"label": "出生日期", "type": "date"}, "on": {"label": "日期", "type": "date"}}
    years = 'age(end_of_year(born), end_of_year(on), "生日当日")'
    view = view_of(
        made({"t": table([{"when": {years: "< 18"}, "then": "x"}, {"when": {years: ">= 18"}, "then": "y"}])}, facts)
    )
    assert len(view.undecided) == 2
    assert [rule.dead for rule in view.rules] == [False, False]


SERIES = {
    "aqi": {"label": "读数", "type": "series", "of": "integer", "min": 0, "step": 1},
    "how": {"label": "间隔", "type": "choice", "values": ["分段计算", "剔除间隔连续计算", "间隔计入连续计算"]},
}


def series_table(cells: list[tuple[str, str]]) -> dict[str, Any]:
    spec = table(
        [{"when": {"over": over, "far": far}, "then": f"{i}"} for i, (over, far) in enumerate(cells)],
        let={"over": "longest(e, params.line)", "far": "longest(e, params.far)"},
        for_each={"e": "stretches(aqi, params.line, params.hours, params.low, params.lift, how)"},
    )
    spec["output"] = {"o": {"type": "choice", "values": [str(i) for i in range(len(cells))], "ordered": True}}
    return spec


PARAMS = {
    n: {"value": v, "text": str(v), "cite": "一"}
    for n, v in (("line", 200), ("far", 300), ("hours", 24), ("low", 100), ("lift", 36))
}


def test_of_a_series_only_what_its_functions_can_give_counts() -> None:
    view = view_of(made({"t": series_table([(">= 2", "<= 2"), ("1", "< 2"), ("1", ">= 2")])}, SERIES, params=PARAMS))
    assert view.undecided == ()
    assert [rule.dead for rule in view.rules] == [False, False, True]  # no day over 300 that is not over 200
    (gap,) = view.gaps
    assert gap.facts["aqi"] == {"step": "24 h", "values": [301, 301, 301]}


def test_a_series_that_is_shown_comes_to_no_rule() -> None:
    source, world = made({"t": series_table([(">= 2", "0")])}, SERIES, params=PARAMS)
    for case in table_of(source, world, "t", ()).gaps:
        assert decide(world, "t", read_facts(world.facts, dict(case.facts))).unruled


@pytest.mark.parametrize("hit", ["unique", "first"])
def test_no_case_is_told_of_a_sound_table(hit: str) -> None:
    rules = [{"when": {"a": "> b"}, "then": "x"}, {"when": {"a": "<= b"}, "then": "y"}]
    view = view_of(made({"t": table(rules, hit=hit)}))
    assert (view.gaps, view.overlaps, view.undecided) == ((), (), ())
    assert not any(rule.dead for rule in view.rules)


def test_every_pair_of_rules_that_overlap_is_told() -> None:
    rules = [
        {"when": {"a": ">= 1"}, "then": "x"},
        {"when": {"a": ">= 2"}, "then": "y"},
        {"when": {"a": ">= 3"}, "then": "z"},
    ]
    view = view_of(made({"t": table(rules)}))
    assert [case.rules for case in view.overlaps] == list(combinations((1, 2, 3), 2))
    assert [case.facts for case in view.overlaps] == [{"a": 2}, {"a": 3}, {"a": 3}]


def test_shares_written_as_whole_numbers_are_looked_at_exactly() -> None:
    people = {
        n: {"label": n, "type": "integer", "min": 0, "step": 1, "unit": "人"} for n in ("total", "present", "agree")
    }
    rules = [
        {"when": {"present * 3 >= total * 2": "true", "agree * 2 > present": "true"}, "then": "通过"},
        {"when": {"present * 3 >= total * 2": "true", "agree * 2 < present": "true"}, "then": "未通过"},
        {"when": {"present * 3 < total * 2": "true"}, "then": "不足"},
    ]
    assume = ["present <= total", "agree <= present", "total > 0"]
    view = view_of(made({"t": table(rules, assume=assume)}, people))
    assert (view.undecided, view.overlaps) == ((), ())
    (gap,) = view.gaps
    assert gap.facts == {"total": 2, "present": 2, "agree": 1}


def test_assumptions_that_exclude_each_other_are_an_error() -> None:
    spec = table([{"when": {"a": ">= 0"}, "then": "x"}], assume=["a < b", "b < a"])
    view = view_of(made({"t": spec}))
    assert view.contradictory
    assert view.undecided == ("前提（assume）互相矛盾，没有一种情形成立",)


def test_a_dash_is_any_value() -> None:
    rules = [{"when": {"a": "-", "d": "true"}, "then": "x"}, {"when": {"a": "> 0", "d": "false"}, "then": "y"}]
    (gap,) = view_of(made({"t": table(rules)})).gaps
    assert gap.facts == {"a": 0, "d": False}
    both = view_of(made({"t": table([*rules, {"when": {"a": "0", "c": "-"}, "then": "z"}])}))
    assert (both.gaps, [case.rules for case in both.overlaps]) == ((), [(1, 3)])

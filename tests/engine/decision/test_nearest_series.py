"""The change of a series told as nearest is that of the fewest readings, then of the fewest steps."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st
from tests.engine.table_worlds import make_world

from gongbao.engine.decision.change_words import nearest_data, nearest_lines
from gongbao.engine.decision.decide import decide, judge
from gongbao.engine.decision.nearest import nearest
from gongbao.engine.series import COUNTED, DAY, GAP_READINGS, HOUR, SEPARATE, Series
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.policy.loader import load_folder

EXAMPLES = int(os.environ.get("GONGBAO_EXAMPLES", 60))
PACKS = Path(__file__).parents[3] / "packs" / "langfang"
TOP = 4
SERIES = {
    "label": "读数",
    "type": "series",
    "of": "integer",
    "min": 0,
    "max": TOP,
    "step": 1,
    "marks": ["监测", "趋势"],
}
OUTPUT = {"o": {"type": "choice", "values": ["无", "一", "二", "三"], "ordered": True}}
FRIDAY = dt.datetime(2023, 3, 3, tzinfo=SHANGHAI)

CALLS = (
    'run(s, ">= 3")', 'longest(s, "<", 2)', 'latest_run(s, "> 1")', "longest(s, params.line)", "peak(s)",
    'latest_run(on_working_days(s), "<=", params.line)', 'run(without(s, "趋势"), "= 2")', 'run(fewer, ">= 2")',
    'if run(s, "> 2") >= 2 then 5 else latest_run(s, "> 2")',
)  # fmt: skip
CELLS = ("0", ">= 1", "> 1", "[1..2]", ">= limit", "2, 3", "< 2")


@st.composite
def tables(draw: Any) -> Any:
    calls = draw(st.lists(st.sampled_from(CALLS), min_size=1, max_size=2, unique=True))
    names = [f"n{i}" for i in range(len(calls))]
    let = {"fewer": 'without(s, "趋势")', "limit": "params.line + 0", **dict(zip(names, calls, strict=True))}
    counted = "peak" not in calls[0]  # a highest reading that is reckoned with is not gone through
    columns = st.sampled_from([*names, "n0 > 1", *(["n0 + 1"] if counted else [])])

    def cell(column: str) -> st.SearchStrategy[str]:
        return st.sampled_from(("true", "false") if ">" in column else CELLS)

    rules = []
    for _ in range(draw(st.integers(1, 3))):
        some = draw(st.lists(columns, min_size=1, max_size=2, unique=True))
        rules.append(
            {"when": {c: draw(cell(c)) for c in some}, "then": draw(st.sampled_from("无一二三")), "cite": "一"}
        )
    if draw(st.booleans()):
        rules.append({"otherwise": "无", "cite": "一"})
    spec = {"label": "判定", "cite": "一", "hit": "first", "output": OUTPUT, "let": let, "rules": rules}
    inner = {"label": "前项", "cite": "一", "output": {"n": {"type": "number"}}, "value": {"n": calls[0]},
             "let": {"fewer": 'without(s, "趋势")'}}  # fmt: skip
    if draw(st.booleans()):
        spec = {
            **spec,
            "requires": ["inner"],
            "let": {**let, "n0": draw(st.sampled_from(("inner.n", "inner.n + 1")[: 1 + counted]))},
        }
    if draw(st.booleans()):
        spec = {**spec, "assume": ["peak(s) <= 3"]}
    note(f"{spec} {inner}")
    return make_world({"s": SERIES}, {"inner": inner, "d": spec}, params={"line": draw(st.integers(0, 3))})


@st.composite
def episodes(draw: Any, known: bool = True) -> Any:
    of = 'if settings.trend = false then without(s, "趋势") else s'
    above = draw(st.sampled_from(("params.line", "2")))
    arguments = f"{of}, {above}, 24, settings.light, settings.hours, settings.how"
    tests = ("longest(e, params.line)", 'longest(e, ">=", 3)', "longest(e, 3)", "longest(e, 2)")
    lets = draw(st.lists(st.sampled_from(tests), min_size=1, max_size=2, unique=True))
    names = [f"n{i}" for i in range(len(lets))]
    rules = [
        {"when": {draw(st.sampled_from(names)): draw(st.sampled_from((">= 2", "> 2", "1", ">= 3")))},
         "then": draw(st.sampled_from("一二三")), "cite": "一"}
        for _ in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    if draw(st.booleans()):
        rules.append({"otherwise": draw(st.sampled_from("无二")), "cite": "一"})
    spec = {"label": "判定", "cite": "一", "hit": "first", "output": OUTPUT, "let": dict(zip(names, lets, strict=True)),
            "rules": rules, "for_each": {"e": f"stretches({arguments})"}, "take": "highest"}  # fmt: skip
    filled = {
        "light": draw(st.sampled_from((0, 1) if known else (None, 1))), "trend": draw(st.booleans()),
        "hours": draw(st.sampled_from((24, 36, 48) if known else (None, 36))),
        "how": draw(st.sampled_from(GAP_READINGS if known else (None, COUNTED))),
    }  # fmt: skip
    kinds = {"light": "integer", "hours": "integer", "how": "choice", "trend": "boolean"}
    spelt = {
        name: {"label": name, "owner": "市局", "type": kinds[name], "value": value,
               "values": GAP_READINGS if name == "how" else ()}
        for name, value in filled.items()
    }  # fmt: skip
    note(f"{spec} {filled}")
    return make_world({"s": SERIES}, {"d": spec}, params={"line": draw(st.integers(1, 2))}, settings=spelt)


@st.composite
def series(draw: Any, most: int = 3) -> Series:
    values = draw(st.lists(st.integers(0, TOP), min_size=0, max_size=most))
    until = draw(st.integers(0, len(values)))  # 趋势 comes at the end
    marks = ["监测"] * until + ["趋势"] * (len(values) - until)
    return Series(draw(st.sampled_from((FRIDAY, None))), DAY, tuple(values), tuple(marks))


def smallest(world: Any, given: Series) -> dict[Any, tuple[int, int]]:
    """For each other outcome how many readings must change, and by how much together: all series tried."""
    decision, found = world.decisions["d"], dict[Any, tuple[int, int]]()
    now = decide(world, "d", {"s": given})
    for values in product(range(TOP + 1), repeat=len(given)):
        apart = [abs(a - b) for a, b in zip(given.values, values, strict=True) if a != b]  # type: ignore[operator]
        size = (len(apart), sum(apart))
        then = decide(world, "d", {"s": Series(given.start, given.step, values, given.marks)})
        if any(each.evaluate(then.scope) is False for each in decision.assume):
            continue
        if then.settled and then.value != now.value:
            found[then.output] = min(found.get(then.output, (99, 99)), size)
    return found


def checked(world: Any, given: Series, known: bool = True) -> None:
    outcome = decide(world, "d", {"s": given})
    if not outcome.settled or any(each.evaluate(outcome.scope) is False for each in outcome.decision.assume):
        assert nearest(outcome) == ()
        return
    found = {}
    for each in nearest(outcome):
        values = list(given.values)
        for change in each.changes:
            assert change.fact == "s"
            assert change.place is not None
            assert values[change.place] == change.now
            assert abs(change.now - change.then) == change.by > 0
            values[change.place] = change.then
        then = decide(world, "d", {"s": Series(given.start, given.step, tuple(values), given.marks)})
        assert then.settled
        assert (None if each.value is None else each.value["o"]) == then.output
        found[then.output] = (len(each.changes), sum(change.by for change in each.changes))
    least = smallest(world, given)
    if known:
        assert found == least
    else:
        assert all(size >= least[outcome] for outcome, size in found.items())
    assert list(found.values()) == sorted(found.values())


LONG = settings(max_examples=EXAMPLES, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


@given(tables(), series())
@LONG
def test_no_smaller_change_of_a_series_gives_another_outcome(world: Any, given_: Series) -> None:
    checked(world, given_)


@given(episodes(), series(4))
@LONG
def test_nor_does_one_where_each_stretch_is_decided(world: Any, given_: Series) -> None:
    checked(world, given_)


@given(episodes(known=False), series(3))
@settings(LONG, max_examples=EXAMPLES // 3)
def test_with_settings_that_are_not_filled_every_change_told_is_right(world: Any, given_: Series) -> None:
    checked(world, given_, known=False)


# In words, in the packs -----------------------------------------------------------------------------------------------


def level(values: list[int], **more: Any) -> Any:
    filled = {"light_max": 100, "moderate_max": 150, "valid_hours": 20, "trend_counts": True}
    world = load_folder(PACKS / "heavy-pollution").with_settings(filled)
    series = {"step": "24 h", "start": "2017-11-15", "values": values, "marks": ["监测"] * len(values), **more}
    return judge(world, "level", {"aqi": series, "gap_reading": SEPARATE})


def test_of_a_warning_it_is_said_which_day_would_raise_it_and_which_would_lower_it() -> None:
    assert nearest_lines(level([80, 120, 210, 148, 190, 90, 60])) == [
        "AQI序列第3日（11月17日）少10（210→200），即降为无",
        "AQI序列第4日（11月18日）多53（148→201），即升为黄色",
        "AQI序列第3日（11月17日）多290（210→500），即升为红色",
        "AQI序列第4日（11月18日）多53（148→201）、第5日（11月19日）多111（190→301），即升为橙色",
    ]


def test_the_data_names_the_reading() -> None:
    second = nearest_data(level([80, 120, 210, 148, 190, 90, 60]))[1]
    assert second["changes"] == [{"fact": "aqi", "label": "AQI序列", "from": 148, "to": 201, "steps": 53, "reading": 4}]


def test_of_many_readings_the_first_are_named() -> None:
    assert nearest_lines(level([210] * 6))[-1] == (
        "AQI序列第1日（11月15日）少10（210→200）、第2日（11月16日）少10（210→200）、第3日（11月17日）少10（210→200）、"
        "第4日（11月18日）少10（210→200）等6个读数，即降为无"
    )


def test_a_change_of_another_fact_that_is_no_larger_is_told_instead() -> None:
    lines = nearest_lines(level([210, 120, 210, 90, 60]))
    assert lines[0] == "间隔未达解除条件时怎样计算持续时间由“分段计算”改为“剔除间隔连续计算”，即升为黄色"
    assert sum("黄色" in line for line in lines) == 1


@pytest.mark.parametrize("more", [{"step": "1 h"}, {"values": [210, None, 90]}])
def test_means_over_several_readings_and_missing_ones_are_not_gone_through(more: Any) -> None:
    outcome = level(**{"values": [210] * 30, "marks": "监测", **more})  # type: ignore[arg-type]
    assert not any(change.place is not None for each in nearest(outcome) for change in each.changes)


def test_a_stock_moves_by_tenths_and_only_on_working_days() -> None:
    world = load_folder(PACKS / "blood-supply")
    days = {"step": "24 h", "start": "2023-03-06", "values": ["2.9", "3.1", 9, 2, 2]}  # Monday to Friday
    outcome = judge(world, "low_run", {
        name: days | ({"start": "2023-03-04"} if name == "stock_o" else {})  # from Saturday on
        for name in ("stock_total", "stock_a", "stock_b", "stock_o", "stock_ab", "balance")
    })  # fmt: skip
    assert outcome.value is not None
    assert (outcome.value["total"], outcome.value["o"]) == (2, 2)
    third = [each for each in nearest(outcome) if each.value == {**outcome.value, "total": 3}]
    assert [(c.fact, c.place, c.now, c.then, c.by) for each in third for c in each.changes] == [
        ("stock_total", 2, 9, 3, 60)
    ]
    moved = {(c.fact, c.place) for each in nearest(outcome) for c in each.changes if len(each.changes) == 1}
    assert ("stock_o", 0) not in moved
    assert all(isinstance(c.then, int | Decimal) for each in nearest(outcome) for c in each.changes)


def test_a_run_of_hours_names_the_reading_and_its_hour() -> None:
    spec = {"label": "判定", "cite": "一", "output": OUTPUT, "rules": [
        {"when": {'run(s, ">= 3")': ">= 2"}, "then": "一", "cite": "一"}, {"otherwise": "无", "cite": "一"},
    ]}  # fmt: skip
    world = make_world({"s": SERIES}, {"d": spec})
    readings = Series(FRIDAY + 9 * HOUR, HOUR, (3, 1, 0), ("", "", ""))
    assert nearest_lines(decide(world, "d", {"s": readings})) == ["读数第2个读数（3月3日10:00）多2（1→3），即升为一"]


def test_a_series_without_a_step_is_left_alone() -> None:
    spec = {"label": "判定", "cite": "一", "output": OUTPUT, "rules": [
        {"when": {"peak(s)": ">= 3"}, "then": "一", "cite": "一"}, {"otherwise": "无", "cite": "一"},
    ]}  # fmt: skip
    for more, told in (({}, 0), ({"step": Decimal("0.5")}, 1), ({"scale": 1}, 1)):
        world = make_world({"s": {"label": "读数", "type": "series", "of": "number", **more}}, {"d": spec})
        assert len(nearest(decide(world, "d", {"s": Series(None, DAY, (Decimal("1.5"),), ("",))}))) == told, more

"""Whole numbers under linear conditions: what is found meets them all, and where nothing is found there is nothing."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.engine.decision.linear import Condition, Row, Undecided, nearest, smallest, solve

NAMES = ("x", "y", "z")
BOUNDS = dict.fromkeys(NAMES, (-3, 3))


def holds(condition: Condition, at: dict[str, int]) -> bool:
    terms, constant = condition
    return sum(factor * at[name] for name, factor in terms) + constant >= 0


conditions = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from((-1, 1))), min_size=1, max_size=3, unique_by=lambda t: t[0])
        .map(tuple),
        st.integers(-5, 5),
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(conditions)
def test_numbers_are_found_exactly_where_there_are_some(found: list[Condition]) -> None:
    every = [dict(zip(NAMES, at, strict=True)) for at in product(range(-3, 4), repeat=3)]
    possible = [at for at in every if all(holds(each, at) for each in found)]
    answer = smallest(found, BOUNDS)
    assert (answer is not None) == bool(possible)
    if answer is not None:
        assert all(holds(each, answer) for each in found)
        assert all(-3 <= value <= 3 for value in answer.values())


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from((-3, -2, 2, 3)), st.sampled_from((-3, 2, 3)), st.integers(-7, 7)), max_size=3)
)
def test_other_factors_are_answered_rightly(found: list[tuple[int, int, int]]) -> None:
    written = [((("x", p), ("y", q)), r) for p, q, r in found]
    bounds = {"x": (-3, 3), "y": (-3, 3)}
    every = [{"x": x, "y": y} for x in range(-3, 4) for y in range(-3, 4)]
    possible = [at for at in every if all(holds(each, at) for each in written)]
    answer = smallest(written, bounds)
    nearer = min(possible, key=lambda at: [(abs(v), v < 0) for v in at.values()], default=None)
    assert answer == (nearer if written else {"x": 0, "y": 0})


halves = st.tuples(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from((-3, -2, -1, 1, 2, 3)).map(Fraction), min_size=1),
    st.integers(-9, 9).map(lambda n: Fraction(n, 2)),
    st.booleans(),
).map(lambda t: Row(*t))


@settings(max_examples=150, deadline=None)
@given(st.lists(halves, max_size=5), st.sampled_from((None, Fraction(1), Fraction(1, 2))))
def test_numbers_of_several_units_are_found_where_there_are_some(rows: list[Row], unit: Fraction | None) -> None:
    units = {"x": Fraction(1), "y": Fraction(1, 2), "z": unit}
    box = [Row({name: Fraction(sign)}, Fraction(2)) for name in NAMES for sign in (1, -1)]

    def meets(at: dict[str, Fraction], row: Row) -> bool:
        total = sum((f * at[n] for n, f in row.factors.items()), Fraction(0))
        return total < row.limit if row.strict else total <= row.limit

    def some(steps: int) -> list[Fraction]:
        return [Fraction(k, steps) for k in range(-2 * steps, 2 * steps + 1)]

    answer = solve([*rows, *box], units)
    if answer is not None:
        assert all(meets(answer, row) for row in (*rows, *box))
        assert all(unit is None or (answer[name] / unit).denominator == 1 for name, unit in units.items())
    else:  # the numbers without a unit lie between halves or on them, divided by 2 or 3
        grid = some(24 if unit is None else int(1 / unit))
        every = ({"x": x, "y": y, "z": z} for x in some(1) for y in some(2) for z in grid)
        assert not any(all(meets(at, row) for row in rows) for at in every)


def test_too_many_numbers_to_try_are_left_open() -> None:
    # met by fractions without end; whole numbers may be far away
    apart: list[Condition] = [
        ((("x", 6), ("y", -10), ("z", -15)), -1),
        ((("x", -6), ("y", 10), ("z", 15)), 1),
        ((("x", 2), ("y", -3)), 0),
        ((("x", -2), ("y", 3)), 0),
        ((("y", 7), ("z", -11)), -3),
        ((("y", -7), ("z", 11)), 3),
    ]
    with suppress(Undecided):
        answer = smallest(apart, dict.fromkeys(NAMES, (None, None)))
        assert answer is None or all(holds(each, answer) for each in apart)


def test_the_number_nearest_to_nought_is_taken() -> None:
    assert [nearest(None, None), nearest(3, None), nearest(None, -2), nearest(-2, 5)] == [0, 3, -2, 0]
    assert smallest([((("x", 1), ("y", 1)), -4)], {"x": (0, None), "y": (0, None)}) == {"x": 0, "y": 4}


def test_conditions_that_exclude_each_other_have_no_numbers() -> None:
    apart: list[Condition] = [((("x", 1), ("y", -1)), -1), ((("y", 1), ("x", -1)), 0)]  # x > y and y >= x
    assert smallest(apart, {"x": (None, None), "y": (None, None)}) is None

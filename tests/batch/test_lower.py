"""A lowered expression says in a column what FEEL says in one case, nulls included; what cannot is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("ibis")
import ibis
import pyarrow as pa

from gongbao.batch.lower import Lowering, Piece, Refused, constant
from gongbao.feel import compile_expression, compile_unary_tests
from gongbao.feel.parse import parse_expression, parse_unary_tests

NAMES = ("a", "b", "d", "t", "u", "p", "q")
ROWS = st.lists(
    st.fixed_dictionaries({
        "a": st.none() | st.integers(-5, 5),
        "b": st.none() | st.integers(-5, 5),
        "d": st.none() | st.integers(-300, 300).map(lambda n: Decimal(n).scaleb(-2)),
        "t": st.none() | st.sampled_from(["甲", "乙", "丙"]),
        "u": st.none() | st.sampled_from(["甲", "乙"]),
        "p": st.none() | st.booleans(),
        "q": st.none() | st.booleans(),
    }),
    min_size=1,
    max_size=12,
)  # fmt: skip
SCHEMA = pa.schema([
    ("a", pa.int32()), ("b", pa.int64()), ("d", pa.decimal128(10, 2)), ("t", pa.string()), ("u", pa.string()),
    ("p", pa.bool_()), ("q", pa.bool_()),
])  # fmt: skip
PARAMS = {"params.limit": 3, "params.rate": Decimal("0.25"), "params.name": "乙"}

numbers = st.sampled_from(["a", "b", "d", "2", "0.5", "-1", "params.limit", "params.rate", "null"])
texts = st.sampled_from(["t", "u", '"甲"', '"丁"', "params.name", "null"])
known = st.sampled_from(["a", "b", "d", "2", "0.5", "params.rate"])
sums = st.recursive(
    known,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda x: f"({x[0]} {x[1]} {x[2]})"),
        inner.map(lambda x: f"-({x})"),
    ),
    max_leaves=4,
)
comparisons = st.one_of(
    st.tuples(numbers, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), numbers).map(" ".join),
    st.tuples(sums, st.sampled_from(["=", "<", ">="]), sums).map(" ".join),
    st.tuples(texts, st.sampled_from(["=", "!="]), texts).map(" ".join),
    st.sampled_from(["p", "q", "p = true", "q != false", "p = q", "t < u", "t = null", "p != null"]),
    st.tuples(known, known, known).map(lambda x: f"{x[0]} between {x[1]} and {x[2]}"),
    st.tuples(known, known, known).map(lambda x: f"{x[0]} in [{x[1]}..{x[2]})"),
    st.tuples(known, known).map(lambda x: f"{x[0]} in (> {x[1]}, 2, null)"),
    st.tuples(texts, texts).map(lambda x: f't in ({x[0]}, "丙")'),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda x: f"({x[0]} and {x[1]})"),
        st.tuples(inner, inner).map(lambda x: f"({x[0]} or {x[1]})"),
        inner.map(lambda x: f"not({x})"),
        st.tuples(inner, inner, inner).map(lambda x: f"(if {x[0]} then {x[1]} else {x[2]})"),
    ),
    max_leaves=6,
)
CON: Any = None


def table(rows: list[dict[str, Any]]) -> Any:
    global CON
    CON = CON or ibis.duckdb.connect()
    return CON.create_table("t", pa.Table.from_pylist(rows, schema=SCHEMA), overwrite=True)


def lowering(t: Any, text: str) -> Lowering:
    cents = (t.d * ibis.literal(100, "int64")).cast("int64")
    names = {
        "a": Piece(t.a.cast("int64"), "number"), "b": Piece(t.b, "number"), "d": Piece(cents, "number", 2),
        "t": Piece(t.t, "text"), "u": Piece(t.u, "text"), "p": Piece(t.p, "boolean"), "q": Piece(t.q, "boolean"),
        **{name: constant(value) for name, value in PARAMS.items()},
    }  # fmt: skip
    return Lowering(names, text)


def scope(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "params": {n.partition(".")[2]: v for n, v in PARAMS.items()}}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(conditions, ROWS)
def test_a_condition_is_true_and_false_in_the_same_rows(text: str, rows: list[dict[str, Any]]) -> None:
    t = table(rows)
    low = lowering(t, text)
    node = parse_expression(text, NAMES)
    held = t.select(yes=low.true(node), no=low.false(node)).to_pyarrow().to_pylist()
    expression = compile_expression(text, NAMES)
    for row, got in zip(rows, held, strict=True):
        value = expression.evaluate(scope(row))
        assert (got["yes"], got["no"]) == (value is True, value is False), (text, row, value)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(comparisons, sums, sums).map(lambda x: f"if {x[0]} then {x[1]} else {x[2]}") | sums, ROWS)
def test_numbers_are_exact(text: str, rows: list[dict[str, Any]]) -> None:
    t = table(rows)
    piece = lowering(t, text).value(parse_expression(text, NAMES))
    found = t.select(x=piece.expr).to_pyarrow()["x"].to_pylist()
    expression = compile_expression(text, NAMES)
    for row, got in zip(rows, found, strict=True):
        value = expression.evaluate(scope(row))
        assert (None if got is None else Decimal(got).scaleb(-piece.scale)) == value, (text, row)


@pytest.mark.parametrize(
    "cell", ["> 2", "[0..3]", "(0..3]", "2, 3", "not(2, 3)", "> params.limit", "null", "not(null)", "-", "a, b", "-1"]
)
def test_a_cell_holds_in_the_same_rows(cell: str) -> None:
    rows = [dict(dict.fromkeys(NAMES), a=a, b=b) for a in (None, -1, 0, 2, 3, 4) for b in (None, 0, 3)]
    t = table(rows)
    low = lowering(t, cell)
    held = t.select(x=low.tests(low.names["a"], parse_unary_tests(cell, NAMES))).to_pyarrow()["x"].to_pylist()
    tests = compile_unary_tests(cell, NAMES)
    assert held == [tests.evaluate(row["a"], scope(row)) is True for row in rows]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a / b + 1 > 1", "不一定除得尽"), ("a / b > b / a", "两个商"), ("a ** 2 > 1", "不能保证精确"),
        ("some x in [a, b] satisfies x > 1", "列表 不能"), ("count([a]) > 1", "列表 不能"), ("sqrt(a) > 1", "函数 sqrt"), ("a", "应是条件"),
        ('a = "甲"', "不能比较"), ("p < q", "不能比较大小"), ("missing > 1", "不是一列"), ('a + "x" = 1', "只能用于数"),
        ("(if p then 1 else \"x\") = 1", "种类不同"), ("a > 99999999999999999999", "太大"),
    ],
)  # fmt: skip
def test_what_would_differ_in_a_column_is_refused_with_its_reason(text: str, reason: str) -> None:
    low = lowering(table([dict.fromkeys(NAMES)]), text)
    with pytest.raises(Refused, match=reason):
        low.true(parse_expression(text, NAMES))


def test_an_overflow_is_an_error_not_a_wrong_number() -> None:
    import duckdb

    t = table([{**dict.fromkeys(NAMES), "b": 2**62}])
    piece = lowering(t, "").value(parse_expression("b * 4", NAMES))
    with pytest.raises(duckdb.Error):
        t.select(x=piece.expr).to_pyarrow()

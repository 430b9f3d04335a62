"""Decision tables decide: hit policies, lets, otherwise, null, and messages that name rows."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.dmn import OverlapError, TableError, compile_table, decision_table

LEVELS = ["一般以下", "一般", "较大", "重大", "特别重大"]


def table(rules, hit="unique", outputs=None, **more):
    return compile_table(decision_table("grade", rules, outputs or {"grade": LEVELS}, hit=hit, **more))


FOOD = table(
    [
        {"when": {"poisoned": ">= 100", "deaths": ">= 1"}, "then": "重大", "cite": "附件2 Ⅱ（3）"},
        {"when": {"deaths": ">= 1"}, "then": "较大", "cite": "附件2 Ⅲ（2）"},
        {"when": {"hurt": "[30..99]", "serious": True}, "then": "较大"},
        {"when": {"hurt": "[30..99]"}, "then": "一般"},
        {"otherwise": "一般以下", "cite": "附件2 注"},
    ],
    hit="first",
    lets={"hurt": "poisoned + deaths"},
)


@pytest.mark.parametrize(
    ("poisoned", "deaths", "serious", "row", "grade"),
    [
        (100, 1, False, 0, "重大"),
        (99, 1, False, 1, "较大"),
        (100, 0, False, 4, "一般以下"),
        (99, 0, True, 2, "较大"),
        (30, 0, False, 3, "一般"),
        (29, 0, True, 4, "一般以下"),
        (Decimal("30.0"), 0, True, 2, "较大"),
        (30, 0, None, 3, "一般"),
        (None, 0, True, 4, "一般以下"),
    ],
)
def test_the_first_row_that_holds_decides(poisoned, deaths, serious, row, grade):
    outcome = FOOD.decide({"poisoned": poisoned, "deaths": deaths, "serious": serious})
    assert (outcome.row, outcome.output) == (row, grade)


def test_an_outcome_tells_what_it_stands_on():
    scope = {"poisoned": 40, "deaths": 2, "serious": None}
    outcome = FOOD.decide(scope)
    assert outcome.rows == (1,)
    assert [rule.label for rule in outcome.rules] == ["附件2 Ⅲ（2）"]
    assert outcome.let_values == {"hurt": 42}
    assert dict(zip([column.text for column in FOOD.inputs], outcome.compared(), strict=True)) == {
        "poisoned": 40,
        "deaths": 2,
        "hurt": 42,
        "serious": None,
    }


def test_no_row_is_an_outcome_without_rows():
    outcome = table([{"when": {"x": "> 5"}, "then": "一般"}]).decide({"x": 5})
    assert (outcome.rows, outcome.row, outcome.output, outcome.values) == ((), None, None, None)
    assert table([{"when": {"x": "> 5"}, "then": "一般"}]).decide({}).output is None


def test_two_rows_of_a_unique_table_are_an_error_that_names_both():
    compiled = table(
        [
            {"when": {"x": "> 1"}, "then": "一般", "cite": "第五条"},
            {"when": {"x": "> 9"}, "then": "较大", "cite": "第六条"},
            {"otherwise": "一般以下"},
        ]
    )
    assert compiled.decide({"x": 9}).row == 0
    assert compiled.decide({"x": 1}).row == 2
    with pytest.raises(OverlapError, match=r"“grade”.*第 1 行（第五条）和第 2 行（第六条）") as caught:
        compiled.decide({"x": 10})
    assert caught.value.rules == (0, 1)


def test_otherwise_may_stand_anywhere_in_a_unique_table():
    compiled = table([{"otherwise": "一般以下"}, {"when": {"x": "> 1"}, "then": "一般"}])
    assert [compiled.decide({"x": x}).row for x in (1, 2)] == [0, 1]


COLLECTED = [
    {"when": {"x": "> 1"}, "then": 5},
    {"when": {"x": "> 2"}, "then": 3},
    {"when": {"x": "> 3"}, "then": "= x * 2"},
    {"otherwise": 0},
]


@pytest.mark.parametrize(
    ("aggregator", "at_4", "at_0"),
    [(None, [5, 3, 8], [0]), ("sum", 16, 0), ("min", 3, 0), ("max", 8, 0), ("count", 3, 1)],
)
def test_collect(aggregator, at_4, at_0):
    compiled = table(COLLECTED, hit="collect", outputs={"points": []}, aggregator=aggregator)
    assert compiled.decide({"x": 4}).output == at_4
    assert compiled.decide({"x": 4}).rows == (0, 1, 2)
    assert compiled.decide({"x": 0}).output == at_0


def test_collect_without_a_row_is_empty():
    compiled = table(COLLECTED[:3], hit="collect", outputs={"points": []})
    outcome = compiled.decide({"x": 0})
    assert (outcome.rows, outcome.output) == ((), [])


def test_any_priority_and_output_order():
    rules = [
        {"when": {"x": "> 1"}, "then": "一般"},
        {"when": {"x": "> 2"}, "then": "重大"},
        {"when": {"x": "> 3"}, "then": "一般"},
    ]
    severe_first = {"grade": LEVELS[::-1]}
    assert table(rules, hit="priority", outputs=severe_first).decide({"x": 4}).rows == (1,)
    assert table(rules, hit="output order", outputs=severe_first).decide({"x": 4}).output == ["重大", "一般", "一般"]
    assert table(rules, hit="rule order").decide({"x": 4}).output == ["一般", "重大", "一般"]
    pairs = [{"when": {"x": f"> {i}"}, "then": {"days": i, "grade": g}} for i, g in enumerate(["一般", "重大", "较大"])]
    two = table(pairs, hit="priority", outputs={"days": [], **severe_first})
    assert two.decide({"x": 9}).output == {"days": 1, "grade": "重大"}
    with pytest.raises(TableError, match="写明取值的先后"):
        table(rules, hit="priority", outputs={"grade": []})
    same = table([rules[0], rules[2]], hit="any")
    assert same.decide({"x": 4}).rows == (0, 1)
    assert same.decide({"x": 4}).output == "一般"
    with pytest.raises(OverlapError, match="第 1 行和第 2 行不同"):
        table(rules, hit="any").decide({"x": 3})


def test_several_outputs_and_computed_entries():
    compiled = table(
        [
            {"when": {"x": "> 1"}, "then": {"grade": "一般", "days": "= x + params.grace"}},
            {"otherwise": {"grade": "一般以下", "days": None}},
        ],
        outputs={"grade": LEVELS, "days": []},
    )
    assert compiled.decide({"x": 2, "params": {"grace": 3}}).output == {"grade": "一般", "days": 5}
    assert compiled.decide({"x": 1, "params": {}}).output == {"grade": "一般以下", "days": None}
    assert compiled.names == ("params.grace", "x")


def test_outputs_that_are_lists_are_made_anew():
    compiled = table([{"otherwise": ["停课", "停工"]}], outputs={"measures": []})
    first, second = compiled.decide({}).output, compiled.decide({}).output
    assert first == second == ["停课", "停工"]
    assert first is not second


def test_a_key_may_be_any_expression_and_a_cell_may_read_params():
    compiled = table(
        [
            {"when": {"count(calls[days > params.limit])": ">= params.many"}, "then": "较大"},
            {"when": {'level in ("橙色","红色")': True}, "then": "一般"},
        ],
        hit="first",
    )
    scope = {"calls": [{"days": 3}, {"days": 9}], "params": {"limit": 2, "many": 2}, "level": "红色"}
    assert compiled.decide(scope).row == 0
    assert compiled.decide({**scope, "params": {"limit": 5, "many": 2}}).row == 1
    assert compiled.decide({**scope, "calls": [], "level": "蓝色"}).row is None


def test_lets_may_use_each_other_in_any_order():
    compiled = table([{"when": {"total": "> 9"}, "then": "一般"}], lets={"total": "double + 1", "double": "x * 2"})
    assert compiled.let_names == ("double", "total")
    assert compiled.decide({"x": 5}).let_values == {"double": 10, "total": 11}
    assert compiled.names == ("x",)


def test_a_formula_is_a_table_with_one_row():
    compiled = table([{"otherwise": "= base * (1 + rate)"}], outputs={"fine": []}, lets={"rate": "0.3"})
    assert compiled.decide({"base": 20}).output == Decimal("26.0")


ROWS = st.lists(
    st.tuples(st.sampled_from(["> {}", ">= {}", "< {}", "[{}..9]", "({}..9)", "{}", "not({})"]), st.integers(0, 9)),
    min_size=1,
    max_size=5,
)


@given(ROWS, st.sampled_from([None, *range(-1, 11), Decimal("4.5")]))
def test_the_whole_table_agrees_with_its_cells(rows, x):
    rules = [{"when": {"x": cell.format(n), "y": "-"}, "then": i} for i, (cell, n) in enumerate(rows)]
    compiled = table(rules, hit="collect", outputs={"row": []})
    holding = [i for i in range(len(rows)) if compiled.cells[i][0].evaluate({"x": x}) is True]
    assert compiled.decide({"x": x}).output == holding
    assert all(row[1] is None for row in compiled.cells)
    first = table(rules, hit="first", outputs={"row": []}).decide({"x": x})
    assert first.rows == tuple(holding[:1])
    if len(holding) <= 1:
        assert table(rules, outputs={"row": []}).decide({"x": x}).rows == tuple(holding)


def test_large_tables_compile():
    rules = [{"when": {"a": f"[{i}..{i + 1})", "b": '"x","y"', "c": "> 1"}, "then": i} for i in range(500)]
    compiled = table(rules, outputs={"row": []})
    assert compiled.decide({"a": 499, "b": "y", "c": 2}).output == 499


@pytest.mark.parametrize(
    ("rules", "more", "reason"),
    [
        ([{"when": {"x": "> "}, "then": "一般"}], {}, "第 1 行，“x”：第 3 个字符处"),
        ([{"when": {"x": "> 1"}, "then": "严重"}], {}, "第 1 行，“grade”：结果“严重”不在允许的取值里：一般以下、一般"),
        ([{"when": {"x": "> 1"}}], {}, "有 when 而没有 then"),
        ([{"when": {"x": 1.5}, "then": "一般"}], {}, "第 1 行，“x”：格子 1.5 不是条件"),
        ([{"when": {"x": None}, "then": "一般"}], {}, "格子是空的"),
        ([{"then": "一般"}], {}, "要么写 when 和 then"),
        ([{"otherwise": "一般"}, {"otherwise": "较大"}], {}, "第 2 行：otherwise 只能有一行"),
        ([{"otherwise": "一般"}, {"when": {"x": "1"}, "then": "较大"}], {"hit": "first"}, "放在最后"),
        ([{"otherwise": "= 1 +"}], {}, "第 1 行，“grade”：第 4 个字符处"),
        ([{"otherwise": "= nosuch(1)"}], {}, "没有名为“nosuch”的函数"),
        ([{"when": {"x": "today()"}, "then": "一般"}], {}, "第 1 行，“x”.*没有时钟"),
        ([{"when": {"x y z": "1"}, "then": "一般"}], {}, "“x y z”：第 3 个字符处"),
        ([{"otherwise": "一般"}], {"hit": "best"}, "没有“best”这种命中方式"),
        ([{"otherwise": "一般"}], {"hit": "first", "aggregator": "sum"}, "只有 collect"),
        ([{"otherwise": "一般"}], {"lets": {"a": "b", "b": "c + 1", "c": "a"}}, "互相引用"),
        ([{"otherwise": "一般"}], {"lets": {"a": "a + 1"}}, "互相引用"),
        ([{"otherwise": {"level": "一般"}}], {"outputs": {"a": [], "b": []}}, "逐项写出：a、b"),
        ([{"otherwise": [1.5]}], {"outputs": {"a": []}}, "不是公式能用的值"),
    ],
)
def test_a_bad_table_is_refused_naming_the_row_and_the_column(rules, more, reason):
    with pytest.raises(TableError, match=reason):
        table(rules, **more)

"""Every kind of boxed expression."""

from __future__ import annotations

import pytest
from tests.dmn.models import decision, input_data, literal, model, needs, value

L = literal


def entry(name: str, logic: str, type_ref: str = "") -> str:
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<contextEntry><variable name="{name}"{typed}/>{logic}</contextEntry>'


def test_a_context_is_its_entries_and_later_ones_see_earlier_ones():
    assert value(f"<context>{entry('a', L('1'))}{entry('b', L('a + 1'))}</context>") == {"a": 1, "b": 2}


def test_a_context_with_a_result_is_its_result():
    boxed = f"<context>{entry('a', L('x + 1'))}<contextEntry>{L('a * 2')}</contextEntry></context>"
    assert value(boxed, {"x": 4}) == 10


def test_an_entry_is_made_one_of_its_type():
    assert value(f"<context>{entry('a', L('[1]'), 'number')}</context>") == {"a": 1}


def test_a_function_in_a_context_may_call_itself():
    body = L("if n = 0 then 0 else n + sum(n - 1)")
    function = f'<functionDefinition><formalParameter name="n" typeRef="number"/>{body}</functionDefinition>'
    renamed = function.replace("sum(", "total(")
    boxed = f"<context>{entry('total', renamed)}<contextEntry>{L('total(4)')}</contextEntry></context>"
    assert value(boxed) == 10


def test_an_invocation_binds_by_name_and_refuses_unknown_ones():
    function = entry("f", L("function(a, b) a - b"))

    def invoked(*names: str) -> str:
        bound = "".join(
            f'<binding><parameter name="{name}"/>{L(str(at))}</binding>' for at, name in enumerate(names, 1)
        )
        return f"<context>{function}<contextEntry><invocation>{L('f')}{bound}</invocation></contextEntry></context>"

    assert value(invoked("b", "a")) == 1
    assert value(invoked("a", "c")) is None


def test_a_list_and_a_relation():
    assert value(f"<list>{L('1')}{L('x')}</list>", {"x": 2}) == [1, 2]
    rows = f"<row>{L('1')}{L('2')}</row><row>{L('3')}{L('4')}</row>"
    relation = f'<relation><column name="甲"/><column name="乙"/>{rows}</relation>'
    assert value(relation) == [{"甲": 1, "乙": 2}, {"甲": 3, "乙": 4}]


@pytest.mark.parametrize(("condition", "wanted"), [("true", 1), ("false", 2), ("null", 2), ('"abc"', None)])
def test_a_conditional_refuses_what_is_no_boolean(condition: str, wanted: object):
    assert (
        value(f"<conditional><if>{L(condition)}</if><then>{L('1')}</then><else>{L('2')}</else></conditional>") == wanted
    )


@pytest.mark.parametrize(
    ("match", "wanted"),
    [("item > 2", [3, 4]), ("item > 9", []), ('"abc"', None), ("null", [])],
)
def test_a_filter_keeps_what_matches(match: str, wanted: object):
    assert value(f"<filter><in>{L('[1, 2, 3, 4]')}</in><match>{L(match)}</match></filter>") == wanted


def test_a_filter_sees_the_entries_of_an_item():
    assert value(f"<filter><in>{L('[{a: 1}, {a: 2}]')}</in><match>{L('a = 2')}</match></filter>") == [{"a": 2}]


def test_a_loop_sees_what_it_has_so_far():
    boxed = f'<for iteratorVariable="n"><in>{L("1..4")}</in><return>{L("n + sum([0, partial[-1]])")}</return></for>'
    assert value(boxed.replace("1..4", "[1..4]").replace("sum([0, partial[-1]])", "count(partial)")) == [1, 3, 5, 7]


@pytest.mark.parametrize(
    ("kind", "listed", "wanted"),
    [
        ("every", "[3, 4]", True), ("every", "[2, 4]", False), ("every", "[4, null]", None), ("every", "[]", True),
        ("some", "[2, 4]", True), ("some", "[1, 2]", False), ("some", "[1, null]", None), ("some", "[]", False),
    ],
)  # fmt: skip
def test_quantified(kind: str, listed: str, wanted: object):
    boxed = f'<{kind} iteratorVariable="n"><in>{L(listed)}</in><satisfies>{L("n > 2")}</satisfies></{kind}>'
    assert value(boxed) is wanted


def table(
    rules: str, *, hit: str = "UNIQUE", outputs: str = '<output name="o"/>', inputs: str = "", more: str = ""
) -> str:
    inputs = inputs or f"<input><inputExpression>{'<text>x</text>'}</inputExpression></input>"
    return f'<decisionTable hitPolicy="{hit}"{more}>{inputs}{outputs}{rules}</decisionTable>'


def rule(cells: str, *entries: str) -> str:
    made = "".join(f"<inputEntry><text>{cell.replace('<', '&lt;')}</text></inputEntry>" for cell in cells.split("|"))
    return f"<rule>{made}{''.join(f'<outputEntry><text>{each}</text></outputEntry>' for each in entries)}</rule>"


def decided(boxed: str, x: object) -> tuple[object, str]:
    made = model(input_data("x", "Any") + decision(boxed, requires=needs("input:_x")))
    assert made.compile() == ()
    result = made.evaluate("d", {"x": x})
    return result.value, "；".join(str(each) for each in result.problems)


def test_a_unique_table_says_when_two_rows_hold():
    boxed = table(rule("<= 5", '"少"') + rule(">= 5", '"多"'))
    assert decided(boxed, 4) == ("少", "")
    assert decided(boxed, 6) == ("多", "")
    value, said = decided(boxed, 5)
    assert value is None
    assert "第 1 行和第 2 行同时成立" in said


def test_defaults_stand_where_no_row_holds():
    outputs = '<output name="o"><defaultOutputEntry><text>"无"</text></defaultOutputEntry></output>'
    assert decided(table(rule("> 5", '"多"'), outputs=outputs), 1)[0] == "无"
    assert decided(table(rule("> 5", '"多"')), 1)[0] is None


def test_priority_follows_the_order_of_the_values():
    outputs = '<output name="o"><outputValues><text>"重", "轻"</text></outputValues></output>'
    boxed = table(rule("> 0", '"轻"') + rule("> 5", '"重"'), hit="PRIORITY", outputs=outputs)
    assert decided(boxed, 9)[0] == "重"
    assert decided(boxed, 3)[0] == "轻"
    assert decided(boxed.replace("PRIORITY", "OUTPUT ORDER"), 9)[0] == ["重", "轻"]


@pytest.mark.parametrize(("how", "wanted"), [("SUM", 6), ("MIN", 1), ("MAX", 3), ("COUNT", 3), ("", [1, 2, 3])])
def test_collect_aggregates(how: str, wanted: object):
    more = f' aggregation="{how}"' if how else ""
    boxed = table(rule("-", "1") + rule("> 0", "2") + rule("", "3"), hit="COLLECT", more=more)
    assert decided(boxed, 9)[0] == wanted


def test_several_outputs_are_a_context_and_typed():
    outputs = '<output name="a" typeRef="number"/><output name="b" typeRef="string"/>'
    assert decided(table(rule("-", "[1]", '"甲"'), outputs=outputs), 9)[0] == {"a": 1, "b": "甲"}


def test_a_value_outside_the_allowed_ones_is_a_problem():
    inputs = (
        "<input><inputExpression><text>x</text></inputExpression><inputValues><text>[0..9]</text></inputValues></input>"
    )
    boxed = table(rule("-", "1"), inputs=inputs)
    assert decided(boxed, 9) == (1, "")
    value, said = decided(boxed, 10)
    assert value is None
    assert "不在允许的取值里" in said


def test_a_table_that_does_not_fit_together_is_a_problem_of_the_model():
    made = model(input_data("x") + decision(table(rule("-|-", "1")), requires=needs("input:_x")))
    assert "格子的数目与列数不符" in str(made.compile()[0])
    assert made.evaluate("d", {"x": 1}).value is None


TYPES = (
    '<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"A","B"</text></allowedValues></itemDefinition>'
    '<itemDefinition name="t Person"><itemComponent name="age"><typeRef>number</typeRef></itemComponent></itemDefinition>'
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"A" instance of tGrade', True),
        ('"C" instance of tGrade', False),
        ("null instance of tGrade", False),
        ("{age: 1} instance of t Person", True),
        ('{age: "x"} instance of t Person', False),
        ('["A", "B"] instance of list<tGrade>', True),
        ('["A", "C"] instance of list<tGrade>', False),
        ("{p: {age: 1}} instance of context<p: t Person>", True),
        ('(function(x: tGrade) x)("B")', "B"),
        ('(function(x: tGrade) x)("C")', None),
    ],
)
def test_the_types_of_a_model_are_types_of_its_formulas(text, expected):
    made = model(TYPES + decision(literal(text)))
    assert made.compile() == ()
    assert made.evaluate("d").value == expected

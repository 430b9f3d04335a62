"""The requirement graph: what a decision sees, what it is given, and what is wrong with a model."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from tests.dmn.models import decision, input_data, literal, model, needs

from gongbao.dmn import DmnError

TYPES = """
<itemDefinition name="等级"><typeRef>string</typeRef><allowedValues><text>"一级", "二级"</text></allowedValues>
</itemDefinition>
<itemDefinition name="数列" isCollection="true"><typeRef>number</typeRef></itemDefinition>
<itemDefinition name="企业"><itemComponent name="名称"><typeRef>string</typeRef></itemComponent>
<itemComponent name="人 数"><typeRef>number</typeRef></itemComponent></itemDefinition>
"""


def bkm(logic: str, parameters: str, name: str = "f", requires: str = "", type_ref: str = "") -> str:
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    given = "".join(f'<formalParameter name="{each}" typeRef="number"/>' for each in parameters.split())
    return (
        f'<businessKnowledgeModel id="_{name}" name="{name}"><variable name="{name}"{typed}/>'
        f"<encapsulatedLogic>{given}{logic}</encapsulatedLogic>{requires}</businessKnowledgeModel>"
    )


def test_a_decision_sees_what_it_requires_and_nothing_else():
    made = model(
        input_data("a")
        + input_data("b")
        + decision(literal("a * 2"), "double", needs("input:_a"))
        + decision(literal("[double, a, b]"), "all", needs("decision:_double", "input:_b"))
    )
    assert made.evaluate("all", {"a": 3, "b": 5}).value == [6, None, 5]


def test_each_decision_is_computed_once_however_many_require_it():
    chain = "".join(
        decision(literal(f"d{n - 1} + d{n - 1}"), f"d{n}", needs(f"decision:_d{n - 1}", f"decision:_d{n - 1}"))
        for n in range(1, 40)
    )
    made = model(decision(literal("1"), "d0") + chain)
    assert made.evaluate("d39").value == 2**39


def test_decisions_in_a_circle_are_refused_with_the_circle():
    made = model(decision(literal("b"), "a", needs("decision:_b")) + decision(literal("a"), "b", needs("decision:_a")))
    with pytest.raises(DmnError, match="a → b → a"):
        made.evaluate("a")


def test_a_decision_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(DmnError, match="没有“y”这个决策，有：x"):
        model(decision(literal("1"), "x")).evaluate("y")


def test_a_reference_to_nothing_is_a_problem_of_the_model():
    made = model(decision(literal("1"), "x", needs("decision:_gone")))
    assert [str(each) for each in made.compile()] == ["“x”：要用的“#_gone”不存在"]


def test_a_text_that_is_no_feel_is_a_problem_and_null():
    made = model(decision(literal("1 +"), "x") + decision(literal("2"), "y"))
    [problem] = made.compile()
    assert problem.place == "x"
    assert made.evaluate("x").value is None
    assert made.evaluate("y").value == 2


def test_knowledge_is_called_by_position_and_by_name():
    made = model(
        bkm(literal("x - y"), "x y") + decision(literal("[f(5, 2), f(y: 5, x: 2), f(1)]"), "d", needs("knowledge:_f"))
    )
    assert made.evaluate("d").value == [3, -3, None]
    assert made.call("f", {"x": 5, "y": 2}).value == 3


def test_knowledge_may_call_itself_and_ends_at_a_limit():
    made = model(
        bkm(literal("if x <= 1 then 1 else x * f(x - 1)"), "x")
        + decision(literal("f(5)"), "d", needs("knowledge:_f"))
        + decision(literal("f(1000000)"), "deep", needs("knowledge:_f"))
    )
    assert made.evaluate("d").value == 120
    deep = made.evaluate("deep")
    assert deep.value is None
    assert "超过上限" in str(deep.problems[0])


def test_an_argument_of_another_type_makes_the_call_null():
    made = model(bkm(literal("1"), "x") + decision(literal('[f(2), f("二"), f(null)]'), "d", needs("knowledge:_f")))
    assert made.evaluate("d").value == [1, None, 1]


def test_a_function_in_java_is_refused_in_words():
    java = bkm("<context/>", "x").replace("<encapsulatedLogic>", '<encapsulatedLogic kind="Java">')
    assert "不支持 Java" in str(model(java).compile()[0])


@pytest.mark.parametrize(
    ("type_ref", "given", "wanted"),
    [
        ("等级", "一级", "一级"),
        ("等级", "三级", None),
        ("数列", [1, 2], [1, 2]),
        ("数列", 1, [1]),
        ("数列", [1, "二"], None),
        ("number", [7], 7),
        ("number", [7, 8], None),
        ("number", "7", None),
        ("企业", {"名称": "甲", "人 数": 3}, {"名称": "甲", "人 数": 3}),
        ("企业", {"名称": "甲", "人 数": 3, "地址": "乙"}, {"名称": "甲", "人 数": 3, "地址": "乙"}),
        ("企业", {"名称": "甲"}, None),
        ("企业", {"名称": "甲", "人 数": "三"}, None),
        ("Any", Decimal("1.5"), Decimal("1.5")),
    ],
)
def test_a_value_is_made_one_of_its_type_or_null(type_ref: str, given: object, wanted: object):
    made = model(TYPES + input_data("x", type_ref) + decision(literal("x"), "d", needs("input:_x")))
    result = made.evaluate("d", {"x": given})
    assert result.value == wanted
    assert bool(result.problems) is (wanted is None)


def test_a_date_becomes_the_moment_with_which_it_begins():
    made = model(input_data("x", "date and time") + decision(literal("x.hour"), "d", needs("input:_x")))
    assert made.evaluate("d", {"x": dt.date(2023, 3, 10)}).value == 0


def test_the_result_of_a_decision_is_made_one_of_its_type():
    made = model(
        TYPES + decision(literal('"三级"'), "d", type_ref="等级") + decision(literal("[5]"), "e", "", "number")
    )
    assert made.evaluate("d").value is None
    assert made.evaluate("e").value == 5


def test_entries_with_spaces_are_told_by_the_types():
    made = model(TYPES + input_data("x", "企业") + decision(literal("x.人 数 + 1"), "d", needs("input:_x")))
    assert made.compile() == ()
    assert made.evaluate("d", {"x": {"名称": "甲", "人 数": 3}}).value == 4


def test_an_unknown_type_is_a_problem():
    assert "没有“无此”这个类型" in str(
        model(input_data("x", "无此") + decision(literal("1"), "d", type_ref="无此")).compile()
    )


def test_an_imported_model_stands_under_the_name_of_its_import():
    base = model(TYPES + input_data("a") + decision(literal("a + 1"), "next", needs("input:_a")), namespace="urn:base")
    made = model(
        '<import namespace="urn:base" name="基 础" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
        + decision(literal("基 础.next * 10"), "d", needs("decision:urn:base#_next"), "基 础.数列"),
        {"urn:base": base},
    )
    assert made.evaluate("d", {"基 础": {"a": 4}}).value == [50]
    assert made.evaluate("d", {"a": 4}).value == [50]


def test_an_import_that_is_not_given_is_a_problem():
    made = model('<import namespace="urn:gone" name="x" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>')
    assert "引用的模型没有给出：urn:gone" in str(made.compile()[0])


def test_a_decision_service_is_called_like_a_function():
    made = model(
        input_data("a")
        + decision(literal("a * 2"), "double", needs("input:_a"))
        + decision(literal("double + 1"), "out", needs("decision:_double"))
        + '<decisionService id="_s" name="s"><variable name="s"/><outputDecision href="#_out"/>'
        + '<encapsulatedDecision href="#_double"/><inputData href="#_a"/></decisionService>'
        + '<decisionService id="_t" name="t"><variable name="t"/><outputDecision href="#_out"/>'
        + '<inputDecision href="#_double"/></decisionService>'
        + decision(literal("[s(5), t(5)]"), "d", needs("knowledge:_s", "knowledge:_t"))
    )
    assert made.evaluate("d").value == [11, 6]
    assert made.call("s", {"a": 1}).value == 3


def test_names_may_hold_dots_and_apostrophes():
    made = model(
        decision(literal("1"), "A 2.1") + decision(literal("A 2.1 + Person's age"), "d",
        needs("decision:_A 2.1", "input:_p")) + input_data("Person's age", ident="_p")
    )  # fmt: skip
    assert made.compile() == ()
    assert made.evaluate("d", {"Person's age": 4}).value == 5


def test_knowledge_that_doubles_the_work_at_every_level_comes_to_an_end(monkeypatch):
    monkeypatch.setattr("gongbao.feel.meter.MAX_STEPS", 10_000)
    made = model(
        bkm(literal("if x < 2 then x else f(x - 1) + f(x - 2)"), "x")
        + decision(literal("f(10)"), "d", needs("knowledge:_f"))
        + decision(literal("f(60)"), "deep", needs("knowledge:_f"))
    )
    assert made.evaluate("d").value == 55
    assert "函数调用" in str(made.evaluate("deep").problems[0])


def test_a_chain_of_decisions_beyond_any_drawing_is_refused_in_words():
    chain = "".join(decision(literal(f"d{i + 1}"), f"d{i}", needs(f"decision:_d{i + 1}")) for i in range(3000))
    with pytest.raises(DmnError, match="层数超过上限"):
        model(chain + decision(literal("7"), "d3000")).evaluate("d0")

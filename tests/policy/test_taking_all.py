"""Every hit policy, aggregation, function, service and import of DMN as a pack's decision: it decides as the standard's engine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.dmn.models import decision, file, input_data, literal, needs
from tests.policy.conftest import VALID
from tests.policy.test_taking import row

from gongbao.dmn import OverlapError, xml
from gongbao.dmn.model import Model
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.trace import as_dict
from gongbao.engine.receipt import make_receipt, verify_receipt
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.drawing import drawn
from gongbao.policy.errors import PackError
from gongbao.policy.loader import load_folder

FACTS = "n: {label: 甲数, type: integer, min: 0, max: 60}\nm: {label: 乙数, type: integer, min: 0, max: 60}\nyes: {label: 是否, type: boolean}\n"
INPUTS = input_data("n") + input_data("m") + input_data("yes", "boolean")
BOTH = needs("input:_n", "input:_m", "input:_yes")


def table(hit: str, rows: str, *, how: str = "", values: str = "", default: str = "", inputs: str = "n|m|yes") -> str:
    heads = "".join(
        f"<input><inputExpression><text>{each}</text></inputExpression></input>" for each in inputs.split("|")
    )
    listed = f"<outputValues><text>{values}</text></outputValues>" if values else ""
    other = f"<defaultOutputEntry><text>{default}</text></defaultOutputEntry>" if default else ""
    aggregation = f' aggregation="{how}"' if how else ""
    return (
        f'<decisionTable hitPolicy="{hit}"{aggregation}>{heads}<output>{listed}{other}</output>'
        f'<annotation name="条款"/>{rows}</decisionTable>'
    )


def rule(*cells: str, then: str, cite: str = "二") -> str:
    return row(*cells, then=then, note=cite).replace("<annotationEntry><text></text></annotationEntry>", "")


WORDS = '"重","中","轻"'
OVER = (
    rule("> 10", "-", "-", then='"轻"', cite="二1")
    + rule("-", "> 20", "-", then='"重"', cite="二2")
    + rule("-", "-", "true", then='"轻"', cite="二3")
    + rule("> 30", "not(< 5, > 50)", "-", then='"中"', cite="二4")
)
SAME = (
    rule("> 10", "-", "-", then="1")
    + rule("> 30", "> 10", "-", then="1")
    + rule("<= 10", "-", "true", then="2")
    + rule("< 5", "? > 3 and ? < 9", "-", then="2")
    + rule("7", "[20..30)", "false", then="1")
)
CONTRADICTS = rule("> 10", "-", "-", then="1") + rule("-", "> 10", "-", then="2") + rule("-", "-", "true", then="1")
NUMBERS = (
    rule("> 10", "-", "-", then="30")
    + rule("-", "> 10", "-", then="5.5")
    + rule("-", "-", "true", then="-20")
    + rule("> 40", "-", "-", then="30")
)
FORMULAS = (
    rule("> 10", "-", "-", then="n + m") + rule("-", "> 10", "-", then="2 * m") + rule("-", "-", "true", then="n - 3")
)


def function(name: str, parameters: str, body: str, requires: str = "", kind: str = "") -> str:
    formal = "".join(f'<formalParameter name="{each}"/>' for each in parameters.split("|") if each)
    written = f' kind="{kind}"' if kind else ""
    return (
        f'<businessKnowledgeModel id="_{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic{written}>{formal}{body}</encapsulatedLogic>{requires}</businessKnowledgeModel>"
    )


def invocation(name: str, **bindings: str) -> str:
    bound = "".join(f'<binding><parameter name="{each}"/>{literal(text)}</binding>' for each, text in bindings.items())
    return f"<invocation>{literal(name)}{bound}</invocation>"


def context(*entries: tuple[str, str]) -> str:
    made = "".join(
        f"<contextEntry>{f'<variable name={name!r}/>' if name else ''}{body}</contextEntry>" for name, body in entries
    )
    return f"<context>{made}</context>"


RATE = function(
    "tax rate", "base|free", context(("over", literal("max(0, base - free)")), ("", literal("over * 2 + 1")))
)
DEEP = function("deep", "x", literal("tax rate(x + 1, (2 + 3)) - x"), needs("knowledge:_tax rate"))
GRADE = function("grade", "a|b", table("FIRST", rule(">= 20", "-", then='"高"', cite="三1") + rule("-", "> 5", then='"中"', cite="三2"), default='"低"', inputs="a|b"))  # fmt: skip
CHAIN = function("chain", "a", table("UNIQUE", rule("< 10", then='"x"') + rule("[10..40]", then='"y"') + rule("> 30", then='"z"'), inputs="a"))  # fmt: skip
LISTED = function("listed", "a", table("OUTPUT ORDER", rule("> 5", then="1") + rule("> 10", then="2") + rule("> 15", then="3"), values="3,1,2", inputs="a"))  # fmt: skip
TOTAL = function("total", "a", table("COLLECT", rule("> 5", then="1") + rule("> 10", then="a"), how="SUM", inputs="a"))
SERVICE = (
    '<decisionService id="_svc" name="svc"><variable name="svc"/><outputDecision href="#_out"/>'
    '<encapsulatedDecision href="#_half"/><inputData href="#_m"/><inputData href="#_n"/></decisionService>'
    + decision(literal("m / 2"), name="half", requires=needs("input:_m"))
    + decision(literal("tax rate(half, n) + half"), name="out", requires=needs("decision:_half", "input:_n", "knowledge:_tax rate"))
)  # fmt: skip
BOX = "<conditional><if>{}</if><then>{}</then><else>{}</else></conditional>"


def uses(*functions: str) -> str:
    return BOTH + needs(*(f"knowledge:_{each}" for each in functions))


EACH = {
    "any": (table("ANY", SAME), BOTH, ""),
    "any_with_default": (table("ANY", SAME, default="0"), BOTH, ""),
    "any_contradicts": (table("ANY", CONTRADICTS), BOTH, ""),
    "priority": (table("PRIORITY", OVER, values=WORDS), BOTH, ""),
    "priority_with_default": (table("PRIORITY", OVER, values=WORDS, default='"中"'), BOTH, ""),
    "output_order": (table("OUTPUT ORDER", OVER, values=WORDS), BOTH, ""),
    "sum": (table("COLLECT", NUMBERS, how="SUM"), BOTH, ""),
    "sum_with_default": (table("COLLECT", NUMBERS, how="SUM", default="7"), BOTH, ""),
    "count": (table("COLLECT", NUMBERS, how="COUNT"), BOTH, ""),
    "min": (table("COLLECT", NUMBERS, how="MIN"), BOTH, ""),
    "max": (table("COLLECT", NUMBERS, how="MAX", default="0"), BOTH, ""),
    "sum_of_formulas": (table("COLLECT", FORMULAS, how="SUM"), BOTH, ""),
    "min_of_formulas": (table("COLLECT", FORMULAS, how="MIN"), BOTH, ""),
    "max_of_formulas": (table("COLLECT", FORMULAS, how="MAX", default="m"), BOTH, ""),
    "a_function": (literal("tax rate(n + 1, m) * 2 - (if yes then tax rate(free: (m + 1) * 2, base: n) else 0)"), uses("tax rate"), RATE),
    "function_of_function": (literal("deep(n) + deep((m + 1) * 2)"), uses("deep"), RATE + DEEP),
    "invocation": (invocation("tax rate", base="n", free="m + 1"), uses("tax rate"), RATE),
    "table_of_a_function": (invocation("grade", a="n + m", b="m"), uses("grade"), GRADE),
    "table_by_a_call": (literal("grade(n, m * 2)"), uses("grade"), GRADE),
    "table_in_a_formula": (literal('if grade(n, m) = "高" then chain(m) else grade(m, n)'), uses("grade", "chain"), GRADE + CHAIN),
    "lists_in_a_formula": (literal("sum(listed(n)) + listed(30)[1] + (if total(m) = null then 0 else total(m))"), uses("listed", "total"), LISTED + TOTAL),
    "service": (literal("svc(m + 1, n) + 1"), uses("svc"), RATE + SERVICE),
    "service_boxed": (invocation("svc", n="n", m="m"), uses("svc"), RATE + SERVICE),
    "conditional": (BOX.format(literal("n > m"), literal("n - m"), invocation("tax rate", base="m", free="n")), uses("tax rate"), RATE),
    "a_context": (context(("f", f'<functionDefinition><formalParameter name="x"/>{literal("x * x + n")}</functionDefinition>'),
                        ("a", invocation("tax rate", base="n", free="m")), ("", literal("f(a) + f(m)"))), uses("tax rate"), RATE),
    "quantified": ('<some iteratorVariable="i"><in><list>' + literal("n") + literal("m + 2") + "</list></in><satisfies>"
                   + literal("i > 40") + "</satisfies></some>", BOTH, ""),
    "table_over_calls": (table("UNIQUE", rule("< 30", "-", "-", then='"少"') + rule(">= 30", "-", "-", then='"多"'), inputs="tax rate(n, m)|m|yes"),
                         uses("tax rate"), RATE),
}  # fmt: skip


def lay(root: Path, models: dict[str, bytes], spec: str) -> Path:
    folder = root / "shili" / "parking"
    shutil.copytree(VALID.parent, folder.parent)
    for gone in ("procedures", "duties", "documents", "examples"):
        (folder / f"{gone}.yaml").unlink()
    (folder / "decisions").mkdir()
    for name, data in models.items():
        (folder / "decisions" / f"{name}.dmn").write_bytes(data)
    (folder / "decisions.yaml").write_text(spec, "utf-8")
    (folder / "facts.yaml").write_text(FACTS, "utf-8")
    return folder


def spec(*names: str, file_: str = "all.dmn", more: str = "") -> str:
    return "".join(f"{name}: {{label: 判{name}, cite: 二, dmn: {file_}{more}}}\n" for name in names)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Model], World]:
    models = {
        name: file(INPUTS + more + decision(logic, name=name, requires=requires))
        for name, (logic, requires, more) in EACH.items()
    }
    written = "".join(spec(name, file_=f"{name}.dmn") for name in EACH)
    folder = lay(tmp_path_factory.mktemp("city"), models, written)
    return {name: Model(xml.read(data)) for name, data in models.items()}, load_folder(folder)


NUMBER = st.sampled_from([0, 3, 4, 5, 7, 9, 10, 11, 15, 19, 20, 21, 29, 30, 31, 40, 41, 50, 51, 60])


@pytest.mark.parametrize("name", EACH)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n=NUMBER, m=NUMBER, yes=st.booleans())
def test_it_decides_as_the_standards_engine(both: Any, name: str, n: int, m: int, yes: bool) -> None:
    models, world = both
    facts = {"n": n, "m": m, "yes": yes}
    wanted = models[name].evaluate(name, facts)
    try:
        found = decide(world, name, facts)
    except OverlapError:
        assert wanted.value is None
        assert "同时成立" in str(wanted.problems[0])
        return
    if wanted.problems:  # two rows of a table inside a formula
        assert (found.output, wanted.value, name) == (None, None, "table_in_a_formula")
        return
    listing = world.decisions[name].collects
    assert found.output == (tuple(wanted.value) if listing and not isinstance(found.output, list) else wanted.value), (
        name
    )


@pytest.mark.parametrize("name", [n for n in EACH if n != "any_contradicts"])
def test_with_a_fact_unknown_every_outcome_it_may_have_is_a_candidate(both: Any, name: str) -> None:
    models, world = both
    for facts in ({"m": 7, "yes": True}, {"m": 25, "yes": False}):
        outcome = decide(world, name, facts)
        wanted = {repr(models[name].evaluate(name, {**facts, "n": n}).value) for n in range(61)}
        if outcome.settled:
            assert wanted == {repr(outcome.output)}, name
            continue
        assert outcome.ask == ("n",), name
        shown = {repr(next(iter(c.values())) if isinstance(c, dict) else c) for c in outcome.candidates}
        if outcome.exact and outcome.complete:
            assert shown >= {w for w in wanted if w != "None"}, name


@pytest.mark.parametrize("name", EACH)
def test_it_is_kept_in_a_receipt_traced_and_drawn_again(both: Any, name: str) -> None:
    _, world = both
    facts = {"n": 31, "m": 7, "yes": True}
    try:
        outcome = decide(world, name, facts)
    except OverlapError:
        assert name == "any_contradicts"
        return
    assert verify_receipt(make_receipt(world, outcome, facts), world) == []
    assert as_dict(outcome)["status"] == "settled"
    assert name not in drawn(world).refused
    again = Model(xml.read(xml.write(drawn(world).model)))
    assert again.compile() == ()


def test_the_rows_keep_their_clauses_in_the_order_of_their_results(both: Any) -> None:
    _, world = both
    assert [r.cite for r in world.decisions["priority"].rows] == ["二2", "二4", "二1", "二3"]
    assert decide(world, "priority", {"n": 31, "m": 21, "yes": True}).cites == ("二2",)
    assert decide(world, "table_of_a_function", {"n": 10, "m": 10}).cites == ("三1",)
    assert [r.cite for r in world.decisions["min"].rows] == ["二"] * 4


def test_a_model_that_is_imported_is_found_among_the_files_of_the_pack(tmp_path: Path) -> None:
    library = file(RATE + GRADE + input_data("n", ident="n1"), namespace="urn:lib", name="lib")
    import_ = f'<import name="lib" namespace="urn:lib" importType="{xml.MODEL}"/>'
    asked = "<knowledgeRequirement><requiredKnowledge href='urn:lib#_{}'/></knowledgeRequirement>"
    own = "<informationRequirement><requiredInput href='urn:lib#n1'/></informationRequirement>"
    main = file(
        import_
        + INPUTS
        + decision(literal("lib.tax rate(lib.n, m) + 1"), name="rated", requires=needs("input:_m") + own + asked.format("tax rate"))
        + decision(invocation("lib.grade", a="m", b="m"), name="graded", requires=needs("input:_m") + asked.format("grade"))
    )  # fmt: skip
    folder = lay(tmp_path, {"all": main, "library": library}, spec("rated", "graded"))
    world = load_folder(folder)
    assert decide(world, "rated", {"n": 30, "m": 10}).output == 42
    assert decide(world, "graded", {"m": 20}).cites == ("三1",)
    (folder / "decisions" / "library.dmn").unlink()
    with pytest.raises(PackError, match="引用的模型“lib”（urn:lib）不在 decisions/ 里"):
        load_folder(folder)


def test_the_checker_says_of_them_what_it_can(tmp_path: Path) -> None:
    gap = rule("< 10", "-", "-", then="1") + rule("> 11", "-", "-", then="1") + rule("> 5", "> 3", "-", then="2")
    model = file(
        INPUTS
        + decision(table("ANY", gap), name="any", requires=BOTH)
        + decision(table("PRIORITY", rule("> 10", "-", "-", then='"重"') + rule("> 20", "-", "-", then='"轻"'), values=WORDS),
                   name="priority", requires=BOTH)
        + decision(table("COLLECT", NUMBERS, how="SUM"), name="sum", requires=BOTH)
    )  # fmt: skip
    problems = check_folder(lay(tmp_path, {"all": model}, spec("any", "priority", "sum"))).problems
    told = {(p.code, p.key.partition(".")[0]) for p in problems}
    assert {("overlap", "any"), ("gap", "any"), ("gap", "priority"), ("dead_rule", "priority")} <= told, problems
    assert not [p for p in problems if p.key.startswith("sum") and p.code in ("gap", "overlap", "not_swept")]


@pytest.mark.parametrize(
    ("logic", "requires", "more", "said"),
    [
        (table("ANY", rule("> 1", "-", "-", then="n") + rule("-", "-", "-", then="m")), BOTH, "", "ANY：第 2 行和前面的行结果是不同的公式"),
        (table("PRIORITY", rule("> 1", "-", "-", then="n"), values="1,2"), BOTH, "", "第 1 行的结果“n”是公式，PRIORITY 的先后"),
        (literal("f(n)"), uses("f"), function("f", "x", literal("if x < 1 then 0 else f(x - 1)"), needs("knowledge:_f")), "“f”自己调用自己"),
        (literal("f(n)"), uses("f"), function("f", "x", literal("x"), kind="Java"), "用 Java 写的"),
        (literal("f(n, m)"), uses("f"), function("f", "x", literal("x")), "“f”要的是 x"),
        (literal("count(sort([n], f))"), uses("f"), function("f", "x", literal("x")), "“f”是函数，只能直接调用：f(…)"),
        (literal("f(n)"), uses("f"), function("f", "x", ""), "业务知识模型“f”是空的"),
        (invocation("f", y="n"), uses("f"), function("f", "x", literal("x")), "“f”没有参数“y”；有：x"),
        (invocation("g", x="n"), uses("f"), function("f", "x", literal("x")), "调用的“g”不是这个决策要用的"),
        (literal("f(n)"), uses("f"), function("f", "x", literal("sum(for n in [1] return x + n)")), "局部名“n”"),
        (literal("f(n)"), uses("f"), function("f", "x", '<literalExpression expressionLanguage="juel"><text>x</text></literalExpression>'), "“juel”写的"),
        ("<filter><in>" + literal("[1]") + "</in><match>" + literal("item > 0") + "</match></filter>", BOTH, "", "筛选框不能取作判定"),
    ],
)  # fmt: skip
def test_what_cannot_be_explained_is_refused_in_words(
    tmp_path: Path, logic: str, requires: str, more: str, said: str
) -> None:
    folder = lay(tmp_path, {"all": file(INPUTS + more + decision(logic, name="d", requires=requires))}, spec("d"))
    with pytest.raises(PackError) as caught:
        load_folder(folder)
    assert said in str(caught.value), caught.value


def test_a_function_that_grows_without_end_when_written_out_is_refused(tmp_path: Path) -> None:
    functions = function("f0", "x", literal("x + x"))
    for i in range(1, 16):
        functions += function(f"f{i}", "x", literal(f"f{i - 1}(x) * f{i - 1}(x)"), needs(f"knowledge:_f{i - 1}"))
    model = file(INPUTS + functions + decision(literal("f15(n)"), name="d", requires=uses("f15")))
    with pytest.raises(PackError, match="把函数写开以后公式长过"):
        load_folder(lay(tmp_path, {"all": model}, spec("d")))

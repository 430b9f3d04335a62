"""A change of a table that no example notices is told with the facts that would show it; one that shows nowhere is not."""

from __future__ import annotations

from typing import Any

from tests.policy.analysis.conftest import Made, made, table

from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import read_facts
from gongbao.policy.analysis import Survivor, TableView
from gongbao.policy.analysis.tables import example_of, formula_of, tables_of
from gongbao.policy.examples import run
from gongbao.policy.yaml_core import parse

RULES: list[dict[str, Any]] = [
    {"when": {"a": ">= 2", "c": '"x", "y"'}, "then": "1"},
    {"otherwise": "0"},
]


def example(expect: Any, decision: str = "t", **facts: Any) -> dict[str, Any]:
    return {
        "id": f"e{len(facts)}-{'-'.join(map(str, facts.values()))}",
        "decision": decision,
        "given": facts,
        "expect": expect,
    }


def view_of(pack: Made, name: str = "t") -> TableView:
    source, world = pack
    return tables_of(source, world)[name]


def changes(view: TableView, kind: str) -> list[str]:
    return [each.changed for each in view.survivors if each.kind == kind]


EVERY = [example("1" if a >= 2 and c != "z" else "0", a=a, c=c) for a in (0, 1, 2, 3) for c in "xyz"]


def test_examples_at_every_case_leave_no_change_unnoticed() -> None:
    view = view_of(made({"t": table(RULES)}, examples=EVERY))
    assert view.survivors == ()
    assert view.mutants == view.killed + view.equivalent
    assert view.mutants > 8


def test_a_threshold_without_its_neighbour_survives_with_the_facts_that_would_notice() -> None:
    kept = [each for each in EVERY if each["given"]["a"] != 2]
    view = view_of(made({"t": table(RULES)}, examples=kept))
    assert changes(view, "threshold") == ["“>= 2”改为“>= 3”"]
    (lost,) = [each for each in view.survivors if each.kind == "threshold"]
    assert lost.case is not None
    assert lost.case.facts == {"a": 2, "c": "x"}
    assert (lost.rule, lost.column, lost.before, lost.after) == (1, "a", "1", "0")
    assert changes(view, "strictness") == ["“>= 2”改为“> 2”"]


def test_a_choice_too_many_or_too_few_survives_without_an_example_of_it() -> None:
    view = view_of(made({"t": table(RULES)}, examples=[each for each in EVERY if each["given"]["c"] == "x"]))
    assert changes(view, "choice") == ['“"x", "y"”去掉"y"', '“"x", "y"”加上"z"']


def test_the_example_that_is_offered_notices_the_change() -> None:
    kept = [each for each in EVERY if each["given"]["a"] != 2]
    source, world = made({"t": table(RULES)}, examples=kept)
    for lost in tables_of(source, world)["t"].survivors:
        offered = parse(example_of("t", lost, "一"), "examples.yaml").value[0]
        more = [*kept, offered]
        left = view_of(made({"t": table(RULES)}, examples=more)).survivors
        assert lost.changed not in [each.changed for each in left]
        assert decide(world, "t", read_facts(world.facts, offered["given"])).output == lost.before


def test_the_example_that_is_offered_is_whole_with_several_outputs() -> None:
    spec = table([{"when": {"d": "true"}, "then": {"o": "1", "p": None}}, {"otherwise": {"o": "1", "p": "二"}}])
    spec["output"] = {"o": {"type": "text"}, "p": {"type": "text"}}
    (lost,) = [each for each in view_of(made({"t": spec})).survivors if (each.kind, each.rule) == ("removed", 1)]
    offered = parse(example_of("t", lost, "一"), "examples.yaml").value[0]
    assert offered["expect"] == {"o": "1", "p": None}
    assert (offered["given"], offered["confirmed_by"]) == ({"d": True}, None)


def test_a_rule_that_no_example_reaches_survives_removed() -> None:
    view = view_of(made({"t": table(RULES)}, examples=[example("0", a=0, c="x")]))
    assert [each.rule for each in view.survivors if each.kind == "removed"] == [1]
    assert [each.rule for each in view.survivors if each.kind == "output"] == [1]


def test_a_change_that_no_facts_can_show_is_not_counted() -> None:
    rules = [{"when": {"a": ">= 0"}, "then": "1"}, {"otherwise": "0"}]  # there is nothing below 0
    view = view_of(made({"t": table(rules)}, examples=[example("1", a=0), example("1", a=4)]))
    assert "“>= 0”改为“>= -1”" not in [each.changed for each in view.survivors]
    assert view.equivalent >= 1


def test_a_change_that_the_check_itself_refuses_needs_no_example() -> None:
    rules = [{"when": {"a": ">= 2"}, "then": "1"}, {"when": {"a": "< 2"}, "then": "0"}]
    view = view_of(made({"t": table(rules)}, examples=[example("1", a=4), example("0", a=0)]))
    assert not changes(view, "threshold")  # a gap or two rules at once


def test_an_example_that_leaves_out_what_does_not_matter_counts() -> None:
    rules = [
        {"when": {"d": "true"}, "then": "1"},
        {"when": {"d": "false", "a": ">= 2"}, "then": "2"},
        {"otherwise": "0"},
    ]
    some = [example("1", d=True), *(example("2" if a >= 2 else "0", d=False, a=a) for a in (1, 2))]
    assert view_of(made({"t": table(rules, hit="first")}, examples=some)).survivors == ()


def test_an_example_of_a_decision_that_requires_it_counts_too() -> None:
    inner = table(RULES) | {"output": {"o": {"type": "choice", "values": ["0", "1"]}}}
    outer = table([{"when": {"i.o": '"1"'}, "then": "ja"}, {"when": {"i.o": '"0"'}, "then": "nein"}], requires=["i"])
    some = [example("ja" if each["expect"] == "1" else "nein", **each["given"]) for each in EVERY]
    assert view_of(made({"i": inner, "t": outer}, examples=some), "i").survivors == ()


def test_outputs_of_which_an_example_says_nothing_are_not_noticed() -> None:
    spec = table(
        [{"when": {"d": "true"}, "then": {"o": "1", "p": "1"}}, {"when": {"d": "false"}, "then": {"o": "1", "p": "2"}}]
    )
    spec["output"] = {"o": {"type": "text"}, "p": {"type": "text"}}
    some = [example({"o": "1"}, d=True), example({"o": "1"}, d=False)]
    assert [each.kind for each in view_of(made({"t": spec}, examples=some)).survivors] == ["output", "output"]
    more = [example({"p": "1"}, d=True), example({"p": "2"}, d=False)]
    assert view_of(made({"t": spec}, examples=more)).survivors == ()


def test_parameters_and_comparisons_in_lets_are_changed_too() -> None:
    rules = [{"when": {"far": "true"}, "then": "1"}, {"when": {"far": "false"}, "then": "0"}]
    spec = table(rules, let={"far": "a > params.line"})
    params = {"line": {"value": 2, "text": "2", "cite": "一"}}
    lost: tuple[Survivor, ...] = view_of(
        made({"t": spec}, examples=[example("1", a=4), example("0", a=0)], params=params)
    ).survivors
    assert [each.changed for each in lost] == [
        "params.line 由 2 改为 1", "params.line 由 2 改为 3", "“a > params.line”改为“a >= params.line”",
    ]  # fmt: skip
    assert [each.case.facts["a"] for each in lost if each.case is not None] == [2, 3, 2]
    both = [example("1", a=3), example("0", a=2)]
    assert view_of(made({"t": spec}, examples=both, params=params)).survivors == ()


def test_what_is_known_of_a_table_is_plain_data() -> None:
    found = view_of(made({"t": table(RULES)}, examples=EVERY)).as_dict()
    assert [column["expression"] for column in found["columns"]] == ["a", "c"]
    assert [rule["number"] for rule in found["rules"]] == [1, 2]
    assert found["rules"][0]["cells"][0]["text"] == ">= 2"
    assert {guard["side"]: bool(guard["examples"]) for guard in found["rules"][0]["cells"][0]["guards"]} == {
        0: True,
        -1: True,
    }


def test_where_two_rules_hold_no_change_is_told_beside_the_overlap() -> None:
    rules = [{"when": {"a": ">= 2"}, "then": "1"}, {"when": {"a": "<= 2"}, "then": "0"}]
    view = view_of(made({"t": table(rules)}, examples=[example("1", a=3), example("0", a=1)]))
    assert [each.facts for each in view.overlaps] == [{"a": 2}]
    assert not [each for each in view.survivors if "同时成立" in each.before]


def test_an_overlap_in_a_required_table_is_told_of_that_table() -> None:
    inner = table([{"when": {"a": ">= 2"}, "then": "1"}, {"when": {"a": "<= 2"}, "then": "0"}])
    outer = table([{"when": {"i.o": '"1"', "d": "true"}, "then": "x"}, {"otherwise": "y"}], requires=["i"])
    source, world = made({"i": inner, "t": outer}, examples=[example("x", a=2, d=True)])
    views = tables_of(source, world)
    assert (len(views["i"].overlaps), views["t"].overlaps) == (1, ())


def test_a_gap_is_a_persons_only_where_an_example_says_so_of_every_part_of_it() -> None:
    rules = [{"when": {"c": '"x"'}, "then": "1"}]
    person: dict[str, Any] = {"needs_person": True}
    some = view_of(made({"t": table(rules)}, examples=[example("1", c="x"), example(person, c="y")]))
    assert [(each.facts, each.example) for each in some.gaps] == [({"c": "z"}, "")]
    both = [example("1", c="x"), example(person, c="y"), example(person, c="z")]
    assert [(each.facts, each.example) for each in view_of(made({"t": table(rules)}, examples=both)).gaps] == [
        ({"c": "y"}, "e1-y")
    ]


FORMULA = {
    "label": "式", "cite": "一", "output": {"o": {"type": "integer"}},
    "value": {"o": "if a >= params.line then params.high else a"},
}  # fmt: skip
FIGURES = {n: {"value": v, "text": str(v), "cite": "一"} for n, v in (("line", 3), ("high", 9))}


def formula_view(examples: list[dict[str, Any]], spec: dict[str, Any] = FORMULA) -> TableView:
    source, world = made({"t": spec}, examples=examples, params=FIGURES)
    return formula_of(source, world, "t", run(world, source.pack.examples))


def test_the_figures_and_comparisons_of_a_formula_are_changed_too() -> None:
    lost = formula_view([example(9, a=4), example(1, a=1)]).survivors
    assert [each.changed for each in lost] == [
        "params.line 由 3 改为 2", "params.line 由 3 改为 4",
        "“if a >= params.line then params.high else a”改为“if a > params.line then params.high else a”",
    ]  # fmt: skip
    assert [(each.case.facts["a"], each.before, each.after) for each in lost if each.case is not None] == [
        (2, "2", "9"), (3, "9", "3"), (3, "9", "3"),
    ]  # fmt: skip
    assert [each.at for each in lost] == [("line",), ("line",), ("t", "value", "o")]
    assert lost[0].expect == 2


def test_examples_on_the_line_of_a_formula_and_beside_it_notice_every_change() -> None:
    view = formula_view([example(9, a=3), example(2, a=2)])
    assert (view.survivors, view.mutants, view.killed) == ((), 5, 5)


def test_a_comparison_in_a_let_of_a_formula_is_changed_too() -> None:
    spec = {**FORMULA, "let": {"far": "a < params.line"}, "value": {"o": "if far then 0 else a"}}
    (strict,) = [each for each in formula_view([example(0, a=1), example(4, a=4)], spec).survivors if each.at[0] == "t"]
    assert (strict.at, strict.changed) == (("t", "let", "far"), "“a < params.line”改为“a <= params.line”")

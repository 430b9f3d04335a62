"""Boxed expressions: literal, context, invocation, function, list, relation, decision table, conditional, filter, loops.

``Boxes.compiled(element, names)`` gives a function of a scope. What is wrong with an expression is a problem of the
model, kept with the place where it stands; its value is then null, as the standard has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, get_args
from xml.etree.ElementTree import Element

from gongbao.dmn import xml
from gongbao.dmn.compile import CompiledTable, compile_table
from gongbao.dmn.errors import DmnError, shown
from gongbao.dmn.table import Aggregator, DecisionTable, Expression, HitPolicy, Input, Output, Rule
from gongbao.dmn.types import ANY, Type, Types
from gongbao.feel import (
    FeelError,
    FeelFunction,
    Functions,
    Value,
    compile_expression,
    compile_unary_tests,
    parse_unary_tests,
)
from gongbao.feel.meter import BUDGET, fresh, spend
from gongbao.feel.parse import KnownName
from gongbao.feel.runtime import snapshot
from gongbao.feel.syntax import Literal
from gongbao.feel.values import call_named, iterate

Scope: TypeAlias = dict[str, Value]
Names: TypeAlias = tuple[KnownName, ...]
Box: TypeAlias = Callable[[Scope], Value]

EXPRESSIONS = (
    "literalExpression", "decisionTable", "context", "invocation", "functionDefinition", "list", "relation",
    "conditional", "filter", "for", "every", "some",
)  # fmt: skip


def expression_in(element: Element) -> Element | None:
    """The boxed expression that stands directly in an element."""
    return xml.child(element, *EXPRESSIONS)


def _null(_: Scope) -> Value:
    return None


class Boxes:
    """Compiles the boxed expressions of one model; ``place`` is the element (decision, ...) they belong to."""

    def __init__(self, types: Types, report: Callable[[str, str], None], functions: Functions | None = None) -> None:
        self.types = types
        self.functions = functions
        self._report = report
        self._spellings: Names = tuple((name,) for name in types.names())
        self._place = ""

    def compiled(self, element: Element | None, names: Iterable[KnownName], place: str) -> Box:
        """The function of a boxed expression; ``names`` are those in its scope."""
        self._place = place
        return self._box(element, tuple(names))

    def _box(self, element: Element | None, names: Names) -> Box:
        if element is None:
            return _null
        kind = xml.local(element)
        make = getattr(self, "_" + kind)
        box: Box = make(element, names)
        wanted = self.types.named(xml.type_of(element))
        # The type of a table is applied with its outputs, the type a function gives when it is called.
        return (
            box
            if wanted is ANY or kind == "functionDefinition"
            else lambda scope: wanted.coerce(box(scope), scope.get(BUDGET))
        )

    def _inner(self, element: Element, name: str, names: Names) -> Box:
        found = xml.child(element, name)
        return self._box(None if found is None else expression_in(found), names)

    def text(self, text: str, names: Names) -> Box:
        """The function of a FEEL text; empty text is null."""
        if not text:
            return _null
        try:
            known = (*names, *self._spellings)
            compiled = compile_expression(
                text, known, self.functions, strict=False, shares_budget=True, types=self.types.tests()
            )
            return compiled.evaluate
        except FeelError as error:
            self._report(self._place, str(error))
            return _null

    # One method per element ------------------------------------------------------------------------------------

    def _literalExpression(self, element: Element, names: Names) -> Box:
        language = element.get("expressionLanguage", "")
        if language and "feel" not in language.lower():
            self._report(self._place, f"不支持“{language}”写的公式，只支持 FEEL")
            return _null
        return self.text(xml.text_of(element), names)

    def _context(self, element: Element, names: Names) -> Box:
        entries: list[tuple[str, Type, Box]] = []
        for entry in xml.children(element, "contextEntry"):
            variable = xml.child(entry, "variable")
            name = "" if variable is None else variable.get("name", "")
            # A function may call itself, so its own name is in its scope.
            inside = (*names, *((known,) for known, _, _ in entries if known), *([(name,)] if name else []))
            entries.append((name, self.types.named(xml.type_of(variable)), self._box(expression_in(entry), inside)))

        def box(scope: Scope) -> Value:
            inner = dict(scope)
            made: dict[str, Value] = {}
            for name, wanted, value in entries:
                if not name:
                    return value(inner)
                made[name] = inner[name] = wanted.coerce(value(inner), scope.get(BUDGET))
            return made

        return box

    def _invocation(self, element: Element, names: Names) -> Box:
        function = self._box(expression_in(element), names)
        bindings: list[tuple[str, Box]] = []
        for binding in xml.children(element, "binding"):
            parameter = xml.child(binding, "parameter")
            name = "" if parameter is None else parameter.get("name", "")
            bindings.append((name, self._box(expression_in(binding), names)))
        return lambda scope: call_named(function(scope), {name: value(scope) for name, value in bindings})

    def _functionDefinition(self, element: Element, names: Names) -> Box:
        kind = element.get("kind", "FEEL")
        if kind != "FEEL":
            self._report(self._place, f"不支持 {kind} 写的函数，只支持 FEEL")
            return _null
        parameters = self.parameters(element)
        body = self._box(expression_in(element), (*names, *((name,) for name, _ in parameters)))
        result = self.types.named(xml.type_of(element))
        return lambda scope: function_of(parameters, body, result, scope)

    def parameters(self, element: Element) -> tuple[tuple[str, Type], ...]:
        """The formal parameters of a function, with their types."""
        found = xml.children(element, "formalParameter")
        return tuple((each.get("name", ""), self.types.named(xml.type_of(each))) for each in found)

    def _list(self, element: Element, names: Names) -> Box:
        items = [self._box(each, names) for each in xml.children(element, *EXPRESSIONS)]
        return lambda scope: [item(scope) for item in items]

    def _relation(self, element: Element, names: Names) -> Box:
        columns = [each.get("name", "") for each in xml.children(element, "column")]
        rows = [
            [self._box(each, names) for each in xml.children(row, *EXPRESSIONS)] for row in xml.children(element, "row")
        ]
        return lambda scope: [
            {name: value(scope) for name, value in zip(columns, row, strict=False)} for row in rows
        ]  # fmt: skip

    def _conditional(self, element: Element, names: Names) -> Box:
        condition, then, otherwise = (self._inner(element, part, names) for part in ("if", "then", "else"))

        def box(scope: Scope) -> Value:
            holds = condition(scope)
            if holds is not None and type(holds) is not bool:
                return None  # unlike the "if" of a text, a boxed one refuses what is no boolean
            return then(scope) if holds else otherwise(scope)

        return box

    def _filter(self, element: Element, names: Names) -> Box:
        source = self._inner(element, "in", names)
        match = self._inner(element, "match", (*names, "item"))

        def box(scope: Scope) -> Value:
            items = source(scope)
            if items is None:
                return None
            kept = []
            budget = fresh(scope.get(BUDGET))
            for item in iterate(items, None, False, budget):
                entries = item if isinstance(item, Mapping) else {}
                spend(budget, len(entries) >> 2)
                holds = match({**scope, "item": item, **entries})
                if holds is not None and type(holds) is not bool:
                    return None
                if holds:
                    kept.append(item)
            return kept

        return box

    def _for(self, element: Element, names: Names) -> Box:
        name = element.get("iteratorVariable", "")
        source = self._inner(element, "in", names)
        body = self._inner(element, "return", (*names, (name,), "partial"))
        looks_back = "partial" in "".join(element.itertext())

        def box(scope: Scope) -> Value:
            budget = fresh(scope.get(BUDGET))
            items = iterate(source(scope), None, False, budget)
            if items is None:
                return None
            made: list[Value] = []
            for item in items:
                so_far = {"partial": snapshot(made, budget)} if looks_back else {}
                made.append(body({**scope, **so_far, name: item}))
            return made

        return box

    def _every(self, element: Element, names: Names) -> Box:
        return self._quantified(element, names, deciding=False)

    def _some(self, element: Element, names: Names) -> Box:
        return self._quantified(element, names, deciding=True)

    def _quantified(self, element: Element, names: Names, deciding: bool) -> Box:
        name = element.get("iteratorVariable", "")
        source = self._inner(element, "in", names)
        condition = self._inner(element, "satisfies", (*names, (name,)))

        def box(scope: Scope) -> Value:
            items = iterate(source(scope), None, False, fresh(scope.get(BUDGET)))
            if items is None:
                return None
            result: bool | None = not deciding
            for item in items:
                holds = condition({**scope, name: item})
                if holds is deciding:
                    return deciding
                if holds is not (not deciding):
                    result = None
            return result

        return box

    # Tables ----------------------------------------------------------------------------------------------------

    def _decisionTable(self, element: Element, names: Names) -> Box:
        try:
            table = table_of(element, self._place, self.types)
            known = (*names, *self._spellings)
            compiled = compile_table(table, known, self.functions, strict=False, shares_budget=True)
            accepted = [self._accepted(each) for each in xml.children(element, "input")]
        except (DmnError, FeelError) as error:
            self._report(self._place, str(error))
            return _null
        types = [self.types.named(xml.type_of(each)) for each in xml.children(element, "output")]
        return lambda scope: _decided(compiled, accepted, types, scope)

    def _accepted(self, column: Element) -> Callable[[Value], bool]:
        text = xml.text_of(xml.child(column, "inputValues"))
        if not text:
            return lambda value: True
        tests = compile_unary_tests(text, strict=False)
        return lambda value: tests.evaluate(value, {}) is True


def _decided(
    compiled: CompiledTable, accepted: list[Callable[[Value], bool]], types: list[Type], scope: Scope
) -> Value:
    for part, takes in zip(compiled.inputs, accepted, strict=True):
        value = part.evaluate(scope)
        if value is not None and not takes(value):
            raise DmnError(f"“{part.text}”的值 {shown(value)} 不在允许的取值里")
    output = compiled.decide(scope).output
    table = compiled.table
    if table.aggregator is not None:
        return output
    if table.hit in ("collect", "rule order", "output order"):
        return [_typed(each, table, types, scope) for each in output]
    return _typed(output, table, types, scope)


def _typed(value: Value, table: DecisionTable, types: list[Type], scope: Scope) -> Value:
    if len(types) == 1:
        return types[0].coerce(value, scope.get(BUDGET))
    if value is None:
        return None
    columns = zip(table.outputs, types, strict=True)
    return {output.name: wanted.coerce(value[output.name], scope.get(BUDGET)) for output, wanted in columns}


def table_of(element: Element, name: str, types: Types) -> DecisionTable:
    """The decision table that a ``decisionTable`` element draws; ``TableError`` when its parts do not fit together."""
    outputs = list(xml.children(element, "output"))
    hit = element.get("hitPolicy", "UNIQUE").lower()
    aggregator = element.get("aggregation", "").lower() or None
    rules = [
        Rule(
            cells=tuple(_cell(xml.text_of(each)) for each in xml.children(row, "inputEntry")),
            outputs=tuple(Expression(xml.text_of(each) or "null") for each in xml.children(row, "outputEntry")),
            label=_annotation(row),
        )
        for row in xml.children(element, "rule")
    ]
    inputs = tuple(
        Input(xml.text_of(xml.child(column, "inputExpression")), column.get("label", ""))
        for column in xml.children(element, "input")
    )
    defaults = [xml.text_of(xml.child(each, "defaultOutputEntry")) for each in outputs]
    if any(defaults):
        entries = tuple(Expression(text or "null") for text in defaults)
        rules.append(Rule((None,) * len(inputs), entries, "默认", otherwise=True))
    return DecisionTable(
        name=name,
        inputs=inputs,
        outputs=tuple(Output(each.get("name", "") or name, _ordered(each, types)) for each in outputs),
        rules=tuple(rules),
        hit=_one_of(hit, get_args(HitPolicy), name),
        aggregator=None if aggregator is None else _one_of(aggregator, get_args(Aggregator), name),
    )


def _cell(text: str) -> str | None:
    return None if text in ("", "-") else text


def _annotation(row: Element) -> str:
    """What stands in the annotation columns of a row: the place for the clause it comes from."""
    found = [xml.text_of(each) for each in xml.children(row, "annotationEntry")]
    return "；".join(text for text in found if text) or xml.text_of(row, "description")


def _ordered(output: Element, types: Types) -> tuple[Value, ...]:
    """The values of an output column in their order, from the column itself or from its type."""
    text = xml.text_of(xml.child(output, "outputValues"))
    if text:
        tests = parse_unary_tests(text).tests
    else:
        allowed = types.named(xml.type_of(output)).allowed
        tests = () if allowed is None else allowed.node.tests
    return tuple(each.value for each in tests if isinstance(each, Literal))


def _one_of(given: str, allowed: tuple[Any, ...], table: str) -> Any:
    if given not in allowed:
        raise DmnError(f"判定表“{table}”：没有“{given.upper()}”，可用：{'、'.join(each.upper() for each in allowed)}")
    return given


def function_of(
    parameters: tuple[tuple[str, Type], ...], body: Box, result: Type, scope: Scope, budget: list[int] | None = None
) -> FeelFunction:
    """A function value over the scope it was made in; an argument that is not of its type makes the call null.

    ``budget`` holds how many calls are left, so that functions calling each other come to an end.
    """
    left = fresh(scope.get(BUDGET) if budget is None else budget)

    def call(*arguments: Value) -> Value:
        spend(left)
        inner = dict(scope)
        for (name, wanted), given in zip(parameters, arguments, strict=True):
            inner[name] = wanted.coerce(given, left)
            if inner[name] is None and given is not None:
                return None
        return result.coerce(body(inner), left)

    return FeelFunction(tuple(name for name, _ in parameters), call)

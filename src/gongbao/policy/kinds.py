"""What kind of value every expression of a decision is: number, text, truth value, date ..., also through `let`.

Kinds follow from the facts, settings and outputs that an expression reads. Where a comparison or a cell can never hold
because the two sides are of different kinds, or a text is none of the values that a choice can take, or an output is
of another kind than declared, that is a mistake of the pack. What cannot be told (`None`) is never complained of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gongbao.feel import syntax
from gongbao.feel.errors import FeelError
from gongbao.feel.syntax import Node
from gongbao.feel.values import YearsMonths
from gongbao.policy import schema
from gongbao.policy.errors import Problem
from gongbao.policy.expressions import Written, compile_written, written
from gongbao.policy.source import Source

NAMES = {"number": "数", "text": "文字", "boolean": "是非", "date": "日期", "datetime": "时间", "duration": "时长"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value; of texts, `values` are all that it can be (empty: any)."""

    name: str
    values: tuple[str, ...] = ()
    null: bool = False  # it may also be null


_FACTS = {
    "integer": "number", "number": "number", "money": "number", "boolean": "boolean", "text": "text", "choice": "text",
    "unit": "text", "person": "text", "place": "text", "date": "date", "datetime": "datetime", "duration": "duration",
}  # fmt: skip
_CALLS = {
    "string": "text", "upper case": "text", "lower case": "text", "substring": "text", "concatenate": "text",
    "contains": "boolean", "starts with": "boolean", "ends with": "boolean", "not": "boolean", "matches": "boolean",
    "count": "number", "sum": "number", "abs": "number", "floor": "number", "ceiling": "number", "longest": "number",
    "run": "number", "peak": "number", "mean_of": "number", "share": "number", "marked_hours": "number",
    "lasting_hours": "number", "string length": "number", "times": "number",
}  # fmt: skip
_LITERALS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"), ((int, Decimal), "number"), (str, "text"), (dt.datetime, "datetime"), (dt.date, "date"),
    ((dt.timedelta, YearsMonths), "duration"),
)  # fmt: skip


def kinds(source: Source) -> Iterator[Problem]:
    """Every comparison, cell and output of a decision whose kinds do not fit."""
    inference = {name: _Kinds(source.pack, name) for name in source.pack.decisions}
    for one in written(source.pack):
        if one.decision is None:
            continue
        try:
            node = compile_written(source.pack, one).node
        except FeelError:
            continue
        known = inference[one.decision]
        if one.kind == "cell":
            yield from _cell(source, one, known, node)
        yield from _comparisons(source, one, known, node)
        if (message := _output(source.pack, one, known, node)) is not None:
            yield source.problem(one.file, one.path, message, code="type")


class _Kinds:
    """The kinds of the names that one decision sees; lets are followed, a circle of them has no kind."""

    def __init__(self, pack: schema.Pack, name: str) -> None:
        self.pack = pack
        self.spec = pack.decisions[name]
        self.lets: dict[str, Kind | None] = {}
        self.name = name

    def of(self, node: Node) -> Kind | None:
        if isinstance(node, syntax.Literal):
            return _of_value(node.value)
        if isinstance(node, (syntax.Name, syntax.Path)):
            return self.of_name(_dotted(node))
        if isinstance(node, (syntax.Comparison, syntax.And, syntax.Or, syntax.In, syntax.Between, syntax.Quantified)):
            return Kind("boolean")
        if isinstance(node, syntax.If):
            return _either(self.of(node.then), self.of(node.otherwise))
        if isinstance(node, syntax.Negate):
            return self.of(node.operand)
        if isinstance(node, syntax.Arithmetic):
            sides = (self.of(node.left), self.of(node.right))
            return Kind("number") if all(side is not None and side.name == "number" for side in sides) else None
        if isinstance(node, syntax.Call) and isinstance(node.function, syntax.Name):
            return Kind(_CALLS[node.function.name]) if node.function.name in _CALLS else None
        return None

    def of_name(self, path: list[str]) -> Kind | None:
        if not path:
            return None
        head, *rest = path
        if head in self.spec.let and not rest:
            return self.of_let(head)
        if head in self.pack.facts:
            return _of_fact(self.pack.facts[head], rest)
        if head == "params" and rest and rest[0] in self.pack.params:
            return _of_value(self.pack.params[rest[0]].value)
        if head == "settings" and rest and rest[0] in self.pack.settings:
            return _of_setting(self.pack.settings[rest[0]])
        if head == "decided" and rest:
            head, *rest = rest
        if head in self.pack.decisions:
            outputs = self.pack.decisions[head].output
            output = outputs.get(rest[0]) if rest else next(iter(outputs.values())) if len(outputs) == 1 else None
            if output is not None and (rest or path[0] == "decided") and output.type in _FACTS:
                return Kind(_FACTS[output.type], output.values)
        return None

    def of_let(self, name: str) -> Kind | None:
        if name not in self.lets:
            self.lets[name] = None  # while it is looked at
            one = Written("decisions.yaml", (self.name, "let", name), self.spec.let[name], decision=self.name,
                          extra=tuple(self.spec.for_each))  # fmt: skip
            with suppress(FeelError):  # what does not compile is told elsewhere
                self.lets[name] = self.of(compile_written(self.pack, one).node)
        return self.lets[name]


def _of_value(value: Any) -> Kind | None:
    if value is None:
        return Kind("null", null=True)
    for type_, name in _LITERALS:
        if isinstance(value, type_):
            return Kind(name, (str(value),) if name == "text" else ())
    return None


def _of_fact(fact: schema.FactSpec, rest: list[str]) -> Kind | None:
    for part in rest:
        if fact.type != "record" or part not in fact.fields:
            return None
        fact = fact.fields[part]
    return Kind(_FACTS[fact.type], fact.values) if fact.type in _FACTS else None


def _of_setting(setting: schema.Setting) -> Kind | None:
    listed = setting.candidates or setting.values
    if listed:
        found = {kind.name for value in listed if (kind := _of_value(value)) is not None}
        texts = tuple(str(value) for value in listed)
        return Kind(found.pop(), texts if isinstance(listed[0], str) else ()) if len(found) == 1 else None
    return Kind(_FACTS[setting.type]) if setting.type in _FACTS else None


def _either(one: Kind | None, other: Kind | None) -> Kind | None:
    if one is None or other is None:
        return None
    if one.name == "null" or other.name == "null":
        kind = other if one.name == "null" else one
        return Kind(kind.name, kind.values, True)
    if one.name != other.name:
        return None
    values = tuple(dict.fromkeys((*one.values, *other.values))) if one.values and other.values else ()
    return Kind(one.name, values, one.null or other.null)


# Complaints ----------------------------------------------------------------------------------------------------------


def _cell(source: Source, one: Written, known: _Kinds, node: Node) -> Iterator[Problem]:
    """A cell whose tests can never hold for what its column is."""
    assert one.subject is not None
    column = Written(one.file, one.path, one.subject, "column", one.extra, one.decision)
    try:
        kind = known.of(compile_written(source.pack, column).node)
    except FeelError:
        return
    if kind is None or kind.name == "null":
        return
    ahead: list[Node] = [node]
    while ahead:
        test = ahead.pop()
        if isinstance(test, (syntax.UnaryTests, syntax.ListLiteral)):
            ahead.extend(syntax.children(test))
            continue
        operands = (
            [test.operand] if isinstance(test, syntax.UnaryComparison)
            else [test.low, test.high] if isinstance(test, syntax.RangeLiteral)
            else [] if any(isinstance(each, syntax.Name) and each.name == "?" for each in syntax.walk(test))
            else [test]
        )  # fmt: skip
        for operand in operands:
            other = known.of(operand)
            message = _misfit(kind, other, one.subject)
            if message is not None:
                yield source.problem(one.file, one.path, message, code="type")
            elif one.subject in known.spec.let and (missing := _no_values(kind, other)) is not None:
                message = f"“{missing}”不是“{one.subject}”可取的值；可取：{'、'.join(kind.values)}"
                yield source.problem(one.file, one.path, message, code="value")


def _comparisons(source: Source, one: Written, known: _Kinds, node: Node) -> Iterator[Problem]:
    for part in syntax.walk(node):
        if isinstance(part, syntax.Comparison):
            left, right = known.of(part.left), known.of(part.right)
            if left is None or right is None:
                continue
            text = one.text[part.span[0] : part.span[1]] or one.text
            if _no_values(left, right) is None and left.name != right.name and "null" not in (left.name, right.name):
                message = f"“{text}”把{NAMES[left.name]}与{NAMES[right.name]}相比，比不出结果"
                yield source.problem(one.file, one.path, message, code="type")
            elif _names(part) & set(known.spec.let) and (wrong := _misfit_choice(left, right, part)) is not None:
                yield source.problem(one.file, one.path, wrong, code="value")


def _misfit(kind: Kind, other: Kind | None, subject: str) -> str | None:
    if other is None or other.name in ("null", kind.name):
        return None
    return f"“{subject}”是{NAMES[kind.name]}，格子里却是{NAMES[other.name]}，永远不成立"


def _names(node: Node) -> set[str]:
    return {each.name for each in syntax.walk(node) if isinstance(each, syntax.Name)}


def _misfit_choice(left: Kind, right: Kind, part: syntax.Comparison) -> str | None:
    for kind, other, node in ((left, right, part.right), (right, left, part.left)):
        if isinstance(node, syntax.Literal) and (missing := _no_values(kind, other)) is not None:
            return f"“{missing}”不是可取的值；可取：{'、'.join(kind.values)}"
    return None


def _no_values(kind: Kind, other: Kind | None) -> str | None:
    """The first text of the other that the kind can never be."""
    if other is None or kind.name != "text" or other.name != "text" or not kind.values:
        return None
    return next((value for value in other.values if value not in kind.values), None)


def _output(pack: schema.Pack, one: Written, known: _Kinds, node: Node) -> str | None:
    """An output that is of another kind than it is declared to be, or one of other values."""
    assert one.decision is not None
    spec = pack.decisions[one.decision]
    where = one.path[1] if len(one.path) > 1 else None
    if where == "value" and len(one.path) == 3:
        name = str(one.path[2])
    elif where == "rules" and len(one.path) > 3 and one.path[3] in ("then", "otherwise"):
        name = str(one.path[4]) if len(one.path) > 4 else next(iter(spec.output))
    else:
        return None
    declared, found = spec.output.get(name), known.of(node)
    if declared is None or found is None or found.name == "null" or declared.type not in _FACTS or spec.for_each:
        return None
    wanted = _FACTS[declared.type]
    if found.name != wanted:
        return f"结果“{name}”应是{NAMES[wanted]}，这里得出{NAMES[found.name]}"
    return None


def literals_fit(source: Source) -> Iterator[Problem]:
    """A literal output that is of another kind than declared."""
    for name, spec in source.pack.decisions.items():
        for i, rule in enumerate(spec.rules):
            where = "then" if rule.when is not None else "otherwise"
            entry = getattr(rule, where)
            single = len(spec.output) == 1 and not isinstance(entry, Mapping)
            for output, value in ({next(iter(spec.output)): entry} if single else entry or {}).items():
                declared, found = spec.output.get(output), _of_value(value)
                if declared is None or found is None or found.name == "null" or declared.type not in _FACTS:
                    continue
                if isinstance(value, str) and (
                    value.startswith("= ") or _FACTS[declared.type] not in ("number", "boolean")
                ):
                    continue
                if found.name != _FACTS[declared.type]:
                    path = (name, "rules", i, where) if single else (name, "rules", i, where, output)
                    wanted = NAMES[_FACTS[declared.type]]
                    message = f"结果“{output}”应是{wanted}，这里写的是{NAMES[found.name]}“{value}”"
                    yield source.problem("decisions.yaml", path, message, code="type")


def _dotted(node: Node) -> list[str]:
    parts: list[str] = []
    while isinstance(node, syntax.Path):
        parts.append(node.name)
        node = node.base
    return [node.name, *reversed(parts)] if isinstance(node, syntax.Name) else []

"""The logic of a DMN model as text in the words of a pack: names by what they are there, functions written out where called.

A business knowledge model, a decision service, a function of a context: each call is replaced by the body with its arguments
in place of the parameters. FEEL has no side effects, so the text means the same; what it cannot say is refused.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

from gongbao.dmn import DmnError, xml
from gongbao.dmn.boxed import EXPRESSIONS, expression_in, table_of
from gongbao.dmn.model import Model, Required, variable_name
from gongbao.dmn.table import DecisionTable, Expression, check_shape
from gongbao.dmn.table import Rule as TableRule
from gongbao.engine.functions import FUNCTIONS
from gongbao.feel import FeelError, parse_expression, parse_unary_tests, syntax

MOST_TEXT = 20_000  # characters of a formula with its functions written out
_KINDS = {
    "invocation": "调用", "functionDefinition": "函数定义", "list": "列表", "relation": "关系表", "conditional": "条件框",
    "filter": "筛选框", "for": "循环框", "every": "every 框", "some": "some 框", "decisionTable": "判定表", "context": "上下文",
}  # fmt: skip
_SIMPLE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*|\d+(\.\d+)?")


class Refused(ValueError):
    """Why the file, or the decision in it, cannot be taken, in Chinese."""


@dataclass(frozen=True, slots=True)
class Function:
    """What may be called: `body` is its logic, or a decision service as an element; `sees` the names inside it.

    model: in which it stands; inside: itself and what it is written out in, so that none calls itself.
    """

    name: str
    parameters: tuple[str, ...]
    body: Element
    model: Model
    sees: Callable[[Mapping[str, str]], Names]


@dataclass(frozen=True, slots=True)
class Names:
    """What a name of the model is in the pack; `lets` are the model's own derived values.

    bound: name, dotted where it is of an imported model -> (expression of the pack, the decision it requires);
    undrawn: the same of names for which the model draws no input data; used: those of them that were met.
    """

    bound: Mapping[str, tuple[str, str | None]]
    undrawn: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    lets: list[str] = field(default_factory=list)
    requires: list[str] = field(default_factory=list)
    inside: tuple[str, ...] = ()

    def having(self, names: Mapping[str, str], functions: Mapping[str, Function] | None = None) -> Names:
        """The same with these names besides, which stand for texts in the words of the pack."""
        bound = {**self.bound, **{name: (text, None) for name, text in names.items()}}
        return replace(self, bound=bound, functions={**self.functions, **(functions or {})})

    def pack(self, text: str, cell: bool = False, local: Iterable[str] = ()) -> str:
        """A text of the model in the words of the pack. `local`: names bound around it."""
        spellings: list[Any] = [*self.lets, *self.undrawn, *FUNCTIONS, *local, "?"]
        spellings += [tuple(name.split(".", 1)) if "." in name else name for name in (*self.bound, *self.functions)]
        try:
            tree = (parse_unary_tests if cell else parse_expression)(text, spellings)
        except FeelError as error:
            raise Refused(f"{'格子' if cell else '公式'}“{text}”有误：{error}") from None
        around = {*local, *(name for node in syntax.walk(tree) for name in _bound_inside(node))}
        changes = sorted(self._changes(tree, text, around), reverse=True)
        for start, end, new in changes:
            text = text[:start] + new + text[end:]
        if len(text) > MOST_TEXT:
            raise Refused(f"把函数写开以后公式长过 {MOST_TEXT:,} 字，请在 DMN 文件里拆成几个决策")
        return text

    def _changes(self, tree: syntax.Node, text: str, around: set[str]) -> Iterator[tuple[int, int, str]]:
        waiting = [tree]
        while waiting:
            node = waiting.pop()
            called = _dotted(node.function) if isinstance(node, syntax.Call) else None
            if isinstance(node, syntax.Call) and called is not None and called in self.functions:
                function = self.functions[called]
                given = _arguments(text, node, function)
                texts = {name: self.pack(each, local=around) for name, each in given.items()}
                yield *node.span, f"({self.written_out(function, texts)})"
                continue
            name = _dotted(node)
            if name in self.functions:
                raise Refused(f"公式“{text}”里的“{name}”是函数，只能直接调用：{name}(…)")
            if name is not None and (name in self.bound or name in self.undrawn) and name not in self.lets:
                if name in self.bound:
                    new, required = self.bound[name]
                else:
                    new, required = self.undrawn[name], None
                    self.used.add(name)
                taken = around & {name, *(re.findall(r"[^\W\d]\w*", new) if new != name else ())}
                if new != name and taken:
                    raise Refused(f"公式“{text}”里的局部名“{min(taken)}”与要用的名字相同，改一个名字")
                if required is not None and required not in self.requires:
                    self.requires.append(required)
                if new != name:
                    yield *node.span, new if _SIMPLE.fullmatch(new) or _closed(new) else f"({new})"
                continue
            waiting.extend(syntax.children(node))

    def written_out(self, function: Function, texts: Mapping[str, str]) -> str:
        """The body of a function with these texts for its parameters."""
        return written(function.body, self.entered(function, texts), function.model)

    def entered(self, function: Function, texts: Mapping[str, str]) -> Names:
        """The names inside a function that is called with these texts for its parameters."""
        if function.name in self.inside:
            raise Refused(f"函数“{function.name}”自己调用自己，写不成判定")
        inner = function.sees({name: texts.get(name, "null") for name in function.parameters})
        return replace(inner, inside=(*self.inside, function.name))


def _dotted(node: syntax.Node) -> str | None:
    if isinstance(node, syntax.Name):
        return node.name
    return (
        f"{node.base.name}.{node.name}"
        if isinstance(node, syntax.Path) and isinstance(node.base, syntax.Name)
        else None
    )


def _bound_inside(node: Any) -> Iterable[str]:
    match node:
        case syntax.For(sources=sources) | syntax.Quantified(sources=sources):
            return [source.name for source in sources]
        case syntax.FunctionLiteral(parameters=parameters):
            return parameters
        case syntax.ContextLiteral(entries=entries):
            return [name for name, _ in entries]
    return ()


def _closed(text: str) -> bool:
    """Whether one pair of parentheses encloses the whole text."""
    depth = 0
    for at, sign in _signs(text):
        depth += (sign in "([{") - (sign in ")]}")
        if not depth:
            return at == len(text) - 1 and text[0] == "("
    return False


def _signs(text: str) -> Iterator[tuple[int, str]]:
    """The characters of a text outside its strings."""
    for part in re.finditer(r'"(?:\\.|[^"\\])*"|.', text, re.DOTALL):
        if len(part[0]) == 1:
            yield part.start(), part[0]


def _arguments(text: str, call: syntax.Call, function: Function) -> dict[str, str]:
    """The texts of the arguments of a call by parameter."""
    start = text.index("(", call.function.span[1]) + 1
    cuts, depth = [start - 1], 0
    for at, sign in _signs(text[start : call.span[1] - 1]):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and not depth:
            cuts.append(start + at)
    cuts.append(call.span[1] - 1)
    parts = [text[a + 1 : b].strip() for a, b in itertools.pairwise(cuts)]
    if call.named:
        names = [name for name, _ in call.named]
        found = {name: part.partition(":")[2].strip() for name, part in zip(names, parts, strict=True)}
    else:
        parts = [part for part in parts if part]
        found = dict(zip(function.parameters, parts, strict=False))
        names = list(function.parameters[: len(parts)]) + ["?"] * (len(parts) - len(function.parameters))
    if sorted(names) != sorted(function.parameters):
        raise Refused(f"“{function.name}”要的是 {'、'.join(function.parameters) or '没有参数'}；调用“{text}”给的不同")
    return found


# Functions of a model -----------------------------------------------------------------------------------------------


def function_of(required: Required) -> Function:
    """The business knowledge model or decision service that is required."""
    model, element = required.model, required.element
    name = ".".join(required.path)
    if xml.local(element) == "decisionService":
        return _service(name, model, element)
    logic = xml.child(element, "encapsulatedLogic")
    body = None if logic is None else expression_in(logic)
    if logic is None or body is None:
        raise Refused(f"业务知识模型“{name}”是空的")
    needs = [each for each in model.requirements(element) if each.element is not element]

    def sees(texts: Mapping[str, str]) -> Names:
        functions = {".".join(each.path): function_of(each) for each in needs}
        own = Function(name, _parameters(logic, name, model), body, model, sees)
        return Names({}, functions={**functions, variable_name(element): own}).having(texts)

    return Function(name, _parameters(logic, name, model), body, model, sees)


def _parameters(logic: Element, name: str, model: Model) -> tuple[str, ...]:
    if logic.get("kind", "FEEL") != "FEEL":
        raise Refused(f"函数“{name}”是用 {logic.get('kind')} 写的，只能取用 FEEL 写的")
    for each in xml.children(logic, "formalParameter"):
        if model.types.named(xml.type_of(each)).allowed is not None:
            raise Refused(f"函数“{name}”的参数“{each.get('name', '')}”只许几个值，写开后不再核对；去掉参数的取值限制")
    return tuple(each.get("name", "") for each in xml.children(logic, "formalParameter"))


def _service(name: str, model: Model, element: Element) -> Function:
    def referred(*kinds: str) -> list[Required]:
        found = [model.found(each.get("href", "")) for each in xml.children(element, *kinds)]
        if None in found:
            raise Refused(f"决策服务“{name}”要用的一项不存在")
        return [each for each in found if each is not None]

    given, outputs = referred("inputData", "inputDecision"), referred("outputDecision")
    parameters = tuple(each.path[-1] for each in given)
    if not outputs:
        raise Refused(f"决策服务“{name}”没有结果")

    def sees(texts: Mapping[str, str]) -> Names:
        fixed = {each.element: texts[each.path[-1]] for each in given}
        made = {each.path[-1]: _decided(each, fixed, ()) for each in outputs}
        return Names({_OUTPUTS: (next(iter(made.values())) if len(made) == 1 else _context(made), None)})

    return Function(name, parameters, element, model, sees)


_OUTPUTS = "\0outputs"  # the name under which `Names` holds what a service gives


def _decided(required: Required, fixed: Mapping[Element, str], inside: tuple[str, ...]) -> str:
    """What a decision of a service gives, with texts for its inputs."""
    if required.element in fixed:
        return fixed[required.element]
    name = ".".join(required.path)
    if xml.local(required.element) == "inputData":
        return "null"  # not given to the service
    if name in inside:
        raise Refused(f"决策互相引用：{' → '.join((*inside, name))}")
    logic = expression_in(required.element)
    if logic is None:
        raise Refused(f"决策“{name}”是空的")
    needs = required.model.requirements(required.element)
    functions = {".".join(each.path): function_of(each) for each in needs if _callable(each)}
    texts = {".".join(each.path): _decided(each, fixed, (*inside, name)) for each in needs if not _callable(each)}
    return written(logic, Names({}, functions=functions).having(texts), required.model)


def _callable(required: Required) -> bool:
    return is_function(required.element)


def is_function(element: Element) -> bool:
    return xml.local(element) in ("businessKnowledgeModel", "decisionService")


# Boxed expressions --------------------------------------------------------------------------------------------------


def written(logic: Element | None, names: Names, model: Model) -> str:
    """A boxed expression as a FEEL text in the words of the pack."""

    def inner(element: Element, part: str) -> Element | None:
        found = xml.child(element, part)
        return None if found is None else expression_in(found)

    def text(element: Element | None, sees: Names = names) -> str:
        return f"({written(element, sees, model)})"

    kind = "" if logic is None else xml.local(logic)
    if logic is None:
        raise Refused("空的框不能取作判定")
    match kind:
        case "decisionService":
            return names.bound[_OUTPUTS][0]
        case "literalExpression":
            return names.pack(literal(logic))
        case "conditional":
            parts = [text(inner(logic, part)) for part in ("if", "then", "else")]
            return f"if {parts[0]} then {parts[1]} else {parts[2]}"
        case "context":
            return _context_text(logic, names, model)
        case "invocation":
            function, texts = called(logic, names, model)
            return names.written_out(function, texts)
        case "decisionTable":
            return _table_text(logic, names, model)
        case "list":
            return f"[{', '.join(text(each) for each in xml.children(logic, *EXPRESSIONS))}]"
        case "relation":
            heads = [each.get("name", "") for each in xml.children(logic, "column")]
            rows = [[text(each) for each in xml.children(row, *EXPRESSIONS)] for row in xml.children(logic, "row")]
            return f"[{', '.join(_context(dict(zip(heads, row, strict=False))) for row in rows)}]"
        case "for" | "every" | "some":
            name = logic.get("iteratorVariable", "")
            part = "return" if kind == "for" else "satisfies"
            if any(name in re.findall(r"[^\W\d]\w*", new) for old, (new, _) in names.bound.items() if old != name):
                raise Refused(f"{what(logic)}里的局部名“{name}”与要用的名字相同，改一个名字")
            inside = names.having({name: name})
            return f"{kind} {name} in {text(inner(logic, 'in'))} {part} {text(inner(logic, part), inside)}"
    raise Refused(f"{what(logic)}不能取作判定")


def _context(entries: Mapping[str, str]) -> str:
    quoted = [f'"{name}"' if not _SIMPLE.fullmatch(name) else name for name in entries]
    return "{" + ", ".join(f"{name}: {text}" for name, text in zip(quoted, entries.values(), strict=True)) + "}"


def _context_text(logic: Element, names: Names, model: Model) -> str:
    made: dict[str, str] = {}
    for entry in xml.children(logic, "contextEntry"):
        name, value = entry_name(entry), expression_in(entry)
        if value is not None and name and xml.local(value) == "functionDefinition":
            names = names.having({}, {name: local_function(name, value, names, model)})
            continue
        text = written(value, names, model)
        if not name:
            return text
        made[name] = text
        names = names.having({name: text})
    return _context(made)


def local_function(name: str, definition: Element, names: Names, model: Model) -> Function:
    """A function that a context defines; it sees what stands before it."""
    body = expression_in(definition)
    if body is None:
        raise Refused(f"函数“{name}”是空的")
    return Function(name, _parameters(definition, name, model), body, model, names.having)


def called(logic: Element, names: Names, model: Model) -> tuple[Function, dict[str, str]]:
    """The function of a boxed invocation, and the texts of its arguments."""
    target = expression_in(logic)
    name = "" if target is None else xml.text_of(target)
    function = names.functions.get(name)
    if function is None:
        raise Refused(f"调用的“{name}”不是这个决策要用的业务知识模型或决策服务")
    texts = {}
    for binding in xml.children(logic, "binding"):
        parameter = xml.child(binding, "parameter")
        texts["" if parameter is None else parameter.get("name", "")] = written(expression_in(binding), names, model)
    if unknown := sorted(set(texts) - set(function.parameters)):
        raise Refused(f"“{function.name}”没有参数“{unknown[0]}”；有：{'、'.join(function.parameters)}")
    return function, texts


def called_in(logic: Element, names: Names, model: Model) -> tuple[Function, dict[str, str]] | None:
    """The same where a boxed invocation, or a formula that is one call, is all that the logic is; else None."""
    if xml.local(logic) == "invocation":
        return called(logic, names, model)
    if xml.local(logic) != "literalExpression":
        return None
    text = literal(logic)
    spellings: list[Any] = [tuple(n.split(".", 1)) if "." in n else n for n in (*names.bound, *names.functions)]
    try:
        tree = parse_expression(text, [*spellings, *names.lets, *FUNCTIONS])
    except FeelError:
        return None
    function = names.functions.get(_dotted(tree.function) or "") if isinstance(tree, syntax.Call) else None
    if function is None or not isinstance(tree, syntax.Call):
        return None
    return function, {name: names.pack(each) for name, each in _arguments(text, tree, function).items()}


def entry_name(entry: Element) -> str:
    return variable_name(entry) if xml.child(entry, "variable") is not None else ""


def literal(logic: Element) -> str:
    if xml.local(logic) != "literalExpression":
        raise Refused(f"{what(logic)}不能取作判定")
    text = xml.text_of(logic)
    if not text:
        raise Refused("公式是空的")
    return text


def what(logic: Element) -> str:
    return _KINDS.get(xml.local(logic), "空的框")


# Tables ---------------------------------------------------------------------------------------------------------------


def read_table(logic: Element, name: str, model: Model) -> DecisionTable:
    try:
        table = table_of(logic, name, model.types)
        check_shape(table)
    except DmnError as error:
        raise Refused(str(error)) from None
    return table


def condition(rule: TableRule, subjects: Sequence[str], names: Names) -> str:
    """When a row holds, as a formula; `subjects` are the columns in the words of the pack."""
    found = [
        _cell(str(cell), subject, names) for cell, subject in zip(rule.cells, subjects, strict=True) if cell is not None
    ]
    return " and ".join(f"({each})" for each in found) or "true"


def _cell(cell: str, subject: str, names: Names) -> str:
    text = names.pack(cell, True)
    try:
        tests = parse_unary_tests(text, [*names.lets, *FUNCTIONS])
    except FeelError as error:
        raise Refused(f"格子“{cell}”有误：{error}") from None
    if any(isinstance(node, syntax.Name) and node.name == "?" for node in syntax.walk(tests)):
        asked = "".join(f"({subject})" if sign == "?" else sign for sign in _split(text))
        return asked
    if tests.negated:
        inside = text[text.index("(") + 1 : text.rindex(")")]
        return f"not(({subject}) in ({inside}))"
    return f"({subject}) in ({text})"


def _split(text: str) -> Iterator[str]:
    for part in re.finditer(r'"(?:\\.|[^"\\])*"|.', text, re.DOTALL):
        yield part[0]


def _table_text(logic: Element, names: Names, model: Model) -> str:
    """A table inside a formula, as a chain of conditions; its hit policy as the standard has it."""
    table = read_table(logic, "判定表", model)
    subjects = [names.pack(column.expression) for column in table.inputs]
    rules = [rule for rule in table.rules if not rule.otherwise]
    holds = [condition(rule, subjects, names) for rule in rules]
    heads = [output.name for output in table.outputs]

    def given(rule: TableRule) -> str:
        texts = [f"({names.pack(_entry(each))})" for each in rule.outputs]
        return texts[0] if len(texts) == 1 else _context(dict(zip(heads, texts, strict=True)))

    results = [given(rule) for rule in rules]
    fallback = next((given(rule) for rule in table.rules if rule.otherwise), "null")
    if table.aggregator is not None:
        return aggregated(table.aggregator, holds, results, None if fallback == "null" else fallback)
    order = ranked(table) if table.hit in ("priority", "output order") else list(range(len(rules)))
    if table.hit in ("collect", "rule order", "output order"):
        lists = [f"if {holds[i]} then [{results[i]}] else []" for i in order]
        return f"concatenate({', '.join(lists)})" if lists else "[]"
    chain = "".join(f"if {holds[i]} then {results[i]} else " for i in order) + fallback
    if table.hit in ("unique", "any"):
        apart = [
            f"({holds[i]} and {holds[j]})"
            for i in range(len(rules))
            for j in range(i)
            if table.hit == "unique" or results[i] != results[j]
        ]
        return f"if {' or '.join(apart)} then null else {chain}" if apart else chain
    return chain


def aggregated(how: str, holds: Sequence[str], results: Sequence[str], fallback: str | None) -> str:
    """What COLLECT with an aggregation gives over rows that hold and their results; `fallback` where none does."""
    some = " or ".join(f"({each})" for each in holds) or "false"
    pairs = list(zip(holds, results, strict=True))
    if how == "count":
        counted = " + ".join(f"(if {each} then 1 else 0)" for each in holds) or "0"
        return counted if fallback is None else f"if {some} then {counted} else 1"
    if how == "sum":
        total = " + ".join(f"(if {each} then {result} else 0)" for each, result in pairs) or "null"
        return f"if {some} then {total} else {fallback or 'null'}"
    listed = ", ".join(f"if {each} then [{result}] else []" for each, result in pairs)
    return f"if {some} then {how}(concatenate({listed})) else {fallback or 'null'}"


def ranked(table: DecisionTable) -> list[int]:
    """The rows without the fallback, those of the first values first. Refused where a result is a formula."""
    places = [{value: at for at, value in enumerate(output.values)} for output in table.outputs]
    keys = {}
    for number, rule in enumerate(table.rules):
        if rule.otherwise:
            continue
        key = []
        for place, entry in zip(places, rule.outputs, strict=True):
            is_value, value = stated(_entry(entry))
            if place and not is_value:
                raise Refused(
                    f"第 {number + 1} 行的结果“{_entry(entry)}”是公式，{table.hit.upper()} 的先后要看写明的取值"
                )
            key.append(place.get(value, len(place)) if place else 0)
        keys[number] = tuple(key)
    return sorted(keys, key=lambda number: keys[number])


def stated(text: str) -> tuple[bool, Any]:
    """Whether an entry states a value that a row of a pack can hold as it is, and the value."""
    try:
        tree = parse_expression(text)
    except FeelError:
        return False, None
    if isinstance(tree, syntax.Negate) and isinstance(tree.operand, syntax.Literal):
        number = tree.operand.value
        return (True, -number) if isinstance(number, int | Decimal) and number is not True else (False, None)
    if not isinstance(tree, syntax.Literal):
        return False, None
    value = tree.value
    plain = value is None or isinstance(value, bool | int | Decimal | str) or type(value) is dt.date
    return plain and not (isinstance(value, str) and value.startswith("= ")), value


def _entry(entry: Any) -> str:
    return entry.text if isinstance(entry, Expression) else str(entry)

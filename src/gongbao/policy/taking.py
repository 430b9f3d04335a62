"""A decision that a DMN file draws, taken as the decision of a pack: the same rows as if they stood in decisions.yaml.

The table, the derived values before it and what it requires become `rules`, `let` and `requires`; the names of the
model become those of the pack. From there on nothing knows that the rows came from a file: they are checked, verified,
traced, run over columns and drawn like any others.

Taken are decision tables (UNIQUE, FIRST, COLLECT and RULE ORDER without an aggregation), formulas, and contexts of
formulas that end in one of these. Everything else is refused with the reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

from gongbao.dmn import DmnError, xml
from gongbao.dmn.boxed import expression_in, table_of
from gongbao.dmn.model import Model, variable_name
from gongbao.dmn.table import DecisionTable, Expression, check_shape
from gongbao.dmn.table import Rule as TableRule
from gongbao.dmn.types import BUILT_IN
from gongbao.engine.functions import FUNCTIONS
from gongbao.feel import FeelError, parse_expression, parse_unary_tests, syntax
from gongbao.policy import schema

CITES = ("条款", "依据", "条文", "cite")  # what the column of the clauses is called, where there are several
_HITS = {"unique": "unique", "first": "first", "collect": "collect", "rule order": "collect"}
_PARTS = {
    "definitions": "文件",
    "decision": "决策",
    "inputExpression": "列",
    "inputEntry": "格子",
    "outputEntry": "结果",
}
_FACT_KINDS = {
    "boolean": "boolean", "integer": "number", "number": "number", "money": "number", "text": "string", "choice": "string",
    "date": "date", "datetime": "date and time", "duration": "days and time duration",
}  # fmt: skip
_NO_ROW = schema.RowNote()
_PACK = ("params", "settings", "decided", "case", "actor", "as_of")
_KINDS = {
    "invocation": "调用", "functionDefinition": "函数定义", "list": "列表", "relation": "关系表", "conditional": "条件框",
    "filter": "筛选框", "for": "循环框", "every": "every 框", "some": "some 框",
}  # fmt: skip

Known = Callable[[str], schema.DecisionSpec]


class Refused(ValueError):
    """Why the file, or the decision in it, cannot be taken, in Chinese."""


def taken(
    name: str,
    spec: schema.DecisionSpec,
    data: bytes,
    facts: Mapping[str, schema.FactSpec],
    decisions: Mapping[str, schema.DecisionSpec],
    whole: Known,
) -> schema.DecisionSpec:
    """The decision with the rows that the file draws.

    spec: what decisions.yaml says of it (`dmn`, `decision`, `inputs`, `cites`, `rows` ...); data: the file; facts,
    decisions: those of the pack; whole: a decision by its id as it is once its own file is read.
    """
    try:
        root = xml.read(data)
    except DmnError as error:
        raise Refused(str(error)) from None
    model = Model(root, functions=FUNCTIONS)
    element = _decision(model, spec.decision or name)
    _only_feel(root, element)
    names = _bound(model, element, spec, facts, decisions, whole)
    body = _body(element)
    lets: dict[str, str] = {}
    uncited: list[int] = []
    logic, wrapped = _unwrapped(body, names, lets)
    if xml.local(logic) == "decisionTable":
        found = _table(name, spec, model, element, logic, names, wrapped, facts, uncited)
    elif xml.local(logic) == "literalExpression":
        output = wrapped or (next(iter(spec.output)) if len(spec.output) == 1 else name)
        found = {"value": {output: names.pack(_literal(logic))}, "output": dict(spec.output) or _any(element, output)}
    else:
        raise Refused(f"{_what(logic)}不能取作判定；可以取的是判定表、公式，和以它们结尾的上下文")
    if unused := sorted(set(spec.inputs) - set(names.bound) - names.used):
        raise Refused(f"inputs 里的“{'、'.join(unused)}”不是这个决策要用的；要用：{'、'.join(names.bound) or '无'}")
    requires = tuple(dict.fromkeys((*spec.requires, *names.requires)))
    said = {key: getattr(spec, key) for key in spec.model_fields_set - {"dmn", "decision", "inputs", "cites", "rows"}}
    made = schema.DecisionSpec(**{**said, **found, "let": lets, "requires": requires})
    made._drawn_in = spec.dmn
    made._uncited = tuple(uncited)
    return made


def _only_feel(root: Element, element: Element) -> None:
    """A formula in another language than FEEL would be read as FEEL, and mean something else or nothing."""
    for each in (root, *element.iter()):
        language = each.get("expressionLanguage", "") if isinstance(each.tag, str) else ""
        if language and "feel" not in language.lower():
            what = _PARTS.get(xml.local(each), "公式")
            text = xml.text_of(each)
            raise Refused(f"{what}{f'“{text}”' if text else ''}是用“{language}”写的，只能取用 FEEL 写的")


def _decision(model: Model, wanted: str) -> Element:
    found = list(xml.children(model.root, "decision"))
    for of in ("name", "id", "label"):
        same = [each for each in found if each.get(of) == wanted]
        if len(same) == 1:
            return same[0]
    names = "、".join(each.get("name", "") for each in found) or "无"
    raise Refused(f"文件里没有“{wanted}”这个决策；有：{names}")


# Names ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Names:
    """What a name of the model is in the pack; `lets` are the model's own derived values."""

    bound: Mapping[str, tuple[str, str | None]]  # name -> (expression of the pack, the decision it requires)
    undrawn: Mapping[str, str]  # name -> expression of the pack, of names for which the model draws no input data
    used: set[str] = field(default_factory=set)  # the undrawn names that were met
    lets: list[str] = field(default_factory=list)
    requires: list[str] = field(default_factory=list)

    def pack(self, text: str, cell: bool = False) -> str:
        """A text of the model in the words of the pack."""
        spellings = [*self.bound, *self.lets, *self.undrawn, *FUNCTIONS]
        try:
            tree = (parse_unary_tests if cell else parse_expression)(text, spellings)
        except FeelError as error:
            raise Refused(f"{'格子' if cell else '公式'}“{text}”有误：{error}") from None
        local = {name for node in syntax.walk(tree) for name in _bound_inside(node)}
        changes: list[tuple[int, int, str]] = []
        for node in syntax.walk(tree):
            if not isinstance(node, syntax.Name):
                continue
            if node.name in self.bound:
                new, required = self.bound[node.name]
            elif node.name in self.undrawn and node.name not in self.lets:
                new, required = self.undrawn[node.name], None
                self.used.add(node.name)
            else:
                continue
            if new != node.name and node.name in local:
                raise Refused(f"公式“{text}”里的局部名“{node.name}”与要用的名字相同，改一个名字")
            if required is not None and required not in self.requires:
                self.requires.append(required)
            if new != node.name:
                simple = all(part.isidentifier() for part in new.split("."))
                changes.append((*node.span, new if simple else f"({new})"))
        for start, end, new in sorted(changes, reverse=True):
            text = text[:start] + new + text[end:]
        return text


def _bound_inside(node: Any) -> Iterable[str]:
    match node:
        case syntax.For(sources=sources) | syntax.Quantified(sources=sources):
            return [source.name for source in sources]
        case syntax.FunctionLiteral(parameters=parameters):
            return parameters
        case syntax.ContextLiteral(entries=entries):
            return [name for name, _ in entries]
    return ()


def _bound(
    model: Model, element: Element, spec: schema.DecisionSpec, facts: Mapping[str, schema.FactSpec],
    decisions: Mapping[str, schema.DecisionSpec], whole: Known,
) -> _Names:  # fmt: skip
    """Each name that the decision requires, by what it is in the pack.

    A table that some modellers draw by itself has no input data at all: its names are then found as those of input data
    would be, from `inputs` or by the label of a fact.
    """
    found: dict[str, tuple[str, str | None]] = {}
    required = model.requirements(element)
    if model.problems:
        raise Refused(str(model.problems[0]))
    for each in required:
        if each.model is not model:
            raise Refused(f"用到引用的模型里的“{'.'.join(each.path)}”；只能用同一个文件里的")
        name, kind = each.path[0], xml.local(each.element)
        if kind in ("businessKnowledgeModel", "decisionService"):
            raise Refused(f"用到业务知识模型或决策服务“{name}”；把它写成判定或 let")
        own = spec.inputs.get(name)
        if own is not None:
            found[name] = (own, None)
        elif name in _PACK:
            found[name] = (name, None)
        elif kind == "inputData":
            fact = _fact(name, each.element, facts)
            found[name] = (fact, None)
            _same_kind(model, f"输入数据“{name}”", xml.type_of(xml.child(each.element, "variable")), facts[fact])
            _same_values(model, each.element, fact, facts[fact])
        else:
            found[name] = _of_decision(name, each.element, decisions, whole)
    if any(xml.local(each.element) == "inputData" for each in required):
        return _Names(found, {})
    labels = [fact.label for fact in facts.values()]
    labelled = {fact.label: each for each, fact in facts.items() if labels.count(fact.label) == 1}
    undrawn = {name: of for name, of in labelled.items() if name not in facts and name not in found}
    return _Names(found, {**undrawn, **{name: own for name, own in spec.inputs.items() if name not in found}})


def _fact(name: str, element: Element, facts: Mapping[str, schema.FactSpec]) -> str:
    for wanted in (name, element.get("name", ""), element.get("label", "")):
        if wanted in facts:
            return wanted
        labelled = [each for each, fact in facts.items() if wanted and fact.label == wanted]
        if len(labelled) == 1:
            return labelled[0]
    raise Refused(
        f"输入数据“{name}”没有对应的事实（按编号或名称）；用 inputs 写明它是什么，如 inputs: {{{name}: poisoned}}"
    )


def _of_decision(
    name: str, element: Element, decisions: Mapping[str, schema.DecisionSpec], whole: Known
) -> tuple[str, str | None]:
    """A required decision: that of the pack with its id or label. What it gives there is a context of its outputs."""
    ids = [id_ for id_, spec in decisions.items() if name == id_ or name == spec.label]
    if not ids:
        raise Refused(f"要用的决策“{name}”不在包里；把它也写进 decisions.yaml，或用 inputs 写明它是什么")
    id_ = ids[0]
    outputs = list(whole(id_).output)
    return (id_ if _gives_context(element) or len(outputs) != 1 else f"{id_}.{outputs[0]}", id_)


def _gives_context(element: Element) -> bool:
    """Whether the value of a decision is a context of outputs (as `gongbao pack dmn` draws it), not a bare value."""
    logic = expression_in(element)
    while logic is not None and xml.local(logic) == "context":
        entries = list(xml.children(logic, "contextEntry"))
        if not entries or _entry_name(entries[-1]):
            return True
        logic = expression_in(entries[-1])
    if logic is None or xml.local(logic) != "decisionTable":
        return False
    return len(list(xml.children(logic, "output"))) > 1


def _same_kind(model: Model, what: str, type_ref: str, fact: schema.FactSpec) -> None:
    """A type that is not that of the fact would compare with what the fact can never be."""
    wanted = _FACT_KINDS.get(fact.type)
    if type_ref not in BUILT_IN and type_ref not in model.types.names():
        return  # a word of the modeller's own
    kind = model.types.named(type_ref).kind
    if wanted is not None and kind not in ("Any", wanted):
        raise Refused(f"{what}的类型是 {type_ref}，事实“{fact.label}”是 {fact.type}（{wanted}）")


def _same_values(model: Model, element: Element, name: str, fact: schema.FactSpec) -> None:
    """An input of the model that allows other texts than the fact would decide cases that cannot be, or refuse some."""
    allowed = model.types.named(xml.type_of(xml.child(element, "variable"))).allowed
    tests = () if allowed is None else allowed.node.tests
    texts = [each.value for each in tests if isinstance(each, syntax.Literal)]
    if fact.type == "choice" and texts and len(texts) == len(tests) and set(texts) != set(fact.values):
        raise Refused(
            f"输入数据“{name}”的取值是 {'、'.join(map(str, texts))}，事实“{fact.label}”的是 {'、'.join(fact.values)}"
        )


# Logic ------------------------------------------------------------------------------------------------------------


def _body(element: Element) -> Element:
    logic = expression_in(element)
    if logic is None:
        raise Refused(f"决策“{element.get('name', '')}”是空的")
    return logic


def _unwrapped(logic: Element, names: _Names, lets: dict[str, str]) -> tuple[Element, str | None]:
    """The table or formula at the end of contexts, the derived values before it in `lets`, and under which name it
    stands when that is a context of the one output."""
    if xml.local(logic) != "context":
        return logic, None
    entries = list(xml.children(logic, "contextEntry"))
    if not entries:
        raise Refused("上下文是空的")
    for entry in entries[:-1]:
        name, value = _entry_name(entry), _body(entry)
        if not name or xml.local(value) != "literalExpression":
            raise Refused(f"上下文里的“{name or '?'}”须是公式；这里是{_what(value)}")
        lets[name] = names.pack(_literal(value))
        names.lets.append(name)
    last = _entry_name(entries[-1])
    if last and len(entries) > 1:
        raise Refused("上下文须以没有名字的一项（结果）结尾；各项都有名字的上下文分开写成几个判定")
    inner, wrapped = _unwrapped(_body(entries[-1]), names, lets)
    if last and wrapped is not None:
        raise Refused("上下文里的上下文不能取作判定")
    return inner, last or wrapped


def _entry_name(entry: Element) -> str:
    return variable_name(entry) if xml.child(entry, "variable") is not None else ""


def _literal(logic: Element) -> str:
    if xml.local(logic) != "literalExpression":
        raise Refused(f"{_what(logic)}不能取作判定")
    text = xml.text_of(logic)
    if not text:
        raise Refused("公式是空的")
    return text


def _what(logic: Element) -> str:
    return _KINDS.get(
        xml.local(logic), {"decisionTable": "判定表", "context": "上下文"}.get(xml.local(logic), "空的框")
    )


def _any(element: Element, output: str) -> dict[str, schema.OutputSpec]:
    return {output: schema.OutputSpec(type=_TYPES.get(xml.type_of(xml.child(element, "variable")), "text"))}


_TYPES: dict[str, Any] = {
    "number": "number", "boolean": "boolean", "date": "date", "date and time": "datetime", "string": "text",
}  # fmt: skip


# Tables -----------------------------------------------------------------------------------------------------------


def _table(
    name: str, spec: schema.DecisionSpec, model: Model, element: Element, drawn: Element, names: _Names, wrapped: str | None,
    facts: Mapping[str, schema.FactSpec], uncited: list[int],
) -> dict[str, Any]:  # fmt: skip
    """`uncited` takes the numbers of the rows that have no clause of their own."""
    try:
        table = table_of(drawn, element.get("name", name), model.types)
    except DmnError as error:
        raise Refused(str(error)) from None
    if table.hit not in _HITS or table.aggregator is not None:
        how = table.aggregator.upper() if table.aggregator else table.hit.upper()
        raise Refused(f"命中方式 {how} 不能取作判定；可用：UNIQUE、FIRST、COLLECT（不汇总）、RULE ORDER")
    try:
        check_shape(table)
    except DmnError as error:
        raise Refused(str(error)) from None
    columns = _columns(table, names)
    for each, column in zip(columns, xml.children(drawn, "input"), strict=True):
        if each in facts:
            _same_kind(model, f"列“{each}”", xml.type_of(xml.child(column, "inputExpression")), facts[each])
    outputs = _outputs(name, spec, drawn, table, wrapped)
    noted = _notes(drawn, spec, table)
    rules = []
    for number, rule in enumerate(table.rules):
        if not (rule.otherwise or spec.cites or spec.rows.get(number + 1, _NO_ROW).cite) and not noted(number)["cite"]:
            uncited.append(number + 1)
        about = noted(number) if not rule.otherwise else {"cite": spec.cite, **_about(spec, number)}
        about["cite"] = about["cite"] or spec.cite
        result = _result(rule, list(outputs), names)
        if rule.otherwise:
            rules.append(schema.Rule.model_validate({"otherwise": result, **about}))
            continue
        cells = {
            c: names.pack(str(cell), True) for c, cell in zip(columns, rule.cells, strict=True) if cell is not None
        }
        rules.append(schema.Rule.model_validate({"when": cells, "then": result, **about}))
    if not rules:
        raise Refused("判定表一行也没有")
    return {"hit": _HITS[table.hit], "rules": tuple(rules), "output": outputs}


def _columns(table: DecisionTable, names: _Names) -> list[str]:
    """The columns in the words of the pack; one that stands twice in parentheses, since a row has each key once."""
    found: list[str] = []
    for column in table.inputs:
        text = names.pack(column.expression)
        while text in found:
            text = f"({text})"
        found.append(text)
    return found


def _outputs(
    name: str, spec: schema.DecisionSpec, drawn: Element, table: DecisionTable, wrapped: str | None
) -> dict[str, schema.OutputSpec]:
    """What the decision gives: as decisions.yaml says it, else as the file does."""
    columns = list(xml.children(drawn, "output"))
    ids = [each.get("name", "") for each in columns]
    if len(ids) == 1:
        ids = [wrapped or (next(iter(spec.output)) if len(spec.output) == 1 else ids[0] or name)]
    if spec.output and set(spec.output) != set(ids):
        raise Refused(f"output 写的是 {'、'.join(spec.output)}，文件里的结果列是 {'、'.join(ids)}")
    found: dict[str, schema.OutputSpec] = {}
    for at, (id_, column, drawn_) in enumerate(zip(ids, columns, table.outputs, strict=True)):
        texts = tuple(v for v in drawn_.values if isinstance(v, str))
        said = spec.output.get(id_)
        if said is not None:
            if said.values and texts and set(said.values) != set(texts):
                raise Refused(f"结果“{id_}”的取值写的是 {'、'.join(said.values)}，文件里是 {'、'.join(texts)}")
            found[id_] = said if said.values or not texts else said.model_copy(update={"values": texts})
        else:
            kind: Any = "choice" if texts else _TYPES.get(xml.type_of(column)) or _kind(table, at)
            found[id_] = schema.OutputSpec(type=kind, label=column.get("label"), values=texts)
    return found


def _kind(table: DecisionTable, at: int) -> Any:
    """The type of a column by the values that its rows state."""
    values = [_value(rule.outputs[at].text) for rule in table.rules if isinstance(rule.outputs[at], Expression)]
    stated = [value for is_value, value in values if is_value and value is not None]
    if stated and all(isinstance(v, bool) for v in stated):
        return "boolean"
    return "number" if stated and all(isinstance(v, int | Decimal) for v in stated) else "text"


def _result(rule: TableRule, outputs: list[str], names: _Names) -> Any:
    made = {}
    for output, entry in zip(outputs, rule.outputs, strict=True):
        text = entry.text if isinstance(entry, Expression) else str(entry)
        is_value, value = _value(text)
        made[output] = value if is_value else f"= {names.pack(text)}"
    return made if len(made) > 1 else next(iter(made.values()))


def _value(text: str) -> tuple[bool, Any]:
    """Whether an entry states a value that a row of a pack can hold as it is, and the value."""
    try:
        tree = parse_expression(text)
    except FeelError:
        return False, None
    if not isinstance(tree, syntax.Literal):
        return False, None
    value = tree.value
    plain = value is None or isinstance(value, bool | int | Decimal | str) or type(value) is dt.date
    return plain and not (isinstance(value, str) and value.startswith("= ")), value


# Clauses ----------------------------------------------------------------------------------------------------------


def _notes(drawn: Element, spec: schema.DecisionSpec, table: DecisionTable) -> Callable[[int], dict[str, Any]]:
    """For each row its clause, from `cites` or the annotation of the file, and a remark behind it."""
    rows = [rule for rule in table.rules if not rule.otherwise]
    if spec.cites and len(spec.cites) not in (1, len(rows), len(table.rules)):
        raise Refused(f"cites 有 {len(spec.cites)} 项，判定表有 {len(rows)} 行")
    wrong = sorted(n for n in spec.rows if not 1 <= n <= len(table.rules))
    if wrong:
        raise Refused(f"rows 里的第 {wrong[0]} 行不存在；判定表有 {len(table.rules)} 行")
    heads = [xml.text_of(each, "name") or each.get("name", "") for each in xml.children(drawn, "annotation")]
    at = next((i for i, head in enumerate(heads) if head in CITES), 0)
    written = list(xml.children(drawn, "rule"))

    def of(number: int) -> dict[str, Any]:
        entries = [xml.text_of(each) for each in xml.children(written[number], "annotationEntry")]
        cite, _, note = (entries[at] if at < len(entries) else "").partition("；")
        others = [text for i, text in enumerate(entries) if i != at and text]
        found: dict[str, Any] = {"cite": cite.strip()}
        if remark := "；".join(filter(None, (note.strip(), *others))):
            found["note"] = remark
        if spec.cites:
            found["cite"] = spec.cites[number if len(spec.cites) > 1 else 0]
        return {**found, **_about(spec, number)}

    return of


def _about(spec: schema.DecisionSpec, number: int) -> dict[str, Any]:
    about = spec.rows.get(number + 1)
    return {} if about is None else about.model_dump(exclude_unset=True)

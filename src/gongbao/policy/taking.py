"""A decision that a DMN file draws, taken as the decision of a pack: the same rows as if they stood in decisions.yaml.

The table, the derived values before it and what it requires become `rules`, `let` and `requires`; the names of the
model become those of the pack. From there on nothing knows that the rows came from a file: they are checked, verified,
traced, run over columns and drawn like any others.

Taken are decision tables of every hit policy and aggregation (policy.dmn_rows), formulas, conditionals, and contexts that
end in one of these; business knowledge models, decision services and functions are written out where they are called
(policy.dmn_text), those of imported models too. Everything else is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

from gongbao.dmn import DmnError, xml
from gongbao.dmn.boxed import expression_in
from gongbao.dmn.model import Model
from gongbao.dmn.table import DecisionTable, Expression
from gongbao.dmn.table import Rule as TableRule
from gongbao.dmn.types import BUILT_IN
from gongbao.engine.functions import FUNCTIONS
from gongbao.feel import syntax
from gongbao.policy import schema
from gongbao.policy.dmn_rows import arranged, lets_of
from gongbao.policy.dmn_text import (
    Function,
    Names,
    Refused,
    called_in,
    entry_name,
    function_of,
    is_function,
    local_function,
    read_table,
    stated,
    what,
    written,
)

CITES = ("条款", "依据", "条文", "cite")  # what the column of the clauses is called, where there are several
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
_FORMULAS = ("literalExpression", "conditional", "invocation", "every", "some")
_NO_ROW = schema.RowNote()
_PACK = ("params", "settings", "decided", "case", "actor", "as_of")

Known = Callable[[str], schema.DecisionSpec]
Files = Callable[[], Mapping[str, Element]]


def taken(
    name: str,
    spec: schema.DecisionSpec,
    data: bytes,
    facts: Mapping[str, schema.FactSpec],
    decisions: Mapping[str, schema.DecisionSpec],
    whole: Known,
    files: Files = dict,
) -> schema.DecisionSpec:
    """The decision with the rows that the file draws.

    spec: what decisions.yaml says of it (`dmn`, `decision`, `inputs`, `cites`, `rows` ...); data: the file; facts,
    decisions: those of the pack; whole: a decision by its id as it is once its own file is read; files: the models of
    the pack by namespace, for those that the file imports.
    """
    try:
        root = xml.read(data)
    except DmnError as error:
        raise Refused(str(error)) from None
    model = _model(root, files, ())
    element = _decision(model, spec.decision or name)
    _only_feel(model, element, [])
    names = _bound(model, element, spec, facts, decisions, whole)
    lets: dict[str, str] = {}
    uncited: list[int] = []
    logic, wrapped, inner, where = _unwrapped(_body(element), names, lets, model)
    if xml.local(logic) == "decisionTable":
        found = _table(name, spec, where, element, logic, inner, wrapped, facts, uncited)
    elif xml.local(logic) in _FORMULAS:
        output = wrapped or (next(iter(spec.output)) if len(spec.output) == 1 else name)
        found = {"value": {output: written(logic, inner, where)}, "output": dict(spec.output) or _any(element, output)}
    else:
        raise Refused(f"{what(logic)}不能取作判定；可以取的是判定表、公式、条件框、调用，和以它们结尾的上下文")
    if unused := sorted(set(spec.inputs) - set(names.bound) - names.used):
        raise Refused(f"inputs 里的“{'、'.join(unused)}”不是这个决策要用的；要用：{'、'.join(names.bound) or '无'}")
    requires = tuple(dict.fromkeys((*spec.requires, *names.requires)))
    found["let"] = lets_of(found, lets)
    said = {key: getattr(spec, key) for key in spec.model_fields_set - {"dmn", "decision", "inputs", "cites", "rows"}}
    made = schema.DecisionSpec(**{**said, **found, "requires": requires})
    made._drawn_in = spec.dmn
    made._uncited = tuple(uncited)
    return made


def _model(root: Element, files: Files, open_: tuple[str, ...]) -> Model:
    """The model with those that it imports."""
    wanted = [each for each in xml.children(root, "import") if "DMN" in each.get("importType", "")]
    imports: dict[str, Model] = {}
    for each in wanted:
        namespace = each.get("namespace", "")
        if namespace in open_:
            raise Refused(f"模型互相引用：{' → '.join((*open_[open_.index(namespace) :], namespace))}")
        found = files().get(namespace)
        if found is None:
            raise Refused(f"引用的模型“{each.get('name') or namespace}”（{namespace}）不在 decisions/ 里")
        imports[namespace] = _model(found, files, (*open_, root.get("namespace", "")))
    return Model(root, imports, FUNCTIONS)


def _only_feel(model: Model, element: Element, seen: list[Element]) -> None:
    """A formula in another language than FEEL would be read as FEEL, and mean something else or nothing."""
    if element in seen:
        return
    seen.append(element)
    for each in (model.root, *element.iter()):
        language = each.get("expressionLanguage", "") if isinstance(each.tag, str) else ""
        if language and "feel" not in language.lower():
            what_ = _PARTS.get(xml.local(each), "公式")
            text = xml.text_of(each)
            raise Refused(f"{what_}{f'“{text}”' if text else ''}是用“{language}”写的，只能取用 FEEL 写的")
    inner = [
        model.found(each.get("href", "")) for each in xml.children(element, "outputDecision", "encapsulatedDecision")
    ]
    for required in (*model.requirements(element), *(each for each in inner if each is not None)):
        if is_function(required.element) or xml.local(element) == "decisionService":
            _only_feel(required.model, required.element, seen)


def _decision(model: Model, wanted: str) -> Element:
    found = list(xml.children(model.root, "decision"))
    for of in ("name", "id", "label"):
        same = [each for each in found if each.get(of) == wanted]
        if len(same) == 1:
            return same[0]
    names = "、".join(each.get("name", "") for each in found) or "无"
    raise Refused(f"文件里没有“{wanted}”这个决策；有：{names}")


# Names ------------------------------------------------------------------------------------------------------------


def _bound(
    model: Model, element: Element, spec: schema.DecisionSpec, facts: Mapping[str, schema.FactSpec],
    decisions: Mapping[str, schema.DecisionSpec], whole: Known,
) -> Names:  # fmt: skip
    """Each name that the decision requires, by what it is in the pack.

    A table that some modellers draw by itself has no input data at all: its names are then found as those of input data
    would be, from `inputs` or by the label of a fact.
    """
    found: dict[str, tuple[str, str | None]] = {}
    functions: dict[str, Function] = {}
    required = model.requirements(element)
    if model.problems:
        raise Refused(str(model.problems[0]))
    for each in required:
        path, name, kind = ".".join(each.path), each.path[-1], xml.local(each.element)
        if is_function(each.element):
            functions[path] = function_of(each)
            continue
        own = spec.inputs.get(path)
        if own is not None:
            found[path] = (own, None)
        elif name in _PACK:
            found[path] = (name, None)
        elif kind == "inputData":
            fact = _fact(name, each.element, facts)
            found[path] = (fact, None)
            _same_kind(each.model, f"输入数据“{name}”", xml.type_of(xml.child(each.element, "variable")), facts[fact])
            _same_values(each.model, each.element, fact, facts[fact])
        else:
            found[path] = _of_decision(name, each.element, decisions, whole)
    if any(xml.local(each.element) == "inputData" for each in required):
        return Names(found, functions=functions)
    labels = [fact.label for fact in facts.values()]
    labelled = {fact.label: each for each, fact in facts.items() if labels.count(fact.label) == 1}
    undrawn = {name: of for name, of in labelled.items() if name not in facts and name not in found}
    return Names(found, {**undrawn, **{name: own for name, own in spec.inputs.items() if name not in found}}, functions)


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
        if not entries or entry_name(entries[-1]):
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


def _unwrapped(
    logic: Element, names: Names, lets: dict[str, str], model: Model
) -> tuple[Element, str | None, Names, Model]:
    """The table or formula at the end of contexts and calls, and under which name it stands when that is a context of
    the one output; the names that it sees, and the model in which it stands. The derived values before it go to `lets`.
    """
    if xml.local(logic) != "context":
        call = called_in(logic, names, model)
        if call is None or xml.local(call[0].body) not in ("decisionTable", "context", "invocation"):
            return logic, None, names, model
        function, texts = call
        inner = replace(names.entered(function, texts), lets=names.lets, requires=names.requires)
        return _unwrapped(function.body, inner, lets, function.model)
    entries = list(xml.children(logic, "contextEntry"))
    if not entries:
        raise Refused("上下文是空的")
    for entry in entries[:-1]:
        name, value = entry_name(entry), _body(entry)
        if not name:
            raise Refused("上下文里没有名字的一项（结果）应在最后")
        if xml.local(value) == "functionDefinition":
            names = names.having({}, {name: local_function(name, value, names, model)})
            continue
        if name in lets:
            raise Refused(f"上下文里的“{name}”写了两次，改一个名字")
        lets[name] = written(value, names, model)
        names.lets.append(name)
    last = entry_name(entries[-1])
    if last and len(entries) > 1:
        raise Refused("上下文须以没有名字的一项（结果）结尾；各项都有名字的上下文分开写成几个判定")
    end, wrapped, seen, where = _unwrapped(_body(entries[-1]), names, lets, model)
    if last and wrapped is not None:
        raise Refused("上下文里的上下文不能取作判定")
    return end, last or wrapped, seen, where


def _any(element: Element, output: str) -> dict[str, schema.OutputSpec]:
    return {output: schema.OutputSpec(type=_TYPES.get(xml.type_of(xml.child(element, "variable")), "text"))}


_TYPES: dict[str, Any] = {
    "number": "number", "boolean": "boolean", "date": "date", "date and time": "datetime", "string": "text",
}  # fmt: skip


# Tables -----------------------------------------------------------------------------------------------------------


def _table(
    name: str, spec: schema.DecisionSpec, model: Model, element: Element, drawn: Element, names: Names, wrapped: str | None,
    facts: Mapping[str, schema.FactSpec], uncited: list[int],
) -> dict[str, Any]:  # fmt: skip
    """`uncited` takes the numbers of the rows that have no clause of their own."""
    table = read_table(drawn, element.get("name", name), model)
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
    if table.aggregator in ("sum", "count"):
        outputs = {id_: _summed(one, spec, id_) for id_, one in outputs.items()}
    return {**arranged(table, rules, columns, names, next(iter(outputs))), "output": outputs}


def _summed(output: schema.OutputSpec, spec: schema.DecisionSpec, name: str) -> schema.OutputSpec:
    """A sum or a count is a number, whatever values the rows may have."""
    return spec.output[name] if name in spec.output else schema.OutputSpec(type="number", label=output.label)


def _columns(table: DecisionTable, names: Names) -> list[str]:
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
    values = [stated(rule.outputs[at].text) for rule in table.rules if isinstance(rule.outputs[at], Expression)]
    found = [value for is_value, value in values if is_value and value is not None]
    if found and all(isinstance(v, bool) for v in found):
        return "boolean"
    return "number" if found and all(isinstance(v, int | Decimal) for v in found) else "text"


def _result(rule: TableRule, outputs: list[str], names: Names) -> Any:
    made = {}
    for output, entry in zip(outputs, rule.outputs, strict=True):
        text = entry.text if isinstance(entry, Expression) else str(entry)
        is_value, value = stated(text)
        made[output] = value if is_value else f"= {names.pack(text)}"
    return made if len(made) > 1 else next(iter(made.values()))


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

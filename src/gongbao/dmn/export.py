"""Decision tables drawn as a DMN 1.5 model, with a diagram, for any DMN modeller to open.

A decision becomes a boxed context: an entry per derived value (``let``), then its table. What a table with one output
gives is put in a context of that output, so that ``decision.output`` reads alike for one and for several outputs. Labels,
clauses and notes stand where a modeller shows them: label, annotation, description.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from gongbao.dmn import xml
from gongbao.dmn.errors import DmnError
from gongbao.dmn.table import DecisionTable, Expression
from gongbao.feel import Value, temporal
from gongbao.feel.temporal import write_number
from gongbao.feel.values import is_context, is_list, is_number

_DI = "http://www.omg.org/spec/DMN/20180521/DI/"
_DC = "http://www.omg.org/spec/DMN/20180521/DC/"
_DMNDI = "https://www.omg.org/spec/DMN/20230324/DMNDI/"
_WIDTH, _HEIGHT, _GAP = 180, 60, 40


@dataclass(frozen=True, slots=True)
class InputData:
    """Something a decision reads: its name in FEEL, its FEEL type, how a reader knows it, its allowed values."""

    name: str
    type: str = "Any"
    label: str = ""
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A decision to draw: its table, the names of the input data and decisions it reads, what a reader should know."""

    name: str
    table: DecisionTable
    requires: tuple[str, ...] = ()
    label: str = ""
    description: str = ""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Sheet:
    """The model being drawn, and what has an id so far."""

    root: Element
    ids: dict[str, str] = field(default_factory=dict)

    def element(self, parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
        made = SubElement(parent, f"{{{xml.MODEL}}}{tag}", {k: v for k, v in attributes.items() if v})
        made.text = text
        return made

    def id_of(self, name: str) -> str:
        return self.ids.setdefault(name, f"_{len(self.ids) + 1}")


def model(
    name: str,
    namespace: str,
    inputs: Sequence[InputData],
    decisions: Sequence[Drawn],
    constants: Mapping[str, Mapping[str, Value]] | None = None,
) -> Element:
    """The ``definitions`` of a model.

    ``constants`` are contexts of fixed values, drawn as decisions without requirements (``params``). ``DmnError``
    when a decision requires a name that is not among the others.
    """
    root = Element(f"{{{xml.MODEL}}}definitions", {"name": name, "namespace": namespace, "id": "_0"})
    root.set("exporter", "gongbao")
    sheet = _Sheet(root)
    _types(sheet, inputs)
    for each in inputs:
        made = sheet.element(root, "inputData", name=each.name, id=sheet.id_of(each.name), label=each.label)
        sheet.element(made, "variable", name=each.name, typeRef=_type_name(each))
    for constant, values in (constants or {}).items():
        made = sheet.element(root, "decision", name=constant, id=sheet.id_of(constant))
        sheet.element(made, "variable", name=constant, typeRef="context")
        context = sheet.element(made, "context")
        for key, value in values.items():
            _literal(sheet, _entry(sheet, context, key), feel_text(value))
    known = {each.name for each in inputs} | set(constants or ()) | {each.name for each in decisions}
    for decision in decisions:
        missing = [each for each in decision.requires if each not in known]
        if missing:
            raise DmnError(f"决策“{decision.name}”要用的“{'、'.join(missing)}”没有给出")
    kinds = {each.name: "Input" for each in inputs}
    for decision in decisions:
        _decision(sheet, decision, kinds)
    _diagram(sheet, inputs, [*(constants or ())], decisions)
    return root


def _types(sheet: _Sheet, inputs: Sequence[InputData]) -> None:
    for each in inputs:
        if each.values:
            made = sheet.element(sheet.root, "itemDefinition", name=_type_name(each), label=each.label)
            sheet.element(made, "typeRef", each.type)
            allowed = sheet.element(made, "allowedValues")
            sheet.element(allowed, "text", ", ".join(feel_text(value) for value in each.values))


def _type_name(each: InputData) -> str:
    return f"t_{each.name}" if each.values else each.type


def _decision(sheet: _Sheet, decision: Drawn, kinds: Mapping[str, str]) -> None:
    made = sheet.element(
        sheet.root, "decision", name=decision.name, id=sheet.id_of(decision.name), label=decision.label
    )
    if decision.description:
        sheet.element(made, "description", decision.description)
    sheet.element(made, "variable", name=decision.name)
    for required in decision.requires:
        requirement = sheet.element(made, "informationRequirement", id=sheet.id_of(f"{required} → {decision.name}"))
        tag = f"required{kinds.get(required, 'Decision')}"
        sheet.element(requirement, tag, href="#" + sheet.id_of(required))
    table = decision.table
    body = made
    if table.lets:
        context = sheet.element(made, "context")
        for let, text in table.lets:
            _literal(sheet, _entry(sheet, context, let), text)
        body = sheet.element(context, "contextEntry")
    if len(table.outputs) == 1:
        body = _entry(sheet, sheet.element(body, "context"), table.outputs[0].name)
    _table(sheet, body, table, decision.notes)


def _entry(sheet: _Sheet, context: Element, name: str) -> Element:
    entry = sheet.element(context, "contextEntry")
    sheet.element(entry, "variable", name=name)
    return entry


def _literal(sheet: _Sheet, parent: Element, text: str) -> None:
    sheet.element(sheet.element(parent, "literalExpression"), "text", text)


def _table(sheet: _Sheet, parent: Element, table: DecisionTable, notes: Sequence[str]) -> None:
    drawn = sheet.element(parent, "decisionTable", hitPolicy=table.hit.upper())
    if table.aggregator is not None:
        drawn.set("aggregation", table.aggregator.upper())
    for column in table.inputs:
        head = sheet.element(drawn, "input", label=column.label)
        sheet.element(sheet.element(head, "inputExpression"), "text", column.expression)
    fallback = next((rule for rule in table.rules if rule.otherwise), None)
    for at, output in enumerate(table.outputs):
        head = sheet.element(drawn, "output", name=output.name)
        if output.values:
            listed = ", ".join(feel_text(value) for value in output.values)
            sheet.element(sheet.element(head, "outputValues"), "text", listed)
        if fallback is not None:
            sheet.element(sheet.element(head, "defaultOutputEntry"), "text", _entry_text(fallback.outputs[at]))
    sheet.element(drawn, "annotation", name="条款")
    for number, rule in enumerate(table.rules):
        if rule.otherwise:
            continue
        row = sheet.element(drawn, "rule")
        for cell in rule.cells:
            sheet.element(sheet.element(row, "inputEntry"), "text", _cell_text(cell))
        for entry in rule.outputs:
            sheet.element(sheet.element(row, "outputEntry"), "text", _entry_text(entry))
        note = notes[number] if number < len(notes) else ""
        sheet.element(sheet.element(row, "annotationEntry"), "text", "；".join(filter(None, (rule.label, note))))


def _cell_text(cell: Value) -> str:
    if cell is None:
        return "-"
    return cell if isinstance(cell, str) else feel_text(cell)


def _entry_text(entry: Value) -> str:
    return entry.text if isinstance(entry, Expression) else feel_text(entry)


def feel_text(value: Value) -> str:
    """A value as FEEL writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return write_number(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if is_list(value):
        return "[" + ", ".join(feel_text(each) for each in value) + "]"
    if is_context(value):
        return "{" + ", ".join(f"{feel_text(str(key))}: {feel_text(each)}" for key, each in value.items()) + "}"
    return f'@"{temporal.write(value)}"'


# The diagram -------------------------------------------------------------------------------------------------------


def _diagram(sheet: _Sheet, inputs: Sequence[InputData], constants: Sequence[str], decisions: Sequence[Drawn]) -> None:
    """Decisions above what they require, in rows by the longest way down to the inputs."""
    requires = {each.name: each.requires for each in decisions}
    rows: dict[str, int] = dict.fromkeys((*(each.name for each in inputs), *constants), 0)

    def row(name: str, open_: tuple[str, ...] = ()) -> int:
        if name in open_:
            raise DmnError(f"决策互相引用：{' → '.join([*open_[open_.index(name) :], name])}")
        if name not in rows:
            rows[name] = 1 + max((row(each, (*open_, name)) for each in requires[name]), default=0)
        return rows[name]

    for name in requires:
        row(name)
    top = max(rows.values(), default=0)
    places: dict[str, tuple[int, int]] = {}
    for level in range(top + 1):
        for at, name in enumerate(name for name, where in rows.items() if where == level):
            places[name] = (_GAP + at * (_WIDTH + _GAP), _GAP + (top - level) * (_HEIGHT + 2 * _GAP))
    di = SubElement(sheet.root, f"{{{_DMNDI}}}DMNDI")
    diagram = SubElement(di, f"{{{_DMNDI}}}DMNDiagram", {"id": "_diagram"})
    for name, (x, y) in places.items():
        shape = SubElement(diagram, f"{{{_DMNDI}}}DMNShape", {"dmnElementRef": sheet.id_of(name)})
        size = {"x": str(x), "y": str(y), "width": str(_WIDTH), "height": str(_HEIGHT)}
        SubElement(shape, f"{{{_DC}}}Bounds", size)
    for name, required in _pairs(requires):
        reference = {"dmnElementRef": sheet.id_of(f"{required} → {name}")}
        edge = SubElement(diagram, f"{{{_DMNDI}}}DMNEdge", reference)
        for (x, y), below in ((places[required], 0), (places[name], _HEIGHT)):
            SubElement(edge, f"{{{_DI}}}waypoint", {"x": str(x + _WIDTH // 2), "y": str(y + below)})


def _pairs(requires: Mapping[str, Iterable[str]]) -> Iterable[tuple[str, str]]:
    return ((name, each) for name, found in requires.items() for each in found)

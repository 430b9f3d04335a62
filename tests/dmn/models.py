"""Small DMN models as text: a test writes the elements it is about, the frame is made here."""

from __future__ import annotations

from collections.abc import Mapping

from gongbao.dmn import xml
from gongbao.dmn.model import Model
from gongbao.feel import Value


def file(content: str, *, name: str = "试验", namespace: str = "urn:test", version: str = xml.MODEL) -> bytes:
    return f'<definitions xmlns="{version}" name="{name}" namespace="{namespace}">{content}</definitions>'.encode()


def model(content: str, imports: Mapping[str, Model] | None = None, **frame: str) -> Model:
    return Model(xml.read(file(content, **frame)), imports)


def literal(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f"<literalExpression><text>{escaped}</text></literalExpression>"


def decision(logic: str, name: str = "d", requires: str = "", type_ref: str = "") -> str:
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<decision id="_{name}" name="{name}"><variable name="{name}"{typed}/>{requires}{logic}</decision>'


def input_data(name: str, type_ref: str = "number", ident: str = "") -> str:
    ident = ident or f"_{name}"
    return f'<inputData id="{ident}" name="{name}"><variable name="{name}" typeRef="{type_ref}"/></inputData>'


def needs(*references: str) -> str:
    """Requirements: ``input:_x``, ``decision:_y``, ``knowledge:_z``."""
    made = []
    for each in references:
        kind, _, target = each.partition(":")
        inner = f'<required{kind.capitalize()} href="{target if "#" in target else "#" + target}"/>'
        tag = "knowledgeRequirement" if kind == "knowledge" else "informationRequirement"
        made.append(f"<{tag}>{inner}</{tag}>")
    return "".join(made)


def value(logic: str, inputs: Mapping[str, Value] | None = None) -> Value:
    """The value of one boxed expression that sees the numbers in ``inputs``."""
    inputs = inputs or {}
    given = "".join(input_data(name, "Any") for name in inputs)
    made = model(given + decision(logic, requires=needs(*(f"input:_{name}" for name in inputs))))
    assert made.compile() == ()
    result = made.evaluate("d", inputs)
    assert result.problems == ()
    return result.value


def bkm_of_tree() -> str:
    """A function ``f`` of a tree, a list of trees."""
    tree = '<itemDefinition name="tree" isCollection="true"><typeRef>tree</typeRef></itemDefinition>'
    logic = f'<encapsulatedLogic><formalParameter name="x" typeRef="tree"/>{literal("1")}</encapsulatedLogic>'
    return f'{tree}<businessKnowledgeModel id="_f" name="f"><variable name="f"/>{logic}</businessKnowledgeModel>'

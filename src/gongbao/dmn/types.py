"""The types a DMN model defines, and what happens to a value that a variable of a type is given.

Item definitions are read once into ``Type`` values. ``Type.coerce`` applies the implicit conversions of DMN 1.5
(10.3.2.9.4): a value to the list of itself, a list of one to its item, a date to the midnight it begins with; a value
that does not fit after that becomes null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from gongbao.dmn import xml
from gongbao.feel import CompiledTests, FeelError, FeelFunction, Value, compile_unary_tests
from gongbao.feel.meter import fresh, spend
from gongbao.feel.values import as_list, is_list, kind_of, midnight_of

#: The names of FEEL's own types, with the spellings of older DMN versions, and the kind of value each stands for.
BUILT_IN = {
    "Any": "Any",
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "dateTime": "date and time",
    "days and time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "years and months duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
    "context": "context",
    "list": "list",
    "range": "range",
    "function": "function",
    "null": "Null",
    "Null": "Null",
}


@dataclass(slots=True)
class Type:
    """A type: the ``kind`` of value, what a list holds, which entries a context has, which values are allowed.

    ``allowed`` restricts a value (each item, for a list), ``constraint`` the value as a whole.
    """

    kind: str = "Any"
    item: Type | None = None
    entries: dict[str, Type] = field(default_factory=dict)
    parameters: tuple[Type, ...] = ()
    result: Type | None = None
    allowed: CompiledTests | None = None
    constraint: CompiledTests | None = None

    def holds(self, value: Value, budget: list[int] | None = None) -> bool:
        """Whether a value is one of this type; null is one of every type. What it takes to see comes from ``budget``."""
        if value is None:
            return True
        return self._of_kind(value, fresh(budget)) and all(
            tests is None or tests.evaluate(value, {}) is True for tests in (self.allowed, self.constraint)
        )

    def _of_kind(self, value: Value, budget: list[int]) -> bool:
        if self.kind == "Any":
            return True
        if kind_of(value) != self.kind:
            return False
        if self.kind == "list" and self.item is not None:
            spend(budget, 1 + len(value))  # parts may be shared, so that a small list is a large tree
            return all(self.item.holds(each, budget) for each in as_list(value))
        if self.kind == "context":
            spend(budget, 1 + len(self.entries))
            return all(name in value and wanted.holds(value[name], budget) for name, wanted in self.entries.items())
        if self.kind == "function" and self.parameters:
            return type(value) is FeelFunction and len(value.parameters) == len(self.parameters)
        return True

    def coerce(self, value: Value, budget: list[int] | None = None) -> Value:
        """The value as one of this type, null when it cannot be."""
        if self.kind == "Any" and self.allowed is self.constraint is None:
            return value
        budget = fresh(budget)
        if self.holds(value, budget):
            return value
        if self.kind == "list":
            return [value] if not is_list(value) and self.item is not None and self.item.holds(value, budget) else None
        if is_list(value) and len(value) == 1 and self.holds(value[0], budget):
            return value[0]
        if self.kind == "date and time" and kind_of(value) == "date":
            return midnight_of(value)
        return None


ANY = Type()


class Types:
    """The item definitions of one model by name; those of an imported model stand under its name and a dot."""

    def __init__(self, root: Element, imported: Mapping[str, Types]) -> None:
        self._elements = {each.get("name", ""): each for each in xml.children(root, "itemDefinition")}
        self._imported = imported
        self._known: dict[str, Type] = {}
        self._tests_by_name: dict[str, Callable[[Value, list[int] | None], bool]] | None = None
        #: What could not be read, in Chinese.
        self.problems: list[str] = []

    def named(self, name: str) -> Type:
        """The type of a name; ``Any`` where it is empty, and where no such type is defined (which is a problem)."""
        if not name:
            return ANY
        if name in self._known:
            return self._known[name]
        if name in self._elements:
            # Entered before it is read, so that a definition may speak of itself.
            self._known[name] = made = Type()
            self._fill(made, self._elements[name])
            return made
        prefix, _, rest = name.partition(".")
        if rest and prefix in self._imported:
            return self._imported[prefix].named(rest)
        kind = BUILT_IN.get(name)
        if kind is None:
            self.problems.append(f"没有“{name}”这个类型")
            return ANY
        return Type(kind)

    def tests(self) -> dict[str, Callable[[Value, list[int] | None], bool]]:
        """Whether a value is of a type, by the name of the type; those of imported models under the import's name."""
        if self._tests_by_name is None:
            own: dict[str, Callable[[Value, list[int] | None], bool]] = {}
            own |= {name: self.named(name).holds for name in self._elements if name}
            for prefix, types in self._imported.items():
                own |= {f"{prefix}.{name}" if prefix else name: test for name, test in types.tests().items()}
            self._tests_by_name = own
        return self._tests_by_name

    def names(self) -> tuple[str, ...]:
        """The names of all entries, so that those with spaces can be told in expressions."""
        found = [each.get("name", "") for root in self._elements.values() for each in root.iter()]
        return tuple(name for name in dict.fromkeys(found) if name)

    def _fill(self, made: Type, element: Element) -> None:
        one = made
        if element.get("isCollection") == "true":
            made.kind, made.item = "list", Type()
            one = made.item
        components = list(xml.children(element, "itemComponent"))
        function = xml.child(element, "functionItem")
        if components:
            one.kind = "context"
            for component in components:
                one.entries[component.get("name", "")] = entry = Type()
                self._fill(entry, component)
        elif function is not None:
            one.kind = "function"
            parameters = xml.children(function, "parameters")
            one.parameters = tuple(self.named(xml.type_of(each)) for each in parameters)
            one.result = self.named(function.get("outputTypeRef", ""))
        else:
            base = self.named(xml.type_of(element))
            one.kind, one.item, one.entries, one.parameters = base.kind, base.item, base.entries, base.parameters
            one.allowed, one.constraint, one.result = base.allowed, base.constraint, base.result
        one.allowed = self._tests(element, "allowedValues") or one.allowed
        made.constraint = self._tests(element, "typeConstraint") or made.constraint

    def _tests(self, element: Element, name: str) -> CompiledTests | None:
        text = xml.text_of(xml.child(element, name))
        if not text:
            return None
        try:
            return compile_unary_tests(text, strict=False)
        except FeelError as error:
            self.problems.append(f"类型“{element.get('name', '')}”的取值：{error}")
            return None

"""A DMN model: its requirement graph, evaluated decision by decision.

``Model.evaluate(name, inputs)`` computes one decision and what it requires, each once. A decision sees exactly what it
requires: input data and decisions by the name of their variable, business knowledge models and decision services as
functions, those of an imported model under the name of the import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from xml.etree.ElementTree import Element

from gongbao.dmn import xml
from gongbao.dmn.boxed import Box, Boxes, Scope, expression_in, function_of
from gongbao.dmn.errors import DmnError, shown
from gongbao.dmn.types import ANY, Type, Types
from gongbao.feel import FeelError, FeelFunction, Functions, Value
from gongbao.feel.meter import BUDGET, fresh
from gongbao.feel.parse import KnownName

_DRG = ("decision", "inputData", "businessKnowledgeModel", "decisionService")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a model: ``place`` is the name of the decision or other element."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"“{self.place}”：{self.reason}"


@dataclass(frozen=True, slots=True)
class Required:
    """One requirement: the element, the model it stands in, and the name under which it is seen."""

    model: Model
    element: Element
    path: tuple[str, ...]


class Model:
    """One DMN file, with those it imports.

    ``imports`` maps the namespace of a model to the model; ``functions`` are the host's own. ``problems`` lists what cannot be compiled: nothing else
    is affected by it, and the value of such an expression is null.
    """

    def __init__(
        self, root: Element, imports: Mapping[str, Model] | None = None, functions: Functions | None = None
    ) -> None:
        self.root = root
        self.name = root.get("name", "")
        self.namespace = root.get("namespace", "")
        self.problems: list[Problem] = []
        self._imported: dict[str, tuple[str, Model]] = {}
        for each in xml.children(root, "import"):
            wanted = each.get("namespace", "")
            if imports is not None and wanted in imports:
                self._imported[wanted] = (each.get("name", ""), imports[wanted])
            elif "DMN" in each.get("importType", ""):
                self._report(self.name, f"引用的模型没有给出：{wanted}")
        self.types: Types = Types(root, {name: model.types for name, model in self._imported.values()})
        self.boxes = Boxes(self.types, self._report, functions)
        self._by_id = {each.get("id", ""): each for each in xml.children(root, *_DRG)}
        self._compiled: dict[Element, Compiled] = {}

    def _report(self, place: str, reason: str) -> None:
        self.problems.append(Problem(place, reason))

    # What there is ---------------------------------------------------------------------------------------------

    @cached_property
    def decisions(self) -> dict[str, Element]:
        """The decisions by name."""
        return {each.get("name", ""): each for each in xml.children(self.root, "decision")}

    @cached_property
    def inputs(self) -> dict[str, Element]:
        """The input data by name."""
        return {each.get("name", ""): each for each in xml.children(self.root, "inputData")}

    @cached_property
    def functions(self) -> dict[str, Element]:
        """The business knowledge models and decision services by name."""
        found = xml.children(self.root, "businessKnowledgeModel", "decisionService")
        return {each.get("name", ""): each for each in found}

    def compile(self) -> tuple[Problem, ...]:
        """Compiles everything, and gives what is wrong with the model."""
        for element in xml.children(self.root, "decision", "businessKnowledgeModel"):
            self.compiled(element)
        found = [*self.problems, *(Problem(self.name, reason) for reason in self.types.problems)]
        return tuple(dict.fromkeys(found))

    # Requirements ----------------------------------------------------------------------------------------------

    def found(self, href: str) -> Required | None:
        """The element a reference points to, here or in an imported model; None when there is none."""
        where, _, ident = href.partition("#")
        if not where or where == self.namespace:
            element = self._by_id.get(ident)
            return None if element is None else Required(self, element, (variable_name(element),))
        if where not in self._imported:
            return None
        name, model = self._imported[where]
        element = model._by_id.get(ident)
        if element is None:
            return None
        path = (name, variable_name(element)) if name else (variable_name(element),)
        return Required(model, element, path)

    def requirements(self, element: Element) -> list[Required]:
        """What a decision or a business knowledge model requires, in written order."""
        found = []
        place = element.get("name", "")
        for requirement in xml.children(element, "informationRequirement", "knowledgeRequirement"):
            for reference in xml.children(requirement, "requiredInput", "requiredDecision", "requiredKnowledge"):
                target = self.found(reference.get("href", ""))
                if target is None:
                    self._report(place, f"要用的“{reference.get('href', '')}”不存在")
                else:
                    found.append(target)
        return found

    def compiled(self, element: Element) -> Compiled:
        """The logic of a decision or business knowledge model, compiled once."""
        if element not in self._compiled:
            self._compiled[element] = self._compile(element)
        return self._compiled[element]

    def _compile(self, element: Element) -> Compiled:
        place = element.get("name", "")
        requirements = self.requirements(element)
        names: list[KnownName] = [each.path for each in requirements]
        logic: Element | None = element
        parameters: tuple[tuple[str, Type], ...] = ()
        if xml.local(element) == "businessKnowledgeModel":
            logic = xml.child(element, "encapsulatedLogic")
            names.append((place,))  # it may call itself
            if logic is not None and logic.get("kind", "FEEL") != "FEEL":
                self._report(place, f"不支持 {logic.get('kind')} 写的函数，只支持 FEEL")
                logic = None
            if logic is not None:
                parameters = self.boxes.parameters(logic)
                names += [(name,) for name, _ in parameters]
        box = self.boxes.compiled(None if logic is None else expression_in(logic), names, place)
        variable = xml.child(element, "variable")
        return Compiled(box, self.types.named(xml.type_of(variable)), tuple(requirements), parameters)

    # Evaluation ------------------------------------------------------------------------------------------------

    def evaluate(self, decision: str, inputs: Mapping[str, Value] | None = None) -> Result:
        """The value of a decision; ``inputs`` are the values of input data by name.

        A value for a decision's own name stands in for that decision. Input data of an imported model is given under
        the name of the import, as a mapping. ``DmnError`` when there is no such decision.
        """
        if decision not in self.decisions:
            raise DmnError(f"模型“{self.name}”没有“{decision}”这个决策，有：{'、'.join(self.decisions)}")
        evaluation = Evaluation(inputs or {})
        try:
            value = evaluation.decision(self, self.decisions[decision])
        except RecursionError:
            raise DmnError(f"“{decision}”要用的决策一个接一个，层数超过上限") from None
        return Result(value, tuple(evaluation.problems))

    def call(self, function: str, arguments: Mapping[str, Value]) -> Result:
        """The value a business knowledge model or a decision service gives for arguments by name."""
        if function not in self.functions:
            raise DmnError(f"模型“{self.name}”没有“{function}”，有：{'、'.join(self.functions)}")
        evaluation = Evaluation({})
        made = evaluation.function(self, self.functions[function])
        given = [arguments.get(name) for name in made.parameters]
        return Result(evaluation.attempt(function, lambda: made.call(*given)), tuple(evaluation.problems))


@dataclass(frozen=True, slots=True)
class Compiled:
    """The logic of one element, the type of its result, and what it requires."""

    box: Box
    type: Type
    requirements: tuple[Required, ...]
    parameters: tuple[tuple[str, Type], ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A value, and what went wrong on the way to it (a value of null then says that it could not be computed)."""

    value: Value
    problems: tuple[Problem, ...]


def variable_name(element: Element) -> str:
    variable = xml.child(element, "variable")
    named = "" if variable is None else variable.get("name", "")
    return named or element.get("name", "")


class Evaluation:
    """One evaluation over given inputs: every decision is computed at most once."""

    def __init__(
        self,
        inputs: Mapping[str, Value],
        fixed: Mapping[Element, Value] | None = None,
        budget: list[int] | None = None,
    ) -> None:
        self._inputs = inputs
        # What all formulas of this evaluation may still cost.
        self._budget = fresh(budget)
        self._functions: dict[Element, FeelFunction] = {}
        self._values: dict[Element, Value] = dict(fixed or {})
        self._open: list[Element] = []
        # Under which names of imports the inputs of a model are given.
        self._prefixes: dict[Model, tuple[str, ...]] = {}
        self.problems: list[Problem] = []

    def attempt(self, place: str, compute: Callable[[], Value]) -> Value:
        """What a computation gives; null, and a problem, when the language refuses it."""
        try:
            return compute()
        except (DmnError, FeelError) as error:
            self.problems.append(Problem(place, str(error)))
            return None

    def decision(self, model: Model, element: Element) -> Value:
        if element in self._values:
            return self._values[element]
        name = element.get("name", "")
        if element in self._open:
            circle = " → ".join(each.get("name", "") for each in [*self._open[self._open.index(element) :], element])
            raise DmnError(f"决策互相引用：{circle}")
        compiled = model.compiled(element)
        if name in self._inputs and not expression_in(element):
            return compiled.type.coerce(self._inputs[name], self._budget)
        self._open.append(element)
        scope = self._scope(model, compiled.requirements)
        self._open.pop()
        value = self.attempt(name, lambda: compiled.type.coerce(compiled.box(scope), self._budget))
        self._values[element] = value
        return value

    def _scope(self, model: Model, requirements: Iterable[Required]) -> Scope:
        scope: Scope = {BUDGET: self._budget}
        for each in requirements:
            self._prefixes.setdefault(each.model, (*self._prefixes.get(model, ()), *each.path[:-1]))
            value = self._required(each)
            if len(each.path) == 1:
                scope[each.path[0]] = value
            else:
                scope.setdefault(each.path[0], {})[each.path[1]] = value
        return scope

    def _required(self, required: Required) -> Value:
        model, element = required.model, required.element
        kind = xml.local(element)
        if kind == "decision":
            return self.decision(model, element)
        if kind == "inputData":
            return self._input(model, element)
        return self.function(model, element)

    def _input(self, model: Model, element: Element) -> Value:
        if element in self._values:
            return self._values[element]
        given: Value = self._inputs
        for name in (*self._prefixes.get(model, ()), variable_name(element)):
            given = given.get(name) if isinstance(given, Mapping) else None
        if given is None:
            given = self._inputs.get(element.get("name", ""))
        wanted = model.types.named(xml.type_of(xml.child(element, "variable")))
        value = wanted.coerce(given, self._budget)
        if value is None and given is not None:
            self.problems.append(Problem(element.get("name", ""), f"值 {shown(given)} 不是规定的类型或取值"))
        return value

    def function(self, model: Model, element: Element) -> FeelFunction:
        """A business knowledge model or a decision service as a function value."""
        if xml.local(element) == "decisionService":
            return self._service(model, element)
        if element in self._functions:
            return self._functions[element]
        compiled = model.compiled(element)
        scope: Scope = {}
        made = function_of(compiled.parameters, compiled.box, _returned(compiled.type), scope, self._budget)
        self._functions[element] = made  # before its requirements, which may require it in turn
        scope.update(self._scope(model, (each for each in compiled.requirements if each.element is not element)))
        scope[variable_name(element)] = made
        return made

    def _service(self, model: Model, element: Element) -> FeelFunction:
        inputs = [self._referred(model, each) for each in xml.children(element, "inputData", "inputDecision")]
        outputs = [self._referred(model, each) for each in xml.children(element, "outputDecision")]
        wanted = model.types.named(xml.type_of(xml.child(element, "variable")))

        def call(*arguments: Value) -> Value:
            fixed: dict[Element, Value] = {}
            for each, given in zip(inputs, arguments, strict=True):
                variable = xml.child(each.element, "variable")
                fixed[each.element] = each.model.types.named(xml.type_of(variable)).coerce(given, self._budget)
            inner = Evaluation({}, fixed, self._budget)
            made = {each.path[-1]: inner.decision(each.model, each.element) for each in outputs}
            self.problems += inner.problems
            return _returned(wanted).coerce(next(iter(made.values())) if len(made) == 1 else made, self._budget)

        return FeelFunction(tuple(each.path[-1] for each in inputs), call)

    def _referred(self, model: Model, reference: Element) -> Required:
        href = reference.get("href", "")
        found = model.found(href)
        if found is None:
            raise DmnError(f"决策服务要用的“{href}”不存在")
        return found


def _returned(wanted: Type) -> Type:
    """The type of what a call gives, where the variable of an invocable names the function or what it returns."""
    return (wanted.result or ANY) if wanted.kind == "function" else wanted

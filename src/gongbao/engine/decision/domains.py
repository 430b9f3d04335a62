"""What the names that a decision reads may be while they are not known: the values of facts, settings, decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

from gongbao.engine.decision.diagram import Diagrams
from gongbao.engine.decision.logic import Decision
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.space import Space
from gongbao.engine.decision.unknown import FIRST_MOMENT, LAST_DAY, MINUTE, Domain
from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.scalars import has_format
from gongbao.engine.specs import Fact, fact_at
from gongbao.engine.world import Setting
from gongbao.feel.syntax import Call, Literal, Name, Node, walk
from gongbao.feel.values import Value

_TEXTS = ("text", "unit", "person", "place", "file", "choice")
_MAX_TEXTS = 1500
_SUBSETS = 6  # values of a choice of which an unknown list may be any set


def space_of(outcome: Outcome, *, free: Iterable[str] = (), given: Mapping[str, Value] | None = None) -> Space:
    """Where everything that the outcome's decision and those it requires do not know is a question.

    free: names that are questions too, whatever is known of them. given: values of names that are none.
    """
    outcomes = list(_behind(outcome))
    domains: dict[str, Domain] = {}
    texts: dict[str, None] = {}
    for each in outcomes:
        for domain in _domains(each, frozenset(free)):
            domains.setdefault(domain.name, domain)
    for name, value in (given or {}).items():
        domains[name] = Domain(name, "given", (value,))
    unnamed = [name for name, domain in domains.items() if domain.kind == "text"]
    fresh: dict[str, frozenset[str]] = {}
    if unnamed:
        for each in outcomes:
            texts.update(dict.fromkeys(_texts(each)))
        for domain in domains.values():  # an unknown text may be compared with an unknown choice
            texts.update(dict.fromkeys(value for value in domain.values if type(value) is str))
        for i in range(len(unnamed)):
            fresh[_unused(texts, i)] = frozenset(unnamed)
        if len(texts) <= _MAX_TEXTS:
            for name in unnamed:
                fact = fact_at(outcome.world.facts, name.split("."))
                listed = fact.values if fact is not None else ()
                others = [t for t in texts if t not in listed and (fact is None or has_format(t, fact))]
                domains[name] = Domain(name, "text", (*listed, *others, *fresh), origin=domains[name].origin)
        else:
            for name in unnamed:
                domains[name] = Domain(name, "open", origin=domains[name].origin)
    return Space(Diagrams(), domains, tuple(texts), fresh)


def is_given(facts: Mapping[str, Value], path: Sequence[str]) -> bool:
    """Whether a value stands at a path of names."""
    found: Any = facts
    for part in path:
        if not isinstance(found, Mapping):
            break  # a part of a value, as the month of a date, is known with it
        found = found.get(part)
    return found is not None


def _behind(outcome: Outcome) -> Iterator[Outcome]:
    yield outcome
    for inner in outcome.required.values():
        yield from _behind(inner)


def _domains(outcome: Outcome, free: frozenset[str]) -> Iterator[Domain]:
    world, decision, scope = outcome.world, outcome.decision, outcome.scope
    assumed = [tuple(name.split(".")) for name in decision.assumed]
    facts = [path for path in assumed if path[0] in world.facts]
    for path in (*decision.fact_paths, *facts):
        name = ".".join(path)
        if name in free or not is_given(scope, path):
            yield _fact_domain(name, world.facts, path)
    filled = scope.get("settings") or {}
    for name in (*decision.settings, *(path[1] for path in assumed if path[0] == "settings")):
        if filled.get(name) is None:
            yield _setting_domain(f"settings.{name}", world.settings[name])
    for name in outcome.required:
        if name not in scope or free:
            yield Domain(name, "decision", origin="decision")


def _fact_domain(name: str, facts: Mapping[str, Fact], path: Sequence[str]) -> Domain:
    fact = fact_at(facts, path)
    if fact is None:
        return Domain(name, "open")
    if fact.type == "list" and fact.of == "choice" and 0 < len(fact.values) <= _SUBSETS:
        sets = (list(each) for n in range(len(fact.values) + 1) for each in combinations(fact.values, n))
        return Domain(name, "values", tuple(sets))
    return _domain(name, fact.type, fact.values, fact.min, fact.max, fact.scale, "fact")


def _setting_domain(name: str, setting: Setting) -> Domain:
    listed = setting.candidates or (() if setting.type in ("integer", "number", "money") else setting.values)
    if listed:
        return Domain(name, "values", tuple(listed), origin="setting")
    return _domain(name, setting.type, (), setting.min, setting.max, None, "setting")


def _domain(
    name: str,
    type_: str,
    values: Sequence[Value],
    low: int | Decimal | None,
    high: int | Decimal | None,
    scale: int | None,
    origin: str,
) -> Domain:
    if type_ == "boolean":
        return Domain(name, "values", (True, False), origin=origin)
    if type_ == "choice" and values:
        return Domain(name, "values", tuple(values), origin=origin)
    if type_ in ("integer", "number", "money"):
        places = 0 if type_ == "integer" else 2 if type_ == "money" and scale is None else scale
        return Domain(
            name,
            "number",
            low=None if low is None else Fraction(low),
            high=None if high is None else Fraction(high),
            unit=None if places is None else Fraction(1, 10**places),
            origin=origin,
        )
    if type_ == "date":
        return Domain(name, "date", low=Fraction(1), high=Fraction(LAST_DAY), unit=Fraction(1), origin=origin)
    if type_ == "datetime":
        first, last = Fraction(FIRST_MOMENT), Fraction(LAST_DAY)
        return Domain(name, "moment", low=first, high=last, unit=MINUTE, origin=origin)
    if type_ == "duration":
        return Domain(name, "duration", low=Fraction(0), unit=MINUTE, origin=origin)
    return Domain(name, "text" if type_ in _TEXTS else "open", origin=origin)


# Texts --------------------------------------------------------------------------------------------------------------


def _texts(outcome: Outcome) -> Iterator[str]:
    """The texts that an unknown one may be equal to: those of the rules, the case, and the registers looked up."""
    decision, world = outcome.decision, outcome.world
    yield from (value for value in literals(trees_of(decision)) if type(value) is str)
    for value in (*outcome.scope.values(), *world.params.values(), *(s.value for s in world.settings.values())):
        if type(value) is str:
            yield value
    for output in decision.outputs:
        yield from (value for value in output.values if type(value) is str)
    for name in decision.registers:
        if name in world.registers:
            for row in world.registers[name].rows:
                yield from (value for value in row.values() if type(value) is str)


def literals(nodes: Iterable[Node]) -> Iterator[Value]:
    """The values that formulas name, but for texts that only tell a function of the language what to do: nothing is
    ever compared with the 生日当日 of `age(born, on, "生日当日")`."""
    for node in nodes:
        told = {
            id(argument)
            for each in walk(node)
            if isinstance(each, Call) and isinstance(each.function, Name) and each.function.name in FUNCTIONS
            for argument in each.arguments
            if isinstance(argument, Literal) and type(argument.value) is str
        }
        yield from (each.value for each in walk(node) if isinstance(each, Literal) and id(each) not in told)


def trees_of(decision: Decision) -> Iterator[Node]:
    trees = decision.trees
    yield from trees.lets.values()
    yield from trees.inputs
    yield from (tests for cells in trees.cells for tests in cells if tests is not None)
    yield from (node for entries in trees.entries for node in entries)
    yield from (each.node for each in decision.assume)
    if decision.for_each is not None:
        yield decision.for_each[1].node


def _unused(texts: Mapping[str, None], at: int) -> str:
    name = "其他" if not at else f"其他{at + 1}"
    while name in texts:
        name += "…"
    return name

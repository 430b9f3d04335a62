"""What the names that a decision reads may be while they are not known: the values of facts, settings, decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

from gongbao.engine.decision.logic import PERSON, Output
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.unknown import Domain
from gongbao.engine.decision.view import View
from gongbao.engine.specs import Fact, fact_at
from gongbao.engine.world import Setting
from gongbao.feel.values import Value

_MAX_VALUES = 64


def view_of(outcome: Outcome, scope: Mapping[str, Value] | None = None) -> View:
    """The decision's expressions over what the outcome's scope (or this one) knows, the rest unknown."""
    scope = outcome.scope if scope is None else scope
    return View(outcome.decision.language, scope, dict(_domains(outcome, scope)), outcome.decision.trees.lets)


def _domains(outcome: Outcome, scope: Mapping[str, Value]) -> Iterator[tuple[str, Domain]]:
    world, decision = outcome.world, outcome.decision
    for path in decision.fact_paths:
        if len(path) == 1 and scope.get(path[0]) is not None:
            continue
        for length in range(1, len(path) + 1):
            if not is_given(scope, path[:length]):
                dotted = ".".join(path[:length])
                yield dotted, _fact_domain(dotted, world.facts, path[:length])
                break
    filled = scope.get("settings") or {}
    for name in decision.settings:
        if filled.get(name) is None:
            yield f"settings.{name}", _setting_domain(f"settings.{name}", world.settings[name])
    for name, inner in outcome.required.items():
        if name not in scope:
            yield name, _decision_domain(name, inner)


def is_given(facts: Mapping[str, Value], path: Sequence[str]) -> bool:
    """Whether a value stands at a path of names."""
    found: Any = facts
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found is not None


def _fact_domain(name: str, facts: Mapping[str, Fact], path: Sequence[str]) -> Domain:
    fact = fact_at(facts, path)
    if fact is None:
        return Domain(name, "opaque")
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
    return Domain(name, "opaque", origin=origin)


def _decision_domain(name: str, outcome: Outcome) -> Domain:
    """What a required decision may turn out to be: its candidates, or anything where a person decides."""
    candidates = list(outcome.candidates)
    whole = [each for each in candidates if len(each) == len(outcome.decision.outputs)]
    if outcome.complete and len(whole) == len(candidates) and candidates and not outcome.unruled:
        return Domain(name, "values", tuple(candidates), origin="decision")
    choices = [_values_of(output) for output in outcome.decision.outputs]
    if outcome.decision.collects or any(each is None for each in choices):
        return Domain(name, "opaque", origin="decision")
    names = [output.name for output in outcome.decision.outputs]
    every = [dict(zip(names, each, strict=True)) for each in product(*(each or () for each in choices))]
    kind = "values" if 0 < len(every) <= _MAX_VALUES else "opaque"
    return Domain(name, kind, tuple(every) if kind == "values" else (), origin="decision")


def _values_of(output: Output) -> tuple[Value, ...] | None:
    if output.type == "boolean":
        return (True, False)
    return tuple(value for value in output.values if value != PERSON) or None

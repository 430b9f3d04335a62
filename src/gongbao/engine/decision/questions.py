"""Which of the names that are not known make a difference to an outcome, and which to ask for first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gongbao.engine.decision.outcome import OpenSetting, Outcome
from gongbao.engine.decision.search import Leaf
from gongbao.engine.decision.unknown import OPEN, Domain, frozen
from gongbao.feel.values import Value


def relevant_names(leaves: Sequence[Leaf], domains: Mapping[str, Domain]) -> list[str]:
    """The unknown names whose value makes a difference, the most telling first."""
    outcomes = [frozenset(frozen(result.outputs) for result in leaf.results) for leaf in leaves]
    waiting = {name for leaf in leaves if len(leaf.results) > 1 or not leaf.exact or _open(leaf) for name in leaf.needs}
    found: list[tuple[float, int, str]] = []
    for at, name in enumerate(domains):
        if name in waiting or _tells(name, leaves, outcomes):
            found.append((_left(name, leaves, outcomes), at, name))
    return [name for _, _, name in sorted(found)]


def asks(
    outcome: Outcome, leaves: Sequence[Leaf], relevant: Sequence[str], domains: Mapping[str, Domain]
) -> tuple[str, ...]:
    """The facts to ask for: the decision's own `asks` first, then the most telling; those of required decisions too."""
    decision = outcome.decision
    found: dict[str, None] = {}
    for name in relevant:
        if domains[name].origin == "fact":
            found[name] = None
        elif domains[name].origin == "decision":
            found.update(dict.fromkeys(outcome.required[name].ask))
    # A series with a missing reading is known, and yet it is what must be asked for.
    unsettled = [leaf for leaf in leaves if len(leaf.results) > 1]
    gaps = {name for leaf in unsettled for name in leaf.needs if name not in domains and name in decision.facts}
    found.update(dict.fromkeys(sorted(gaps)))
    first = [name for name in decision.asks if name in found]
    return tuple(dict.fromkeys([*first, *found]))


def open_settings(outcome: Outcome, relevant: Sequence[str], domains: Mapping[str, Domain]) -> tuple[OpenSetting, ...]:
    """The settings that are not filled and make a difference, here or in a required decision."""
    found: dict[str, OpenSetting] = {}
    for name in relevant:
        if domains[name].origin == "setting":
            setting = outcome.world.settings[name.split(".", 1)[1]]
            found[setting.name] = OpenSetting(setting.name, setting.label, setting.whose or setting.owner, setting.why)
        elif domains[name].origin == "decision":
            for each in outcome.required[name].open:
                found.setdefault(each.name, each)
    return tuple(found.values())


def _open(leaf: Leaf) -> bool:
    return any(each is OPEN for result in leaf.results for each in result.outputs)


def _tells(name: str, leaves: Sequence[Leaf], outcomes: Sequence[frozenset[Any]]) -> bool:
    """Whether two cases that differ in nothing but this name come out differently."""
    groups: dict[Any, list[int]] = {}
    for i, leaf in enumerate(leaves):
        if name in leaf.assigned:
            groups.setdefault(frozen(leaf.assigned[name]), []).append(i)
    sides = list(groups.values())
    compared = 0
    for i, one in enumerate(sides):
        for other in sides[:i]:
            for a in one:
                for b in other:
                    compared += 1
                    if compared > 200_000:
                        return True
                    if outcomes[a] != outcomes[b] and _agree(leaves[a].assigned, leaves[b].assigned, name):
                        return True
    return False


def _agree(one: Mapping[str, Value], other: Mapping[str, Value], but: str) -> bool:
    return all(name == but or name not in other or frozen(other[name]) == frozen(value) for name, value in one.items())


def _left(name: str, leaves: Sequence[Leaf], outcomes: Sequence[frozenset[Any]]) -> float:
    """How many outcomes are left on average once this name is known."""
    by_value: dict[Any, set[Any]] = {}
    always: set[Any] = set()
    for leaf, found in zip(leaves, outcomes, strict=True):
        if name in leaf.assigned:
            by_value.setdefault(frozen(leaf.assigned[name]), set()).update(found)
        else:
            always |= found
    return sum(len(found | always) for found in by_value.values()) / len(by_value) if by_value else len(always) + 1

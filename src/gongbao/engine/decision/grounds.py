"""What the outcome of a decision may stand on, the decisions that it requires included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gongbao.engine.decision.logic import Decision, find
from gongbao.engine.world import World


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a decision can read, required decisions included."""

    facts: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    as_of: bool = False  # whether it reads the moment at which the rule is applied


def grounds(world: World, decision_id: str) -> Grounds:
    """Everything that the outcome of a decision may stand on; facts by their id (not their fields)."""
    seen: dict[str, Decision] = {}
    waiting = [decision_id]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen[name] = find(world.decisions, name)
            waiting.extend(seen[name].requires)
    found = list(seen.values())

    def every(names: Iterable[Iterable[str]]) -> tuple[str, ...]:
        return tuple(sorted({each for some in names for each in some}))

    def under(head: str, decision: Decision) -> list[str]:
        return [name.split(".")[1] for name in decision.names if name.startswith(head + ".")]

    return Grounds(
        facts=every([name.partition(".")[0] for name in each.facts] for each in found),
        settings=every(each.settings for each in found),
        registers=every(each.registers for each in found),
        decided=every(under("decided", each) for each in found),
        case=every(under("case", each) for each in found),
        decisions=tuple(sorted(seen)),
        as_of=any(name.partition(".")[0] == "as_of" for each in found for name in each.names),
    )

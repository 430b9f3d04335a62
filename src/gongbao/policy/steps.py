"""Can every case end? Steps that no way leads to, steps that no way leads out of, seen without running anything."""

from __future__ import annotations

from collections.abc import Iterator

from gongbao.engine.model import CLOSED
from gongbao.policy import schema
from gongbao.policy.errors import Problem
from gongbao.policy.source import Source


def dead_steps(source: Source) -> Iterator[Problem]:
    """Every step must be reached from the start, and from every step some way must lead to the end."""
    for name, spec in source.pack.procedures.items():
        ways = {step: _ways(step, one) for step, one in spec.steps.items()}
        anywhere = {t for a in spec.anytime.values() for t in a.to}
        start = spec.start or tuple(spec.steps)[:1]
        reached = _closure({*start, *anywhere}, ways)
        ends = {CLOSED}
        if CLOSED not in anywhere:
            back: dict[str, set[str]] = {}
            for step, targets in ways.items():
                for target in targets:
                    back.setdefault(target, set()).add(step)
            ends = _closure({CLOSED}, back)
        else:
            ends |= set(spec.steps)
        for step, one in spec.steps.items():
            at = (name, "steps", step)
            if step not in reached:
                message = f"环节“{one.label}”走不到：没有动作通向它"
                yield source.problem("procedures.yaml", at, message, code="dead_step")
            if step not in ends:
                message = f"环节“{one.label}”出不去：没有动作从它通向办结"
                yield source.problem("procedures.yaml", at, message, code="dead_step")


def _ways(step: str, spec: schema.StepSpec) -> set[str]:
    # A side-by-side step that only joins (`to` the common next step) counts like any other way.
    return {t for a in spec.actions.values() for t in a.to if t != step}


def _closure(start: set[str], ways: dict[str, set[str]]) -> set[str]:
    seen, ahead = set(start), list(start)
    while ahead:
        for target in ways.get(ahead.pop(), ()):
            if target not in seen:
                seen.add(target)
                ahead.append(target)
    return seen

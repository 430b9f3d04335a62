"""Acts whose name or whose actor is not what a reader of the step would take it for."""

from __future__ import annotations

from collections.abc import Iterator

from gongbao.engine import model
from gongbao.policy import schema
from gongbao.policy.errors import Problem
from gongbao.policy.source import Source

# The fold gives these a meaning of its own.
ENGINE_EVENTS = frozenset({model.OPENED, model.RECORDED, model.DECIDED, model.VOIDED, model.NOTE, *model.TASK_EVENTS})


def acts(source: Source) -> Iterator[Problem]:
    """Acts named like an event of the engine (errors), and acts that decide by others than their step says."""
    for name, spec in source.pack.procedures.items():
        for step, one in spec.steps.items():
            for action, act in one.actions.items():
                at = (name, "steps", step, "actions", action)
                yield from _named(source, at, action, act)
                yield from _decider(source, at, spec, one, act)
        for action, act in spec.anytime.items():
            yield from _named(source, (name, "anytime", action), action, act)


def _named(source: Source, at: tuple[str, ...], action: str, act: schema.ActionSpec) -> Iterator[Problem]:
    event = act.event or action
    if event in ENGINE_EVENTS:
        path = (*at, "event") if act.event else at
        message = f"动作“{act.label}”的事件类型 {event} 是引擎自用的，须换一个名字"
        yield source.problem("procedures.yaml", path, message, code="reserved")


def _decider(
    source: Source, at: tuple[str, ...], spec: schema.ProcedureSpec, step: schema.StepSpec, act: schema.ActionSpec
) -> Iterator[Problem]:
    """Without a `by` of its own, an act that decides is for those in `decided_by`, whoever the step is for."""
    decide = spec.decide.get(act.decides or "")
    if decide is None or act.by or not step.by or step.by == decide.decided_by:
        return
    message = (
        f"动作“{act.label}”作出判定“{act.decides}”，由 decided_by 所列的人办理，与环节“{step.label}”的 by 不同；写明 by"
    )
    yield source.problem("procedures.yaml", at, message, code="decider", level="warning")

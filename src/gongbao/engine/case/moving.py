"""Whether an open case can go on under another version of its document: its log must mean the same there."""

from __future__ import annotations

from collections.abc import Sequence

from gongbao.engine.case.fold import Fold
from gongbao.engine.case.state import fold_of
from gongbao.engine.labels import label_of
from gongbao.engine.model import Event
from gongbao.engine.world import World


def obstacle(here: World, to: World, procedure: str, events: Sequence[Event]) -> str:
    """Why a case under `here` cannot go on under `to`, in Chinese; empty if it can.

    It cannot where the procedure, a fact that is known or a step that is open is not there, where an event comes out of
    place that was in place, or where the same events lead to other steps.
    """
    if procedure not in to.procedures:
        return f"新版本没有办理程序“{procedure}”"
    before, after = fold_of(here, procedure, events), fold_of(to, procedure, events)
    lost = [name for name in before.facts if name in here.facts and name not in to.facts]
    if lost:
        return f"新版本没有事实 {'、'.join(label_of(here, name) for name in lost)}"
    known = {(fault.seq, fault.code) for fault in before.faults}
    new = [fault.text for fault in after.faults if (fault.seq, fault.code) not in known]
    if new:
        return f"按新版本：{new[0]}"
    gone = [each.id for each in before.open if each.id not in to.procedures[procedure].steps]
    if gone:
        steps = here.procedures[procedure].steps
        return f"新版本没有环节 {'、'.join(steps[name].label for name in gone)}"
    at, then = _open(before), _open(after)
    if at != then:
        return f"同样的经过，按新版本在环节 {_words(to, procedure, then)}，现在环节 {_words(here, procedure, at)}"
    return ""


def _open(fold: Fold) -> list[tuple[str, str]]:
    return sorted((each.id, each.key or "") for each in fold.open)


def _words(world: World, procedure: str, steps: list[tuple[str, str]]) -> str:
    labels = (world.procedures[procedure].steps[id_].label + (f"（{key}）" if key else "") for id_, key in steps)
    return "、".join(labels) or "（已办结）"

"""首报, 续报, 终报: the reports a procedure orders, to whom they go, and what was sent when.

What is a report is read from the forms of the pack's actions (whom it tells, what it says) and from their labels; no
document is known here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gongbao.engine.model import Action, Possible
from gongbao.office.cases import papers, presenting
from gongbao.office.cases.service import Look

KINDS = ("首报", "续报", "终报", "通报、发布")


@dataclass(frozen=True, slots=True)
class Sent:
    """One report that went out."""

    label: str
    seq: int
    at: dt.datetime
    recorded_at: dt.datetime
    by: str
    source: str
    to: tuple[str, ...]
    papers: tuple[papers.CasePaper, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One report of the procedure. `possible`: for this person now; `to`: to whom its form lets it go."""

    action: str
    label: str
    kind: str
    cite: str
    to: tuple[str, ...]
    possible: Possible | None
    who: tuple[str, ...]
    sent: tuple[Sent, ...]
    at: str = ""  # the step in which it can be made, where the case is not there

    @property
    def id(self) -> str:
        return presenting.action_id(self.possible) if self.possible else ""


def kind_of(action: Action) -> str:
    """Which of the three a report is, else 通报、发布."""
    if re.search("终报", action.label):
        return "终报"
    if re.search("续报|进展", action.label):
        return "续报"
    return "首报" if re.search("初报|首报|电话报|书面报|上报|报告|接报|报市|报省", action.label) else "通报、发布"


def of_case(seen: Look, actions: Iterable[Possible]) -> dict[str, list[Report]]:
    """The reports of the case's procedure by kind, with what was sent."""
    rule = seen.world.procedures[seen.case.procedure]
    possible = {(p.step, p.action): p for p in actions}
    made_papers = papers.of_case(seen)
    found: dict[str, list[Report]] = {kind: [] for kind in KINDS}
    listed = [(None, a) for a in rule.anytime.values()]
    listed += [(step.id, a) for step in rule.steps.values() for a in step.actions.values()]
    for step, action in listed:
        if not presenting.is_report(action):
            continue
        sent = [
            Sent(
                action.label, e.seq, e.occurred_at, e.recorded_at, e.on_behalf_of or e.unit, e.source, told(e.facts),
                tuple(p for p in made_papers if p.seq == e.seq),
            )
            for e in reversed(seen.events)
            if e.data.get("action") == action.id and e.step == step and e.seq not in seen.state.voided
        ]  # fmt: skip
        may = possible.get((step, action.id))
        found[kind_of(action)].append(Report(
            action.id, action.label, kind_of(action), action.cite or "", _addressees(seen, action),
            may if may is not None and may.allowed else None, may.who if may is not None else (), tuple(sent),
            rule.steps[step].label if step is not None and may is None else "",
        ))  # fmt: skip
    return {kind: rows for kind, rows in found.items() if rows}


def told(facts: object) -> tuple[str, ...]:
    value = facts.get("to") if isinstance(facts, dict) else None
    return (value,) if isinstance(value, str) else tuple(value or ())


def _addressees(seen: Look, action: Action) -> tuple[str, ...]:
    fact = seen.world.facts.get("to")
    if fact is None or "to" not in dict(action.form):
        return ()
    return tuple(getattr(fact, "values", ()) or getattr(getattr(fact, "of", None), "values", ()) or ())

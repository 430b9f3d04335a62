"""What the rules propose in a case, and what an act of deciding then records.

Proposals are computed live and bind nobody. An act of deciding records what is decided, with the receipt of the
proposal it was made on. It may only leave the value out when the rules settle it; a value that differs from the
proposal, or that the rules cannot settle, is the decider's own and needs a reason; the proposal is kept beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gongbao.engine.errors import CaseError, NotPossible
from gongbao.engine.labels import label_of
from gongbao.engine.model import Procedure, Value
from gongbao.engine.world import World

if TYPE_CHECKING:
    from gongbao.engine.decision.outcome import Outcome


def rule_of(procedure: Procedure, name: str) -> str:
    """The decision of the pack that proposes for `name`: a key of the procedure's `decide`, or the decision itself."""
    rule = procedure.decide.get(name)
    return rule.decision if rule is not None else name


def propose(
    world: World,
    decision: str,
    facts: Mapping[str, Value],
    decided: Mapping[str, Value],
    case: Mapping[str, Value],
    as_of: dt.datetime,
    unit: str | None = None,
) -> Outcome:
    from gongbao.engine.decision.decide import decide  # a case without decisions needs none of it

    return decide(world, decision, facts, decided=decided, case=case, as_of=as_of, unit=unit)


def receipt_of(
    world: World,
    outcome: Outcome,
    facts: Mapping[str, Value],
    decided: Mapping[str, Value],
    case: Mapping[str, Value],
    as_of: dt.datetime,
) -> dict[str, Value]:
    """The receipt of a proposal as JSON data (`engine.receipt.receipt_from` reads it back)."""
    from gongbao.engine.receipt import make_receipt

    made = make_receipt(world, outcome, facts, decided=decided, case=case, calendar_years=(as_of.year,))
    return made.to_dict()


def takes(outcome: Outcome) -> bool:
    """Whether the rules settle it by themselves, so that it can be decided as proposed."""
    return outcome.settled and not outcome.needs_person and outcome.value is not None


def as_context(outcome: Outcome) -> dict[str, Value]:
    """The outputs as an expression sees them; null where the rules do not settle them."""
    if takes(outcome):
        return dict(outcome.value or {})
    return {output.name: None for output in outcome.decision.outputs}


def facts_under(world: World, decision: str) -> frozenset[str]:
    """The facts a decision may read, those of the decisions it requires included."""
    from gongbao.engine.decision.grounds import grounds

    return frozenset(grounds(world, decision).facts) if decision in world.decisions else frozenset(world.facts)


def choose(
    world: World, decision: str, outcome: Outcome, value: Mapping[str, Value] | Value, reason: str
) -> dict[str, Value]:
    """What is decided and what it was decided on: `value` (output -> value), and `proposed` and `reason` where they
    differ.

    value: the decider's own (for a decision with one output the bare value will do), None to take the proposal.
    Raises NotPossible when the proposal is not settled and no value is given, CaseError for a value that the decision
    does not have and for one without a reason.
    """
    from gongbao.engine.case.decided_value import decided_value

    rule = world.decisions[decision]
    proposed = dict(outcome.value or {}) if takes(outcome) else None
    label = rule.label
    if value is None:
        if proposed is None:
            raise NotPossible(
                f"“{label}”规则不能定（{open_in_words(world, outcome)}），须由决定人写明结论和理由",
                field="value",
                allowed=tuple(in_words(c) for c in outcome.candidates),
            )
        return {"value": proposed}
    own = decided_value(rule, value)
    if own == proposed:
        return {"value": proposed}
    if not reason.strip():
        than = f"与规则提出的{in_words(proposed)}不同" if proposed is not None else "规则不能定"
        raise CaseError(f"“{label}”{than}，决定为{in_words(own)}须写明理由", field="note", value=reason)
    return {"value": own, "proposed": proposed, "reason": reason.strip()}


def open_in_words(world: World, outcome: Outcome) -> str:
    """Why a proposal is open, for a reader: why a person must decide, which results are possible, what to ask."""
    if outcome.needs_person:
        return outcome.reason
    parts: list[str] = []
    if outcome.candidates:
        parts.append("可能是" + "或".join(in_words(c) for c in outcome.candidates))
    asked = [label_of(world, name) for name in outcome.ask]
    if asked:
        parts.append(f"尚须知道：{'、'.join(asked)}")
    return "；".join(parts) or "事实不全"


def in_words(value: Mapping[str, Value]) -> str:
    return "、".join(f"“{v}”" for v in value.values())

"""What the rules propose in a case, and what an act of deciding then records.

Proposals are computed live and bind nobody. An act of deciding records what is decided, with the receipt of the
proposal it was made on. It may only leave the value out when the rules settle it; a value that differs from the
proposal, or that the rules cannot settle, is the decider's own and needs a reason; the proposal is kept beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gongbao.engine.errors import CaseError, NotPossible
from gongbao.engine.model import Procedure, Value
from gongbao.engine.world import World

if TYPE_CHECKING:
    from gongbao.engine.decision import Outcome


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
) -> Outcome:
    from gongbao.engine.decision import decide  # a case without decisions needs none of it

    return decide(world, decision, facts, decided=decided, case=case, as_of=as_of)


def as_context(outcome: Outcome) -> dict[str, Value]:
    """The outputs as an expression sees them; null where the rules do not settle them."""
    return dict(outcome.outputs) if outcome.settled else dict.fromkeys(outcome.outputs)


def facts_under(world: World, decision: str, seen: Iterable[str] = ()) -> frozenset[str]:
    """The facts a decision may read, those of the decisions it requires included."""
    rule = world.decisions.get(decision)
    if rule is None or decision in seen:
        return frozenset()
    found = frozenset(rule.facts)
    for other in rule.requires:
        found |= facts_under(world, other, (*seen, decision))
    return found


def choose(
    world: World, decision: str, outcome: Outcome, value: Mapping[str, Value] | Value, reason: str
) -> dict[str, Value]:
    """What is decided and what it was decided on: `value` (output -> value), and `proposed` and `reason` where they
    differ.

    value: the decider's own (for a decision with one output the bare value will do), None to take the proposal.
    Raises NotPossible when the proposal is not settled and no value is given, CaseError for a value that the decision
    does not have and for one without a reason.
    """
    outputs = world.decisions[decision].outputs
    label = world.labels.get(decision) or decision
    proposed = dict(outcome.outputs) if outcome.settled else None
    if value is None:
        if proposed is None:
            raise NotPossible(
                f"“{label}”规则不能定（{open_in_words(outcome)}），须由决定人写明结论和理由",
                field="value",
                allowed=tuple(str(c) for c in outcome.candidates),
            )
        return {"value": proposed}
    own = dict(value) if isinstance(value, Mapping) else {next(iter(outputs)): value}
    _check(own, outputs, label)
    if own == proposed:
        return {"value": proposed}
    if not reason.strip():
        than = f"与规则提出的{in_words(proposed)}不同" if proposed is not None else "规则不能定"
        raise CaseError(f"“{label}”{than}，决定为{in_words(own)}须写明理由", field="note", value=reason)
    return {"value": own, "proposed": proposed, "reason": reason.strip()}


def _check(own: Mapping[str, Value], outputs: Mapping[str, Any], label: str) -> None:
    """The decider's value must be one that the decision has."""
    for name in own:
        if name not in outputs:
            allowed = tuple(outputs)
            raise CaseError(
                f"“{label}”没有“{name}”这一项；有：{'、'.join(allowed)}", field=name, value=own[name], allowed=allowed
            )
    for name, spec in outputs.items():
        given = own.get(name)
        if given is None:
            raise CaseError(f"“{label}”的“{name}”没有写", field=name, allowed=tuple(spec.values))
        if spec.values and given not in spec.values:
            text = f"“{label}”没有“{given}”；可为：{'、'.join(spec.values)}"
            raise CaseError(text, field=name, value=given, allowed=tuple(spec.values))


def open_in_words(outcome: Outcome) -> str:
    """Why a proposal is open, for a reader: what must still be known, or which results are possible."""
    raise NotImplementedError


def in_words(value: Mapping[str, Value]) -> str:
    return "、".join(f"“{v}”" for v in value.values())

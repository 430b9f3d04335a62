"""What a table and a comparison say alike of a row that is not settled."""

from __future__ import annotations

from gongbao.engine.decision.outcome import Outcome

MAY_NEED_PERSON = "也可能没有规则可依，须由人判定"


def may_need_person(outcome: Outcome) -> str:
    """Said where a person's turn is among what is possible, though not certain; else nothing."""
    return MAY_NEED_PERSON if outcome.unruled and not outcome.settled and not outcome.needs_person else ""

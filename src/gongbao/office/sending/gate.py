"""Whether anything may leave the office now. Nothing leaves the drill site (演练台), whatever its environment says.

There everything made is an exercise: CAP status Exercise, 【演练】 before every title, rows that are `held` from the
start. The worker asks again before it opens a connection, and a message made as an exercise is sent by no site.
"""

from __future__ import annotations

from gongbao.exchange import cap
from gongbao.office import clock, exercise

MARKS = {"Actual": "", "Exercise": f"【{exercise.MARK}】", "Test": f"【{exercise.SHOWN}】"}


def is_exercise() -> bool:
    return exercise.here()


def allowed() -> bool:
    """Whether anything may leave now."""
    return not is_exercise()


def status() -> cap.Status:
    """Actual; Exercise in a drill; Test in a demonstration, whose data are invented."""
    if is_exercise():
        return "Exercise"
    return "Test" if clock.is_demonstration() else "Actual"

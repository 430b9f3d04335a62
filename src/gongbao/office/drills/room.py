"""演练: any plan on a simulated clock, on a site of its own; elsewhere the way to that site."""

from __future__ import annotations

from gongbao.office.drills import running
from gongbao.office.people import roles as r
from gongbao.office.rooms import EMERGENCY, Room

ROOM = Room(
    "演练", "drills:home", key="d", order=40, group=EMERGENCY, prefix="/drills/",
    sites=frozenset({"drill", "office", "12345"}), drilled=True,
    roles=frozenset({r.DUTY_OFFICER, r.DUTY_LEADER, r.HANDLER, r.REVIEWER, r.INSPECTOR, r.ADMINISTRATOR}),
)  # fmt: skip
ROUNDS = (running.tell_due,)

"""值班: rosters of units round the clock, the duty log with its hand-overs, and whom to call."""

from __future__ import annotations

from gongbao.office.people import roles as r
from gongbao.office.rooms import EMERGENCY, Room

KEEPERS = (r.DUTY_OFFICER, r.DUTY_LEADER, r.REVIEWER, r.HANDLER, r.SHIFT_LEADER, r.ADMINISTRATOR)
ROOM = Room(
    "值班", "duty:home", key="u", order=38, group=EMERGENCY, prefix="/duty/", drilled=True,
    roles=frozenset({*KEEPERS, r.INSPECTOR, r.DISPATCHER}),
)  # fmt: skip
COPIED = ("duty.Shift",)
DATED = {"duty.Shift": ("starts", "ends")}  # in a drill the roster stands as on the day on which it begins

"""政策库: open to everybody who is signed in. The worker does its long 试算, and deletes old ones."""

from __future__ import annotations

from gongbao.office.library.simulating import carry_out_waiting, forget_old
from gongbao.office.rooms import Room

ROOM = Room("政策库", "library:home", key="l", order=80, prefix="/library/", drilled=True)
ROUNDS = (carry_out_waiting, forget_old)

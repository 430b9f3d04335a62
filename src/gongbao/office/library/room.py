"""政策库: open to everybody who is signed in."""

from __future__ import annotations

from gongbao.office.rooms import Room

ROOM = Room("政策库", "library:home", key="l", order=80, prefix="/library/")

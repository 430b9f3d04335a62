"""管理: for 管理员 and 政策维护. Whose unit owns a setting reaches it from the policy library."""

from __future__ import annotations

from gongbao.office.people import roles as r
from gongbao.office.rooms import Room

ROOM = Room(
    "管理", "management:home", key="x", order=90, roles=frozenset({r.ADMINISTRATOR, r.POLICY_EDITOR}),
    prefix="/management/",
)  # fmt: skip

"""规划指标: values, and what is said of them."""

from __future__ import annotations

from gongbao.office.rooms import PLANNING, Room
from gongbao.office.tasks import SITES

ROOM = Room("规划指标", "indicators:home", key="i", order=34, sites=SITES, prefix="/indicators/", group=PLANNING)

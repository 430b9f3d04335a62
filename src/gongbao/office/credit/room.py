"""The room 信用监管, and its panels on the page of an objection or a repair."""

from gongbao.office import worlds
from gongbao.office.credit.models import PACK
from gongbao.office.credit.panel import PANELS as PANELS
from gongbao.office.people import roles
from gongbao.office.rooms import Room

ROOM = Room(
    "信用监管",
    "credit:city",
    key="c",
    order=50,
    roles=frozenset({roles.REGULATOR, roles.HANDLER, roles.INSPECTOR}),
    prefix="/credit/",
    ready=lambda: worlds.is_loaded(PACK),
)

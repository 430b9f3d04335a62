"""The room 信用监管, its panels on the page of an objection or a repair, and its register as data of a 试算."""

from gongbao.office import worlds
from gongbao.office.credit import whatif
from gongbao.office.credit.models import PACK, Enterprise
from gongbao.office.credit.panel import PANELS as PANELS
from gongbao.office.library.sources import Source
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

SOURCES = (
    Source(
        "credit", "信用监管名录里的全部企业", "按现有信用记录，截至今日的评价周期", "户", whatif.fits, whatif.names,
        lambda world, account: Enterprise.objects.count(), whatif.pieces, whatif.address, whatif.READS,
    ),
)  # fmt: skip

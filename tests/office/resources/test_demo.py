"""The demonstration's resources are entered on the city's own packs, and whatever is invented says so."""

from __future__ import annotations

import datetime as dt

import pytest

from gongbao.office import clock, worlds
from gongbao.office.demo import resources
from gongbao.office.resources import book, finding
from gongbao.office.resources.models import Row
from gongbao.policy.loader import packs_root

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(settings, office_clock, account):
    settings.GONGBAO_PACKS = packs_root()
    worlds.forget()
    book.forget()
    office_clock.moment = dt.datetime(2023, 2, 15, 9, 30, tzinfo=clock.SHANGHAI)
    officer = account("zhiban", "市应急管理局", "值班员")
    assert resources.ready({resources.PACK})
    assert resources.fill() == "80 项应急资源（演示）"
    return officer


def test_every_invented_row_says_so(filled):
    rows = Row.objects.filter(pack=resources.PACK)
    printed = {r.name for r in rows if r.changes.first().kind == "printed"}
    assert "廊坊蓝天救援队" in printed
    for row in rows.exclude(kind="neighbours").exclude(name__in=printed):
        entry = row.changes.get()
        assert entry.why == resources.WHY, row.name


def test_the_nearest_to_a_county_are_its_own_then_its_neighbours(filled):
    answer = finding.find(filled, finding.asked({"kind": "team", "place": "霸州市"}))
    assert (answer.left_out, answer.measured) == (0, [])
    relations = [placed.relation for placed, _ in answer.others]
    assert relations == sorted(relations, key=["本乡镇", "本县", "相邻", "其他"].index)
    assert relations[:4] == ["本县", "相邻", "相邻", "相邻"]


def test_one_stock_is_below_its_floor(filled):
    assert [row.name for row in Row.objects.filter(below=True)] == ["防护服"]

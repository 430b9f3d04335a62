"""What tests of rows handed out share: the yearbook packs of Langfang, days after their issue, the units that take part."""

from __future__ import annotations

import datetime as dt

import pytest

from gongbao.office import worlds
from gongbao.policy.loader import packs_root

BOOK = "langfang/yearbook-2023"
CENTRE = "廊坊市地方志编纂中心"
CULTURE = "廊坊市文化广电和旅游局"


@pytest.fixture
def city(settings, office_clock):
    """The real packs, on the morning of 22 February 2023."""
    settings.GONGBAO_PACKS = packs_root()
    worlds.forget()
    office_clock.moment = dt.datetime(2023, 2, 22, 9, 0, tzinfo=office_clock.moment.tzinfo)
    return office_clock


@pytest.fixture
def editor(account):
    return account("bian", CENTRE, "承办人", name="编辑")


@pytest.fixture
def writer(account):
    return account("wen", CULTURE, "承办人", name="撰稿人")

"""The pages of a pack with a scoring sheet open: its lines are decisions, and each is looked at where the sheet has it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from gongbao.policy.loader import packs_root

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["weather_12", "weather_total"])
@pytest.mark.parametrize("page", ["decision", "try"])
def test_the_pages_of_a_line_open(settings, reader, name, page):
    settings.GONGBAO_PACKS = str(packs_root())
    address = reverse(f"library:{page}", args=["langfang", "weather-performance", name])
    found = reader.get(address)
    assert found.status_code < 400


@pytest.mark.parametrize("page", ["pack", "duties", "figures"])
def test_the_pages_of_the_pack_open(settings, reader, page):
    settings.GONGBAO_PACKS = str(packs_root())
    assert reader.get(reverse(f"library:{page}", args=["langfang", "weather-performance"])).status_code == 200

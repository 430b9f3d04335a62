"""The live part of an incident: nothing where nothing changed, and one replay for all who look in the same second."""

from __future__ import annotations

import re

import pytest
from tests.office.incidents.conftest import POISONED

from gongbao.office import worlds
from gongbao.office.cases import service
from gongbao.office.cases.models import Case
from gongbao.office.incidents import looking

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(night, city_food) -> Case:
    facts = {"place": "三河市", "situation": POISONED, "poisoned": 120}
    return service.open_case(city_food, "langfang/food-safety-incident", "incident", facts, data={"place": "三河市"})


def live(client, case: Case, shown: str = ""):
    return client.get(f"/incidents/{case.number}/", {"shown": shown}, headers={"HX-Request": "true"})


def test_a_page_that_shows_the_case_as_it_is_gets_nothing(incident, city_food, signed_in, night) -> None:
    night.advance(seconds=5)
    client = signed_in(city_food)
    page = live(client, incident)
    assert page.status_code == 200
    shown = re.search(r'name="shown" value="([\d-]+)"', page.content.decode())[1]
    assert live(client, incident, shown).status_code == 204
    service.remark(incident, city_food, "现场已封控")
    assert live(client, incident, shown).status_code == 200


def test_what_changed_in_the_second_in_which_it_was_shown_is_shown_again(incident, city_food, signed_in, night) -> None:
    client = signed_in(city_food)
    shown = re.search(r'name="shown" value="([\d-]+)"', live(client, incident).content.decode())[1]
    assert live(client, incident, shown).status_code == 200


def test_one_replay_for_all_who_look_in_the_same_second(incident, city_food, night, monkeypatch) -> None:
    replayed = []
    real = service.look
    monkeypatch.setattr(service, "look", lambda case, now=None: replayed.append(case) or real(case, now))
    first = looking.look(incident)
    assert looking.look(Case.objects.get(pk=incident.pk)).state is first.state
    assert len(replayed) == 1
    case = service.remark(incident, city_food, "现场已封控")
    assert looking.look(case).state.seq == first.state.seq + 1
    night.advance(seconds=1)
    looking.look(case)
    assert len(replayed) == 3
    worlds.forget()
    looking.look(case)
    assert len(replayed) == 4


def test_how_the_incident_stands_is_told_with_its_live_part(incident, city_food, signed_in) -> None:
    """A level that somebody decides meanwhile stands at the head of every page that is open."""
    told = live(signed_in(city_food), incident).content.decode()
    head = re.search(r'<dl class="standing" id="standing" hx-swap-oob="true">.*?</dl>', told, re.S)
    assert head is not None
    assert "级别" in head[0]
    page = signed_in(city_food).get(f"/incidents/{incident.number}/").content.decode()
    assert page.count('id="standing"') == 1
    assert "hx-swap-oob" not in page


def test_a_tab_that_somebody_works_on_says_how_many_entries_came_since(incident, city_food, signed_in) -> None:
    client = signed_in(city_food)
    page = client.get(f"/incidents/{incident.number}/duties/").content.decode()
    asks = re.search(rf'hx-get="(/incidents/{incident.number}/news/\?seq=(\d+))"', page)
    assert asks[2] == str(incident.seq)
    assert not client.get(asks[1], headers={"HX-Request": "true"}).content.strip()
    service.remark(incident, city_food, "现场已封控")
    service.remark(incident, city_food, "人员已送医")
    told = client.get(asks[1], headers={"HX-Request": "true"}).content.decode()
    assert "有 2 条新的登记" in told

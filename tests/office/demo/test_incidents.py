"""The demonstration's incidents come from the service of the pages and stand, on the stated date, as they are told."""

from __future__ import annotations

import pytest

from gongbao.office import worlds
from gongbao.office.cases import chain, service
from gongbao.office.cases.models import CLOSED, Case
from gongbao.office.demo import filled, incidents, people, resources, rosters
from gongbao.office.demo.incidents import BLOOD, FIRE, FOOD, SPILL, STRAW
from gongbao.office.demo.size import DATE
from gongbao.office.duty import log, roster
from gongbao.office.duty.models import Line
from gongbao.office.incidents import listing
from gongbao.office.people import access
from gongbao.office.people.models import Account
from gongbao.office.people.units import official
from gongbao.office.resources.models import Holding, Row
from gongbao.policy.loader import packs_root

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(settings, office_clock):
    settings.GONGBAO_PACKS = packs_root()
    worlds.forget()
    office_clock.moment = DATE
    people.fill("12345")


@pytest.fixture
def spilt(city):
    filled.fill({SPILL: filled.VALUES[SPILL]})
    incidents.spill()


def look(pack: str, **more) -> service.Look:
    return service.look(Case.objects.get(pack=pack, **more))


def statuses(seen: service.Look) -> dict[str, str]:
    return {d.id: d.status for d in seen.state.deadlines}


def held(seen: service.Look) -> dict[str, object]:
    return {name: next(iter(decided.value.values())) for name, decided in seen.state.decided.items()}


def soundly_kept(case: Case) -> bool:
    return chain.verify_chain(case) == () and all(e.recorded_at <= DATE for e in service.look(case).events)


def sees(username: str, pack: str) -> bool:
    return access.visible(Account.objects.get(username=username)).filter(pack=pack).exists()


def test_a_spill_in_the_midst_of_its_response_and_the_fire_it_came_from(spilt) -> None:
    seen = look(SPILL)
    assert held(seen) == {"grade": "较大", "response": "Ⅲ级"}
    assert statuses(seen) == {"report_3": "met_late"}
    assert [e.source for e in seen.events if e.data.get("action") == "city_reported"] == ["电话"]
    assert {t.status for t in seen.state.tasks} >= {"received", "issued"}
    assert [c.pack for c in listing.same_event(seen.case, Case.objects.all())] == [FIRE]
    assert all("演示" in case.title and soundly_kept(case) for case in Case.objects.all())
    assert all(
        sees(name, SPILL) for name in ("zhiban", "hj_zhiban", "hj_zhihui", "wj_zhiban", "xf_zhiban", "yq_zhiban")
    )


def test_what_is_lent_to_it_takes_one_stock_below_its_floor(spilt) -> None:
    resources.fill()
    incidents.lend()
    assert Holding.objects.filter(case__pack=SPILL).count() == len(incidents.LENT)
    assert set(Row.objects.filter(below=True).values_list("name", flat=True)) == {"防护服", "吸油毡"}


def test_a_call_about_food_of_which_little_is_known_and_whose_ten_minutes_run(city) -> None:
    incidents.food()
    seen = look(FOOD)
    assert not {"poisoned", "deaths", "occurred_at"} & set(seen.state.facts)
    assert not seen.state.decided
    assert statuses(seen) == {"desk_call_opened": "running"}
    assert "演示" in seen.case.title
    assert sees("sc_zhiban", FOOD)


def test_blood_is_graded_and_warned_of_and_its_response_still_to_be_decided(city) -> None:
    incidents.blood()
    seen = look(BLOOD)
    assert held(seen) == {"grade": "较大", "level": "黄色"}
    assert statuses(seen) == {"larger_report": "met"}
    assert {s.id for s in seen.state.steps} == {"in_force", "city_start"}
    assert "演示" in seen.state.facts["situation"]
    assert soundly_kept(seen.case)
    assert sees("wj_zhiban", BLOOD)


def test_a_fire_is_investigated_and_its_days_stand_still(city) -> None:
    incidents.fire_investigated()
    seen = look(FIRE)
    assert statuses(seen)["investigation"] == "paused"
    assert statuses(seen)["petition_city"] == "met"
    assert soundly_kept(seen.case)
    assert sees("xf_zhiban", FIRE)


def test_a_field_fire_is_closed(city) -> None:
    incidents.straw()
    case = Case.objects.get(pack=STRAW)
    assert case.status == CLOSED
    assert soundly_kept(case)


def test_the_roster_of_the_month_has_no_gap_and_last_night_is_written_down(city) -> None:
    rosters.fill()
    begin = DATE.replace(day=1, hour=8, minute=30)
    for unit in rosters.UNITS:
        assert roster.gaps(official(unit), begin, DATE.replace(day=28)) == []
    assert rosters.write_down() == Line.objects.count()
    assert all(line.recorded_at <= DATE for line in Line.objects.all())
    assert log.waiting(official("市卫生健康委")) is not None
    assert log.waiting(official("市应急管理局")) is None

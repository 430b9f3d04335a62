"""The wall screen and the tiles of the counties: what is open where, whose clock runs out first, read from projections."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from tests.office.incidents.conftest import POISONED

from gongbao.office import worlds
from gongbao.office.cases import service
from gongbao.office.cases.models import Case, Timer
from gongbao.office.duty import roster
from gongbao.office.incidents import listing, runs, stocks, tiles, wall
from gongbao.office.people import access

pytestmark = pytest.mark.django_db
PACK, PROCEDURE = "langfang/food-safety-incident", "incident"


@pytest.fixture
def incident(night, city_food) -> Case:
    facts = {"place": "三河市", "situation": POISONED, "occurred_at": "2023-02-28 18:30"}
    return service.open_case(city_food, PACK, PROCEDURE, facts, data={"place": "三河市"})


def rows(account, now, place: str = "") -> tuple[listing.Row, ...]:
    return listing.home(access.visible(account), now, place).open


def grid(account, now) -> tiles.Grid:
    (made,) = tiles.grids(rows(account, now))
    return made


def by_area(made: tiles.Grid) -> dict[str, tiles.Tile]:
    return {tile.area: tile for tile in made.tiles}


# ------------------------------------------------------------------------------------------------------ the counties


def test_every_county_has_a_tile_and_no_two_the_same(incident, city_food, night) -> None:
    made = grid(city_food, night.moment)
    assert len(made.tiles) == 12
    assert len({tile.at for tile in made.tiles}) == 12
    assert made.source


@pytest.mark.parametrize(
    ("place", "area"),
    [("霸州市", "霸州市"), ("霸州市胜芳镇", "霸州市"), ("廊坊市", ""), ("北京市通州区", "")],
)
def test_an_incident_counts_in_the_county_of_its_place_else_for_the_whole_city(
    night, city_food, incident, place, area
) -> None:
    Case.objects.filter(pk=incident.pk).update(place=place)
    made = grid(city_food, night.moment)
    assert made.whole.count == (area == "")
    assert {tile.area for tile in made.tiles if tile.count} == ({area} - {""})


def test_a_tile_tells_number_gravest_level_lateness_and_warning_in_words(night, city_food, incident) -> None:
    service.open_case(city_food, PACK, PROCEDURE, {"place": "三河市", "situation": "甲"}, data={"place": "三河市"})
    rule = service.look(incident).world.procedures[PROCEDURE]
    level = next(name for name in rule.decide)
    Case.objects.filter(pk=incident.pk).update(decided={level: {"grade": "重大"}})
    night.advance(days=1)
    tile = by_area(grid(city_food, night.moment))["三河市"]
    assert (tile.count, tile.level, tile.late, tile.colour, tile.warning) == (2, "重大", 2, 0, "")
    Case.objects.filter(pk=incident.pk).update(alarm=3, alarm_text="预警级别：橙色")
    tile = by_area(grid(city_food, night.moment))["三河市"]
    assert (tile.colour, tile.warning) == (3, "橙色预警")


def test_warning_colours_are_only_on_tiles_with_a_warning(night, city_food, incident, signed_in) -> None:
    page = signed_in(city_food).get("/incidents/").content.decode()
    assert "alarm-" not in page
    Case.objects.filter(pk=incident.pk).update(alarm=2, alarm_text="预警级别：黄色")
    page = signed_in(city_food).get("/incidents/").content.decode()
    assert '<span class="alarm alarm-2">黄色预警</span>' in page


def test_a_tile_leads_to_the_incidents_of_its_county_alone(night, city_food, incident, signed_in) -> None:
    other = service.open_case(
        city_food, PACK, PROCEDURE, {"place": "霸州市", "situation": "乙"}, data={"place": "霸州市"}
    )
    tile = by_area(grid(city_food, night.moment))["霸州市"]
    page = signed_in(city_food).get(tile.address).content.decode()
    assert other.number in page
    assert incident.number not in page
    assert re.search(r'href="[^"]+"[^>]*aria-current="true"><b>霸州市</b>', page)
    assert "2 起" not in page
    assert page.count(">1 起<") == 2  # the tiles still count all counties


def test_a_city_without_tiles_gets_its_areas_in_the_printed_order(night, city_food, incident) -> None:
    from gongbao.office.incidents import plans

    units = plans.packs()[0].units
    kept, units.tiles = units.tiles, {}
    try:
        made = tiles._grid(units, list(rows(city_food, night.moment)))
    finally:
        units.tiles = kept
    assert tuple(tile.area for tile in made.tiles) == units.areas
    assert {tile.at for tile in made.tiles} == {None}
    assert not made.source


# ---------------------------------------------------------------------------------------------------- the wall screen


def lines(account, now) -> tuple[wall.Line, ...]:
    return wall.wall(rows(account, now), account, now).lines


def test_the_clocks_of_all_incidents_stand_by_their_due_time_each_with_whom_it_binds(
    night, city_food, incident
) -> None:
    night.advance(minutes=5)
    service.open_case(city_food, PACK, PROCEDURE, {"place": "霸州市", "situation": "乙"}, data={"place": "霸州市"})
    made = lines(city_food, night.moment)
    assert [line.due for line in made] == sorted(line.due for line in made)
    assert {line.case.place for line in made} == {"三河市", "霸州市"}
    own = [line for line in made if line.own]
    assert own
    assert all("廊坊市市场监督管理局" in line.whose for line in own)


@pytest.mark.parametrize(("minutes", "late"), [(10, False), (11, True)])
def test_a_clock_is_overdue_after_its_minute_and_not_at_it(night, city_food, incident, minutes, late) -> None:
    night.advance(minutes=minutes)
    found = next(line for line in lines(city_food, night.moment) if line.due == incident.next_due)
    assert found.late is late
    assert found.whose


def test_a_clock_that_was_met_after_it_fired_is_not_overdue_any_more(night, city_food, incident) -> None:
    night.advance(minutes=11)
    Timer.objects.filter(case=incident, due_at__lte=night.moment).update(fired_at=night.moment)
    assert any(line.late for line in lines(city_food, night.moment))
    to = ["中共廊坊市委员会", "廊坊市人民政府"]
    case = service.act(incident, city_food, "city_phoned", facts={"to": to, "said": "x"})
    assert case.next_due is None or case.next_due > night.moment
    assert not any(line.late for line in lines(city_food, night.moment))


def test_the_wall_holds_as_many_lines_as_can_be_read_and_tells_of_the_others(night, city_food, incident) -> None:
    for n in range(wall.MOST + 3):
        due = night.moment + dt.timedelta(days=1, minutes=n)
        Timer.objects.create(case=incident, key=f"x:{n}", label="甲", kind="period", owner=[], due_at=due)
        Timer.objects.create(case=incident, key=f"t:{n}", label="乙", kind="task", owner=[], due_at=night.moment)
    every = Timer.objects.filter(case=incident, kind__in=wall.RUNS, due_at__gte=night.moment).count()
    made = wall.wall(rows(city_food, night.moment), city_food, night.moment)
    assert len(made.lines) == wall.MOST
    assert made.more == every - wall.MOST
    assert "乙" not in {line.what for line in made.lines}


def test_the_page_tells_time_duty_clocks_and_counties_and_replays_no_case(
    night, city_food, incident, signed_in, monkeypatch
) -> None:
    begin = night.moment
    shifts = [
        roster.Given(kind, begin, begin + dt.timedelta(hours=8), name)
        for kind, name in [("值班", "李某"), ("带班", "王某")]
    ]
    roster.put_in(city_food, shifts)
    monkeypatch.setattr(service.engine, "replay", lambda *_: pytest.fail("the wall replays no case"))
    night.advance(minutes=12)
    page = signed_in(city_food).get("/incidents/wall/").content.decode()
    for told in ("03:22", "李某", "王某", "逾期2分", incident.next_due_label, "三河市", "/incidents/?place="):
        assert told in page
    assert 'class="rooms"' not in page
    assert "style=" not in page
    part = signed_in(city_food).get("/incidents/wall/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "逾期2分" in part


def test_the_wall_shows_only_what_the_account_sees(night, incident, account, signed_in) -> None:
    other = account("bazhou", "霸州市市场监督管理局", "值班员")
    page = signed_in(other).get("/incidents/wall/").content.decode()
    assert incident.title not in page
    assert "没有正在计时的时限" in page


# ------------------------------------------------------------------------------------------- series and their runs


BLOOD = "langfang/blood-supply"


def daily(start: str, *values) -> dict:
    return {"start": start, "step": "24 h", "values": list(values)}


@pytest.fixture
def city_health(account):
    return account("city-health", "廊坊市卫生健康委员会", "值班员", name="钱值班")


@pytest.fixture
def shortage(night, city_health):
    """shortage(stock_o=..., ...) opens one of these series; 2023-03-01 is a Wednesday."""

    def make(**series) -> Case:
        night.moment += dt.timedelta(days=30)
        return service.open_case(city_health, BLOOD, "shortage", {"situation": "库存偏低", **series})

    return make


def pictures(case: Case) -> dict[str, stocks.Picture]:
    made = stocks.context(service.look(case), None)
    return {picture.label: picture for picture in made["pictures"]}


def test_what_a_pack_counts_and_for_what_is_read_from_its_decisions() -> None:
    found = {run.series: run for run in runs.runs_of(worlds.world(BLOOD))}
    assert (found["stock_o"].op, found["stock_o"].line, found["stock_o"].working_days) == ("<=", 3, True)
    assert (found["balance"].op, found["balance"].line, found["balance"].working_days) == ("<", 0, False)
    assert {tuple((m.length, m.value) for m in run.marks) for run in found.values()} == {((5, "一般"), (7, "较大"))}
    assert [run for pack in worlds.pack_ids() if pack != BLOOD for run in runs.runs_of(worlds.world(pack))] == []


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (4, "O型低库存连续4个工作日，再1个工作日到一般"),
        (5, "O型低库存连续5个工作日，已满5个工作日（一般），再2个工作日到较大"),
        (6, "O型低库存连续6个工作日，已满5个工作日（一般），再1个工作日到较大"),
        (7, "O型低库存连续7个工作日，已满7个工作日（较大）"),
    ],
)
def test_the_run_towards_each_grade_counts_working_days_of_stock(shortage, days, told) -> None:
    rests = 2 if days > 3 else 0  # from Wednesday on: the weekend after the third
    case = shortage(stock_o=daily("2023-03-01", *[3] * (days + rests)))
    picture = pictures(case)["O型库存可供天数"]
    assert picture.told == told
    assert sum(bar.kind == "counted" for bar in picture.bars) == days
    assert sum(bar.kind == "left-out" for bar in picture.bars) == rests


def test_collection_counts_every_day_and_breaks_at_a_balance_of_nought(shortage) -> None:
    case = shortage(balance=daily("2023-03-01", -1, 0, -1, -1, -1, -1, -1))
    picture = pictures(case)["采血量减发血需求量"]
    assert picture.told == "采血量低于发血需求量连续5天，已满5天（一般），再2天到较大"
    assert [bar.kind for bar in picture.bars] == ["plain", "plain", *["counted"] * 5]
    assert picture.reached


@pytest.mark.parametrize(("last", "told"), [(3, "连续1个工作日"), (3.1, "现在没有"), (None, "不能确定")])
def test_only_readings_at_or_below_the_line_count_and_a_missing_one_leaves_it_open(shortage, last, told) -> None:
    case = shortage(stock_o=daily("2023-03-01", 5, last))
    assert told in pictures(case)["O型库存可供天数"].told


def test_the_page_draws_the_series_with_line_and_words_under_the_strict_policy(
    shortage, city_health, signed_in
) -> None:
    case = shortage(stock_o=daily("2023-03-01", 3, 3, 2.5), stock_a=daily("2023-03-01", 9, 9, 9))
    for address in (f"/incidents/{case.number}/", f"/case/{case.number}/"):
        answer = signed_in(city_health).get(address)
        page = answer.content.decode()
        assert page.count('<svg class="stock"') == 2
        assert "O型低库存连续3个工作日，再2个工作日到一般" in page
        assert "≤3" in page
        assert "style=" not in page
        assert "一般：满5个工作日（一（五）第5款）" in page


def test_a_case_without_series_has_no_pictures(incident, city_food, signed_in) -> None:
    assert "监测过程线" not in signed_in(city_food).get(f"/incidents/{incident.number}/").content.decode()

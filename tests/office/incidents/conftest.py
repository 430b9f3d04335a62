"""The city's plans, its duty desks at night, and texts as people say them."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.office.incidents.walking import Person

from gongbao.office import clock as office_time
from gongbao.office import worlds
from gongbao.policy.loader import packs_root

NIGHT = dt.datetime(2023, 3, 1, 3, 10, tzinfo=office_time.SHANGHAI)
FOOD = "langfang/food-safety-incident:incident"
ENVIRONMENT = "langfang/environmental-incident:incident"
FIRE = "langfang/fire-investigation:investigation"
FIREWORKS = "langfang/fireworks:report"
FLIGHT = "langfang/low-altitude-control:violation"
STRAW = "langfang/straw-burning:fire_point"
HAZE = "langfang/heavy-pollution:warning"
POISONED = "三河市燕郊第三中学来电，昨晚6点半食堂晚饭后120名学生呕吐、腹泻，1人死亡，均已送医"


@pytest.fixture(autouse=True)
def _city(_instance, settings):
    settings.GONGBAO_PACKS = packs_root()
    settings.GONGBAO_SITE = "office"
    worlds.forget()


@pytest.fixture
def night(office_clock):
    office_clock.moment = NIGHT
    return office_clock


@pytest.fixture
def county_food(account):
    return account("sanhe-food", "三河市市场监督管理局", "值班员", name="孙值班")


@pytest.fixture
def city_food(account):
    return account("city-food", "廊坊市市场监督管理局", "值班员", name="李值班")


@pytest.fixture
def city_environment(account):
    return account("city-env", "廊坊市生态环境局", "值班员", name="周值班")


@pytest.fixture
def city_government(account):
    return account("government", "廊坊市人民政府", "承办人", "值班员", name="赵值班")


@pytest.fixture
def person(browser, live_server, signed_in):
    made: list[Person] = []

    def start(account) -> Person:
        made.append(Person(browser, live_server, signed_in(account)))
        return made[-1]

    yield start
    for one in made:
        one.context.close()
        assert one.wrong == []

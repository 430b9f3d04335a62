"""The questions of the public: only what still matters is asked; the answer is the decision's own."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from tests.office.alerts.conftest import published

from gongbao.office.alerts import lookups
from gongbao.office.cases.models import Case
from gongbao.policy.loader import load_folder, packs_root

pytestmark = pytest.mark.django_db
QUESTIONS = {q.name: q for q in lookups.QUESTIONS}


@pytest.fixture(scope="module")
def world():
    return load_folder(packs_root() / "langfang" / "heavy-pollution")


def ask(world, name: str, **given: str) -> lookups.Answer:
    return lookups.answer(QUESTIONS[name], world, given)


def fully(world, name: str, **given: str) -> tuple[str, list[str]]:
    """Answer what is asked with 否 or 0 until there is an answer; the facts that were asked."""
    while (answer := ask(world, name, **given)).more:
        open_ = next(a for a in answer.asked if not a.value)
        assert open_.fact not in given
        given[open_.fact] = "0" if open_.control == "number" else "非货车" if open_.fact == "truck_size" else "否"
    assert answer.outcome is not None
    return str(answer.outcome.output), [a.fact for a in answer.asked]


@pytest.mark.parametrize(
    ("given", "measure"),
    [
        ({"response_level": "II级", "industry": "水泥制品制造"}, "停产"),
        ({"response_level": "IV级", "industry": "水泥制品制造"}, "文中未列"),
        ({"response_level": "II级", "industry": "钢铁"}, "烧结和球团停产"),
        ({"response_level": "I级", "industry": "焦化"}, "文中未列"),
        ({"response_level": "III级", "industry": "铸造", "furnace": "电"}, "停产"),
        ({"response_level": "II级", "industry": "印刷", "non_stop_listed": "是"}, "可不停限产但停原料车运"),
    ],
)
def test_an_enterprise_learns_what_it_must_do(world, given, measure) -> None:
    assert fully(world, "industry", **given)[0] == measure


@pytest.mark.parametrize(
    ("given", "restriction"),
    [
        ({"response_level": "III级", "vehicle_class": "一般车辆"}, "不受限"),
        ({"response_level": "III级", "vehicle_class": "混凝土罐车"}, "禁止通行"),
        ({"response_level": "II级", "vehicle_class": "一般车辆", "yellow_label": "是"}, "禁止通行"),
        ({"response_level": "II级", "vehicle_class": "一般车辆", "truck_size": "重型货车"}, "单双号限行"),
        ({"response_level": "II级", "vehicle_class": "一般车辆", "truck_size": "非货车"}, "不受限"),
        ({"response_level": "I级", "vehicle_class": "一般车辆"}, "单双号限行"),
        ({"response_level": "I级", "vehicle_class": "急救车辆"}, "不受限"),
        ({"response_level": "I级", "vehicle_class": "一般车辆", "urgent_today": "是"}, "不受限"),
    ],
)
def test_a_driver_learns_whether_the_car_may_go(world, given, restriction) -> None:
    assert fully(world, "vehicle", **given)[0] == restriction


def test_nothing_is_asked_that_cannot_change_the_answer(world) -> None:
    _, asked = fully(world, "vehicle", response_level="III级", vehicle_class="一般车辆")
    assert asked == ["response_level", "vehicle_class"]
    _, asked = fully(world, "industry", response_level="IV级", industry="印刷")
    assert asked == ["response_level", "industry"]


def test_what_the_asker_does_not_know_leaves_candidates(world) -> None:
    answer = ask(
        world, "vehicle", response_level="II级", vehicle_class="一般车辆", urgent_today="否", yellow_label="不详"
    )
    while answer.more:
        given = {a.fact: a.value or "不详" for a in answer.asked if a.control != "choice" or a.value}
        given |= {"truck_size": "重型货车"}
        answer = ask(world, "vehicle", **given)
    assert {c["restriction"] for c in answer.outcome.candidates} == {"单双号限行", "禁止通行"}


def test_a_wrong_answer_is_told_and_not_used(world) -> None:
    answer = ask(world, "vehicle", response_level="VII级")
    assert answer.more
    assert answer.asked[0].error


def test_the_page_is_open_to_everybody_and_starts_from_the_response_that_runs(
    people,
    filled,
    office_clock,
) -> None:
    nobody = Client()
    page = reverse("alerts:ask", args=["vehicle"])
    assert "现在没有启动应急响应" in nobody.get(page).content.decode()
    case = published(people, filled, office_clock)
    body = nobody.get(page).content.decode()
    assert "现在启动 <b>II级</b>" in body
    assert 'value="II级" checked' in body
    assert case.number not in body
    Case.objects.update(status="closed")
    assert "现在没有启动应急响应" in nobody.get(page).content.decode()


def test_an_unknown_question_is_not_found(filled) -> None:
    assert Client().get(reverse("alerts:ask", args=["weather"])).status_code == 404

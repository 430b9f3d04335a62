"""A stock below its floor: told once, again only after it recovered; on the board; blood by its days."""

from __future__ import annotations

import pytest
from tests.office.resources.conftest import PACK, TENT

from gongbao.office.cases.models import Notice
from gongbao.office.resources import book, lending
from gongbao.office.resources.kept import kept

pytestmark = pytest.mark.django_db


def told() -> list[str]:
    return list(Notice.objects.filter(kind="floor", who="甲市城管局").order_by("id").values_list("text", flat=True))


@pytest.mark.parametrize(
    ("floor", "low"), [("9", False), ("10", False), ("10.000001", True), ("11", True), ("", False)]
)
def test_below_is_below_and_not_at(stock, city, floor, low):
    row = book.add(stock, city, {**TENT, "floor": floor})
    assert row.below is low
    assert len(told()) == low


def test_lending_counts_and_it_is_told_once(stock, city, case):
    row = book.add(stock, city, {**TENT, "floor": "8"})
    first = lending.lend(row.pk, case, city, quantity="2")
    assert told() == []
    lending.lend(row.pk, case, city, quantity="1")
    assert told() == ["抢修物资 帐篷（东区）现有 7顶，低于底线 8顶"]
    lending.lend(row.pk, case, city, quantity="1")
    assert len(told()) == 1
    assert Notice.objects.filter(kind="floor", who="东区城管局").count() == 1  # who keeps it there
    lending.give_back(first.pk, city)
    lending.lend(row.pk, case, city, quantity="3")
    assert len(told()) == 2  # it had recovered


def test_what_is_ended_is_below_nothing(stock, city):
    row = book.add(stock, city, {**TENT, "floor": "11"})
    book.end(stock, city, row.pk, why="调整")
    row.refresh_from_db()
    assert row.below is False


@pytest.mark.parametrize(("days", "low"), [("5", False), ("4.9", True)])
def test_blood_is_held_against_its_days(town, city, days, low):
    row = book.add(kept(PACK, "blood"), city, {"name": "O", "days": days, "floor": "5"})
    assert row.below is low
    assert told() == (["血液库存 O（市级）现有 4.9天，低于底线 5天"] if low else [])


def test_blood_is_found_with_its_days_and_not_lent(town, city, case, signed_in):
    row = book.add(kept(PACK, "blood"), city, {"name": "O", "days": "4.9", "floor": "5"})
    page = signed_in(city).get(f"/resources/?kind=stock&case={case.number}").content.decode()
    assert "可供 4.9 天" in page
    assert f"/resources/rows/{row.pk}/lend/" not in page
    with pytest.raises(lending.Refused, match="不是可以调用的资源"):
        lending.lend(row.pk, case, city)


def test_the_board_shows_it_to_whom_it_concerns(stock, city, east, west, operator, signed_in, case):
    book.add(stock, city, {**TENT, "floor": "11"})

    def board(account) -> str:
        return signed_in(account).get("/").content.decode()

    assert "现有 10顶，低于底线 11顶" in board(city)
    assert "现有 10顶" in board(east)
    assert "现有 10顶" not in board(west)
    assert "现有 10顶" not in board(operator)  # takes calls; the room is not theirs


def test_the_board_shows_what_closed_matters_have_not_given_back(stock, tents, case, city, operator, signed_in):
    from gongbao.office.cases import service

    lending.lend(tents.pk, case, city, quantity="3")
    assert "未归还" not in signed_in(city).get("/").content.decode()
    service.act(case, city, "answered", facts={"result": "已修好"})
    service.act(case, operator, "finished", facts={"satisfied": "满意"})
    assert f"{case.number} 已办结，3顶未归还" in signed_in(city).get("/").content.decode()

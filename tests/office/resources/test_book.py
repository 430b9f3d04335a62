"""Rows are added, changed and ended by those who keep them; every step stays in the history with who, when and why."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from tests.office.resources.conftest import PACK, TENT

from gongbao.office import worlds
from gongbao.office.append_only import Rewritten
from gongbao.office.resources import book, cells
from gongbao.office.resources.kept import all_kept, kept
from gongbao.office.resources.models import Change, Row

pytestmark = pytest.mark.django_db
DAY = dt.date(2023, 3, 1)  # the office's


def test_a_row_is_there_from_its_day_with_its_entry(stock, city):
    row = book.add(stock, city, TENT, why="春季盘点")
    assert (row.name, row.place, row.quantity, row.valid_from, row.valid_until) == ("帐篷", "东区", 10, DAY, None)
    (entry,) = row.changes.all()
    assert (entry.word, entry.by, entry.name, entry.unit, entry.why) == (
        "登记",
        "shi",
        "石某",
        "甲市城管局",
        "春季盘点",
    )


def test_a_change_says_which_columns_and_needs_a_reason(stock, city, tents):
    with pytest.raises(book.Refused, match="须写明原因"):
        book.change(stock, city, tents.pk, {"quantity": "12"})
    row = book.change(stock, city, tents.pk, {"quantity": "12"}, seq=1, why="补充")
    assert row.quantity == 12
    assert [(c.word, c.columns) for c in row.changes.order_by("seq")][1] == ("变更", ["quantity"])
    with pytest.raises(book.Refused, match="没有改动"):
        book.change(stock, city, tents.pk, {"quantity": "12"}, why="再看")


def test_who_saw_an_older_row_is_refused(stock, city, tents):
    book.change(stock, city, tents.pk, {"quantity": "12"}, seq=1, why="补充")
    with pytest.raises(book.Refused, match="刷新"):
        book.change(stock, city, tents.pk, {"quantity": "11"}, seq=1, why="盘点")
    tents.refresh_from_db()
    assert tents.quantity == 12


def test_the_same_row_is_not_entered_twice(stock, city, tents):
    with pytest.raises(book.Refused, match="已有这一行"):
        book.add(stock, city, TENT)
    assert book.add(stock, city, {**TENT, "spot": "西区库", "place": "西区"}).pk != tents.pk


def test_a_row_that_ended_may_come_back_with_its_history(stock, city, tents):
    book.end(stock, city, tents.pk, why="报废")
    tents.refresh_from_db()
    assert tents.valid_until == DAY
    with pytest.raises(book.Refused, match="注销"):
        book.change(stock, city, tents.pk, {"quantity": "1"}, why="x")
    row = book.add(stock, city, {**TENT, "quantity": "3"})
    assert row.pk == tents.pk
    assert [c.word for c in row.changes.order_by("seq")] == ["登记", "注销", "恢复"]


@pytest.mark.parametrize(("column", "text", "message"), [
    ("name", "", "不能为空"), ("quantity", "", "不能为空"), ("quantity", "十", "不是数"), ("quantity", "-1", "应在 0"),
    ("quantity", "1.1234567", "六位小数"), ("place", "南区", "东区、西区"), ("state", "好的", "可用、不可用"),
    ("checked_on", "3月1日", "不是日期"), ("name", "字" * 501, "最多 500"), ("spot", "东\t库", "控制字符"),
])  # fmt: skip
def test_a_wrong_cell_is_told_by_its_column_and_nothing_is_written(stock, city, column, text, message):
    with pytest.raises(book.Refused) as refused:
        book.add(stock, city, {**TENT, column: text})
    assert message in refused.value.fields[column]
    assert not Row.objects.exists()


@pytest.mark.parametrize("text", ["0", "1.123456", "1,000"])
def test_quantities_at_the_edge_are_taken(stock, city, text):
    assert book.add(stock, city, {**TENT, "quantity": text}).pk


@pytest.mark.parametrize(("longitude", "good"), [("-180", True), ("180", True), ("180.01", False), ("-180.01", False)])
def test_coordinates_lie_on_the_globe(teams, city, longitude, good):
    given = {"name": "一队", "longitude": longitude, "latitude": "90"}
    if good:
        assert book.add(teams, city, given)
    else:
        with pytest.raises(book.Refused):
            book.add(teams, city, given)


def test_a_unit_is_kept_by_its_official_name_and_an_unknown_one_refused(teams, city):
    assert book.decoded(book.add(teams, city, {"name": "一队", "owner": "市环保局"}))["owner"] == "甲市环保局"
    with pytest.raises(book.Refused) as refused:
        book.add(teams, city, {"name": "二队", "owner": "没有的局"})
    assert "没有的局" in refused.value.fields["owner"]


def test_a_county_keeps_its_own_rows_only(stock, east, west, city):
    mine = book.add(stock, east, TENT)
    with pytest.raises(book.Refused, match="东区城管局"):
        book.add(stock, west, {**TENT, "name": "水泵"})
    with pytest.raises(book.Refused, match="东区城管局"):
        book.change(stock, west, mine.pk, {"quantity": "1"}, why="x")
    with pytest.raises(book.Refused, match="西区城管局"):  # nor does it move a row to where others answer
        book.change(stock, east, mine.pk, {"place": "西区"}, why="x")
    assert book.change(stock, city, mine.pk, {"quantity": "1"}, why="市局核减").quantity == 1


def test_who_keeps_nothing_edits_nothing(stock, account, operator):
    for person in (operator, account("huan", "甲市环保局", "承办人"), account("du", "甲市城管局", "督查员")):
        with pytest.raises(book.Refused):
            book.add(stock, person, TENT)


def test_days_are_not_in_the_future_and_in_order(stock, city, tents, office_clock):
    with pytest.raises(book.Refused, match="晚于今天"):
        book.change(stock, city, tents.pk, {"quantity": "1"}, valid_from=DAY + dt.timedelta(days=1), why="x")
    with pytest.raises(book.Refused, match="早于上一次"):
        book.change(stock, city, tents.pk, {"quantity": "1"}, valid_from=DAY - dt.timedelta(days=1), why="x")
    office_clock.advance(days=5)
    row = book.change(stock, city, tents.pk, {"quantity": "1"}, valid_from=DAY + dt.timedelta(days=2), why="x")
    assert row.changes.get(seq=2).valid_from == DAY + dt.timedelta(days=2)


def test_the_rows_of_a_past_day_are_those_of_that_day(stock, city, tents, office_clock):
    office_clock.advance(days=10)
    book.change(stock, city, tents.pk, {"quantity": "4"}, why="核减")
    office_clock.advance(days=10)
    book.end(stock, city, tents.pk, why="报废")

    def on(days: int) -> list[int]:
        return [v["quantity"] for _, v in book.as_of(stock, DAY + dt.timedelta(days=days))]

    assert [on(-1), on(0), on(9), on(10), on(20), on(21)] == [[], [10], [10], [4], [4], []]


def test_personal_cells_are_apart_and_never_in_the_history(teams, city, crew):
    assert crew.personal == {"contact": "赵某某", "phone": "13900001234"}
    book.change(teams, city, crew.pk, {"phone": "13900005678"}, why="换号")
    assert Change.objects.get(row=crew, seq=2).columns == ["phone"]
    for entry in Change.objects.filter(row=crew):
        assert "1390000" not in str(entry.values)
    crew.refresh_from_db()
    assert "1390000" not in crew.text


def test_of_a_row_that_ended_nobodys_number_is_kept(teams, city, crew):
    book.end(teams, city, crew.pk, why="解散")
    crew.refresh_from_db()
    assert crew.personal == {}
    assert sorted(crew.changes.last().columns) == ["contact", "phone"]


def test_the_history_is_written_once(tents):
    entry = tents.changes.get()
    entry.why = "改写"
    with pytest.raises(Rewritten):
        entry.save()
    with pytest.raises(Rewritten):
        Change.objects.all().delete()
    from django.db import connection

    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE resources_change SET why = 'x'")


def test_printed_rows_are_entered_once_and_stay_as_they_were_changed(town, city):
    one = kept(PACK, "printed")
    book.begin(one)
    book.begin(one)
    rows = {r.name: r for r in Row.objects.filter(register="printed")}
    assert sorted(rows) == ["甲市红星救援队", "甲市蓝盾救援队"]
    assert rows["甲市蓝盾救援队"].changes.get().word == "文中印出"
    assert rows["甲市蓝盾救援队"].changes.get().unit == "甲政〔2023〕1号"
    book.end(one, city, rows["甲市红星救援队"].pk, why="已解散")
    book.forget()
    book.begin(one)
    assert Row.objects.get(name="甲市红星救援队").valid_until == DAY


def test_a_computed_cell_is_what_the_decision_says_of_the_row(teams, city):
    for members, size in (("10", "大队"), ("9", "小队"), ("", "待填人数")):
        row = book.add(teams, city, {"name": f"队{members}", "members": members})
        assert cells.computed(teams, book.decoded(row)) == {"size": size}


def test_the_numbers_of_the_document_are_held_against_the_rows(teams, city, crew):
    def short() -> list[str]:
        rows = [book.decoded(r) for r in Row.objects.filter(register="teams", valid_until=None)]
        return [c.group or c.count.label for c in teams.counted(rows) if not c.holds]

    assert short() == ["专业队伍", "西区"]
    book.add(teams, city, {"name": "西区一队", "class": "专业", "place": "西区"})
    assert short() == []


def test_registers_of_any_pack_are_found(town):
    assert {one.id for one in all_kept()} == {"teams", "stock", "blood", "borders", "printed"}
    assert worlds.is_loaded(PACK)

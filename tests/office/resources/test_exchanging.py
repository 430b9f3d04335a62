"""A register out as XLSX and in again: nothing lost, wrong cells named, all or nothing, personal columns by role."""

from __future__ import annotations

import csv
import io

import pytest
from tests.office.resources.conftest import TENT

from gongbao.exchange.tables import TableError, read_table, write_xlsx
from gongbao.office.resources import book, exchanging, lending
from gongbao.office.resources.models import Change, Row

pytestmark = pytest.mark.django_db
HEADER = ["品名", "库", "所在区", "数量", "单位", "底线"]


def rows_of(one):
    return [(row, book.decoded(row)) for row in Row.objects.filter(register=one.id, valid_until=None).order_by("name")]


def table(*rows, header=HEADER) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def take(one, account, data, name="表.csv"):
    return exchanging.take(one, account, data, name, "盘点")


def test_what_goes_out_comes_in_unchanged(teams, stock, city, crew, tents):
    for one in (teams, stock):
        data, _ = exchanging.sheet(one, city, rows_of(one))
        brought = exchanging.take(one, city, data, "表.xlsx", "")
        assert (brought.faults, brought.added, brought.changed) == ([], 0, 0)


def test_new_rows_are_added_known_ones_changed_others_left(stock, city, tents):
    brought = take(
        stock, city, table(["帐篷", "东区库", "东区", "12", "顶", ""], ["水泵", "东区库", "东区", "3", "台", "2"])
    )
    assert (brought.rows, brought.added, brought.changed) == (2, 1, 1)
    tents.refresh_from_db()
    assert (tents.quantity, tents.changes.last().why) == (12, "盘点")
    pump = Row.objects.get(name="水泵")
    assert pump.changes.get().by == "shi"


@pytest.mark.parametrize(("row", "cell", "column", "message"), [
    (["", "东区库", "东区", "1", "台", ""], "A2", "品名", "不能为空"),
    (["水泵", "东区库", "南区", "1", "台", ""], "C2", "所在区", "东区、西区"),
    (["水泵", "东区库", "东区", "三", "台", ""], "D2", "数量", "不是数"),
    (["水泵", "东区库", "东区", "1", "台", "-1"], "F2", "底线", "应在 0"),
])  # fmt: skip
def test_a_wrong_cell_is_named_and_then_nothing_is_taken(stock, city, row, cell, column, message):
    brought = take(stock, city, table(row, ["铁锹", "东区库", "东区", "9", "把", ""]))
    (fault,) = brought.faults
    assert (fault.cell, fault.column) == (cell, column)
    assert message in fault.message
    assert not Row.objects.filter(register="stock").exists()


def test_the_same_row_twice_is_named(stock, city):
    brought = take(stock, city, table(["水泵", "库", "东区", "1", "台", ""], ["水泵", "库", "东区", "2", "台", ""]))
    assert [(f.cell, f.message) for f in brought.faults] == [("A3", "与 A2 是同一行")]


def test_rows_of_another_county_are_named(stock, east):
    brought = take(stock, east, table(["水泵", "库", "西区", "1", "台", ""]))
    assert [(f.cell, f.message) for f in brought.faults] == [("C2", "由 西区城管局 登记")]


@pytest.mark.parametrize(("header", "message"), [
    (HEADER[1:], "缺少列：品名"), ([*HEADER, "颜色"], "不认识的列：颜色"),
])  # fmt: skip
def test_a_table_of_something_else_is_refused(stock, city, header, message):
    with pytest.raises(TableError, match=message):
        take(stock, city, table(["x"] * len(header), header=header))


def test_columns_that_are_not_there_stay(teams, city, crew):
    brought = take(teams, city, table(["东区抢修一队", "25"], header=["名称", "人数"]))
    assert brought.changed == 1
    crew.refresh_from_db()
    assert book.decoded(crew)["members"] == 25
    assert crew.personal["phone"] == "13900001234"
    assert Change.objects.filter(row=crew).last().columns == ["members"]


def test_more_out_than_the_table_counts_is_refused(stock, city, tents, case):
    lending.lend(tents.pk, case, city, quantity="6")
    with pytest.raises(book.Refused, match="不能少于它"):
        take(stock, city, table(["帐篷", "东区库", "东区", "5", "顶", ""]))
    tents.refresh_from_db()
    assert tents.quantity == 10


def test_personal_columns_go_out_only_to_those_who_read_them(teams, city, crew, account):
    inspector = account("du", "甲市城管局", "督查员")
    data, told = exchanging.sheet(teams, city, rows_of(teams))
    assert told == ["负责人", "电话"]
    assert "13900001234" in [c.text for c in read_table(data, "a.xlsx").rows[0]]
    data, told = exchanging.sheet(teams, inspector, rows_of(teams))
    assert told == []
    assert "电话" not in read_table(data, "a.xlsx").header


def test_a_name_that_looks_like_a_formula_survives(stock, city):
    book.add(stock, city, {**TENT, "name": "=1+1号泵"})
    data, _ = exchanging.sheet(stock, city, rows_of(stock))
    assert take(stock, city, data, "表.xlsx").added == 0
    assert Row.objects.get(register="stock").name == "=1+1号泵"


def test_a_file_that_is_no_table_is_refused(stock, city):
    with pytest.raises(TableError):
        take(stock, city, b"\x00\x01", "表.xlsx")
    with pytest.raises(TableError, match="没有数据"):
        take(stock, city, write_xlsx(HEADER, []), "表.xlsx")

"""Lending to a case and giving back: never twice, never more than there is, written in both histories; also at once."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.db import connections

from gongbao.office.cases import chain, service
from gongbao.office.cases.models import Case, Event, Notice
from gongbao.office.cases.rebuild import rebuild_projections
from gongbao.office.resources import book, holdings, lending, panel
from gongbao.office.resources.models import Holding, Row

pytestmark = pytest.mark.django_db


def left(row: Row) -> Decimal:
    row.refresh_from_db()
    return (row.quantity or 1) - holdings.outstanding(row)


def test_a_part_is_lent_and_the_rest_stays(tents, case, city):
    held = lending.lend(tents.pk, case, city, quantity="4", note="搭临时安置点")
    assert (held.quantity, left(tents)) == (4, 6)


def test_it_is_written_in_the_log_of_the_case_and_in_the_history_of_the_row(tents, case, city):
    lending.lend(tents.pk, case, city, quantity="4", note="搭临时安置点")
    event = Event.objects.filter(case=case).last()
    assert (event.type, event.unit, event.recorded_by) == ("note", "甲市城管局", "shi")
    assert event.note == "调用物资：帐篷 4顶；搭临时安置点"
    assert event.data["resource"] == tents.pk
    entry = tents.changes.last()
    assert (entry.word, entry.case, entry.why) == ("调用", case.number, "帐篷 4顶；搭临时安置点")
    case.refresh_from_db()
    assert case.seq == event.seq
    assert chain.verify_chain(case) == ()


@pytest.mark.parametrize(("quantity", "good"), [("10", True), ("10.000001", False), ("11", False), ("0", False), ("-1", False),
                                                ("", False), ("NaN", False), ("十", False), ("0.000001", True)])  # fmt: skip
def test_no_more_than_there_is(tents, case, city, quantity, good):
    if good:
        assert lending.lend(tents.pk, case, city, quantity=quantity)
        return
    with pytest.raises(lending.Refused) as refused:
        lending.lend(tents.pk, case, city, quantity=quantity)
    assert "quantity" in refused.value.fields
    assert not Holding.objects.exists()
    assert not Event.objects.filter(type="note").exists()


def test_several_cases_share_a_stock_until_it_is_empty(tents, case, other_case, city):
    lending.lend(tents.pk, case, city, quantity="6")
    lending.lend(tents.pk, other_case, city, quantity="4")
    with pytest.raises(lending.Refused, match="只剩 0顶"):
        lending.lend(tents.pk, other_case, city, quantity="1")
    assert {h.case.number for h in Holding.objects.filter(row=tents)} == {case.number, other_case.number}


def test_a_team_is_lent_whole_and_to_one_case(crew, case, other_case, city):
    lending.lend(crew.pk, case, city)
    for again in (case, other_case):
        with pytest.raises(lending.Refused, match=f"已由 {case.number} 调用"):
            lending.lend(crew.pk, again, city)


def test_given_back_it_is_free_again(crew, case, other_case, city):
    held = lending.lend(crew.pk, case, city)
    lending.give_back(held.pk, city, note="任务完成")
    assert Event.objects.filter(case=case).last().note == "归还队伍：东区抢修一队；任务完成"
    assert lending.lend(crew.pk, other_case, city)
    with pytest.raises(lending.Refused, match="已经归还"):
        lending.give_back(held.pk, city)


def test_part_comes_back_part_is_used_up(tents, case, city):
    held = lending.lend(tents.pk, case, city, quantity="6")
    held = lending.give_back(held.pk, city, returned="3", used="1")
    assert (held.outstanding, held.closed_at) == (2, None)
    assert left(tents) == 7  # 9 in all, 2 still out
    assert tents.changes.last().why == "帐篷 归还 3顶，消耗 1顶"
    held = lending.give_back(held.pk, city)
    assert held.closed_at is not None
    assert left(tents) == 9


@pytest.mark.parametrize(("returned", "used"), [("7", ""), ("", "7"), ("4", "3"), ("0", "0"), ("-1", ""), ("x", "")])
def test_no_more_comes_back_than_went_out(tents, case, city, returned, used):
    held = lending.lend(tents.pk, case, city, quantity="6")
    with pytest.raises(lending.Refused):
        lending.give_back(held.pk, city, returned=returned, used=used)
    assert left(tents) == 4


def test_a_team_is_not_used_up_nor_halved(crew, case, city):
    held = lending.lend(crew.pk, case, city)
    for said in ({"used": "1"}, {"returned": "0.5"}):
        with pytest.raises(lending.Refused):
            lending.give_back(held.pk, city, **said)


def test_what_is_out_is_neither_ended_nor_counted_away(stock, tents, case, city):
    lending.lend(tents.pk, case, city, quantity="6")
    with pytest.raises(book.Refused, match="归还之后才能注销"):
        book.end(stock, city, tents.pk, why="报废")
    with pytest.raises(book.Refused, match="不能少于它"):
        book.change(stock, city, tents.pk, {"quantity": "5"}, why="盘亏")
    assert book.change(stock, city, tents.pk, {"quantity": "6"}, why="盘亏").quantity == 6


def test_what_cannot_serve_is_not_lent(stock, teams, tents, crew, case, city):
    book.change(teams, city, crew.pk, {"state": "不可用"}, why="集训")
    with pytest.raises(lending.Refused, match="不可用"):
        lending.lend(crew.pk, case, city)
    book.end(stock, city, tents.pk, why="报废")
    with pytest.raises(lending.Refused, match="注销"):
        lending.lend(tents.pk, case, city, quantity="1")


def test_a_closed_case_is_lent_nothing_but_gives_back(tents, case, city, operator):
    held = lending.lend(tents.pk, case, city, quantity="1")
    service.act(case, city, "answered", facts={"result": "已修好"})
    service.act(case, operator, "finished", facts={"satisfied": "满意"})
    with pytest.raises(lending.Refused, match="已办结"):
        lending.lend(tents.pk, case, city, quantity="1")
    lending.give_back(held.pk, city)
    assert left(tents) == 10


def test_who_may(tents, crew, case, city, east, west, operator, account):
    outsider = account("huan", "甲市环保局", "值班员")
    with pytest.raises(lending.Refused, match="没有参与"):
        lending.lend(tents.pk, case, outsider, quantity="1")
    with pytest.raises(lending.Refused, match="须由"):
        lending.lend(tents.pk, case, operator, quantity="1")
    with pytest.raises(lending.Refused, match="没有参与"):  # keeps the row, but has no part in the case
        lending.lend(tents.pk, case, east, quantity="1")
    held = lending.lend(tents.pk, case, city, quantity="1")
    with pytest.raises(lending.Refused, match="归还由参与"):
        lending.give_back(held.pk, west)
    lending.give_back(held.pk, east)  # keeps the row: takes back what comes to the depot
    assert Event.objects.filter(case=case).last().unit == "东区城管局"


def test_the_owner_is_told(crew, case, city):
    lending.lend(crew.pk, case, city)
    assert Notice.objects.get(who="东区城管局", kind="resource").text == f"{case.number} 调用队伍 东区抢修一队"


def test_the_same_press_sent_again_is_not_lent_twice(tents, case, other_case, city, account):
    seen = tents.seq
    held = lending.lend(tents.pk, case, city, quantity="2", seq=seen)
    with pytest.raises(lending.Refused, match="刚刚已登记调用：帐篷 2顶"):
        lending.lend(tents.pk, case, city, quantity="2", seq=seen)
    lending.lend(tents.pk, other_case, city, quantity="2", seq=seen)  # another matter is no second press
    tents.refresh_from_db()
    lending.lend(tents.pk, case, city, quantity="2", seq=tents.seq)  # nor is it after looking again
    tents.refresh_from_db()
    lending.give_back(held.pk, city, returned="1", seq=tents.seq)
    with pytest.raises(lending.Refused, match="刚刚已登记归还"):
        lending.give_back(held.pk, city, returned="1", seq=tents.seq)
    assert left(tents) == 5


def test_the_projection_is_what_a_replay_gives(tents, case, city):
    lending.give_back(lending.lend(tents.pk, case, city, quantity="2").pk, city)
    before = Case.objects.filter(pk=case.pk).values().get()
    rebuild_projections()
    assert Case.objects.filter(pk=case.pk).values().get() == before


def at_once(count: int, do) -> list[str]:
    """What each of `count` threads that begin together was told: "" when it succeeded."""
    gate, told = threading.Barrier(count), [""] * count

    def run(i: int) -> None:
        try:
            gate.wait(30)
            do(i)
        except lending.Refused as refused:
            told[i] = str(refused)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return told


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_team(crew, case, other_case, city):
    told = at_once(6, lambda i: lending.lend(crew.pk, (case, other_case)[i % 2], city))
    assert sum(t == "" for t in told) == 1, told
    assert Holding.objects.filter(row=crew, closed_at=None).count() == 1
    assert Event.objects.filter(type="note").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_as_many_get_tents_as_there_are(tents, case, other_case, city):
    told = at_once(8, lambda i: lending.lend(tents.pk, (case, other_case)[i % 2], city, quantity="3"))
    assert sum(t == "" for t in told) == 3, told
    assert left(tents) == 1
    assert tents.changes.count() == 4


@pytest.mark.django_db(transaction=True)
def test_given_back_at_once_it_comes_back_once(tents, case, city):
    held = lending.lend(tents.pk, case, city, quantity="6")
    told = at_once(4, lambda i: lending.give_back(held.pk, city))
    assert sum(t == "" for t in told) == 1, told
    assert left(tents) == 10


def test_what_a_matter_used_stands_in_its_after_action_report(tents, case, city):
    assert panel.reviewed(service.look(case)) == []
    lending.lend(tents.pk, case, city, quantity="4")
    (section,) = panel.reviewed(service.look(case))
    ((name, _, _, back, amount, state),) = section.grid.rows
    assert tents.name in name
    assert (back, state) == ("", "未归还")
    assert amount == "4顶"
    lending.give_back(Holding.objects.get().pk, city, returned="3", used="1")
    (section,) = panel.reviewed(service.look(case))
    assert section.grid.rows[0][5] == "归还3顶，消耗1顶"

"""Who received a message: by its signed link without signing in, by phone; and what an officer does about the rest."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from gongbao.office.people.models import Audit
from gongbao.office.sending import messages, rounds
from gongbao.office.sending.models import Message, Recipient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def row(made, post):
    made("wang.secret@x.example", address="https://office.example")
    rounds.send_waiting()
    return Recipient.objects.get()


def link(row: Recipient) -> str:
    return reverse("warnings:received", args=[messages.token(row.pk)])


def test_opening_the_link_confirms_nothing_and_the_key_confirms_once(row, office_clock):
    anybody = Client()
    page = anybody.get(link(row))
    assert page.status_code == 200
    assert "wang" not in page.content.decode()
    assert "东区城管局" not in page.content.decode()
    row.refresh_from_db()
    assert row.received_at is None
    anybody.post(link(row))
    first = Recipient.objects.get().received_at
    office_clock.advance(hours=1)
    assert "已确认收到" in anybody.post(link(row)).content.decode()
    assert (Recipient.objects.get().received_at, Recipient.objects.get().received_how) == (first, "本人确认")


def test_a_receipt_settles_that_an_unclear_mail_had_arrived(row):
    Recipient.objects.update(state="unclear")
    Client().post(link(row))
    assert Recipient.objects.get().state == "sent"


def test_a_link_that_was_altered_confirms_nothing_and_guessing_is_stopped(row):
    guesser = Client(REMOTE_ADDR="10.0.0.9")
    number, _, signature = messages.token(row.pk).partition("~")
    bad = reverse("warnings:received", args=[f"{int(number) + 1}~{signature}"])
    assert [guesser.post(bad).status_code for _ in range(21)] == [404] * 20 + [429]
    assert Recipient.objects.get().received_at is None
    assert guesser.post(link(row)).status_code == 200  # an honest neighbour behind the same address


def test_one_link_is_not_opened_without_end(row):
    assert [Client().get(link(row)).status_code for _ in range(21)] == [200] * 20 + [429]


@pytest.fixture
def desk(signed_in, officer):
    return signed_in(officer)


def page(message: Message, name: str = "message", *more) -> str:
    return reverse(f"sending:{name}", args=[message.pk, *more])


def test_an_unclear_row_is_sent_again_only_by_the_officers_key(row, post, desk):
    Recipient.objects.update(state="unclear")
    assert "核实后重发" in desk.get(page(row.message)).content.decode()
    desk.post(page(row.message, "resend"))  # all that failed: none of the unclear
    rounds.send_waiting()
    assert len(post.taken) == 1
    desk.post(page(row.message, "resend"), {"row": row.pk})
    rounds.send_waiting()
    assert [one[1] for one in post.taken] == [row.mail_id, row.mail_id]
    assert Audit.objects.filter(act="核实后重发").count() == 1
    assert Message.objects.get().finished_at is not None


def test_an_unclear_row_of_which_the_other_side_says_that_it_came_counts_as_sent(row, desk):
    Recipient.objects.update(state="unclear")
    desk.post(page(row.message, "settle", row.pk), {"act": "came"})
    assert Recipient.objects.get().state == "sent"


def test_a_call_is_entered_with_who_answered(row, desk):
    assert desk.post(page(row.message, "settle", row.pk), {"said": " "}).status_code == 422
    desk.post(page(row.message, "settle", row.pk), {"said": "王某"})
    one = Recipient.objects.get()
    assert one.received_how == "电话：王某（赵值班登记）"
    assert desk.post(page(row.message, "settle", row.pk), {"said": "李某"}).status_code == 422


def test_what_failed_is_queued_again_all_at_once(made, desk, use, post):
    post.at_rcpt = lambda address: "550 no"
    message = made("a@x.example", "b@x.example")
    rounds.send_waiting()
    post.at_rcpt = lambda address: None
    desk.post(page(message, "resend"))
    rounds.send_waiting()
    assert post.times == {"a@x.example": 1, "b@x.example": 1}


def test_a_sent_row_is_not_sent_again_by_any_key(row, post, desk):
    assert desk.post(page(row.message, "resend"), {"row": row.pk}).status_code == 422
    rounds.send_waiting()
    assert len(post.taken) == 1


def test_addresses_are_read_by_who_reads_personal_data_and_each_reading_is_logged(row, desk, signed_in, account):
    assert "wang.secret@x.example" in desk.get(page(row.message)).content.decode()
    assert Audit.objects.filter(act="查看个人信息", account="zhi").count() == 1
    boss = signed_in(account("guan", "甲市热线中心", "管理员"))
    text = boss.get(page(row.message)).content.decode()
    assert "wang.secret@x.example" not in text
    assert "wan＊" in text


def test_another_unit_sees_nothing_of_it(row, signed_in, account):
    stranger = signed_in(account("wai", "西区城管局", "值班员"))
    assert stranger.get(page(row.message)).status_code == 403
    assert stranger.post(page(row.message, "resend"), {"row": row.pk}).status_code == 403
    assert stranger.get(page(row.message, "as_table")).status_code == 403
    assert row.message.subject not in stranger.get(reverse("sending:home")).content.decode()


def test_the_list_goes_out_as_a_table(row, desk):
    answer = desk.get(page(row.message, "as_table"))
    assert answer["Content-Type"].endswith("sheet")
    from gongbao.exchange.tables import read_table

    table = read_table(answer.content, "a.xlsx")
    assert table.rows[0][3].text == "wang.secret@x.example"

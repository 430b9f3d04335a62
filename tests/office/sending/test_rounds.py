"""What is queued goes out once, by a real SMTP server; what it refuses, or does not answer, ends as the rule says."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.db.models import QuerySet
from tests.office.sending import post as posts

from gongbao.office import clock
from gongbao.office.cases import files
from gongbao.office.cases.models import Notice
from gongbao.office.sending import messages, rounds
from gongbao.office.sending.models import Channel, Message, Recipient

pytestmark = pytest.mark.django_db


def states() -> list[str]:
    return list(Recipient.objects.order_by("id").values_list("state", flat=True))


def test_each_address_gets_its_mail_once(made, post):
    sent = made("a@x.example", "b@x.example", "A@x.example")
    assert rounds.send_waiting() == 2
    assert rounds.send_waiting() == 0
    assert post.times == {"a@x.example": 1, "b@x.example": 1}
    assert post.connections == 1
    assert states() == ["sent", "sent"]
    assert Message.objects.get(pk=sent.pk).finished_at is not None


def test_the_mail_says_what_was_written_and_carries_its_link(made, post):
    made("a@x.example", address="https://office.example")
    rounds.send_waiting()
    row = Recipient.objects.get()
    mail = post.mail
    assert (mail["Subject"], mail["To"], mail["From"]) == ("黄色预警", "a@x.example", "duty@langfang.example")
    assert mail["Message-ID"] == row.mail_id
    text = mail.get_content()
    assert text.startswith("请做好准备。")
    assert f"https://office.example/warnings/received/{messages.token(row.pk)}/" in text
    assert "a@x.example" not in text


def test_a_mail_carries_its_files_whole_and_a_text_of_any_kind(made, post):
    content = bytes(range(256)) * 300 + b"\r\n.\r\n.leading"
    reference = files.keep(SimpleUploadedFile("预警 一.docx", content))
    body = ".开头是点\n\n.\n中文与 emoji 🌫 " + "很长的一行" * 200
    message = made("a@x.example", "b@x.example", files=[reference])
    Message.objects.update(body=body)
    rounds.send_waiting()
    assert post.times == {"a@x.example": 1, "b@x.example": 1}
    text, enclosed = post.mail.iter_parts()
    assert text.get_content().replace("\r\n", "\n").rstrip("\n") == body
    assert (enclosed.get_filename(), enclosed.get_content()) == ("预警 一.docx", content)
    assert post.mail["To"] == "b@x.example"
    assert message.subject in post.mail["Subject"]


@pytest.mark.parametrize(
    ("at", "answer", "state", "said"),
    [
        ("at_rcpt", "550 no such user", "failed", "550 no such user"),
        ("at_data", "554 refused", "failed", "554 refused"),
        ("at_rcpt", "450 try later", "queued", "450 try later"),
        ("at_data", "452 full", "queued", "452 full"),
        ("at_data", "lost", "unclear", "没有得到答复"),
    ],
)
def test_what_the_server_answers_is_what_is_kept_of_the_address(made, post, at, answer, state, said):
    made("bad@x.example", "good@x.example")
    setattr(post, at, lambda address: answer if address.startswith("bad") else None)
    rounds.send_waiting()
    rounds.send_waiting()
    bad, good = Recipient.objects.order_by("id")
    assert (bad.state, good.state) == (state, "sent")
    assert said in bad.error


def test_a_refusal_for_now_is_tried_again_after_growing_pauses_up_to_the_setting(made, post, machine, settings):
    settings.GONGBAO_SEND_ATTEMPTS = 3
    made("a@x.example")
    post.at_rcpt = lambda address: "450 later"
    rounds.send_waiting()
    machine.move(seconds=28)
    assert rounds.send_waiting() == 0
    machine.move(seconds=2)
    assert rounds.send_waiting() == 1
    machine.move(seconds=59)
    assert rounds.send_waiting() == 0
    machine.move(seconds=1)
    rounds.send_waiting()
    row = Recipient.objects.get()
    assert (row.state, row.attempts) == ("failed", 3)
    assert "试了 3 次" in row.error


def test_a_server_that_is_down_rests_longer_each_time_and_no_address_pays_for_it(made, use, machine, settings):
    settings.GONGBAO_SEND_PAUSE = 20
    port = posts.free_port()
    use(port)
    made("a@x.example", "b@x.example")
    pauses = []
    for _ in range(4):
        assert rounds.send_waiting() == 0
        row = Channel.objects.get(pk="email")
        pauses.append(round((row.rests_until - clock.machine_now()).total_seconds()))
        assert "连不上" in row.error
        machine.move(seconds=pauses[-1] + 1)
    assert pauses == [5, 10, 20, 20]
    assert list(Recipient.objects.values_list("state", "attempts")) == [("queued", 0), ("queued", 0)]
    with posts.serving(port) as post:
        assert rounds.send_waiting() == 2
    assert post.times == {"a@x.example": 1, "b@x.example": 1}
    assert Channel.objects.get(pk="email").failures == 0


def test_a_server_that_is_down_for_an_hour_loses_nothing_and_nothing_goes_twice(made, use, machine, settings):
    settings.GONGBAO_SEND_PAUSE = 300
    port = posts.free_port()
    use(port)
    addresses = [f"a{n}@x.example" for n in range(250)]
    made(*addresses)
    tries = 0
    while machine.ahead < dt.timedelta(hours=1):
        rounds.send_waiting()
        tries += 1
        machine.move(seconds=30)
    assert 10 < Channel.objects.get(pk="email").failures < 20 < tries
    with posts.serving(port) as post:
        machine.move(seconds=300)
        while rounds.send_waiting():
            pass
    assert post.times == dict.fromkeys(addresses, 1)


def test_a_connection_lost_before_the_mail_was_handed_over_leaves_it_in_the_queue(made, post, machine):
    made("a@x.example")
    post.at_rcpt = lambda address: "421 going down"
    rounds.send_waiting()
    row = Recipient.objects.get()
    assert (row.state, row.attempts) == ("queued", 0)
    post.at_rcpt = lambda address: None
    machine.move(seconds=6)
    rounds.send_waiting()
    assert post.times == {"a@x.example": 1}


@pytest.mark.parametrize(("seconds", "state"), [(0, "queued"), (2, "failed")])
def test_what_could_not_be_sent_for_so_long_is_given_up(made, use, machine, settings, seconds, state):
    settings.GONGBAO_SEND_WITHIN = 1
    use(posts.free_port())
    made("a@x.example")
    machine.move(hours=1, seconds=seconds - 1)
    rounds.send_waiting()
    assert states() == [state]


# ------------------------------------------------------------------------------------------------- workers and their ends


def in_hand(row: Recipient, lease: str, minutes: int = 5, state: str = "sending") -> None:
    until = clock.machine_now() + dt.timedelta(minutes=minutes)
    Recipient.objects.filter(pk=row.pk).update(state=state, lease=lease, lease_until=until)


def test_a_row_in_the_hand_of_a_living_worker_is_left_alone(made, post):
    made("a@x.example")
    in_hand(Recipient.objects.get(), "elsewhere/1/ab-1")
    rounds.send_waiting()
    assert states() == ["sending"]


@pytest.mark.parametrize("pid", ["999999999", "own"])  # the own: of a worker that had the number before
def test_a_row_in_the_hand_of_a_worker_that_is_no_more_is_unclear_at_once_and_never_sent_by_itself(
    made, post, pid, machine
):
    made("a@x.example")
    in_hand(Recipient.objects.get(), f"{rounds.HOST}/{rounds.os.getpid() if pid == 'own' else pid}/ab-1")
    rounds.send_waiting()
    machine.move(days=3)
    rounds.send_waiting()
    assert states() == ["unclear"]
    assert post.taken == []
    assert "待核实 1" in Notice.objects.get(kind="sending").text


@pytest.mark.parametrize(("moved", "state"), [({"minutes": 4, "seconds": 59}, "sending"), ({"minutes": 5}, "unclear"),
                                              ({"minutes": -6}, "unclear")])  # fmt: skip
def test_a_row_in_the_hand_of_another_machines_worker_is_unclear_when_its_time_is_over_or_the_clock_was_set_back(
    made, post, machine, moved, state
):
    made("a@x.example")
    in_hand(Recipient.objects.get(), "elsewhere/1/ab-1")
    Recipient.objects.update(lease_until=clock.machine_now() + dt.timedelta(minutes=5))
    machine.move(**moved)
    rounds.send_waiting()
    assert states() == [state]


def test_rows_that_a_dead_worker_had_only_leased_go_out_by_the_next(made, post):
    made("a@x.example", "b@x.example")
    for row in Recipient.objects.all():
        in_hand(row, f"{rounds.HOST}/999999999/ab-1", state="queued")
    rounds.send_waiting()
    assert post.times == {"a@x.example": 1, "b@x.example": 1}


def test_two_workers_never_take_the_same_row(made, post):
    made("a@x.example")
    mine = rounds.claim("email")
    assert len(mine) == 1
    assert rounds.claim("email") == []


def test_a_row_whose_lease_went_to_another_is_not_handed_over(made, post):
    made("a@x.example")
    (row,) = rounds.claim("email")
    Recipient.objects.update(lease="elsewhere/1/ab-1")
    assert rounds._take(iter([row])) is None


def test_an_answer_that_comes_late_is_still_kept(made, post):
    made("a@x.example")
    row = rounds._take(iter(rounds.claim("email")))
    Recipient.objects.update(state="unclear", lease="")
    rounds._settle(row, rounds.Outcome("sent"), iter(()))
    assert states() == ["sent"]


@pytest.mark.django_db(transaction=True)
def test_the_servers_answer_outlives_a_database_that_is_away_for_a_while(made, post, monkeypatch):
    made("a@x.example")
    row = rounds._take(iter(rounds.claim("email")))
    away, real = iter([True, True]), QuerySet.update

    def update(rows, **values):
        if values.get("state") == "sent" and next(away, False):
            raise OperationalError("the database system is shutting down")
        return real(rows, **values)

    monkeypatch.setattr(QuerySet, "update", update)
    monkeypatch.setattr(rounds.time, "sleep", lambda seconds: None)
    assert rounds._settle(row, rounds.Outcome("sent"), iter(())) is None
    assert next(away, None) is None
    assert states() == ["sent"]


def test_a_clock_set_back_delays_nothing(made, post, machine):
    made("a@x.example", "b@x.example")
    Recipient.objects.filter(address="a@x.example").update(next_try=clock.machine_now() + dt.timedelta(minutes=20))
    machine.move(hours=-5)
    Channel.objects.create(name="email", failures=3, rests_until=clock.machine_now() + dt.timedelta(hours=5), error="x")
    assert rounds.send_waiting() == 2


def test_an_enclosed_file_that_is_gone_fails_its_row_and_not_the_others(made, post):
    made("a@x.example", key="1", files=["0" * 64 + "/文.docx"])
    made("b@x.example", key="2")
    rounds.send_waiting()
    assert states() == ["failed", "sent"]


# ---------------------------------------------------------------------------------------------------------- no way out


def test_nothing_leaves_the_drill_site(made, post, settings):
    settings.GONGBAO_SITE = "drill"
    message = made("a@x.example", "13800000000")
    assert message.subject == "【演练】黄色预警"
    assert states() == ["held", "held"]
    assert rounds.send_waiting() == 0
    settings.GONGBAO_SITE = "office"  # and no other site sends what was made there
    Recipient.objects.update(state="queued")
    assert rounds.send_waiting() == 0
    assert (post.taken, post.connections) == ([], 0)


def test_without_server_or_gateway_an_address_is_for_a_phone_call(made):
    made("a@x.example", "13800000000")
    assert states() == ["failed", "failed"]
    assert [r.error for r in Recipient.objects.order_by("id")] == [messages.NO_SERVER, messages.NO_GATEWAY]


def test_an_address_that_is_none_is_named_and_the_others_go_out(made, post):
    made("a b@x.example", "good@x.example", "王@x.example")
    rounds.send_waiting()
    assert states() == ["failed", "sent", "failed"]
    assert "不是可用的地址" in Recipient.objects.order_by("id").first().error

"""What open pages are told, and when: after the commit, of what they show, once, and whatever the order of commits."""

from __future__ import annotations

import asyncio
import re

import pytest
from django.db import transaction

from gongbao.office.cases import news, service
from gongbao.office.cases.models import Case, Event, Notice
from gongbao.office.pages import live

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(toy, operator):
    return service.open_case(operator, toy, "complaint", {"content": "井盖松动", "place": "西区"})


@pytest.fixture
def followed(monkeypatch):
    """followed(number) is a stream that is told; `said` gives what it was told since."""
    loop = asyncio.new_event_loop()
    monkeypatch.setattr(live, "_followers", set())

    def make(number: str = "") -> live.Follower:
        follower = live.Follower(number, loop)
        live._followers.add(follower)
        return follower

    def said(follower: live.Follower) -> list[str]:
        loop.run_until_complete(asyncio.sleep(0))
        return [follower.tokens.get_nowait() for _ in range(follower.tokens.qsize())]

    make.said = said
    yield make
    loop.close()


def test_the_token_changes_with_every_entry_and_reminder(opened, operator, office_clock) -> None:
    seen = [news.token()]
    service.remark(opened, operator, "已电话告知")
    seen.append(news.token())
    Notice.objects.create(who="x", text="y", kind="z", at=office_clock())
    seen.append(news.token())
    assert len(set(seen)) == 3
    assert news.token() == seen[-1]


def test_an_entry_seen_after_one_of_a_greater_number_changes_it_too(opened, operator) -> None:
    """On PostgreSQL numbers are given before the commit: the smaller may be seen last."""
    newest = Event.objects.order_by("-id").first()
    row = {f.attname: getattr(newest, f.attname) for f in Event._meta.concrete_fields}
    Event(**{**row, "id": newest.pk + 9, "seq": 90}).save(force_insert=True)
    before = news.token()
    Event(**{**row, "id": newest.pk + 5, "seq": 89}).save(force_insert=True)
    assert news.token() != before


def test_whoever_listens_hears_after_the_commit_and_cannot_undo_it(
    opened, operator, django_capture_on_commit_callbacks
) -> None:
    heard = []

    def listen(**_: object) -> None:
        heard.append(Case.objects.get(pk=opened.pk).seq)
        raise RuntimeError("一个听众失败")

    news.committed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            service.remark(opened, operator, "已电话告知")
            assert not heard
        assert heard == [opened.seq + 1]
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            service.remark(opened, operator, "不会留下")
            transaction.set_rollback(True)
        assert len(heard) == 1
    finally:
        news.committed.disconnect(listen)


def test_the_stream_of_one_case_is_told_of_that_case_alone(opened, other, operator, followed) -> None:
    everything, one = followed(), followed(opened.number)
    live.tell()
    assert followed.said(one) == [news.token_of(Case.objects.get(pk=opened.pk))]
    assert len(followed.said(everything)) == 1
    service.remark(other, operator, "已电话告知")
    live.tell()
    assert (followed.said(one), len(followed.said(everything))) == ([], 1)
    service.remark(opened, operator, "已电话告知")
    live.tell()
    live.tell()
    assert followed.said(one) == [f"{opened.seq + 1}.{opened.changed_at.timestamp():.0f}"]
    assert len(followed.said(everything)) == 1


def test_a_stream_whose_loop_is_closed_is_forgotten(opened, followed) -> None:
    follower = followed()
    follower.loop.close()
    live.tell()
    assert not live._followers


def test_the_stream_of_a_case_is_for_those_who_may_see_it(opened, account, signed_in) -> None:
    stranger = signed_in(account("yi", "市财政局", "承办人"))
    assert stranger.get("/live/", {"case": opened.number}).status_code == 403
    assert stranger.get("/live/now/", {"case": opened.number}).status_code == 403
    assert stranger.get("/live/", {"case": "没有"}).status_code == 404


def test_a_page_is_of_the_moment_before_it_was_read(opened, operator, signed_in, monkeypatch) -> None:
    """Somebody acts while the page is being made: it must ask again."""
    from gongbao.office.cases import lists

    real = lists.mine

    def meanwhile(account):
        service.remark(opened, operator, "其间")
        return real(account)

    monkeypatch.setattr(live, "INTERVAL", 0)
    monkeypatch.setattr(lists, "mine", meanwhile)
    page = signed_in(operator).get("/").content.decode()
    assert re.search(r'data-pulse="([\d.]+)"', page)[1] != news.token()


def test_an_act_that_stands_is_not_told_as_failed_where_the_session_cannot_be_kept(
    opened, operator, signed_in, monkeypatch
) -> None:
    from django.contrib.sessions.backends.db import SessionStore

    client = signed_in(operator)

    def full(self, must_create: bool = False) -> None:
        raise OSError("磁盘已满")

    monkeypatch.setattr(SessionStore, "save", full)
    answer = client.post(f"/case/{opened.number}/record/", {"fact": "content", "f-content": "两盏路灯不亮"})
    assert answer.status_code == 302
    assert Case.objects.get(pk=opened.pk).seq == opened.seq + 1
    assert "flash" in client.get(answer["Location"]).content.decode()


def test_where_the_database_is_away_the_answer_says_so_and_what_to_do(rf, monkeypatch) -> None:
    from django.db import InterfaceError, OperationalError

    from gongbao.office.pages import refusals

    for error in (OperationalError("connection failed"), InterfaceError("connection already closed")):

        def away(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(refusals, "render", away)
        answer = refusals.server_error(rf.get("/"))
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        assert "数据库暂时不可用" in answer.content.decode()

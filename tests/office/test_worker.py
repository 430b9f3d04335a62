"""The worker tells of what has fallen due, once, and brings the boards up to the time."""

from __future__ import annotations

import pytest

from gongbao.office import worker, worlds
from gongbao.office.cases.models import Case, Digest, Notice, Timer

pytestmark = pytest.mark.django_db(databases=["default", "exchange"])


def test_nothing_fires_before_its_time(opened, office_clock):
    office_clock.advance(minutes=29, seconds=59)
    assert worker.fire_timers() == 0


def test_a_deadline_fires_once_and_tells_its_owner(opened, office_clock):
    office_clock.advance(minutes=30)
    assert (worker.fire_timers(), worker.fire_timers()) == (1, 0)
    notice = Notice.objects.get(case=opened, kind="due")
    assert notice.who == "话务员"
    assert "派单时限" in notice.text


def test_a_met_deadline_does_not_fire(dispatched, office_clock):
    office_clock.advance(hours=2)
    assert worker.fire_timers() == 0


def test_a_filled_setting_reaches_open_cases(dispatched, office_clock):
    assert Case.objects.get(pk=dispatched.pk).next_due_label == "办理时限"
    worlds.set_setting("toy/street", "return_limit", "4 hours", by="主任", reason="试行")
    from gongbao.office.cases.rebuild import rebuild_case

    rebuild_case(dispatched)
    assert Timer.objects.filter(case=dispatched, key__startswith="return_limit").exists()


def test_each_finished_day_gets_one_digest(dispatched, office_clock):
    assert worker.close_days() == 0
    office_clock.advance(days=3)
    assert worker.close_days() == 3
    assert worker.close_days() == 0
    assert list(Digest.objects.order_by("day").values_list("cases", flat=True)) == [1, 0, 0]


def test_one_round_does_everything(opened, office_clock):
    office_clock.advance(days=1)
    assert worker.turn() == 2
    assert worker.turn() == 0


def test_a_database_that_is_away_says_nothing_of_the_offices_time(db, monkeypatch) -> None:
    """In a demonstration the machine's time would be years later: every timer would fire."""
    from django.db import OperationalError, ProgrammingError

    from gongbao.office import clock
    from gongbao.office.cases.models import Clock

    def asked(error: Exception):
        clock.forget()
        monkeypatch.setattr(Clock.objects, "order_by", lambda *_: (_ for _ in ()).throw(error))
        return clock.offset

    with pytest.raises(OperationalError):
        asked(OperationalError("connection failed"))()
    assert asked(OperationalError("no such table: cases_clock"))() is None  # before the first migration
    assert asked(ProgrammingError('relation "cases_clock" does not exist'))() is None
    clock.forget()

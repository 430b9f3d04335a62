"""The time rules of a case: when an instance arises, by when it must be met, and what became of it."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.engine.log import CaseLog, Visit
from gongbao.engine.model import Deadline, Event, Extension, Moment, SettingRef, Who
from gongbao.engine.time.calendar import default_calendar, parse_moment
from gongbao.engine.time.counting import parse_limit
from gongbao.engine.time.deadline import follow, states
from gongbao.engine.world import Setting

CALENDAR = default_calendar()


def at(text: str) -> dt.datetime:
    moment = parse_moment(text)
    assert isinstance(moment, dt.datetime)
    return moment


@dataclass(frozen=True)
class Condition:
    """An expression over the scope, told in Python: these tests are about time, not about FEEL."""

    text: str
    of: Callable[[Mapping[str, Any]], Any]
    names: tuple[str, ...] = ()

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        return self.of(scope)


def event(seq: int, type: str, when: str, recorded: str | None = None, **more: Any) -> Event:
    return Event(type, seq, at(when), at(recorded or when), **more)


def ev(name: str, pick: str = "last", **more: Any) -> Moment:
    return Moment("event", name, pick, **more)


def rule(limit: str | SettingRef | None = None, **more: Any) -> Deadline:
    parsed = parse_limit(limit) if isinstance(limit, str) else limit
    return Deadline(id="d", label="时限", cite="三", limit=parsed, **more)


def judge(deadline: Deadline, events: list[Event], now: str, **more: Any):
    log = more.pop("log", None) or CaseLog.of(events, more.pop("visits", ()), more.pop("closed", None))
    return states(deadline, log, at(now), CALENDAR, **more)


def one(deadline: Deadline, events: list[Event], now: str, **more: Any):
    found = judge(deadline, events, now, **more)
    assert len(found) == 1
    return found[0]


PUBLISH = rule("2 hours", from_=ev("signed"), met_by=ev("published"))
SIGNED = event(1, "signed", "2023-02-06T10:00")


# ------------------------------------------------------------------------------------------------------------ periods


def test_a_period_runs_is_met_and_is_overdue():
    assert one(PUBLISH, [SIGNED], "2023-02-06T11:59").status == "running"
    assert one(PUBLISH, [SIGNED], "2023-02-06T12:00").status == "running"  # the last instant
    late = one(PUBLISH, [SIGNED], "2023-02-06T12:00:01")
    assert (late.status, late.breached, late.met_at) == ("overdue", True, None)
    assert late.due == at("2023-02-06T12:00")
    assert late.arises_at == at("2023-02-06T10:00")
    assert not late.past_when_known


@pytest.mark.parametrize(("published", "status"), [("12:00:00", "met"), ("12:00:01", "met_late")])
def test_an_act_at_the_last_instant_meets_it_and_a_second_later_is_late(published, status):
    state = one(PUBLISH, [SIGNED, event(2, "published", f"2023-02-06T{published}")], "2023-02-06T15:00")
    assert state.status == status
    assert state.breached == (status == "met_late")
    assert state.met_at == at(f"2023-02-06T{published}")


def test_nothing_arises_before_its_moment():
    assert judge(PUBLISH, [], "2023-02-06T12:00") == []
    assert judge(PUBLISH, [event(1, "opened", "2023-02-06T09:00")], "2023-02-06T12:00") == []


def test_an_act_before_the_moment_does_not_meet_it():
    events = [event(1, "published", "2023-02-06T09:59"), event(2, "signed", "2023-02-06T10:00")]
    assert one(PUBLISH, events, "2023-02-06T11:00").status == "running"


def test_what_is_written_down_later_counts_from_when_it_happened():
    # The signature was entered after the publication, with its real time.
    events = [event(1, "published", "2023-02-06T11:00"), event(2, "signed", "2023-02-06T10:00", "2023-02-06T11:30")]
    state = one(PUBLISH, events, "2023-02-06T15:00")
    assert (state.status, state.met_at) == ("met", at("2023-02-06T11:00"))


def test_acts_within_the_same_minute_meet_whichever_was_written_first():
    events = [event(1, "published", "2023-02-06T10:00"), event(2, "signed", "2023-02-06T10:00")]
    assert one(PUBLISH, events, "2023-02-06T15:00").status == "met"


@pytest.mark.parametrize(("recorded", "known_late"), [("2023-02-06T12:00", False), ("2023-02-06T12:00:01", True)])
def test_already_past_when_it_was_written_down(recorded, known_late):
    state = one(PUBLISH, [event(1, "signed", "2023-02-06T10:00", recorded)], "2023-02-06T15:00")
    assert state.status == "overdue"
    assert state.past_when_known is known_late
    assert ("获知时已到期" in state.explain) is known_late


def test_met_in_time_but_written_down_late_blames_nobody():
    events = [
        event(1, "signed", "2023-02-06T10:00", "2023-02-07T09:00"),
        event(2, "published", "2023-02-06T11:00", "2023-02-07T09:01"),
    ]
    state = one(PUBLISH, events, "2023-02-07T10:00")
    assert (state.status, state.past_when_known, state.breached) == ("met", False, False)


def test_a_voided_event_raises_nothing_and_meets_nothing():
    published = event(2, "published", "2023-02-06T11:00")
    void = event(3, "voided", "2023-02-06T11:30", data={"seq": 2})
    assert one(PUBLISH, [SIGNED, published], "2023-02-06T11:40").status == "met"
    assert one(PUBLISH, [SIGNED, published, void], "2023-02-06T11:40").status == "running"
    restored = event(4, "voided", "2023-02-06T11:35", data={"seq": 3})
    assert one(PUBLISH, [SIGNED, published, void, restored], "2023-02-06T11:40").status == "met"


def test_where_picks_the_event_by_its_facts_or_data():
    told = rule("30 minutes", from_=ev("received"), met_by=ev("reported", where={"medium": "电话"}))
    received = event(1, "received", "2023-02-06T10:00")
    letter = event(2, "reported", "2023-02-06T10:10", facts={"medium": "书面"})
    call = event(3, "reported", "2023-02-06T10:20", data={"medium": "电话"})
    assert one(told, [received, letter], "2023-02-06T10:25").status == "running"
    assert one(told, [received, letter, call], "2023-02-06T10:25").met_at == at("2023-02-06T10:20")


def test_all_recipients_must_have_been_told():
    told = rule("2 hours", from_=ev("received"), met_by=ev("reported", to=(Who("unit", "甲"), Who("unit", "乙"))))
    received = event(1, "received", "2023-02-06T10:00")
    first = event(2, "reported", "2023-02-06T10:10", data={"to": ["甲", "丙"]})
    second = event(3, "reported", "2023-02-06T11:10", data={"to": "乙"})
    assert one(told, [received, first], "2023-02-06T11:00").status == "running"
    assert one(told, [received, first, second], "2023-02-06T12:00").met_at == at("2023-02-06T11:10")


def test_the_owner_is_resolved():
    owned = replace(PUBLISH, owner=(Who("post", "组长"),))
    assert one(owned, [SIGNED], "2023-02-06T11:00").owner == ("组长",)
    assert one(owned, [SIGNED], "2023-02-06T11:00", resolve=lambda who: ("市政府组长",)).owner == ("市政府组长",)


def test_a_limit_from_a_fact_follows_its_revision():
    reported = rule("30 minutes", from_=Moment("fact", "happened"), met_by=ev("reported"))
    opened = event(1, "opened", "2023-02-06T10:05", facts={"happened": at("2023-02-06T10:00")})
    revised = event(2, "recorded", "2023-02-06T10:20", facts={"happened": "2023-02-06T09:00"})
    assert one(reported, [opened], "2023-02-06T10:10").due == at("2023-02-06T10:30")
    state = one(reported, [opened, revised], "2023-02-06T10:20")
    assert (state.due, state.status, state.past_when_known) == (at("2023-02-06T09:30"), "overdue", True)
    assert judge(reported, [event(1, "opened", "2023-02-06T10:05")], "2023-02-06T10:10") == []


def test_a_moment_planned_for_later_has_not_come():
    after = rule("2 days", from_=Moment("fact", "meeting"))
    opened = event(1, "opened", "2023-02-06T10:00", facts={"meeting": at("2023-02-08T09:00")})
    assert judge(after, [opened], "2023-02-08T08:59") == []
    assert one(after, [opened], "2023-02-08T09:00").status == "running"


# -------------------------------------------------------------------------------------------------- which occurrence


TWICE = [SIGNED, event(2, "signed", "2023-02-06T11:00")]


def test_the_first_occurrence_runs_once():
    first = replace(PUBLISH, from_=ev("signed", "first"))
    assert one(first, TWICE, "2023-02-06T11:30").due == at("2023-02-06T12:00")


def test_a_further_occurrence_starts_anew_and_keeps_the_old_instance():
    old, new = judge(PUBLISH, TWICE, "2023-02-06T12:30")
    assert (old.status, old.due, old.breached, old.instance) == ("cancelled", at("2023-02-06T12:00"), False, 1)
    assert "重新起算" in old.explain
    assert (new.status, new.due, new.instance) == ("running", at("2023-02-06T13:00"), 2)


def test_an_instance_that_was_overdue_when_it_started_anew_stays_breached():
    old, new = judge(PUBLISH, [SIGNED, event(2, "signed", "2023-02-06T12:30")], "2023-02-06T12:40")
    assert (old.status, old.breached) == ("cancelled", True)
    assert new.status == "running"


def test_each_occurrence_is_met_by_its_own_act():
    events = [SIGNED, event(2, "published", "2023-02-06T10:30"), event(3, "signed", "2023-02-06T11:00")]
    old, new = judge(PUBLISH, events, "2023-02-06T11:10")
    assert (old.status, new.status) == ("met", "running")
    old, new = judge(PUBLISH, [*events, event(4, "published", "2023-02-06T11:20")], "2023-02-06T11:30")
    assert (old.met_at, new.met_at) == (at("2023-02-06T10:30"), at("2023-02-06T11:20"))


# -------------------------------------------------------------------------------------------------------- steps


HANDLE = rule("2 hours", from_=ev("entered", "this_visit"), step="handle", met_by=ev("done"))
ENTERED = event(1, "entered", "2023-02-06T10:00")
VISIT = Visit("handle", 1, at("2023-02-06T10:00"), 1)


def test_a_rule_of_a_step_runs_in_its_visit_and_is_cancelled_when_the_step_is_left_unmet():
    assert one(HANDLE, [ENTERED], "2023-02-06T11:00", visits=[VISIT]).status == "running"
    back = event(2, "returned", "2023-02-06T11:00")
    left = replace(VISIT, left_at=back.occurred_at, left_seq=2)
    state = one(HANDLE, [ENTERED, back], "2023-02-06T15:00", visits=[left])
    assert (state.status, state.breached, state.step) == ("cancelled", False, "handle")
    assert "已离开该环节" in state.explain


def test_the_act_that_leaves_the_step_may_be_what_meets_it():
    done = event(2, "done", "2023-02-06T11:00")
    left = replace(VISIT, left_at=done.occurred_at, left_seq=2)
    assert one(HANDLE, [ENTERED, done], "2023-02-06T15:00", visits=[left]).status == "met"
    plain = replace(HANDLE, met_by=None)  # without met_by, leaving is meeting
    assert one(plain, [ENTERED, done], "2023-02-06T15:00", visits=[left]).met_at == at("2023-02-06T11:00")


def test_each_visit_has_its_own_instance():
    events = [ENTERED, event(2, "returned", "2023-02-06T11:00"), event(3, "entered", "2023-02-06T14:00")]
    visits = [
        replace(VISIT, left_at=at("2023-02-06T11:00"), left_seq=2),
        Visit("handle", 2, at("2023-02-06T14:00"), 3),
    ]
    old, new = judge(HANDLE, events, "2023-02-06T15:00", visits=visits)
    assert (old.status, new.status, new.due) == ("cancelled", "running", at("2023-02-06T16:00"))


def test_a_rule_of_a_step_counts_from_an_earlier_moment_but_arises_with_the_step():
    total = rule("3 working days", from_=ev("accepted", "first"), step="handle", met_by=ev("done"))
    accepted = event(1, "accepted", "2023-02-06T10:00")
    entered = event(2, "entered", "2023-02-08T10:00")
    assert judge(total, [accepted], "2023-02-07T10:00", visits=[Visit("other", 1, at("2023-02-06T10:00"), 1)]) == []
    state = one(total, [accepted, entered], "2023-02-08T11:00", visits=[Visit("handle", 1, at("2023-02-08T10:00"), 2)])
    assert state.arises_at == at("2023-02-08T10:00")
    assert state.due == at("2023-02-09T23:59:59")


def test_a_step_open_once_per_key_has_one_instance_per_key():
    events = [ENTERED, event(2, "done", "2023-02-06T11:00", each_key="乙")]
    visits = [
        replace(VISIT, each_key="甲"),
        replace(VISIT, each_key="乙", left_at=at("2023-02-06T11:00"), left_seq=2),
    ]
    assert [s.status for s in judge(HANDLE, events, "2023-02-06T11:30", visits=visits)] == ["running", "met"]


def test_the_end_of_the_case_cancels_what_is_open_but_not_what_it_raises():
    closing = event(2, "lifted", "2023-02-06T11:00")
    state = one(PUBLISH, [SIGNED, closing], "2023-02-06T15:00", closed=closing)
    assert (state.status, state.breached) == ("cancelled", False)
    assert "事项已办结" in state.explain
    report = rule("3 days", from_=ev("lifted"), met_by=ev("reported"))
    assert one(report, [SIGNED, closing], "2023-02-06T15:00", closed=closing).status == "running"


# ---------------------------------------------------------------------------------------------------------- conditions


def levels(*changes: tuple[int, str, str | None]):
    """Events that decide a level, and what an expression sees after each."""
    events, snapshots = [], []
    for seq, when, level in changes:
        e = event(seq, "decided", when, data={"decision": "level", "value": {"level": level}})
        events.append(e)
        snapshots.append((e, {"level": level}))
    return events, snapshots


ORANGE = Condition(
    'decided.level in ("橙色", "红色")', lambda s: None if s["level"] is None else s["level"] in ("橙色", "红色")
)
REPORT = rule("4 hours", while_=ORANGE, from_=ev("received", "first"), met_by=ev("reported"))


def test_a_rule_arises_when_its_condition_first_holds_and_counts_from_its_moment():
    received = event(1, "received", "2023-02-06T08:00")
    events, snapshots = levels((2, "2023-02-06T09:00", "黄色"), (3, "2023-02-06T10:00", "橙色"))
    assert judge(REPORT, [received, events[0]], "2023-02-06T09:30", snapshots=snapshots[:1]) == []
    state = one(REPORT, [received, *events], "2023-02-06T10:30", snapshots=snapshots)
    assert (state.arises_at, state.due, state.status) == (at("2023-02-06T10:00"), at("2023-02-06T12:00"), "running")


def test_an_unknown_condition_does_not_hold():
    received = event(1, "received", "2023-02-06T08:00")
    events, snapshots = levels((2, "2023-02-06T09:00", None))
    assert judge(REPORT, [received, *events], "2023-02-06T09:30", snapshots=snapshots) == []


def test_a_condition_that_comes_after_the_limit_has_passed():
    received = event(1, "received", "2023-02-06T08:00")
    events, snapshots = levels((2, "2023-02-06T12:00:01", "橙色"))
    state = one(REPORT, [received, *events], "2023-02-06T13:00", snapshots=snapshots)
    assert (state.status, state.past_when_known, state.breached) == ("overdue", True, True)


def test_a_condition_that_ceases_cancels_the_instance_and_keeps_it():
    received = event(1, "received", "2023-02-06T08:00")
    events, snapshots = levels((2, "2023-02-06T09:00", "橙色"), (3, "2023-02-06T10:00", "黄色"))
    state = one(REPORT, [received, *events], "2023-02-06T15:00", snapshots=snapshots)
    assert (state.status, state.breached) == ("cancelled", False)
    assert "条件不再成立" in state.explain


def test_a_condition_that_returns_raises_a_new_instance_unless_it_was_met():
    received = event(1, "received", "2023-02-06T08:00")
    changes = ((2, "2023-02-06T09:00", "橙色"), (4, "2023-02-06T10:00", "黄色"), (5, "2023-02-06T11:00", "红色"))
    events, snapshots = levels(*changes)
    old, new = judge(REPORT, [received, *events], "2023-02-06T11:30", snapshots=snapshots)
    assert (old.status, new.status, new.instance) == ("cancelled", "running", 2)
    reported = event(3, "reported", "2023-02-06T09:30")
    assert one(REPORT, [received, reported, *events], "2023-02-06T11:30", snapshots=snapshots).status == "met"


def test_a_new_decision_of_the_level_starts_the_clock_of_the_decision_anew():
    issue = rule("2 hours", while_=ORANGE, from_=Moment("decided", "level"), met_by=ev("issued"))
    events, snapshots = levels((1, "2023-02-06T08:00", "橙色"), (2, "2023-02-06T09:00", "红色"))
    old, new = judge(issue, events, "2023-02-06T09:30", snapshots=snapshots)
    assert (old.status, new.due) == ("cancelled", at("2023-02-06T11:00"))
    events, snapshots = levels((1, "2023-02-06T08:00", "橙色"), (2, "2023-02-06T09:00", "黄色"))
    assert [s.status for s in judge(issue, events, "2023-02-06T09:30", snapshots=snapshots)] == ["cancelled"]


def test_a_decided_moment_may_name_the_level():
    red = rule("2 hours", from_=Moment("decided", "level", where={"level": "红色"}), met_by=ev("issued"))
    events, _ = levels((1, "2023-02-06T08:00", "橙色"), (2, "2023-02-06T09:00", "红色"))
    assert judge(red, events[:1], "2023-02-06T09:30") == []
    assert one(red, events, "2023-02-06T09:30").arises_at == at("2023-02-06T09:00")


# ------------------------------------------------------------------------------------------------ pauses, extensions


WEEK = rule("5 working days", from_=ev("accepted"), met_by=ev("decided"), pause=(("sent", "back"),))
ACCEPTED = event(1, "accepted", "2023-02-06T09:00")


def test_an_open_pause_stops_the_clock():
    sent = event(2, "sent", "2023-02-08T10:00")
    state = one(WEEK, [ACCEPTED, sent], "2023-02-20T10:00")
    assert state.status == "paused"
    assert "暂停中" in state.explain
    assert state.due == at("2023-02-23T23:59:59")  # as if it were taken up again now: 8 of 8 paused days added


def test_a_closed_pause_moves_the_end():
    events = [ACCEPTED, event(2, "sent", "2023-02-08T10:00"), event(3, "back", "2023-02-10T08:00")]
    assert one(WEEK, events, "2023-02-15T10:00").due == at("2023-02-15T23:59:59")
    assert one(WEEK, events, "2023-02-15T23:59:59").status == "running"
    assert one(WEEK, events, "2023-02-16T00:00").status == "overdue"


def test_a_pause_opened_twice_is_one_spell_and_one_never_opened_is_none():
    twice = [
        ACCEPTED,
        event(2, "sent", "2023-02-08T10:00"),
        event(3, "sent", "2023-02-09T10:00"),
        event(4, "back", "2023-02-10T08:00"),
    ]
    assert one(WEEK, twice, "2023-02-15T10:00").due == at("2023-02-15T23:59:59")
    assert one(WEEK, [ACCEPTED, event(2, "back", "2023-02-08T10:00")], "2023-02-08T11:00").due == at(
        "2023-02-13T23:59:59"
    )


def test_a_pause_after_it_was_overdue_does_not_heal_it():
    events = [ACCEPTED, event(2, "sent", "2023-02-14T10:00")]
    state = one(WEEK, events, "2023-02-20T10:00")
    assert (state.status, state.due) == ("overdue", at("2023-02-13T23:59:59"))


EXTENDABLE = replace(WEEK, pause=(), extend=Extension(parse_limit("3 working days"), 1))


def test_an_extension_moves_the_end_by_what_was_granted_up_to_the_most():
    def due_with(**data: Any):
        return one(EXTENDABLE, [ACCEPTED, event(2, "extended", "2023-02-09T10:00", data=data)], "2023-02-10T10:00")

    assert due_with().due == at("2023-02-16T23:59:59")
    assert due_with(limit="2 working days").due == at("2023-02-15T23:59:59")
    capped = due_with(limit="4个工作日")
    assert capped.due == at("2023-02-16T23:59:59")
    assert "以3个工作日为限" in capped.explain
    assert due_with(deadline="other").due == at("2023-02-13T23:59:59")
    unread = due_with(limit="过几天")
    assert unread.due == at("2023-02-13T23:59:59")
    assert "延期未计" in unread.explain


def test_extensions_are_limited_in_number_and_must_come_in_time():
    twice = [ACCEPTED, event(2, "extended", "2023-02-09T10:00"), event(3, "extended", "2023-02-10T10:00")]
    state = one(EXTENDABLE, twice, "2023-02-10T11:00")
    assert state.due == at("2023-02-16T23:59:59")
    assert "不再延长" in state.explain
    last = one(EXTENDABLE, [ACCEPTED, event(2, "extended", "2023-02-13T23:59:59")], "2023-02-14T11:00")
    assert (last.status, last.due) == ("running", at("2023-02-16T23:59:59"))
    late = one(EXTENDABLE, [ACCEPTED, event(2, "extended", "2023-02-14T00:00")], "2023-02-14T11:00")
    assert (late.status, late.due) == ("overdue", at("2023-02-13T23:59:59"))
    assert "在到期之后，不计" in late.explain


# ------------------------------------------------------------------------------------------------------------ settings


UNSET = Setting("reply_limit", "办理时限", "市政府办公室", unit="个工作日")
SET = rule(SettingRef("reply_limit"), from_=ev("accepted"), met_by=ev("decided"))


def test_an_empty_setting_leaves_the_limit_unset_and_names_its_owner():
    state = one(SET, [ACCEPTED], "2023-12-31T10:00", settings={"reply_limit": UNSET})
    assert (state.status, state.due, state.breached) == ("unset", None, False)
    assert "市政府办公室" in state.explain
    assert "办理时限" in state.explain
    done = one(
        SET, [ACCEPTED, event(2, "decided", "2023-02-07T10:00")], "2023-12-31T10:00", settings={"reply_limit": UNSET}
    )
    assert (done.status, done.due) == ("met", None)


@pytest.mark.parametrize("value", [5, "5 working days", "5个工作日"])
def test_a_filled_setting_is_a_number_of_its_unit_or_a_length(value):
    state = one(SET, [ACCEPTED], "2023-02-07T10:00", settings={"reply_limit": replace(UNSET, value=value)})
    assert state.due == at("2023-02-13T23:59:59")


@pytest.mark.parametrize("value", ["尽快", -1, True])
def test_a_setting_that_is_no_length_is_an_error_that_names_it(value):
    with pytest.raises(ValueError, match="办理时限"):
        one(SET, [ACCEPTED], "2023-02-07T10:00", settings={"reply_limit": replace(UNSET, value=value)})


def test_a_setting_that_the_pack_does_not_have_is_an_error():
    with pytest.raises(KeyError, match="没有这项设置：reply_limit"):
        one(SET, [ACCEPTED], "2023-02-07T10:00")


# -------------------------------------------------------------------------------------- waits, rights, dates, leads


def test_a_wait_is_a_floor_whose_end_others_start_from():
    notice = Deadline(
        "notice", "公示", "三", "wait", parse_limit("5 working days"), from_=ev("posted"), then="publicity_over"
    )
    grant = Deadline(
        "grant", "发证", "四", "period", parse_limit("1 days"), from_=ev("publicity_over"), met_by=ev("granted")
    )
    log = CaseLog.of([event(1, "posted", "2023-02-06T09:00")])
    running, log_then = follow([grant, notice], log, at("2023-02-13T23:59:58"), CALENDAR)
    assert [(s.id, s.status) for s in running] == [("notice", "waiting")]
    assert log_then.first("publicity_over") is None
    over, log_then = follow([grant, notice], log, at("2023-02-13T23:59:59"), CALENDAR)
    assert [(s.id, s.status) for s in over] == [("grant", "running"), ("notice", "met")]
    assert over[0].due == at("2023-02-14T23:59:59")
    end = log_then.first("publicity_over")
    assert end is not None
    assert end.occurred_at == at("2023-02-13T23:59:59")


def test_waits_may_follow_one_another():
    first = Deadline("a", "甲", "三", "wait", parse_limit("1 days"), from_=ev("posted"), then="a_over")
    second = Deadline("b", "乙", "三", "wait", parse_limit("2 hours"), from_=ev("a_over"), then="b_over")
    log = CaseLog.of([event(1, "posted", "2023-02-10T09:00")])
    both, after = follow([second, first], log, at("2023-02-12T02:00"), CALENDAR)
    assert [s.status for s in both] == ["met", "met"]
    assert after.first("b_over").occurred_at == at("2023-02-12T01:59:59")  # Saturday's end does not roll


def test_a_right_lapses_and_is_never_overdue():
    right = rule("5 days", kind="right", from_=ev("formed"), closes="apply_recusal")
    formed = event(1, "formed", "2023-02-06T09:00")  # to Saturday 11, rolled to Monday 13
    assert one(right, [formed], "2023-02-13T23:59:59").status == "running"
    gone = one(right, [formed], "2023-02-14T00:00")
    assert (gone.status, gone.breached, gone.lapsed_at) == ("lapsed", False, at("2023-02-13T23:59:59"))
    used = one(right, [formed, event(2, "apply_recusal", "2023-02-13T23:59:59")], "2023-02-20T00:00")
    assert used.status == "met"
    late = one(right, [formed, event(2, "apply_recusal", "2023-02-14T00:00")], "2023-02-20T00:00")
    assert (late.status, late.breached) == ("lapsed", False)


def test_leaving_the_step_is_not_the_exercise_of_a_right():
    right = rule("5 days", kind="right", from_=ev("entered"), step="handle")
    left = replace(VISIT, left_at=at("2023-02-06T11:00"), left_seq=2)
    events = [ENTERED, event(2, "done", "2023-02-06T11:00")]
    assert one(right, events, "2023-02-06T15:00", visits=[left]).status == "cancelled"


OPENED = event(1, "opened", "2023-01-03T09:00")


def test_a_date_never_rolls():
    co = rule(kind="date", on_or_before=dt.date(2023, 4, 30), met_by=ev("sent"))  # a Sunday in the Labour Day holiday
    assert one(co, [OPENED], "2023-04-30T23:59:59").status == "running"
    assert one(co, [OPENED], "2023-05-01T00:00").status == "overdue"
    assert one(co, [OPENED, event(2, "sent", "2023-04-30T23:59:59")], "2023-05-02T00:00").status == "met"
    assert one(co, [OPENED, event(2, "sent", "2023-05-01T00:00")], "2023-05-02T00:00").status == "met_late"


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (Condition("2023-10", lambda s: 2013), "2023-10-31T23:59:59"),
        (Condition('"2024-02"', lambda s: "2024-02"), "2024-02-29T23:59:59"),
        (Condition("plan.end", lambda s: dt.date(2023, 6, 30)), "2023-06-30T23:59:59"),
        (Condition("plan.end", lambda s: at("2023-03-14T12:00")), "2023-03-14T12:00"),
    ],
)
def test_a_month_means_its_last_day_and_a_date_may_be_computed(day, due):
    assert one(rule(kind="date", on_or_before=day), [OPENED], "2023-01-04T00:00").due == at(due)


def test_a_date_not_yet_known_is_unset():
    state = one(rule(kind="date", on_or_before=Condition("plan.end", lambda s: None)), [OPENED], "2023-01-04T00:00")
    assert (state.status, state.due) == ("unset", None)


def test_a_date_already_past_when_the_case_was_opened():
    late = rule(kind="date", on_or_before=dt.date(2023, 1, 2), met_by=ev("sent"))
    assert one(late, [OPENED], "2023-01-04T00:00").past_when_known


LEAD = rule("24 hours", kind="lead", before=Moment("fact", "start"), met_by=ev("issued"))


def test_a_lead_is_counted_backwards_from_a_planned_moment():
    planned = event(1, "opened", "2023-02-06T09:00", facts={"start": at("2023-02-08T08:00")})
    assert one(LEAD, [planned], "2023-02-07T08:00").status == "running"
    assert one(LEAD, [planned], "2023-02-07T08:00:01").status == "overdue"
    assert one(LEAD, [planned], "2023-02-06T10:00").arises_at == at("2023-02-06T09:00")
    assert one(LEAD, [planned, event(2, "issued", "2023-02-07T08:00")], "2023-02-07T09:00").status == "met"
    assert one(LEAD, [planned, event(2, "issued", "2023-02-07T08:00:01")], "2023-02-07T09:00").status == "met_late"


def test_a_lead_before_an_event_is_judged_when_the_event_has_come():
    review = rule("3 working days", kind="lead", before=ev("replied"), met_by=ev("reviewed"))
    in_time, too_late = event(1, "reviewed", "2023-05-09T18:00"), event(1, "reviewed", "2023-05-10T09:00")
    replied = event(2, "replied", "2023-05-15T09:00")
    assert judge(review, [in_time], "2023-05-12T09:00") == []
    assert one(review, [in_time, replied], "2023-05-15T10:00").status == "met"
    assert one(review, [too_late, replied], "2023-05-15T10:00").status == "met_late"
    assert one(review, [replied], "2023-05-15T10:00").status == "overdue"


# ------------------------------------------------------------------------------------------------------------- repeats


HOURLY = rule(
    kind="repeat", every=parse_limit("1 hour"), from_=ev("started", "first"), until=ev("ended"), met_by=ev("broadcast")
)
STARTED = event(1, "started", "2023-02-06T22:30")


def statuses(deadline: Deadline, events: list[Event], now: str, **more: Any) -> list[str]:
    return [s.status for s in judge(deadline, events, now, **more)]


def test_one_window_is_open_at_a_time():
    assert statuses(HOURLY, [STARTED], "2023-02-06T23:00") == ["running"]
    first = event(2, "broadcast", "2023-02-06T22:40")
    assert statuses(HOURLY, [STARTED, first], "2023-02-06T23:00") == ["met"]
    second = event(3, "broadcast", "2023-02-06T22:50")  # twice in one window keeps one window
    assert statuses(HOURLY, [STARTED, first, second], "2023-02-07T00:30") == ["met", "running"]
    assert statuses(HOURLY, [STARTED, first, second], "2023-02-07T00:30:01") == ["met", "lapsed", "running"]


def test_a_missed_window_is_kept_as_breached():
    events = [STARTED, event(2, "broadcast", "2023-02-06T23:30"), event(3, "broadcast", "2023-02-07T00:30:01")]
    found = judge(HOURLY, events, "2023-02-07T00:45")
    assert [s.status for s in found] == ["met", "lapsed", "met"]  # 23:30 is the last instant of the first
    assert [s.breached for s in found] == [False, True, False]
    assert found[1].lapsed_at == found[1].due == at("2023-02-07T00:30")
    assert [s.instance for s in found] == [1, 2, 3]


def test_the_end_cancels_the_open_window_only():
    ended = event(2, "ended", "2023-02-07T00:00")
    assert statuses(HOURLY, [STARTED, ended], "2023-02-07T09:00") == ["lapsed", "cancelled"]
    at_the_border = event(2, "ended", "2023-02-06T23:30")
    assert statuses(HOURLY, [STARTED, at_the_border], "2023-02-07T09:00") == ["cancelled"]


def test_days_repeat_to_the_end_of_each_day():
    daily = replace(HOURLY, every=parse_limit("1 day"), met_by=ev("report"))
    events = [STARTED, event(2, "report", "2023-02-07T23:59:59"), event(3, "report", "2023-02-09T00:00")]
    found = judge(daily, events, "2023-02-09T10:00")
    assert [s.status for s in found] == ["met", "lapsed", "met"]
    assert found[0].due == at("2023-02-07T23:59:59")


def test_months_repeat_on_the_day_of_the_start():
    monthly = replace(HOURLY, every=parse_limit("1 month"))
    started = event(1, "started", "2023-01-31T09:00")
    dues = [s.due for s in judge(monthly, [started], "2023-04-01T09:00")]
    assert dues == [at("2023-02-28T23:59:59"), at("2023-03-31T23:59:59"), at("2023-04-30T23:59:59")]


def test_the_report_that_starts_the_repetition_does_not_count_as_one():
    daily = rule(kind="repeat", every=parse_limit("1 day"), from_=ev("report", "first"), met_by=ev("report"))
    first = event(1, "report", "2023-02-06T09:00")
    assert statuses(daily, [first], "2023-02-07T10:00") == ["running"]
    assert statuses(daily, [first, event(2, "report", "2023-02-07T09:00")], "2023-02-07T10:00") == ["met"]


def test_a_schedule_without_an_act_shows_the_running_window():
    schedule = replace(HOURLY, met_by=None)
    assert one(schedule, [STARTED], "2023-02-07T02:00").due == at("2023-02-07T02:30")


def test_a_repetition_stops_with_its_condition():
    on = Condition("level in (橙色, 红色)", lambda s: s["level"] in ("橙色", "红色"))
    rule_ = rule(
        kind="repeat", every=parse_limit("1 hour"), while_=on, from_=Moment("decided", "level", "first"), met_by=ev("b")
    )
    events, snapshots = levels((1, "2023-02-06T08:00", "橙色"), (2, "2023-02-06T09:30", "黄色"))
    assert statuses(rule_, events, "2023-02-06T12:00", snapshots=snapshots) == ["lapsed", "cancelled"]


PATROL = rule(kind="repeat", at_least=2, per="quarter", met_by=ev("patrolled"))


def test_at_least_n_per_period_is_judged_from_the_log():
    opened = event(1, "opened", "2023-01-03T09:00")
    once, twice = event(2, "patrolled", "2023-02-01T09:00"), event(3, "patrolled", "2023-03-31T23:59:59")
    assert statuses(PATROL, [opened, once], "2023-03-31T23:59:59") == ["running"]
    met = one(PATROL, [opened, once, twice], "2023-03-31T23:59:59")
    assert (met.status, met.met_at, met.due) == ("met", at("2023-03-31T23:59:59"), at("2023-03-31T23:59:59"))
    missed = judge(PATROL, [opened, once, event(3, "patrolled", "2023-04-01T00:00")], "2023-04-02T00:00")
    assert [(s.status, s.breached) for s in missed] == [("lapsed", True), ("running", False)]


@pytest.mark.parametrize(
    ("period", "due"),
    [
        ("day", "2024-02-06"),
        ("week", "2024-02-11"),
        ("month", "2024-02-29"),
        ("quarter", "2024-03-31"),
        ("year", "2024-12-31"),
    ],
)
def test_the_end_of_each_period(period, due):
    report = rule(kind="repeat", at=f"{period} end", met_by=ev("sent"))
    assert judge(report, [event(1, "opened", "2024-02-06T09:00")], "2024-02-06T10:00")[0].due == at(f"{due}T23:59:59")


def test_an_unknown_period_is_refused():
    with pytest.raises(ValueError, match="quarter end"):
        judge(rule(kind="repeat", at="full moon"), [OPENED], "2023-01-04T00:00")


def test_an_empty_setting_of_a_repetition_is_unset():
    every = rule(kind="repeat", every=SettingRef("reply_limit"), met_by=ev("sent"))
    assert statuses(every, [OPENED], "2023-01-04T00:00", settings={"reply_limit": UNSET}) == ["unset"]
    least = rule(kind="repeat", at_least=SettingRef("reply_limit"), per="month", met_by=ev("sent"))
    assert statuses(least, [OPENED], "2023-01-04T00:00", settings={"reply_limit": UNSET}) == ["unset"]
    assert statuses(least, [OPENED], "2023-01-04T00:00", settings={"reply_limit": replace(UNSET, value=1)}) == [
        "running"
    ]


# ---------------------------------------------------------------------------------------------------------- properties

MINUTES = st.integers(0, 60 * 24 * 20)
TYPES = st.sampled_from(("accepted", "decided", "sent", "back", "extended", "posted"))
LOGS = st.lists(st.tuples(TYPES, MINUTES), max_size=9)
RULES = (WEEK, EXTENDABLE, PUBLISH, HOURLY, replace(WEEK, kind="wait"), replace(WEEK, kind="right"))
BEGIN = at("2023-01-16T08:00")


def made(log: list[tuple[str, int]]) -> list[Event]:
    moments = sorted(BEGIN + dt.timedelta(minutes=m) for _, m in log)
    return [Event(type, n, when, when) for n, ((type, _), when) in enumerate(zip(log, moments, strict=True), 1)]


@given(LOGS, st.sampled_from(RULES), MINUTES)
def test_the_states_hold_together(log, deadline, later):
    events = made(log)
    now = (events[-1].occurred_at if events else BEGIN) + dt.timedelta(minutes=later)
    found = states(deadline, CaseLog.of(events), now, CALENDAR)
    assert [s.instance for s in found] == list(range(1, len(found) + 1))
    for state in found:
        assert state.arises_at <= now
        assert state.explain
        assert state.due is not None
        if state.status == "met":
            assert state.met_at is not None
            assert state.met_at <= state.due
            assert not state.breached
        if state.status in ("overdue", "met_late"):
            assert state.breached
            assert now > state.due
        if state.status in ("running", "waiting", "paused"):
            assert not state.breached
            assert now <= state.due
    assert sum(s.status in ("running", "overdue", "paused", "waiting") for s in found) <= 1


@given(LOGS, st.sampled_from(RULES), MINUTES)
def test_time_alone_only_makes_the_running_overdue(log, deadline, later):
    """What was met, late, cancelled or lapsed at one time is so at every later time, if nothing further happens."""
    events = made(log)
    now = events[-1].occurred_at if events else BEGIN
    before = states(deadline, CaseLog.of(events), now, CALENDAR)
    after = states(deadline, CaseLog.of(events), now + dt.timedelta(minutes=later), CALENDAR)
    for one_, other in zip(before, after, strict=False):
        if one_.status in ("met", "met_late", "cancelled", "lapsed", "overdue"):
            assert other == one_


@pytest.mark.parametrize(
    ("kind", "more", "due"),
    [
        ("period", {"limit": "3 days", "from_": ev("opened")}, "2022-02-18T12:00"),
        ("date", {"on_or_before": dt.date(2022, 2, 18)}, "2022-02-18T12:00"),
        ("repeat", {"every": parse_limit("1 week"), "from_": ev("opened")}, "2022-02-22T12:00"),
        ("period", {"limit": "3 hours", "from_": ev("opened")}, "2022-02-15T18:00"),
    ],
)
def test_a_rule_may_end_its_last_day_at_an_hour_of_its_own(kind: str, more: dict[str, Any], due: str) -> None:
    found = one(
        rule(kind=kind, by_time=dt.time(12), **more), [event(1, "opened", "2022-02-15T15:00")], "2022-02-16T09:00"
    )
    assert found.due == at(due)


def test_noon_itself_is_in_time_and_the_minute_after_is_not() -> None:
    noon = rule(kind="date", on_or_before=dt.date(2022, 2, 18), by_time=dt.time(12), met_by=ev("reported"))
    for when, status in (("2022-02-18T12:00", "met"), ("2022-02-18T12:01", "met_late")):
        log = [event(1, "opened", "2022-02-15T15:00"), event(2, "reported", when)]
        assert one(noon, log, "2022-02-19T09:00").status == status

"""What the time rules read of a case: the events that stand, in the order in which they happened, and the visits."""

from gongbao.engine.log import CaseLog, Visit
from gongbao.engine.model import Event
from gongbao.engine.time.calendar import parse_moment


def event(seq, type, when, **more):
    return Event(type, seq, parse_moment(f"2023-02-06T{when}"), parse_moment("2023-02-06T20:00"), **more)


LATE = event(4, "called", "09:00", facts={"medium": "电话"})  # written down last, happened first
LOG = CaseLog.of([
    event(1, "opened", "09:30", facts={"dead": 0}),
    event(2, "called", "10:00", source="书面", data={"medium": "书面"}),
    event(3, "recorded", "11:00", facts={"dead": 1}),
    LATE,
])  # fmt: skip


def test_first_and_last_go_by_when_things_happened():
    assert LOG.first("called").seq == 4
    assert LOG.last("called").seq == 2
    assert LOG.times("called") == 2
    assert LOG.first("closed") is None


def test_where_looks_in_facts_data_and_the_events_own_fields():
    assert LOG.first("called", {"medium": "书面"}).seq == 2
    assert LOG.first("called", {"medium": "电话"}).seq == 4
    assert LOG.first("called", {"source": "书面"}).seq == 2
    assert LOG.first("called", {"colour": "红"}) is None


def test_a_fact_is_its_latest_value_with_the_event_that_gave_it():
    value, given_by = LOG.fact("dead")
    assert (value, given_by.seq) == (1, 3)
    assert LOG.fact("dead", before_seq=3)[0] == 0
    assert LOG.fact("hurt") is None


def test_a_fact_repeated_keeps_the_event_that_first_said_so():
    again = CaseLog.of([*LOG.events, event(5, "recorded", "12:00", facts={"dead": 1})])
    assert again.fact("dead")[1].seq == 3
    taken_back = CaseLog.of([*LOG.events, event(5, "recorded", "12:00", facts={"dead": None})])
    assert taken_back.fact("dead") is None


def test_voided_events_do_not_stand_unless_the_voiding_was_voided():
    void = event(5, "voided", "12:00", data={"seq": 4})
    assert CaseLog.of([*LOG.events, void]).times("called") == 1
    assert CaseLog.of([*LOG.events, void, event(6, "voided", "12:01", data={"seq": 5})]).times("called") == 2


def test_decisions_are_found_by_what_they_decided():
    red = event(5, "signed", "12:00", data={"decision": "level", "value": {"level": "红色"}})
    log = CaseLog.of([*LOG.events, red])
    assert log.decisions("level") == (red,)
    assert log.decisions("level", {"level": "红色"}) == (red,)
    assert log.decisions("level", {"level": "橙色"}) == ()


def test_this_visit_is_the_latest_stay_in_the_step_with_the_event_that_entered_it():
    events = [
        event(1, "sent", "09:00"),
        event(2, "back", "09:30"),
        event(3, "sent", "10:00"),
        event(4, "noted", "10:30"),
    ]
    visits = (
        Visit("handle", 1, events[0].occurred_at, 1, events[1].occurred_at, 2),
        Visit("handle", 2, events[2].occurred_at, 3),
    )
    log = CaseLog.of(events, visits)
    assert log.this_visit("sent", "handle").seq == 3
    assert log.this_visit("back", "handle") is None
    assert log.this_visit("sent", "review") is None
    assert CaseLog.of(events, visits[:1]).this_visit("back", "handle").seq == 2


def test_a_visit_of_one_key_covers_the_events_of_that_key_and_of_none():
    mine, others, common = (event(2, "done", "10:00", each_key=key) for key in ("甲", "乙", None))
    visit = Visit("reply", 1, mine.occurred_at, 1, each_key="甲")
    assert (visit.covers(mine), visit.covers(others), visit.covers(common)) == (True, False, True)

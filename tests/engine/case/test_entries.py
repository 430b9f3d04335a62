"""Every entry keeps the lock, its times, its source, its papers and its signer before it becomes an event."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.small import POLICE, action, at, log, procedure, step, world

from gongbao.engine.case.entries import entry, next_seq
from gongbao.engine.case.options import Standing
from gongbao.engine.case.state import fold_of
from gongbao.engine.errors import BadTime, CaseError, Conflict, NotPossible, NotYours
from gongbao.engine.model import Event

WORLD = world(procedure(step("handling", action("done", "closed"))))
EVENTS = log(("opened", "03-01 09:00", {}))
AT = {"actor": POLICE, "occurred_at": at("03-01 10:00"), "recorded_at": at("03-01 11:00")}


def entered(events: tuple[Event, ...] = tuple(EVENTS), **more: Any) -> Any:
    return entry(fold_of(WORLD, "matter", events), **{**AT, **more})


def test_an_entry_becomes_the_next_event_with_all_that_was_said() -> None:
    made = entered(on_behalf_of=" 组长王某 ", source="电话", evidence=["a/扫描件.pdf"], note="口头")
    event = made.event("done", facts={"n": 1}, data={"x": 2}, step="handling")
    assert (event.seq, event.unit, event.on_behalf_of) == (2, POLICE.unit, "组长王某")
    assert (event.occurred_at, event.recorded_at) == (at("03-01 10:00"), at("03-01 11:00"))
    assert (event.source, event.evidence, event.note) == ("电话", ("a/扫描件.pdf",), "口头")
    assert (event.facts, event.data, event.step, event.each_key) == ({"n": 1}, {"x": 2}, "handling", None)


def test_the_last_entry_seen_may_be_the_last_there_is_and_no_other() -> None:
    more = log(("opened", "03-01 09:00", {}), ("done", "03-01 09:30", {}))
    assert entered(tuple(more), expected_seq=2).seq == 3
    with pytest.raises(Conflict, match="在您打开之后已有新的登记"):
        entered(tuple(more), expected_seq=1)
    with pytest.raises(Conflict, match="第3号事件不存在，现在只到第2号"):
        entered(tuple(more), expected_seq=3)


def test_it_happened_after_the_opening_and_before_it_was_written_down_both_included() -> None:
    assert entered(occurred_at=at("03-01 09:00"))
    assert entered(occurred_at=at("03-01 11:00"))
    with pytest.raises(BadTime, match="早于立案时间"):
        entered(occurred_at=at("03-01 08:59"))
    with pytest.raises(BadTime, match="晚于登记时间"):
        entered(occurred_at=at("03-01 11:01"))


def test_what_happens_by_being_written_down_has_one_time() -> None:
    made = entered(occurred_at=None)
    assert made.occurred_at == made.recorded_at == at("03-01 11:00")


def test_a_time_without_zone_is_named() -> None:
    for field in ("occurred_at", "recorded_at"):
        with pytest.raises(BadTime, match="须为带时区的时间") as caught:
            entered(**{field: at("03-01 10:00").replace(tzinfo=None)})
        assert caught.value.field == field


def test_a_case_that_was_not_opened_takes_nothing() -> None:
    with pytest.raises(NotPossible, match="事项尚未立案"):
        entered(())
    assert next_seq(fold_of(WORLD, "matter", ())) == 1


def test_an_unknown_source_is_told_with_those_there_are() -> None:
    with pytest.raises(CaseError, match="来源“传真”不对；可为：系统、电话、书面、口头"):
        entered(source="传真")


@pytest.mark.parametrize("evidence", ["a/扫描件.pdf", [""], [" "], [3], [None]])
def test_papers_are_a_list_of_references(evidence: Any) -> None:
    with pytest.raises(CaseError, match="须为一列不空的文件引用") as caught:
        entered(evidence=evidence)
    assert caught.value.field == "evidence"


def test_anothers_act_needs_the_name_of_whose_it_is() -> None:
    for_leader = Standing(("组长",), on_behalf=True)
    for nobody in (None, "", "  "):
        with pytest.raises(NotYours, match="“签发”是组长的行为，由您代为登记的，须写明是谁作出的"):
            entered(on_behalf_of=nobody).signed(for_leader, "签发")
    entered(on_behalf_of="王某").signed(for_leader, "签发")
    entered().signed(Standing(("组长",)), "签发")
    with pytest.raises(NotYours, match="须由组长办理"):
        entered(on_behalf_of="王某").signed(Standing(("组长",), "须由组长办理"), "签发")


def test_beside_a_case_the_number_and_the_beginning_are_given() -> None:
    assert entry(None, **AT).seq == 1
    assert entry(None, **AT, seq=7, since=at("03-01 10:00")).seq == 7
    with pytest.raises(BadTime, match="早于文件施行时间"):
        entry(None, **AT, since=at("03-01 10:01"))

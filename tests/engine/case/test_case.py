"""A case as a page sees it: steps, deadlines, tasks and who takes part, at a stated moment."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.small import POLICE, action, at, by, duty, feel, log, period, procedure, step, world

from gongbao.engine.case import act, fold_of, possible, replay, state_of, state_to_dict, title_of
from gongbao.engine.errors import CaseError
from gongbao.engine.model import DeadlineState, Event, Moment, Procedure

REQUEST = procedure(
    step("intake", action("accepted", "handling"), by=by("市政府办公室")),
    step(
        "handling",
        action("reported", stay=True), action("returned", "intake"), action("replied", "closed"),
        by=by("=unit"), deadlines=(period("sign", "1 days", "accepted", "reported", step="handling"),),
    ),
    deadlines=(
        period("preliminary", "3 hours", "accepted", "reported", while_=feel("emergency = true"), owner=by("=unit")),
        period("result", "3 working days", "accepted", "replied"),
    ),
    duties=(duty("watch", by("市城管局"), "emergency = true", with_=by("三河市人民政府")),),
    title=feel('if content = null then null else "诉求：" + content'),
)  # fmt: skip
WORLD = world(REQUEST)
OPENED = (
    "opened",
    "03-03 14:00",
    {"content": "管道爆裂", "emergency": True, "unit": "市公安局"},
    {"unit": "市政府办公室"},
)
ACCEPTED = ("accepted", "03-03 14:05")


def deadlines(*entries: Any, now: str, rules: Procedure = REQUEST) -> dict[str, DeadlineState]:
    return {d.id: d for d in replay(world(rules), "matter", log(*entries), at(now)).deadlines}


class TestDeadlines:
    @pytest.mark.parametrize(("now", "status"), [("03-03 17:05", "running"), ("03-03 17:06", "overdue")])
    def test_they_run_from_when_it_happened(self, now: str, status: str) -> None:
        found = deadlines(OPENED, ACCEPTED, now=now)["preliminary"]
        assert (found.due, found.status) == (at("03-03 17:05"), status)

    @pytest.mark.parametrize(("when", "status"), [("03-03 17:05", "met"), ("03-03 17:06", "met_late")])
    def test_and_are_met_by_when_it_happened_however_late_it_is_written_down(self, when: str, status: str) -> None:
        late = ("reported", when, {}, {"recorded_at": at("03-06 09:00")})
        assert deadlines(OPENED, ACCEPTED, late, now="03-06 10:00")["preliminary"].status == status

    def test_what_was_past_when_it_became_known_says_so(self) -> None:
        late = ("accepted", "03-03 14:05", {}, {"recorded_at": at("03-03 18:00")})
        found = deadlines(OPENED, late, now="03-03 18:00")["preliminary"]
        assert (found.status, found.past_when_known) == ("overdue", True)

    def test_the_condition_is_followed_through_the_case(self) -> None:
        calm = ("recorded", "03-03 15:00", {"emergency": False})
        assert deadlines(OPENED, ACCEPTED, calm, now="03-03 18:00")["preliminary"].status == "cancelled"
        again = ("recorded", "03-03 16:00", {"emergency": True})
        assert deadlines(OPENED, ACCEPTED, calm, again, now="03-03 18:00")["preliminary"].status == "overdue"

    def test_a_voided_event_starts_nothing(self) -> None:
        gone = ("voided", "03-03 15:00", {}, {"data": {"seq": 2}})
        assert deadlines(OPENED, ACCEPTED, gone, now="03-03 18:00") == {}

    def test_leaving_the_step_ends_its_deadline_and_keeps_it(self) -> None:
        found = deadlines(OPENED, ACCEPTED, ("returned", "03-03 15:00"), now="03-10 09:00")
        assert found["sign"].status == "cancelled"
        assert found["result"].status == "overdue"

    def test_what_is_unmet_when_the_case_closes_keeps_its_history(self) -> None:
        found = deadlines(OPENED, ACCEPTED, ("replied", "03-03 18:00"), now="03-10 09:00")
        assert (found["preliminary"].status, found["preliminary"].breached) == ("cancelled", True)
        assert found["result"].status == "met"

    def test_the_owner_is_resolved_or_is_whom_the_step_is_for(self) -> None:
        found = deadlines(OPENED, ACCEPTED, now="03-03 15:00")
        assert (found["preliminary"].owner, found["sign"].owner) == (("廊坊市公安局",), ("廊坊市公安局",))

    @pytest.mark.parametrize("owner", [(), by("=unit")])
    def test_of_a_step_once_per_key_it_is_that_of_its_own_key(self, owner: Any) -> None:
        rules = procedure(
            step("intake", action("sent", "opinion")),
            step("opinion", action("given", "done", join="all"), each=("unit", feel("asked")), by=by("=unit"),
                 deadlines=(period("opinion", "1 days", "sent", "given", step="opinion", owner=owner),)),
            step("done"),
        )  # fmt: skip
        entries = [("opened", "03-01 09:00", {"asked": ["市公安局", "市城管局"]}), ("sent", "03-01 10:00"),
                   ("given", "03-02 09:00", {}, {"each_key": "市城管局"})]  # fmt: skip
        found = replay(world(rules), "matter", log(*entries), at("03-03 09:00")).deadlines
        assert [(d.each_key, d.owner, d.status) for d in found] == [
            ("市公安局", ("廊坊市公安局",), "overdue"), ("市城管局", ("廊坊市城市管理局",), "met"),
        ]  # fmt: skip

    def test_the_end_of_a_wait_is_a_moment_others_start_from(self) -> None:
        wait = period("posting", "1 days", "opened", kind="wait", then="publicity_over", step="a")
        rules = procedure(step("a", action("done", "closed"), deadlines=(wait,)),
                          deadlines=(period("archive", "2 days", "publicity_over", "done"),),
                          duties=(duty("file", by("市公安局"), on=Moment("event", "publicity_over")),))  # fmt: skip
        before = replay(world(rules), "matter", log(("opened", "03-01 09:00")), at("03-02 12:00"))
        assert ([d.id for d in before.deadlines], before.tasks) == (["posting"], ())
        after = replay(world(rules), "matter", log(("opened", "03-01 09:00")), at("03-03 12:00"))
        assert [d.id for d in after.deadlines] == ["archive", "posting"]
        assert [t.duty for t in after.tasks] == ["file"]


class TestTakingPart:
    def test_who_acted_who_is_to_act_and_who_has_a_task_takes_part(self) -> None:
        state = replay(WORLD, "matter", log(OPENED, ACCEPTED), at("03-03 15:00"))
        assert set(state.taken_part) == {
            "市政府办公室", "廊坊市人民政府办公室", "廊坊市公安局", "廊坊市城市管理局", "三河市人民政府",
        }  # fmt: skip

    def test_whose_step_was_left_still_does(self) -> None:
        state = replay(WORLD, "matter", log(OPENED, ACCEPTED, ("returned", "03-03 15:00")), at("03-03 16:00"))
        assert "廊坊市公安局" in state.taken_part

    def test_a_superior_does_not_by_rank(self) -> None:
        state = replay(WORLD, "matter", log(OPENED), at("03-03 15:00"))
        assert "廊坊市人民政府" not in state.taken_part


class TestShown:
    def test_the_state_is_json(self) -> None:
        events = log(OPENED, ACCEPTED)
        state = replay(WORLD, "matter", events, at("03-03 15:00"))
        options = possible(WORLD, state, events, POLICE, at("03-03 15:00"))
        shown = json.loads(json.dumps(state_to_dict(state, options), ensure_ascii=False))
        assert shown["opened_at"] == "2023-03-03T14:00:00+08:00"
        assert [s["id"] for s in shown["steps"]] == ["handling"]
        assert shown["facts"]["content"] == "管道爆裂"
        assert {d["id"]: d["due"] for d in shown["deadlines"]}["preliminary"] == "2023-03-03T17:05:00+08:00"
        assert {p["action"]: p["allowed"] for p in shown["possible"]} == {
            "reported": True,
            "returned": True,
            "replied": True,
        }
        assert [t["unit"] for t in shown["tasks"]] == ["廊坊市城市管理局"]

    def test_the_title_is_what_the_procedure_says_or_its_label(self) -> None:
        assert title_of(WORLD, "matter", log(OPENED), at("03-03 15:00")) == "诉求：管道爆裂"
        assert title_of(WORLD, "matter", log(("opened", "03-03 14:00")), at("03-03 15:00")) == "事项办理"

    def test_an_unknown_procedure_is_told_with_those_there_are(self) -> None:
        with pytest.raises(CaseError, match="没有“none”这个办理程序；可用：matter"):
            replay(WORLD, "none", (), at("03-03 15:00"))

    def test_an_empty_log_is_an_unopened_case(self) -> None:
        state = replay(WORLD, "matter", (), at("03-03 15:00"))
        assert (state.opened_at, state.steps, state.seq, state.taken_part) == (None, (), 0, ())


@st.composite
def logs(draw: st.DrawFn) -> tuple[Event, ...]:
    """Any log of the request, with conditions that come and go, feedback, late entries and voidings."""
    entries: list[tuple[Any, ...]] = [OPENED]
    for seq in range(2, draw(st.integers(2, 12))):
        type_ = draw(
            st.sampled_from(["accepted", "reported", "returned", "replied", "recorded", "task_done", "voided"])
        )
        facts = {"emergency": draw(st.booleans())} if type_ == "recorded" else {}
        data = {"voided": {"seq": draw(st.integers(1, seq - 1))}, "task_done": {"task": "watch:廊坊市城市管理局"}}
        hour = draw(st.integers(0, 23))
        late = {"recorded_at": at("03-08 09:00")} if draw(st.booleans()) else {}
        entries.append(
            (type_, f"03-0{draw(st.integers(4, 7))} {hour:02}:00", facts, {"data": data.get(type_, {}), **late})
        )
    return log(*entries)


@given(logs())
@settings(max_examples=60, deadline=None)
def test_the_state_shown_after_each_entry_is_the_replay_of_the_log_up_to_it(events: tuple[Event, ...]) -> None:
    running = fold_of(WORLD, "matter", ())
    for n, event in enumerate(events, 1):
        running.apply(event)
        assert state_of(running, at("03-09 09:00")) == replay(WORLD, "matter", events[:n], at("03-09 09:00"))


@given(logs(), st.sampled_from(["accepted", "reported", "returned", "replied", "task_done"]))
@settings(max_examples=60, deadline=None)
def test_voiding_the_last_entry_gives_back_what_was_shown_before(events: tuple[Event, ...], type_: str) -> None:
    before = replay(WORLD, "matter", events, at("03-09 09:00"))
    n, when = len(events), at("03-08 10:00")
    last = Event(type_, n + 1, when, when, data={"task": "watch:廊坊市城市管理局"} if type_ == "task_done" else {})
    void = Event("voided", n + 2, when, when, data={"seq": n + 1})
    after = replay(WORLD, "matter", (*events, last, void), at("03-09 09:00"))
    shown = ("steps", "facts", "decided", "deadlines", "tasks", "closed_at", "problems", "taken_part")
    assert [getattr(after, name) for name in shown] == [getattr(before, name) for name in shown]


def test_what_possible_allows_act_accepts() -> None:
    events = log(OPENED, ACCEPTED)
    now = at("03-03 15:00")
    for option in possible(WORLD, replay(WORLD, "matter", events, now), events, POLICE, now):
        (event,) = act(WORLD, "matter", events, action=option.action, actor=POLICE, occurred_at=now, recorded_at=now)
        assert event.type == option.action


def test_sixty_events_and_thirty_deadlines_are_folded() -> None:
    """The goal is about 5 ms; the bound leaves room for a machine that has other work."""
    steps = [
        step(f"s{i}", action("go", f"s{(i + 1) % 10}"), action("seen", stay=True), by=by("市公安局"),
             deadlines=(period(f"d{i}", "3 working days", "go", "seen", step=f"s{i}"),))
        for i in range(10)
    ]  # fmt: skip
    rules = procedure(
        *steps,
        deadlines=tuple(
            period(f"c{i}", "2 hours", "opened", "go", while_=feel('level = "红"') if i % 2 else None)
            for i in range(20)
        ),
    )
    entries: list[Any] = [("opened", "03-01 00:00", {"level": "红"})]
    for i in range(59):
        entries.append(
            ("go" if i % 2 else "seen", f"03-{1 + i // 24:02} {i % 24:02}:30", {"n": i} if i % 6 == 0 else {})
        )
    w, events = world(rules), log(*entries)
    state = replay(w, "matter", events, at("04-01 09:00"))
    assert len(state.deadlines) >= 30

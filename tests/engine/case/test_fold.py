"""A case is the fold of its events in the order of the log."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.small import action, at, by, feel, log, procedure, step, world

from gongbao.engine.case.fold import Fold
from gongbao.engine.case.state import fold_of, replay
from gongbao.engine.model import Event

MATTER = procedure(
    step("intake", action("accepted", "handling"), action("refused", "closed"), by=by("<话务员>")),
    step("handling", action("reported", stay=True), action("replied", "archive"), by=by("市公安局")),
    step("archive", action("archived", "closed"), action("again", "handling"), by=by("<话务员>")),
    anytime=(action("urged", stay=True), action("moved", "handling"), action("merged", "closed")),
)
WORLD = world(MATTER)
NOW = at("04-01 09:00")


def steps(*entries: object, rules: object = None) -> list[str]:
    w = WORLD if rules is None else world(rules)  # type: ignore[arg-type]
    state = replay(w, "matter", log(*entries), NOW)  # type: ignore[arg-type]
    return [s.id if s.each_key is None else f"{s.id}:{s.each_key}" for s in state.steps]


OPENED = ("opened", "03-01 09:00")


class TestSteps:
    def test_opening_enters_the_first_step(self) -> None:
        assert steps(OPENED) == ["intake"]

    def test_an_action_leaves_its_step_and_enters_the_next(self) -> None:
        assert steps(OPENED, ("accepted", "03-01 09:05")) == ["handling"]

    def test_an_action_that_stays_leaves_the_step_open(self) -> None:
        assert steps(OPENED, ("accepted", "03-01 09:05"), ("reported", "03-01 09:10")) == ["handling"]

    def test_closed_ends_the_case(self) -> None:
        state = replay(WORLD, "matter", log(OPENED, ("refused", "03-01 09:05")), NOW)
        assert (state.steps, state.closed_at) == ((), at("03-01 09:05"))

    def test_coming_back_is_a_new_visit(self) -> None:
        entries = [OPENED, ("accepted", "03-01 09:05"), ("replied", "03-01 10:00"), ("again", "03-01 11:00")]
        state = replay(WORLD, "matter", log(*entries), NOW)
        assert [(s.id, s.visit, s.entered_at) for s in state.steps] == [("handling", 2, at("03-01 11:00"))]

    def test_an_anytime_action_that_stays_moves_nothing(self) -> None:
        assert steps(OPENED, ("urged", "03-01 09:05")) == ["intake"]

    def test_an_anytime_action_with_a_target_moves_the_whole_case(self) -> None:
        assert steps(OPENED, ("moved", "03-01 09:05")) == ["handling"]
        assert steps(OPENED, ("merged", "03-01 09:05")) == []

    def test_events_are_found_by_the_action_they_name_when_two_share_an_event(self) -> None:
        review = procedure(
            step("review", action("agreed", "a", event="reviewed"), action("refused", "b", event="reviewed")),
            step("a"), step("b"),
        )  # fmt: skip
        given_refusal = ("reviewed", "03-01 09:05", {}, {"data": {"action": "refused"}, "step": "review"})
        assert steps(OPENED, given_refusal, rules=review) == ["b"]

    def test_two_steps_start_together(self) -> None:
        both = procedure(step("a", action("done_a", "c", join="all")), step("b", action("done_b", "c", join="all")),
                         step("c"), start=("a", "b"))  # fmt: skip
        assert steps(OPENED, rules=both) == ["a", "b"]
        assert steps(OPENED, ("done_a", "03-01 10:00"), rules=both) == ["b"]
        assert steps(OPENED, ("done_a", "03-01 10:00"), ("done_b", "03-01 11:00"), rules=both) == ["c"]


def fan(join: object) -> object:
    return procedure(
        step("start", action("spread", "a", "b", "c")),
        *(step(s, action(f"{s}_done", "end", join=join), action(f"{s}_dropped", f"{s}2")) for s in "abc"),
        *(step(f"{s}2", action(f"{s}2_done", "end", join=join)) for s in "abc"),
        step("end"),
    )


class TestFanOut:
    def test_several_targets_run_side_by_side(self) -> None:
        assert steps(OPENED, ("spread", "03-01 09:05"), rules=fan("all")) == ["a", "b", "c"]

    def test_all_waits_for_every_branch(self) -> None:
        two = [OPENED, ("spread", "03-01 09:05"), ("a_done", "03-01 10:00"), ("c_done", "03-01 11:00")]
        assert steps(*two, rules=fan("all")) == ["b"]
        assert steps(*two, ("b_done", "03-01 12:00"), rules=fan("all")) == ["end"]

    def test_a_branch_that_goes_another_way_is_waited_for_there(self) -> None:
        entries = [OPENED, ("spread", "03-01 09:05"), ("a_done", "03-01 10:00"), ("c_done", "03-01 11:00"),
                   ("b_dropped", "03-01 12:00")]  # fmt: skip
        assert steps(*entries, rules=fan("all")) == ["b2"]
        assert steps(*entries, ("b2_done", "03-01 13:00"), rules=fan("all")) == ["end"]

    def test_any_leads_on_with_the_first_and_ends_the_others(self) -> None:
        assert steps(OPENED, ("spread", "03-01 09:05"), ("b_done", "03-01 10:00"), rules=fan("any")) == ["end"]

    def test_a_number_waits_for_so_many(self) -> None:
        one = [OPENED, ("spread", "03-01 09:05"), ("b_done", "03-01 10:00")]
        assert steps(*one, rules=fan(2)) == ["a", "c"]
        assert steps(*one, ("a_done", "03-01 11:00"), rules=fan(2)) == ["end"]


class TestWhen:
    RULES = procedure(
        step("intake", action("accepted", "check", "handling")),
        step("check", action("checked", stay=True), when=feel("urgent = true")),
        step("handling"),
    )

    def test_a_step_whose_condition_holds_is_entered(self) -> None:
        assert steps(OPENED, ("accepted", "03-01 09:05", {"urgent": True}), rules=self.RULES) == ["check", "handling"]

    def test_a_step_whose_condition_is_false_or_unknown_is_passed_over(self) -> None:
        assert steps(OPENED, ("accepted", "03-01 09:05", {"urgent": False}), rules=self.RULES) == ["handling"]
        assert steps(OPENED, ("accepted", "03-01 09:05"), rules=self.RULES) == ["handling"]

    def test_the_condition_is_asked_when_the_step_is_entered_and_not_again(self) -> None:
        entries = [
            OPENED,
            ("accepted", "03-01 09:05", {"urgent": True}),
            ("recorded", "03-01 10:00", {"urgent": False}),
        ]
        assert steps(*entries, rules=self.RULES) == ["check", "handling"]


class TestEach:
    RULES = procedure(
        step("intake", action("accepted", "reply")),
        step(
            "reply", action("sent", "archive", join="all"), action("asked", stay=True), each=("author", feel("authors"))
        ),
        step("archive"),
    )
    TWO = (("opened", "03-01 09:00", {"authors": ["甲", "乙"]}), ("accepted", "03-01 09:05"))

    def test_one_instance_per_key(self) -> None:
        assert steps(*self.TWO, rules=self.RULES) == ["reply:甲", "reply:乙"]

    def test_each_event_carries_its_key(self) -> None:
        one = [*self.TWO, ("sent", "03-01 10:00", {}, {"each_key": "乙"})]
        assert steps(*one, rules=self.RULES) == ["reply:甲"]
        assert steps(*one, ("sent", "03-01 11:00", {}, {"each_key": "甲"}), rules=self.RULES) == ["archive"]

    def test_an_event_without_a_key_among_several_moves_none(self) -> None:
        state = replay(world(self.RULES), "matter", log(*self.TWO, ("sent", "03-01 10:00")), NOW)
        assert [s.each_key for s in state.steps] == ["甲", "乙"]
        assert len(state.problems) == 1

    def test_one_key_alone_still_joins(self) -> None:
        entries = [("opened", "03-01 09:00", {"authors": ["甲"]}), ("accepted", "03-01 09:05"), ("sent", "03-01 10:00")]
        assert steps(*entries, rules=self.RULES) == ["archive"]


class TestFacts:
    def test_the_later_entry_wins(self) -> None:
        events = log(("opened", "03-01 09:00", {"n": 1}), ("recorded", "03-01 10:00", {"n": 2}))
        assert replay(WORLD, "matter", events, NOW).facts == {"n": 2}

    def test_later_means_written_down_later_not_happened_later(self) -> None:
        late = log(
            ("opened", "03-01 09:00"), ("recorded", "03-01 12:00", {"n": 2}), ("recorded", "03-01 11:00", {"n": 3})
        )
        assert replay(WORLD, "matter", late, NOW).facts == {"n": 3}

    def test_the_order_in_which_events_are_handed_over_does_not_matter(self) -> None:
        events = log(("opened", "03-01 09:00", {"n": 1}), ("recorded", "03-01 10:00", {"n": 2}))
        assert replay(WORLD, "matter", reversed(events), NOW) == replay(WORLD, "matter", events, NOW)


class TestVoiding:
    BEFORE = (("opened", "03-01 09:00", {"n": 1}), ("accepted", "03-01 09:05", {"n": 2}))

    def test_a_voided_event_is_as_if_it_had_not_been(self) -> None:
        voided = log(
            *self.BEFORE, ("voided", "03-01 10:00", {}, {"data": {"seq": 2, "reason": "误登", "approver": "李"}})
        )
        state = replay(WORLD, "matter", voided, NOW)
        assert ([s.id for s in state.steps], state.facts, state.voided) == (["intake"], {"n": 1}, frozenset({2}))

    def test_voiding_a_voiding_restores(self) -> None:
        entries = [*self.BEFORE, ("voided", "03-01 10:00", {}, {"data": {"seq": 2}}),
                   ("voided", "03-01 10:05", {}, {"data": {"seq": 3}})]  # fmt: skip
        state = replay(WORLD, "matter", log(*entries), NOW)
        assert ([s.id for s in state.steps], state.facts, state.voided) == (["handling"], {"n": 2}, frozenset({3}))

    def test_voiding_the_closing_opens_the_case_again(self) -> None:
        entries = [OPENED, ("refused", "03-01 09:05"), ("voided", "03-01 10:00", {}, {"data": {"seq": 2}})]
        assert steps(*entries) == ["intake"]


class TestProblems:
    def problems(self, *entries: object) -> tuple[str, ...]:
        return replay(WORLD, "matter", log(*entries), NOW).problems  # type: ignore[arg-type]

    def test_an_event_the_procedure_does_not_know_is_told(self) -> None:
        assert self.problems(OPENED, ("flown", "03-01 09:05")) == ("第2号事件“flown”不是“事项办理”的动作",)

    def test_an_action_of_a_step_that_is_not_open_is_told_and_moves_nothing(self) -> None:
        assert "没有开着" in self.problems(OPENED, ("archived", "03-01 09:05"))[0]
        assert steps(OPENED, ("archived", "03-01 09:05")) == ["intake"]

    def test_an_action_after_closing_is_told(self) -> None:
        assert "办结之后" in self.problems(OPENED, ("refused", "03-01 09:05"), ("accepted", "03-01 09:10"))[0]

    def test_a_sound_log_has_none(self) -> None:
        assert self.problems(OPENED, ("accepted", "03-01 09:05"), ("note", "03-01 09:06")) == ()


class TestHistory:
    RULES = procedure(
        step("a", action("go", "b")), step("b", action("back", "a"), action("seen", stay=True), action("go2", "a")),
    )  # fmt: skip

    def value(self, text: str, *entries: object) -> object:
        fold = fold_of(world(self.RULES), "matter", log(*entries))  # type: ignore[arg-type]
        return feel(text).evaluate(fold.scope(NOW, at=fold.open[0]))

    def test_first_and_last_are_by_when_it_happened(self) -> None:
        entries = [OPENED, ("go", "03-01 10:00"), ("seen", "03-01 12:00"), ("seen", "03-01 11:00")]
        assert self.value("first(seen)", *entries) == at("03-01 11:00")
        assert self.value("last(seen)", *entries) == at("03-01 12:00")
        assert self.value("times(seen)", *entries) == 2

    def test_this_visit_forgets_the_visit_before(self) -> None:
        entries = [
            OPENED,
            ("go", "03-01 10:00"),
            ("seen", "03-01 11:00"),
            ("back", "03-01 12:00"),
            ("go", "03-01 13:00"),
        ]
        assert self.value("this_visit(seen)", *entries) is None
        assert self.value("this_visit(go)", *entries) == at("03-01 13:00")

    def test_what_never_happened_is_null(self) -> None:
        assert self.value("last(seen)", OPENED) is None


# -------------------------------------------------------------------------------------------------------- properties

TYPES = [
    "accepted",
    "refused",
    "reported",
    "replied",
    "archived",
    "again",
    "urged",
    "moved",
    "recorded",
    "note",
    "voided",
]


@st.composite
def logs(draw: st.DrawFn) -> tuple[Event, ...]:
    """Any log at all: also with events out of place, after closing, and with voidings of anything."""
    entries: list[tuple[object, ...]] = [("opened", "03-01 09:00", {"n": 0})]
    for seq in range(2, draw(st.integers(2, 14))):
        type_ = draw(st.sampled_from(TYPES))
        data = {"seq": draw(st.integers(1, seq - 1))} if type_ == "voided" else {}
        facts = {"n": draw(st.integers(0, 3))} if type_ == "recorded" else {}
        entries.append((type_, f"03-01 {draw(st.integers(9, 20)):02}:00", facts, {"data": data}))
    return log(*entries)  # type: ignore[arg-type]


@given(logs())
def test_taking_events_one_by_one_equals_a_replay_of_every_prefix(events: tuple[Event, ...]) -> None:
    from gongbao.engine.case.state import state_of

    running = Fold(WORLD, MATTER)
    for n, event in enumerate(events, 1):
        running.apply(event)
        assert state_of(running, NOW) == replay(WORLD, "matter", events[:n], NOW)


@given(logs(), st.sampled_from([t for t in TYPES if t != "voided"]))
def test_voiding_the_last_entry_gives_back_the_former_state(events: tuple[Event, ...], type_: str) -> None:
    before = replay(WORLD, "matter", events, NOW)
    last = Event(type_, len(events) + 1, at("03-02 09:00"), at("03-02 09:00"), facts={"n": 9})
    void = Event("voided", len(events) + 2, at("03-02 09:05"), at("03-02 09:05"), data={"seq": last.seq})
    after = replay(WORLD, "matter", (*events, last, void), NOW)
    assert (after.steps, after.facts, after.closed_at, after.problems) == (
        before.steps, before.facts, before.closed_at, before.problems,
    )  # fmt: skip


@given(logs(), st.sampled_from([t for t in TYPES if t not in ("voided", "recorded")]))
def test_no_action_moves_a_closed_case(events: tuple[Event, ...], type_: str) -> None:
    closed = replay(WORLD, "matter", events, NOW)
    if closed.closed_at is None:
        return
    event = Event(type_, len(events) + 1, at("03-02 09:00"), at("03-02 09:00"))
    after = replay(WORLD, "matter", (*events, event), NOW)
    assert (after.steps, after.closed_at) == ((), closed.closed_at)

"""The time rules of one case: which have arisen, by when they must be met, and what became of them.

`states` judges one rule over the log of a case; `follow` judges all rules of a procedure and feeds the ends of waits
to the rules that start from them. Both are pure: the same log, calendar, settings and `now` give the same states.

How a rule becomes instances:

- A period, wait or right runs from its `from` moment. `pick: first` runs once; `last` restarts at every further
  occurrence (the instance before it, if open, is cancelled and kept); `this_visit` runs once per visit of its step.
- A rule of a step arises when the step is entered (or at `from`, if later) and is cancelled when the step is left
  unmet; without `met_by`, leaving the step is what meets it.
- `while` must hold (be true; unknown is not true). The instance arises when it first becomes true after `from`
  exists, counts from `from` all the same, and is cancelled, with its history, when it ceases to be true.
- `lead` is judged against a `before` moment that is known (a planned day in a fact, or the event itself).
- `repeat` cuts time into windows (`every` from its moment, `at` the end of each period, `at_least` n `per` period).
  One window is open at a time; an act keeps the window it falls in; a missed window lapses and stays breached.
- The end of the case cancels what is open, save what arises from that very event.

`breached` is a fact: not met by the last instant. Whether anybody is to blame is for a person, above all when
`past_when_known` (获知时已到期): the limit had passed before the event that gave rise to it was written down.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gongbao.engine.calendar import Calendar, add_months, localise, month_end, parse_day, parse_moment
from gongbao.engine.counting import END_OF_DAY, Due, Spell, due, end_of, in_time, limit_text, parse_limit
from gongbao.engine.log import CaseLog, Visit, when
from gongbao.engine.model import (
    Deadline,
    DeadlineState,
    Event,
    Expression,
    Limit,
    Moment,
    SettingRef,
    Value,
    Who,
)  # fmt: skip

if TYPE_CHECKING:
    from gongbao.engine.world import Setting

__all__ = [
    "END_OF_DAY", "CaseLog", "Due", "Snapshot", "Visit", "due", "follow", "in_time", "limit_text", "parse_limit",
    "states",
]  # fmt: skip

# What an expression could see right after an event, in the order of the log; made by the case fold.
Snapshot = tuple[Event, Mapping[str, Value]]
Resolve = Callable[[Sequence[Who]], tuple[str, ...]]


def _names(who: Sequence[Who]) -> tuple[str, ...]:
    return tuple(w.name for w in who)


@dataclass(frozen=True)
class _Sight:
    """What judging a rule may look at."""

    log: CaseLog
    now: dt.datetime
    calendar: Calendar
    settings: Mapping[str, Setting]
    snapshots: Sequence[Snapshot]
    resolve: Resolve
    end_of_day: dt.time

    @property
    def scope(self) -> Mapping[str, Value]:
        return self.snapshots[-1][1] if self.snapshots else {}


@dataclass(frozen=True)
class _Start:
    """The moment a rule runs from, the event that made it known, and the event at which the next one replaces it."""

    at: dt.datetime | dt.date
    event: Event
    visit: Visit | None = None
    next: Event | None = None

    @property
    def moment(self) -> dt.datetime:
        return self.at if isinstance(self.at, dt.datetime) else end_of(self.at, dt.time(0))

    @property
    def key(self) -> str | None:
        return self.visit.each_key if self.visit else None


@dataclass(frozen=True)
class _End:
    """What ended an instance that was not met, and when."""

    at: dt.datetime
    seq: int
    why: str


@dataclass(frozen=True)
class _Span:
    """One stretch in which a rule is in force: it arises at `arises`; `end` cuts it off unless it is met before."""

    start: _Start
    arises: dt.datetime
    known: dt.datetime  # when what gives rise to it had been written down
    end: _End | None


def follow(
    deadlines: Iterable[Deadline],
    log: CaseLog,
    now: dt.datetime,
    calendar: Calendar,
    *,
    settings: Mapping[str, Setting] | None = None,
    snapshots: Sequence[Snapshot] = (),
    resolve: Resolve = _names,
    end_of_day: dt.time = END_OF_DAY,
) -> tuple[list[DeadlineState], CaseLog]:
    """All instances of all rules, in the order of the rules; and the log with the ends of waits as moments.

    A wait with `then: publicity_over` that is over puts an event of that type at its end, from which other rules may
    start and which `first(publicity_over)` sees in the returned log.
    """
    deadlines = tuple(deadlines)
    sight = _Sight(log, localise(now), calendar, settings or {}, snapshots, resolve, end_of_day)
    waits = [d for d in deadlines if d.kind == "wait" and d.then]
    for _ in waits:  # a wait may start from the end of another; a chain is at most as long as there are waits
        ends = [
            _end_event(log, wait, state, known)
            for wait in waits
            for state, known in _instances(wait, sight)
            if state.status == "met"
        ]
        full = log.with_events(ends)
        if full == sight.log:
            break
        sight = replace(sight, log=full)
    return [state for d in deadlines for state, _ in _instances(d, sight)], sight.log


def states(
    deadline: Deadline,
    log: CaseLog,
    now: dt.datetime,
    calendar: Calendar,
    *,
    settings: Mapping[str, Setting] | None = None,
    snapshots: Sequence[Snapshot] = (),
    resolve: Resolve = _names,
    end_of_day: dt.time = END_OF_DAY,
) -> list[DeadlineState]:
    """The instances of one rule in one case, in the order in which they arose, up to `now`.

    settings: by name; a limit that refers to an empty one gives status `unset` and no due time.
    snapshots: (event, scope after it) in the order of the log; needed when the rule has `while` or an expression.
    resolve: from a rule's Who to the names of units or posts (default: the name as written).
    Raises KeyError for a setting that the pack does not have, ValueError for one whose value is no length of time.
    """
    sight = _Sight(log, localise(now), calendar, settings or {}, snapshots, resolve, end_of_day)
    return [state for state, _ in _instances(deadline, sight)]


def _instances(deadline: Deadline, sight: _Sight) -> list[tuple[DeadlineState, dt.datetime]]:
    """The instances, each with the moment at which what gave rise to it had been written down."""
    found: list[tuple[DeadlineState, dt.datetime]] = []
    met_starts: set[tuple[int, str | None]] = set()
    used: set[tuple[int, str | None]] = set()
    for span in _spans(deadline, sight):
        if (span.start.event.seq, span.start.key) in met_starts:
            continue  # its condition came back after the rule had been met from this very moment
        if span.arises > sight.now:
            continue  # a moment planned for later
        if deadline.kind == "repeat":
            found += [(state, span.known) for state in _windows(deadline, span, sight)]
            continue
        state = _judge(deadline, span, sight, used)
        if state.status in ("met", "met_late"):
            met_starts.add((span.start.event.seq, span.start.key))
        found.append((state, span.known))
    owner = sight.resolve(deadline.owner) if deadline.owner else ()
    return [(replace(s, owner=owner, instance=n), known) for n, (s, known) in enumerate(found, 1)]


# ------------------------------------------------------------------------------------------ where a rule is in force


def _spans(deadline: Deadline, sight: _Sight) -> Iterator[_Span]:
    condition = _condition(deadline.while_, sight)
    for start in _starts(deadline, sight.log):
        known = max(start.event.recorded_at, _entry(start, sight.log))
        for on, off in condition:
            if off and off.seq <= start.event.seq:
                continue  # the condition had gone before the moment came
            cut = [_left(start), None if deadline.kind == "lead" else _next_start(start), _closed(start, on, sight.log)]
            ends = [e for e in cut if e] + ([_End(off.occurred_at, off.seq, "条件不再成立")] if off else [])
            end = min(ends, key=lambda e: (e.seq, e.at)) if ends else None
            if on and end and start.event.seq < end.seq <= on.seq:
                continue  # over before the condition came
            arises = [_arises(deadline, start, sight.log)]
            if start.visit:
                arises.append(start.visit.entered_at)
            if on and on.seq > start.event.seq:
                arises.append(on.occurred_at)
            yield _Span(start, localise(max(arises)), max(known, on.recorded_at) if on else known, end)


def _arises(deadline: Deadline, start: _Start, log: CaseLog) -> dt.datetime:
    """The moment itself; for a rule counted backwards, its own `from`, else when the later moment became known."""
    if deadline.kind != "lead":
        return start.moment
    if deadline.from_ is not None and (found := _found(deadline.from_, log, start.visit)):
        at = found[0][0]
        return at if isinstance(at, dt.datetime) else end_of(at, dt.time(0))
    return start.event.occurred_at


def _condition(while_: Expression | None, sight: _Sight) -> list[tuple[Event | None, Event | None]]:
    """The spells in which the condition held: (event that made it true, event that ended it)."""
    if while_ is None:
        return [(None, None)]
    spells: list[tuple[Event | None, Event | None]] = []
    on: Event | None = None
    for event, scope in sight.snapshots:
        holds = while_.evaluate(scope) is True
        if holds and on is None:
            on = event
        elif not holds and on is not None:
            spells.append((on, event))
            on = None
    return [*spells, (on, None)] if on is not None else spells


def _starts(deadline: Deadline, log: CaseLog) -> Iterator[_Start]:
    moment = deadline.before if deadline.kind == "lead" else deadline.from_
    if deadline.step is None or not log.visits:
        yield from _chain(_found(moment, log, None), moment, None)
        return
    for visit in sorted((v for v in log.visits if v.step == deadline.step), key=lambda v: v.entered_seq):
        found = [
            (at, e) for at, e in _found(moment, log, visit) if visit.left_seq is None or e.seq < visit.left_seq
        ]  # fmt: skip
        inside = [(at, e) for at, e in found if e.seq >= visit.entered_seq]
        if moment is None:
            found = [(visit.entered_at, e) for e in log.events if e.seq == visit.entered_seq]
        elif moment.kind != "fact" and moment.pick == "this_visit":
            found = inside
        elif moment.kind != "fact" and moment.pick == "last":
            earlier = [(at, e) for at, e in found if e.seq < visit.entered_seq]
            found = (earlier[-1:] if not inside or inside[0][1].seq != visit.entered_seq else []) + inside
        yield from _chain(found, moment, visit)


def _found(moment: Moment | None, log: CaseLog, visit: Visit | None) -> list[tuple[dt.datetime | dt.date, Event]]:
    """The occurrences of a moment, by when they occurred; without a moment, the opening of the case."""
    if moment is None:
        return [(e.occurred_at, e) for e in log.events[:1]]
    if moment.kind == "fact":
        known = log.fact(moment.name, visit.left_seq if visit else None)
        at = _time(known[0]) if known else None
        return [(at, known[1])] if known and at is not None else []
    if moment.kind == "decided":
        return [(e.occurred_at, e) for e in log.decisions(moment.name, moment.where)]
    return [(e.occurred_at, e) for e in log.matching(moment.name, moment.where, visit.each_key if visit else None)]


def _chain(
    found: Sequence[tuple[dt.datetime | dt.date, Event]], moment: Moment | None, visit: Visit | None
) -> Iterator[_Start]:
    if moment is None or moment.kind == "fact" or moment.pick == "first":
        found = found[:1]
    for i, (at, event) in enumerate(found):
        after = found[i + 1][1] if i + 1 < len(found) else None
        yield _Start(localise(at) if isinstance(at, dt.datetime) else at, event, visit, after)


def _entry(start: _Start, log: CaseLog) -> dt.datetime:
    """When the entry into the step was written down."""
    if start.visit is None:
        return start.event.recorded_at
    return next((e.recorded_at for e in log.events if e.seq == start.visit.entered_seq), start.event.recorded_at)


def _left(start: _Start) -> _End | None:
    visit = start.visit
    if visit is None or visit.left_seq is None or visit.left_at is None:
        return None
    return _End(visit.left_at, visit.left_seq, "已离开该环节")


def _next_start(start: _Start) -> _End | None:
    return _End(start.next.occurred_at, start.next.seq, "重新起算") if start.next else None


def _closed(start: _Start, on: Event | None, log: CaseLog) -> _End | None:
    if log.closed is None or max(start.event.seq, on.seq if on else 0) >= log.closed.seq:
        return None
    return _End(log.closed.occurred_at, log.closed.seq, "事项已办结")


# ---------------------------------------------------------------------------------------------------- one instance


def _judge(deadline: Deadline, span: _Span, sight: _Sight, used: set[tuple[int, str | None]]) -> DeadlineState:
    met = _met(deadline, span, sight, used)
    counted = _counted(deadline, span, sight, met)
    state = DeadlineState(
        id=deadline.id, label=deadline.label, cite=deadline.cite, kind=deadline.kind, status="running",
        arises_at=span.arises, due=None, step=deadline.step, explain="",
    )  # fmt: skip
    end = span.end
    if isinstance(counted, str):
        if met:
            return replace(state, status="met", met_at=localise(met.occurred_at), explain=counted)
        if end:
            return replace(state, status="cancelled", explain=f"{counted}；{end.why}")
        return replace(state, status="unset", explain=counted)
    last, explain, paused = counted.at, counted.explain, counted.paused
    state = replace(state, due=last, explain=explain)
    if deadline.kind == "wait":
        if end and localise(end.at) < last:
            return replace(state, status="cancelled", explain=f"{explain}；{end.why}")
        if sight.now >= last:
            return replace(state, status="met", met_at=last)
        return replace(state, status="paused" if paused else "waiting")
    if deadline.kind == "right":
        if met and in_time(met.occurred_at, last):
            return replace(state, status="met", met_at=localise(met.occurred_at))
        if end and in_time(end.at, last):
            return replace(state, status="cancelled", explain=f"{explain}；{end.why}")
        if sight.now > last:
            return replace(state, status="lapsed", lapsed_at=last)
        return replace(state, status="paused" if paused else "running")
    if met and in_time(met.occurred_at, last):
        return replace(state, status="met", met_at=localise(met.occurred_at))
    late = localise(span.known) > last
    state = replace(state, past_when_known=late, explain=f"{explain}；获知时已到期" if late else explain)
    if met:
        return replace(state, status="met_late", met_at=localise(met.occurred_at), breached=True)
    if end:
        return replace(
            state, status="cancelled", breached=not in_time(end.at, last), explain=f"{state.explain}；{end.why}"
        )
    if sight.now > last:
        return replace(state, status="overdue", breached=True)
    return replace(state, status="paused" if paused else "running")


def _met(deadline: Deadline, span: _Span, sight: _Sight, used: set[tuple[int, str | None]]) -> Event | None:
    """The event that meets this instance: the first after `from` that no earlier instance took."""
    if deadline.kind == "wait":
        return None
    start, end = span.start, span.end
    if deadline.met_by is None:
        if deadline.kind == "right":  # exercised, or not; leaving the step is neither
            events: Sequence[Event] = sight.log.matching(deadline.closes) if deadline.closes else ()
        else:
            visit = start.visit
            if visit is None or visit.left_seq is None:
                return None
            if end and end.seq < visit.left_seq:
                return None
            return next((e for e in sight.log.events if e.seq == visit.left_seq), None)
    else:
        events = _occurrences(deadline.met_by, sight.log, start.visit)
    events = [e for e in events if e is not start.event and (e.seq, start.key) not in used and _before(e, start)]
    if deadline.kind == "lead":
        early = [e for e in events if localise(e.occurred_at) <= start.moment]
        met = _told_all(deadline, early, sight) or _told_all(deadline, events, sight)
    else:
        met = _told_all(deadline, [e for e in events if localise(e.occurred_at) >= start.moment], sight)
    if met is None or (end and met.seq > end.seq and met.occurred_at > end.at):
        return None
    used.add((met.seq, start.key))
    return met


def _before(event: Event, start: _Start) -> bool:
    return start.next is None or when(event) < when(start.next)


def _occurrences(moment: Moment, log: CaseLog, visit: Visit | None = None) -> Sequence[Event]:
    if moment.kind == "decided":
        return log.decisions(moment.name, moment.where)
    if moment.kind == "fact":
        known = log.fact(moment.name)
        at = _time(known[0]) if known else None
        if known is None or at is None:
            return ()
        at = at if isinstance(at, dt.datetime) else end_of(at, dt.time(0))
        return (replace(known[1], occurred_at=at),)
    return log.matching(moment.name, moment.where, visit.each_key if visit else None)


def _told_all(deadline: Deadline, events: Sequence[Event], sight: _Sight) -> Event | None:
    """The first event, or, where `to` names recipients, the event that completes them (data or facts: `to`)."""
    moment = deadline.met_by
    if moment is None or not moment.to:
        return events[0] if events else None
    wanted = set(sight.resolve(moment.to))
    for event in events:
        told = event.data.get("to", event.facts.get("to", ()))
        wanted -= {told} if isinstance(told, str) else set(told or ())
        if not wanted:
            return event
    return None


# -------------------------------------------------------------------------------------------------------- counting


@dataclass(frozen=True)
class _Counted:
    at: dt.datetime
    explain: str
    paused: bool = False


def _counted(deadline: Deadline, span: _Span, sight: _Sight, met: Event | None) -> _Counted | str:
    """The due time, or in Chinese why there is none yet."""
    if deadline.kind == "date":
        return _date(deadline, sight)
    limit = _limit(deadline.limit, sight.settings)
    if isinstance(limit, str):
        return limit
    if deadline.kind == "lead":
        counted = due(limit, span.start.at, sight.calendar, "lead", sight.end_of_day)
        return _Counted(counted.at, counted.explain)
    until = min([sight.now, *([met.occurred_at] if met else []), *([span.end.at] if span.end else [])])
    pauses, open_pause = _pauses(deadline, sight.log, until)

    def count(extensions: Sequence[Limit]) -> Due:
        return due(
            limit, span.start.at, sight.calendar, deadline.kind, sight.end_of_day,
            pauses=pauses, extensions=extensions, roll=deadline.roll,
        )  # fmt: skip

    granted: list[Limit] = []
    notes: list[str] = []
    for event in _extensions(deadline, span, sight.log, until):
        if len(granted) == (deadline.extend.times if deadline.extend else 0):
            notes.append(f"已延期{len(granted)}次，不再延长")
            break
        if not in_time(event.occurred_at, count(granted).at):
            notes.append(f"{event.occurred_at:%Y-%m-%d %H:%M}的延期在到期之后，不计")
            continue
        try:
            length, note = _granted(deadline, event, sight.settings)
        except ValueError as error:  # written down long ago: it is told, not thrown at the reader of the case
            length, note = None, f"延期未计：{error}"
        granted += [length] if length else []
        notes += [note] if note else []
    counted = count(granted)
    paused = open_pause and in_time(until, counted.at)
    if paused:
        notes.append("暂停中，恢复后顺延")
    return _Counted(counted.at, "；".join([counted.explain, *notes]), paused)


def _date(deadline: Deadline, sight: _Sight) -> _Counted | str:
    on = deadline.on_or_before
    value: Any = on
    if on is not None and not isinstance(on, dt.date):
        # `2023-10` written plainly is a month, not a subtraction.
        try:
            value = parse_day(on.text.strip("\"' "))
        except ValueError:
            value = on.evaluate(sight.scope)
    at = _time(value)
    if at is None:
        return "到期日尚不确定"
    if isinstance(at, dt.datetime):
        return _Counted(at, f"最迟{at:%Y-%m-%d %H:%M}，不顺延")
    return _Counted(end_of(at, sight.end_of_day), f"最迟{at}，不因休息日顺延")


def _pauses(deadline: Deadline, log: CaseLog, until: dt.datetime) -> tuple[list[Spell], bool]:
    """The spells of the pauses opened up to `until`, and whether one is open then (it counts as lasting till then)."""
    spells: list[Spell] = []
    is_open = False
    for opens, closes in deadline.pause:
        opened: Event | None = None
        for event in sorted((*log.matching(opens), *(log.matching(closes) if closes != opens else ())), key=when):
            if event.occurred_at > until:
                break
            if event.type == opens:
                opened = opened or event
            elif opened is not None:
                spells.append((opened.occurred_at, event.occurred_at))
                opened = None
        if opened is not None:
            spells.append((opened.occurred_at, until))
            is_open = True
    return spells, is_open


def _extensions(deadline: Deadline, span: _Span, log: CaseLog, until: dt.datetime) -> list[Event]:
    if deadline.extend is None:
        return []
    key = span.start.visit.each_key if span.start.visit else None
    return [
        e
        for e in log.matching(deadline.extend.event, None, key)
        if span.start.moment <= localise(e.occurred_at)
        and e.occurred_at <= until
        and _before(e, span.start)
        and e.data.get("deadline") in (None, deadline.id)
    ]


def _granted(deadline: Deadline, event: Event, settings: Mapping[str, Setting]) -> tuple[Limit | None, str]:
    """How long an extension event extends: its `limit` (data or facts), at most `max`; without one, `max`."""
    assert deadline.extend is not None
    most = _limit(deadline.extend.max, settings)
    asked = event.data.get("limit", event.facts.get("limit"))
    length = parse_limit(asked) if asked is not None else None
    if isinstance(most, str):
        return length, "" if length else f"延期未计：{most}"
    if length is None:
        return most, ""
    if length.unit != most.unit:
        return most, f"延期以{limit_text(most)}为限（申请{limit_text(length)}）"
    if length.amount > most.amount:
        return most, f"申请延期{limit_text(length)}，以{limit_text(most)}为限"
    return length, ""


def _limit(limit: Limit | SettingRef | None, settings: Mapping[str, Setting]) -> Limit | str:
    """The length, or in Chinese which setting is empty and whose it is."""
    if isinstance(limit, Limit):
        return limit
    if limit is None:
        raise ValueError("时限没有写 limit")
    setting = _setting(limit, settings)
    value = setting.value
    if value is None:
        return f"时限尚未设定：须由{setting.owner}设定“{setting.label}”"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if value != int(value) or value < 0:
            raise ValueError(f"设置“{setting.label}”的值 {value} 不能作时限；须为不小于0的整数")
        value = f"{int(value)}{setting.unit or ''}"
    try:
        return parse_limit(value)
    except ValueError as error:
        raise ValueError(f"设置“{setting.label}”（{setting.name}）：{error}") from None


def _setting(ref: SettingRef, settings: Mapping[str, Setting]) -> Setting:
    if ref.name not in settings:
        raise KeyError(f"没有这项设置：{ref.name}；有：{'、'.join(settings) or '无'}")
    return settings[ref.name]


def _time(value: Any) -> dt.datetime | dt.date | None:
    if isinstance(value, str):
        try:
            value = parse_moment(value)
        except ValueError:
            value = parse_day(value)
    if isinstance(value, dt.datetime):
        return localise(value)
    return value if isinstance(value, dt.date) else None


# ----------------------------------------------------------------------------------------------------- repetitions

_PERIODS = {"day": "日", "week": "周", "month": "月", "quarter": "季", "half year": "半年", "year": "年"}


def _windows(deadline: Deadline, span: _Span, sight: _Sight) -> Iterator[DeadlineState]:
    """The windows of a repeating rule from where it arises to its end or `now`."""
    end = span.end
    if deadline.until is not None:
        for event in _occurrences(deadline.until, sight.log, span.start.visit):
            if when(event) > when(span.start.event) and (end is None or event.seq < end.seq):
                end = _End(event.occurred_at, event.seq, "已终止")
                break
    limit: Limit | None = None
    need = 1
    for problem in (
        _limit(deadline.every, sight.settings) if deadline.every is not None else None,
        _need(deadline, sight.settings),
    ):
        if isinstance(problem, str):
            yield DeadlineState(
                id=deadline.id, label=deadline.label, cite=deadline.cite, kind=deadline.kind,
                status="cancelled" if end else "unset", arises_at=span.arises, due=None, step=deadline.step,
                explain=f"{problem}；{end.why}" if end else problem,
            )  # fmt: skip
            return
        if isinstance(problem, Limit):
            limit = problem
        elif isinstance(problem, int):
            need = problem
    events = [
        e
        for e in (_occurrences(deadline.met_by, sight.log, span.start.visit) if deadline.met_by else ())
        if e is not span.start.event and (end is None or e.seq <= end.seq or e.occurred_at <= end.at)
    ]
    times = [localise(e.occurred_at) for e in events]
    position = bisect_left(times, span.arises)
    opened = span.arises
    for last, explain in _ends(deadline, limit, need, span, sight):
        if opened != span.arises and (sight.now <= opened or (end and localise(end.at) <= opened)):
            return  # the next window opens after the last instant of the one before
        after = bisect_right(times, last, lo=position)
        inside, position = times[position:after], after
        state = DeadlineState(
            id=deadline.id, label=deadline.label, cite=deadline.cite, kind=deadline.kind, status="running",
            arises_at=opened, due=last, step=deadline.step, explain=explain,
        )  # fmt: skip
        if deadline.met_by is None:
            # Nothing in the log can keep it: only the running window is told, as a schedule.
            if sight.now <= last and end is None:
                yield state
        elif len(inside) >= need:
            yield replace(state, status="met", met_at=inside[need - 1])
        elif end and in_time(end.at, last):
            yield replace(state, status="cancelled", explain=f"{explain}；{end.why}")
        elif sight.now > last:
            late = localise(span.known) > last
            note = "；获知时已到期" if late else ""
            yield replace(
                state, status="lapsed", lapsed_at=last, breached=True, past_when_known=late,
                explain=f"{explain}；已{len(inside)}次{note}" if need > 1 else f"{explain}{note}",
            )  # fmt: skip
        else:
            yield state
        opened = last


def _need(deadline: Deadline, settings: Mapping[str, Setting]) -> int | str:
    if deadline.at_least is None:
        return 1
    if isinstance(deadline.at_least, int):
        return deadline.at_least
    setting = _setting(deadline.at_least, settings)
    if setting.value is None:
        return f"次数尚未设定：须由{setting.owner}设定“{setting.label}”"
    return int(setting.value)


def _ends(
    deadline: Deadline, limit: Limit | None, need: int, span: _Span, sight: _Sight
) -> Iterator[tuple[dt.datetime, str]]:
    """The last instants of the windows, without end."""
    if limit is not None:
        if limit.amount < 1:
            raise ValueError(f"时限“{deadline.label}”的 every 须大于0，现为 {limit_text(limit)}")
        n = 0
        while True:
            n += 1
            start = span.arises if span.arises > span.start.moment else span.start.at
            counted = due(replace(limit, amount=limit.amount * n), start, sight.calendar, "repeat", sight.end_of_day)
            yield counted.at, f"每{limit_text(limit)}一次，第{n}次；{counted.explain}"
    period = deadline.per or (deadline.at or "").removesuffix(" end")
    if period not in _PERIODS:
        allowed = "、".join(f"{p} end" for p in _PERIODS)
        raise ValueError(f"时限“{deadline.label}”的 at 有误：{deadline.at!r}；可为 {allowed}")
    day = span.arises.date()
    while True:
        last = _period_end(period, day)
        often = f"每{_PERIODS[period]}不少于{need}次" if deadline.at_least is not None else f"每{_PERIODS[period]}末"
        yield end_of(last, sight.end_of_day), f"{often}，本期至{last}"
        day = last + dt.timedelta(days=1)


def _period_end(period: str, day: dt.date) -> dt.date:
    """The last day of the day, week (Sunday), month, quarter, half year or year that `day` is in."""
    if period == "day":
        return day
    if period == "week":
        return day + dt.timedelta(days=6 - day.weekday())
    months = {"month": 1, "quarter": 3, "half year": 6, "year": 12}[period]
    first = day.replace(day=1, month=(day.month - 1) // months * months + 1)
    last = add_months(first, months - 1)
    return month_end(last.year, last.month)


def _end_event(log: CaseLog, wait: Deadline, state: DeadlineState, known: dt.datetime) -> Event:
    """The end of a wait as a moment. It carries the sequence number of the last event before it."""
    assert wait.then is not None
    assert state.due is not None
    return Event(
        type=wait.then,
        seq=max((e.seq for e in log.events if e.occurred_at <= state.due), default=0),
        occurred_at=state.due,
        recorded_at=max(state.due, known),
        source="系统",
        step=wait.step,
        data={"deadline": wait.id},
    )

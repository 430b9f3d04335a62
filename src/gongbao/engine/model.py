"""The words of the engine: what a compiled procedure consists of, what happens to a case, and what follows from it.

A pack's files (policy.schema) say how these are written down; here is what they mean, with expressions compiled.
Times are timezone-aware datetimes in Asia/Shanghai.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Value = Any  # a FEEL value: None, bool, int, Decimal, str, date, datetime, timedelta, list, dict, Series ...
CLOSED = "closed"


class Expression(Protocol):
    """A compiled FEEL expression (feel.compile.CompiledExpression)."""

    @property
    def text(self) -> str: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    def evaluate(self, scope: Mapping[str, Value]) -> Value: ...


# ---------------------------------------------------------------------------------------------------------- who


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody named by a rule: `kind` is unit, post, role, body, party, group, fact, decision or relative."""

    kind: Literal["unit", "post", "role", "body", "party", "group", "fact", "decision", "relative"]
    name: str
    level: str | None = None
    place: Expression | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is at the keyboard: the account, the unit acted for, its posts and roles."""

    account: str
    unit: str
    roles: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()


# -------------------------------------------------------------------------------------------------------- deadlines


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of time as a rule counts it: `3 working days`, `2 hours`, `1 month`."""

    amount: int
    unit: Literal["minutes", "hours", "days", "working days", "weeks", "months", "years"]


@dataclass(frozen=True, slots=True)
class SettingRef:
    name: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment named by a rule: an event (first, last, of this visit of the step), a fact's time, a decided level."""

    kind: Literal["event", "fact", "decided"]
    name: str
    pick: Literal["first", "last", "this_visit"] = "last"
    where: Mapping[str, Value] = field(default_factory=dict)
    to: tuple[Who, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    max: Limit | SettingRef
    times: int = 1
    by: Who | None = None
    event: str = "extended"
    requires: Expression | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """One time rule; see policy.schema.DeadlineSpec for the kinds."""

    id: str
    label: str
    cite: str
    kind: Literal["period", "date", "wait", "right", "lead", "repeat"] = "period"
    limit: Limit | SettingRef | None = None
    on_or_before: dt.date | Expression | None = None
    while_: Expression | None = None
    from_: Moment | None = None
    before: Moment | None = None
    met_by: Moment | None = None
    pause: tuple[tuple[str, str], ...] = ()  # (event that opens the pause, event that closes it)
    extend: Extension | None = None
    then: str | None = None
    closes: str | None = None
    every: Limit | SettingRef | None = None
    at: str | None = None
    at_least: int | SettingRef | None = None
    per: Literal["day", "week", "month", "quarter", "year"] | None = None
    until: Moment | None = None
    owner: tuple[Who, ...] = ()
    roll: bool | None = None
    by_time: dt.time | None = None  # at which its last day ends for this rule
    step: str | None = None  # the step it belongs to; None: the whole case


@dataclass(frozen=True, slots=True)
class DeadlineState:
    """One instance of a deadline in one case. `due` is None while the limit is an unfilled setting.

    status: waiting (not yet arisen is not listed; a `wait` that runs), running, met, met_late, overdue, lapsed,
    cancelled (its level or step was left), unset (limit is an empty setting), paused.
    """

    id: str
    label: str
    cite: str
    kind: str
    status: Literal["waiting", "running", "met", "met_late", "overdue", "lapsed", "cancelled", "unset", "paused"]
    arises_at: dt.datetime
    due: dt.datetime | None
    met_at: dt.datetime | None = None
    met_recorded_at: dt.datetime | None = None  # when what met it was written down
    lapsed_at: dt.datetime | None = None
    breached: bool = False
    past_when_known: bool = False  # 获知时已到期: already past when it was first recorded
    owner: tuple[str, ...] = ()  # units or posts, resolved
    step: str | None = None
    instance: int = 1
    each_key: str | None = None  # of which instance of a step with `each`
    explain: str = ""  # how the due time was counted, in Chinese


# -------------------------------------------------------------------------------------------------------- procedure


@dataclass(frozen=True, slots=True)
class Opens:
    procedure: str
    link: str
    pack: str | None = None
    carry: tuple[str, ...] = ()
    site: str | None = None
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # event there -> actions here


@dataclass(frozen=True, slots=True)
class Action:
    id: str
    label: str
    by: tuple[Who, ...] = ()
    form: tuple[tuple[str, bool], ...] = ()  # (fact, required)
    sets: Mapping[str, Value] = field(default_factory=dict)  # facts that the act itself says
    computes: Mapping[str, Expression] = field(default_factory=dict)  # facts worked out from the case and the form
    requires: Expression | None = None
    why: str | None = None
    to: tuple[str, ...] = ()
    stay: bool = False
    join: Literal["all", "any"] | int | None = None
    event: str = ""
    decides: str | None = None
    opens: Opens | None = None
    document: str | None = None
    on_behalf: bool = False
    cite: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    id: str
    label: str
    by: tuple[Who, ...] = ()
    cite: str | None = None
    when: Expression | None = None
    each: tuple[str, Expression] | None = None
    actions: Mapping[str, Action] = field(default_factory=dict)
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True)
class Decide:
    """Whose act makes a proposed decision the legal state of the case."""

    decision: str
    decided_by: tuple[Who, ...]
    cite: str | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    id: str
    do: str
    cite: str
    lead: tuple[Who, ...]
    with_: tuple[Who, ...] = ()
    while_: Expression | None = None
    on: Moment | None = None
    procedure: str | None = None
    each: str | None = None
    kind: Literal["mandatory", "advised", "health", "task"] = "mandatory"
    deadline: Deadline | None = None
    evidence: tuple[str, ...] = ()
    exempt: str | None = None
    includes_lower: bool = False
    on_lowering: Literal["cancel", "keep"] = "cancel"
    on_repeat: Literal["add", "replace"] = "add"
    done_by: Moment | None = None  # the act of the case that does the task


@dataclass(frozen=True, slots=True)
class Signal:
    """Words by which a matter of a procedure is recognised: `words` printed in the clause, `said` as people say it."""

    words: tuple[str, ...]
    said: tuple[str, ...]
    cite: str


@dataclass(frozen=True, slots=True)
class Procedure:
    id: str
    label: str
    case_word: str
    cite: str | None
    form: tuple[tuple[str, bool], ...]
    start: tuple[str, ...]
    steps: Mapping[str, Step]
    anytime: Mapping[str, Action] = field(default_factory=dict)
    deadlines: tuple[Deadline, ...] = ()
    decide: Mapping[str, Decide] = field(default_factory=dict)
    duties: tuple[Duty, ...] = ()
    open_by: tuple[Who, ...] = ()
    number: str | None = None
    title: Expression | None = None
    signals: tuple[Signal, ...] = ()


# ------------------------------------------------------------------------------------------------------- the record

# Event types that every procedure knows besides its own actions.
OPENED = "opened"
RECORDED = "recorded"  # facts revised
DECIDED = "decided"  # data: decision, value, receipt
VOIDED = "voided"  # data: seq, reason, approver
TASK_EVENTS = ("task_received", "task_feedback", "task_verified", "task_returned", "task_done")  # data: task
NOTE = "note"  # a remark, at any time, closed cases included; moves nothing


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a case, once, and when it was written down. Append-only."""

    type: str
    seq: int
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    recorded_by: str = ""
    unit: str = ""  # the unit that acted
    on_behalf_of: str | None = None
    source: str = "系统"  # 电话 | 书面 | 系统 | 口头
    evidence: tuple[str, ...] = ()
    facts: Mapping[str, Value] = field(default_factory=dict)
    step: str | None = None
    each_key: str | None = None
    note: str = ""
    data: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogFault:
    """An entry of a log that the rules do not know, or that came out of place. The log is read all the same.

    seq: of the event. code: a short stable word for programs. field, value: what is wrong in it; allowed: what may
    stand there.
    """

    seq: int
    code: str
    text: str
    field: str | None = None
    value: Value = None
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActiveStep:
    id: str
    label: str
    entered_at: dt.datetime
    visit: int
    who: tuple[str, ...]
    each_key: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What was formally decided: the legal state, until the next decision. `stale`: a fact under it was voided.

    `receipt` is the digest (sha256) of the receipt that the event `seq` holds in `data.receipt`.
    """

    decision: str
    value: Mapping[str, Value]
    at: dt.datetime
    by: str
    seq: int
    receipt: str | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Possible:
    """An action of a step and whether this actor may take it now; if not, why not, in Chinese."""

    action: str
    step: str | None
    label: str
    who: tuple[str, ...]
    allowed: bool
    why_not: str = ""
    form: tuple[tuple[str, bool], ...] = ()
    cite: str | None = None
    each_key: str | None = None
    on_behalf: bool = False  # this actor may enter it, with on_behalf_of naming the signer
    decides: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A duty that arose, for one unit (and one member where `each`)."""

    id: str  # <duty>:<unit>[:<instance>]
    duty: str
    do: str
    cite: str
    kind: str
    unit: str
    with_: tuple[str, ...]
    arises_at: dt.datetime
    status: Literal["issued", "received", "feedback", "verified", "returned", "done", "cancelled"]
    deadline: DeadlineState | None = None
    received_at: dt.datetime | None = None
    last_feedback: str = ""
    done_at: dt.datetime | None = None
    exempt: str | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case as the fold of its events up to a moment."""

    procedure: str
    opened_at: dt.datetime | None
    closed_at: dt.datetime | None
    steps: tuple[ActiveStep, ...]
    facts: Mapping[str, Value]
    decided: Mapping[str, Decided]
    deadlines: tuple[DeadlineState, ...]
    tasks: tuple[Task, ...]
    taken_part: tuple[str, ...]  # units that acted or were told: they see the case
    seq: int
    counts: Mapping[str, int] = field(default_factory=dict)  # events by type
    voided: frozenset[int] = frozenset()
    faults: tuple[LogFault, ...] = ()  # events that the rules do not know or that came out of place

    @property
    def problems(self) -> tuple[str, ...]:
        """The faults in words."""
        return tuple(fault.text for fault in self.faults)

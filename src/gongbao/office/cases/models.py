"""The event store: a case is its events, append-only and hash-chained; everything else here can be rebuilt from them.

Case                          the head of a case, and its projection (what lists and boards read)
Event, PersonalValue          what happened; personal values apart, under a salted digest
Participation, CaseTask, Timer    projections: who takes part, tasks by unit, what falls due
CaseLink                      转办, 并案 ... between cases
Outbox, Notice                what leaves for the other site; what people are told
Sequence                      numbers given once
PackVersion, SettingValue, CalendarYear, KeepRule, Clock, Digest    what the office knows beside the cases
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from gongbao.office.append_only import AppendOnly

OPEN, CLOSED = "open", "closed"
DANGER = 5  # of Case.alarm: a danger to life or safety, above the four colours


class PackVersion(models.Model):
    """The files of one version of a pack, so that a case opened under it can be replayed years later."""

    pack = models.CharField(max_length=80)
    version = models.CharField(max_length=80)
    files = models.JSONField()  # path -> text, or {base64} of a file that is no UTF-8
    first_seen = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pack", "version"], name="pack_version_once")]


class Case(models.Model):
    number = models.CharField("编号", max_length=60, unique=True)
    site = models.CharField(max_length=20)
    pack = models.CharField(max_length=80)
    version = models.CharField(max_length=80)
    procedure = models.CharField(max_length=60)
    opened_at = models.DateTimeField("开立时间")
    place = models.CharField("地点", max_length=80, blank=True)
    sealed = models.BooleanField("保密", default=False)  # only those who take part themselves see it
    seq = models.PositiveIntegerField(default=0)  # of the last event
    head = models.CharField(max_length=64)  # hash of the last event

    # Projection. Nothing decides anything from these; they are written with every event and can be rebuilt.
    word = models.CharField(max_length=20, blank=True)
    title = models.CharField("标题", max_length=200, blank=True)
    status = models.CharField("状态", max_length=10, default=OPEN)
    closed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    steps = models.JSONField(default=list)  # [{id, label, who}]
    decided = models.JSONField(default=dict)  # decision -> {output: shown value}
    alarm = models.PositiveSmallIntegerField(default=0)  # 1 蓝 2 黄 3 橙 4 红; 5 人身危险
    alarm_text = models.CharField(max_length=80, blank=True)
    next_due = models.DateTimeField("最近时限", null=True)
    next_due_label = models.CharField(max_length=80, blank=True)
    open_tasks = models.PositiveIntegerField(default=0)
    unsigned_tasks = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["status", "next_due"], name="case_due"),
            models.Index(fields=["opened_at", "id"], name="case_opened"),
            models.Index(fields=["pack", "procedure", "status", "opened_at"], name="case_procedure"),
            models.Index(fields=["place", "opened_at"], name="case_place"),
            models.Index(fields=["closed_at"], name="case_closed"),
            models.Index(F("alarm").desc(), F("opened_at").desc(), condition=Q(status=OPEN, alarm__gt=0),
                         name="case_burning"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.status == OPEN


class Event(AppendOnly):
    """`facts` holds values in the form of codec.py; a personal one holds only its digest (see PersonalValue)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=60)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=80, blank=True)
    on_behalf_of = models.CharField(max_length=80, null=True)
    source = models.CharField(max_length=20)
    evidence = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    step = models.CharField(max_length=60, null=True)
    each_key = models.CharField(max_length=120, null=True)
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["case_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="event_once")]


class PersonalValue(models.Model):
    """One personal value of one event. Erasing clears value and salt; the event's digest, and so the chain, stays."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="personal_values")
    seq = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)  # personal | sensitive
    digest = models.CharField(max_length=64)
    salt = models.CharField(max_length=64, blank=True)
    value = models.JSONField(null=True)
    erased_at = models.DateTimeField(null=True)
    erased_by = models.CharField(max_length=60, blank=True)
    erased_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "seq", "name"], name="personal_value_once")]


class Participation(models.Model):
    """Who takes part: a unit, a post or a role of this instance. `acting`: something is expected of them now."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="participations")
    who = models.CharField(max_length=80)
    acting = models.BooleanField(default=False)
    unsigned = models.BooleanField(default=False)  # a task of theirs awaits 签收
    due = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "who"], name="participation_once")]
        indexes = [
            # Conditions, not columns: SQLite uses an index for a bare boolean only so.
            models.Index(fields=["who", "due"], condition=Q(acting=True), name="participation_todo"),
            models.Index(fields=["who", "due"], condition=Q(acting=True, unsigned=True), name="participation_unsigned"),
            models.Index(fields=["who", "opened_at"], name="participation_recent"),
        ]


class CaseTask(models.Model):
    """A duty that arose in a case, for one unit: the row that boards of measures and tasks read."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks")
    key = models.CharField(max_length=200)  # the engine's task id
    duty = models.CharField(max_length=80)
    do = models.TextField()
    cite = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    unit = models.CharField(max_length=80)
    supporting = models.JSONField(default=list)
    status = models.CharField(max_length=12)
    arises_at = models.DateTimeField()
    due = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    last_feedback = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="case_task_once")]
        indexes = [models.Index(fields=["unit", "status", "due"], name="case_task_unit")]


class CaseLink(models.Model):
    """A case that another led to. On another site only its number there is known, once that site has answered."""

    source = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links_out", null=True)
    target = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links_in", null=True)
    kind = models.CharField(max_length=40)  # 转办, 并案 ...
    seq = models.PositiveIntegerField(default=0)  # the event of the source that made it
    other_site = models.CharField(max_length=20, blank=True)
    other_number = models.CharField(max_length=60, blank=True)
    other_status = models.CharField(max_length=200, blank=True)  # what the other site last said of it
    key = models.CharField(max_length=120, blank=True, db_index=True)  # of the transfer
    made_at = models.DateTimeField()


class Timer(models.Model):
    """A moment at which something falls due in a case; the worker fires it once."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="timers")
    key = models.CharField(max_length=120)  # <deadline>:<instance>[:<task>]
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=12)
    owner = models.JSONField(default=list)
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "key", "due_at"], name="timer_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(fired_at=None), name="timer_due")]


class Notice(models.Model):
    """Something somebody is told: a deadline passed, a task arrived, the other site answered."""

    who = models.CharField(max_length=80)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="notices")
    text = models.CharField(max_length=300)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["who", "read_at", "-at"], name="notice_unread")]


class Outbox(models.Model):
    """What must reach the other site: written in the transaction of the event that causes it; the worker delivers."""

    key = models.CharField(max_length=120, unique=True)
    to_site = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(delivered_at=None), name="outbox_waiting")]


class Sequence(models.Model):
    """The last number given under a name (`case:LF20230301`, `paper:市政府办公室:2023`); gaps do not occur."""

    name = models.CharField(max_length=120, primary_key=True)
    last = models.PositiveIntegerField(default=0)


class SettingValue(AppendOnly):
    """One filling of a pack's setting, by its owner. The newest holds; null empties it again.

    unit: whose value it is where each member of the owning group fills its own (the newest of each unit holds); empty
    where one value holds for all.
    """

    pack = models.CharField(max_length=80)
    name = models.CharField(max_length=80)
    value = models.JSONField(null=True)  # in the form of codec.py
    owner = models.CharField(max_length=80)
    unit = models.CharField(max_length=80, blank=True, default="")
    set_by = models.CharField(max_length=60)
    set_at = models.DateTimeField()
    reason = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["pack", "name", "-id"], name="setting_value_latest")]


class CalendarYear(AppendOnly):
    """The days off and make-up days of one year as the office entered them. The newest of a year holds.

    `days`: [[ISO date, 休 | 班, name of the holiday], ...]; null gives the year back to the table that comes with the
    software. Its id is the version that receipts and pages name.
    """

    year = models.PositiveIntegerField()
    days = models.JSONField(null=True)
    source = models.CharField(max_length=120)  # the notice's number
    set_by = models.CharField(max_length=60)
    set_at = models.DateTimeField()
    reason = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["year", "-id"], name="calendar_year_latest")]


class KeepRule(AppendOnly):
    """How long the office keeps a personal fact whose pack does not say (`keep`). The newest holds; "" withdraws it."""

    pack = models.CharField(max_length=80)
    fact = models.CharField(max_length=80)
    keep = models.CharField(max_length=60, blank=True)  # as engine.retention reads it: 3 years after closed
    set_by = models.CharField(max_length=60)
    set_at = models.DateTimeField()
    reason = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["pack", "fact", "-id"], name="keep_rule_latest")]


class Clock(AppendOnly):
    """One movement of the office's time; see office/clock.py."""

    offset = models.DurationField(null=True)
    rate = models.PositiveSmallIntegerField(default=1)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)


class Digest(AppendOnly):
    """The heads of all chains that grew on one day, in one hash: kept on paper, it fixes the day's record."""

    day = models.DateField()
    made_at = models.DateTimeField()
    cases = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    heads = models.JSONField()  # number -> [seq, hash]

    class Meta:
        ordering = ["-id"]

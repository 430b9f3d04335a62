"""The rows of the board: a projection of supervision matters and standing tasks, kept by index.py; it decides nothing.

A light depends on the day: it is written with the row, and all are looked at again on a new day, when a setting changes,
and when something falls due (index.relight).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongbao.office.cases.models import Case, CaseTask


class Item(models.Model):
    """One matter, one part of it in the hands of a unit, or one task of a plan.

    plan: what it belongs to, a pack's id or the source of a matter. at_office: it waits for the supervision office,
    and no clock of its unit runs. returned: sent back by a check and not reported again.
    """

    MATTER, PART, TASK = "matter", "part", "task"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    task = models.ForeignKey(CaseTask, on_delete=models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=200, blank=True)  # of the task; empty for a case
    seq = models.PositiveIntegerField(default=0)  # of a case: the event up to which it is known here
    kind = models.CharField(max_length=10)
    plan = models.CharField(max_length=120)
    plan_label = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    cite = models.CharField(max_length=80, blank=True)
    unit = models.CharField(max_length=80)
    area = models.CharField(max_length=40, blank=True)
    leader = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=30)
    open = models.BooleanField(default=True)
    sealed = models.BooleanField(default=False)
    at_office = models.BooleanField(default=False)
    returned = models.BooleanField(default=False)
    due = models.DateTimeField(null=True)
    last_word = models.DateTimeField()  # when the unit last said something, else when it was given to it
    light = models.CharField(max_length=6, blank=True)  # of an open item: red | yellow | green
    closed_at = models.DateTimeField(null=True)
    told = models.TextField(blank=True)  # what the unit last said

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="supervision_item_once")]
        indexes = [
            models.Index(fields=["due", "id"], condition=Q(open=True), name="supervision_due"),
            models.Index(fields=["last_word", "id"], condition=Q(open=True), name="supervision_silent"),
            models.Index(fields=["light", "due", "id"], condition=Q(open=True), name="supervision_light"),
            models.Index(fields=["last_word"], condition=Q(open=True, at_office=True), name="supervision_at_office"),
            models.Index(fields=["-closed_at"], condition=Q(open=False), name="supervision_closed"),
            # What the figures are counted from, each in the order in which it is grouped.
            models.Index(fields=["plan", "light", "sealed"], condition=Q(open=True), name="supervision_by_plan"),
            models.Index(fields=["unit", "light", "sealed"], condition=Q(open=True), name="supervision_by_lead"),
            models.Index(fields=["leader", "light", "sealed"], condition=Q(open=True), name="supervision_by_leader"),
        ]


class Involved(models.Model):
    """A unit that takes part in an item, in the lead or beside it."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="involved")
    unit = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "unit"], name="supervision_involved_once")]
        indexes = [models.Index(fields=["unit", "item"], name="supervision_by_unit")]


class Cursor(models.Model):
    """How far the events have been read, for which day and settings the lights stand, and how often rows changed (one row)."""

    event = models.BigIntegerField(default=0)
    lit = models.CharField(max_length=40, blank=True)
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="supervision_one_cursor")]


class Book(models.Model):
    """Up to which change of a pack's log its tasks are on the board."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="+")
    seq = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

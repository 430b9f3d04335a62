"""What the desk looks up while the phone rings: matters by county, category and unit, and the terms they are filed under.

A projection, kept by index.py from the events of the cases; it decides nothing and can be filled again from nothing.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongbao.office.cases.models import Case


class Matter(models.Model):
    """One 工单 or 警单 as the desk searches it. `seq`: the event up to which it is known here."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="matter")
    seq = models.PositiveIntegerField()
    procedure = models.CharField(max_length=60)
    place = models.CharField(max_length=80, blank=True)
    category = models.CharField(max_length=40, blank=True)
    row = models.CharField(max_length=40, blank=True)
    handler = models.CharField(max_length=80, blank=True)
    request_type = models.CharField(max_length=20, blank=True)
    content = models.CharField(max_length=500, blank=True)
    address = models.CharField(max_length=120, blank=True)
    opened_at = models.DateTimeField()
    replied_at = models.DateTimeField(null=True)
    satisfied = models.CharField(max_length=20, blank=True)
    from_site = models.CharField(max_length=20, blank=True)
    open = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(fields=["place", "category", "handler"], name="matter_history"),
            models.Index(fields=["procedure", "opened_at"], name="matter_day"),
        ]


class At(models.Model):
    """A step at which an open matter stands: the row that a queue reads, the longest waiting first."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="stands_at")
    procedure = models.CharField(max_length=60)
    step = models.CharField(max_length=60)
    since = models.DateTimeField()
    from_site = models.BooleanField(default=False)  # another desk sent it
    signed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "step"], name="at_once")]
        indexes = [models.Index(fields=["procedure", "step", "since"], name="at_queue")]


class Term(models.Model):
    """A term an open matter is filed under; see similar.py."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="terms")
    place = models.CharField(max_length=80)
    term = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "term"], name="term_once")]
        indexes = [models.Index(fields=["place", "term", "-case"], name="term_recent")]


class Cursor(models.Model):
    """How far the events have been read (one row)."""

    event = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_cursor")]

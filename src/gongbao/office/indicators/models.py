"""What was reported of indicators: append-only. Of one indicator, subject and period the last row holds; the rest is history."""

from __future__ import annotations

from django.db import models

from gongbao.office.append_only import AppendOnly


class Report(AppendOnly):
    """A value, or (`returned`) that the last one was sent back, with the reason in `note`; it then counts no longer.

    key: the indicator's, shared by all plans that have it, or the fact of a ratio's term. subject: empty for the city.
    period: 2025, 2025H1, 2025Q3, 2025-07. value: as written, exact. evidence: files, digest/name.
    """

    key = models.CharField(max_length=120)
    subject = models.CharField(max_length=80, blank=True)
    period = models.CharField(max_length=10)
    of = models.CharField(max_length=10, default="value")  # or target: a number that somebody assigned
    value = models.CharField(max_length=60, blank=True)
    returned = models.BooleanField(default=False)
    source = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=300, blank=True)
    evidence = models.JSONField(default=list)
    unit = models.CharField(max_length=80)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "subject", "period", "of", "id"], name="indicator_report_of")]

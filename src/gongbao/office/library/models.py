"""试算: what somebody tried, over which data, and what came of it. Nothing here takes part in any matter."""

from __future__ import annotations

from django.db import models


class Simulation(models.Model):
    """Two versions of a decision over the same rows. `source`: the key of a `sources.Source`, or `upload`.

    upload: the table that was given, until it is done; changed: the changed rows as XLSX, where names may be seen.
    """

    WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"

    at = models.DateTimeField()
    account = models.CharField(max_length=60)
    unit = models.CharField(max_length=80)
    pack = models.CharField(max_length=80)
    version = models.CharField(max_length=80)
    decision = models.CharField(max_length=80)
    changes = models.JSONField(default=dict)  # dotted name -> what was typed
    told = models.JSONField(default=list)  # [{name, label, before, after, unit, cite}]
    facts = models.JSONField(default=dict)  # facts that are the same in every row, as typed
    source = models.CharField(max_length=40)
    file_name = models.CharField(max_length=120, blank=True)
    upload = models.BinaryField(null=True)
    names = models.BooleanField(default=False)  # whether rows are told by name
    status = models.CharField(max_length=10, default=WAITING)
    seen_at = models.DateTimeField()  # the machine's time of the last sign of life
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    seconds = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    error = models.CharField(max_length=1000, blank=True)
    result = models.JSONField(null=True)
    picture = models.TextField(blank=True)
    changed = models.BinaryField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "id"], name="simulation_waiting")]

    @property
    def running(self) -> bool:
        return self.status in (self.WAITING, self.RUNNING)

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0

"""Rows of the registers that units keep, what became of each, and which case holds what.

Row       a row as it now is: cells in the form of codec.py, personal ones apart so that they can be erased
Change    its history, append-only: added, changed, ended, lent, returned, each with who, when and why
Holding   what a case has been given and has not (all) given back
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongbao.office.append_only import AppendOnly
from gongbao.office.cases.models import Case

ADDED, PRINTED, CHANGED, ENDED, RESTORED, LENT, RETURNED = (
    "added", "printed", "changed", "ended", "restored", "lent", "returned",
)  # fmt: skip
WORDS = {
    ADDED: "登记", PRINTED: "文中印出", CHANGED: "变更", ENDED: "注销", RESTORED: "恢复", LENT: "调用", RETURNED: "归还",
}  # fmt: skip
SEPARATOR = "\x1f"  # between the parts of a key


class Row(models.Model):
    """`seq` is that of its last change: whoever changes it says which one they saw."""

    pack = models.CharField(max_length=80)
    register = models.CharField(max_length=60)
    key = models.CharField(max_length=400)
    seq = models.PositiveIntegerField(default=0)
    values = models.JSONField(default=dict)
    personal = models.JSONField(default=dict)
    valid_from = models.DateField("有效期自")
    valid_until = models.DateField("有效期至", null=True)  # the last day it was valid
    changed_at = models.DateTimeField()

    # What lists and searches read, written with every change from the cells above.
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    place = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True)  # every cell that is not personal, for the search
    usable = models.BooleanField(default=True)
    quantity = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    below = models.BooleanField(default=False)  # its floor; the notice has been given

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pack", "register", "key"], name="resource_row_once")]
        indexes = [
            models.Index(fields=["kind", "place", "name"], name="resource_nearest"),
            models.Index(fields=["pack", "register", "name"], name="resource_listed"),
            models.Index(fields=["name"], condition=Q(below=True), name="resource_below"),
        ]

    def __str__(self) -> str:
        return self.name


class Change(AppendOnly):
    """`values`: the cells after it, without personal ones; `columns`: which were changed, personal ones too."""

    row = models.ForeignKey(Row, on_delete=models.PROTECT, related_name="changes")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    values = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    valid_from = models.DateField()  # the day from which it holds
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    name = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=80, blank=True)
    why = models.CharField(max_length=300, blank=True)
    case = models.CharField(max_length=60, blank=True)  # the number of the case it was lent to or came back from

    class Meta:
        ordering = ["row_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["row", "seq"], name="resource_change_once")]

    @property
    def word(self) -> str:
        return WORDS[self.kind]


class Holding(models.Model):
    """`quantity` lent; of it `returned` came back and `used` was used up. Closed when nothing is outstanding."""

    row = models.ForeignKey(Row, on_delete=models.PROTECT, related_name="holdings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="resources")
    quantity = models.DecimalField(max_digits=20, decimal_places=6)
    returned = models.DecimalField(max_digits=20, decimal_places=6, default=0)
    used = models.DecimalField(max_digits=20, decimal_places=6, default=0)
    lent_at = models.DateTimeField()
    lent_by = models.CharField(max_length=60)
    lent_unit = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="resource_holding_positive"),
            models.CheckConstraint(
                condition=Q(quantity__gte=models.F("returned") + models.F("used")), name="resource_holding_covered"
            ),
        ]
        indexes = [
            models.Index(fields=["row"], condition=Q(closed_at=None), name="resource_out"),
            models.Index(fields=["case", "lent_at"], name="resource_of_case"),
        ]

    @property
    def outstanding(self):
        return self.quantity - self.returned - self.used

"""Who is on duty when, and what they wrote down: shifts of a unit's roster, and its duty log."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongbao.office.append_only import AppendOnly
from gongbao.office.cases.models import Case

ON_DUTY, LEADING = "值班", "带班"
KINDS = (ON_DUTY, LEADING)
NOTED, HANDED, TAKEN = "记事", "交班", "接班"


class Shift(models.Model):
    """One person for one stretch of time. One taken out stays, with who did it: the roster of a past day is evidence."""

    unit = models.CharField("单位", max_length=80)
    kind = models.CharField("类别", max_length=4)  # 值班 | 带班
    starts = models.DateTimeField("开始")
    ends = models.DateTimeField("结束")
    name = models.CharField("姓名", max_length=40)
    phone = models.CharField("电话", max_length=30, blank=True)
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    removed_by = models.CharField(max_length=60, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["starts", "kind", "id"]
        indexes = [models.Index(fields=["unit", "ends"], condition=Q(removed_at=None), name="shift_of_unit")]
        constraints = [models.CheckConstraint(condition=Q(ends__gt=models.F("starts")), name="shift_has_length")]


class Line(AppendOnly):
    """One line of a unit's duty log. 接班 answers the 交班 it takes over from. `press`: of the form that made it (log.py)."""

    unit = models.CharField(max_length=80)
    kind = models.CharField(max_length=4)
    at = models.DateTimeField("时间")
    recorded_at = models.DateTimeField()
    by = models.CharField(max_length=60)
    name = models.CharField(max_length=40)
    text = models.TextField("内容")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="duty_lines")
    answers = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="taken")
    press = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["unit", "-at", "-id"], name="line_of_unit")]

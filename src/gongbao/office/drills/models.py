"""A drill and what is told in it from outside. They stay when the desk is cleared; everything played does not."""

from __future__ import annotations

from django.db import models


class Drill(models.Model):
    """One drill: from its simulated beginning to its end. `record` names the file of all that was played, once cleared.

    `script`: the script as it was at the start (ScriptFile as JSON), so that its result can be read years later.
    """

    pack = models.CharField("预案", max_length=80)
    name = models.CharField("脚本", max_length=80, blank=True)  # empty: without a script
    label = models.CharField("名称", max_length=120)
    script = models.JSONField(default=dict)
    starts = models.DateTimeField("演练开始")  # simulated
    ends = models.DateTimeField("演练结束", null=True)  # simulated
    began_at = models.DateTimeField("实际开始")  # the machine's time
    ended_at = models.DateTimeField("实际结束", null=True)
    cleared_at = models.DateTimeField("清场", null=True)
    by = models.CharField("导调", max_length=60)
    stamp = models.JSONField(default=dict)  # versions and settings at the start (stamp.py)
    result = models.JSONField(default=dict)  # the score, from the end on
    record = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]

    @property
    def running(self) -> bool:
        return self.ended_at is None


class Injection(models.Model):
    """What is told from outside in a drill: due at a simulated moment, told once."""

    drill = models.ForeignKey(Drill, on_delete=models.CASCADE, related_name="injections")
    at = models.DateTimeField()  # simulated
    to = models.JSONField(default=list)  # units
    source = models.CharField("来自", max_length=80)
    by = models.CharField("方式", max_length=20)
    text = models.TextField()
    table = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["at"], condition=models.Q(told_at=None), name="injection_waiting")]

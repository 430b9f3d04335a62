"""The exchange table (中间库) between two sites, such as the 12345 desk and the 110 desk on the police network.

It is the only thing both sites reach. A transfer is written once by the sender; the receiver may once mark it taken
and once answer it; nothing else of it ever changes. Personal values stand in it as salted digests; the values lie apart
(`TransferValue`) only until the receiver has them.
"""

from __future__ import annotations

from django.db import models


class Transfer(models.Model):
    """`key` is the sender's name for it: writing the same one twice (a retry) leaves one row."""

    key = models.CharField(max_length=120, unique=True)
    from_site = models.CharField(max_length=20)
    to_site = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)  # open | news | answer
    payload = models.JSONField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer_read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["to_site", "taken_at", "id"], name="transfer_incoming"),
            models.Index(fields=["from_site", "answer_read_at", "id"], name="transfer_answers"),
        ]


class TransferValue(models.Model):
    """One personal value on its way with a transfer: erased, salt and all, once the receiver has taken it."""

    key = models.CharField(max_length=120)  # of the transfer
    from_site = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    salt = models.CharField(max_length=64, blank=True)
    value = models.JSONField(null=True)
    sent_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "name"], name="transfer_value_once")]
        indexes = [models.Index(fields=["from_site", "erased_at", "id"], name="transfer_value_held")]

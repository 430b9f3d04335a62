"""What is sent and to whom: messages, a row for each address, releases of warnings, the address book and its groups.

Contact, Group       the address book of units, and named sets of it
Release              one publication of a warning: what was said, its CAP file, the one it follows
Message, Recipient   something sent, and each address it goes to with what became of it
Channel              whether a mail server or a gateway answers, and when it is tried again
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongbao.office.append_only import AppendOnly
from gongbao.office.cases.models import Case

EMAIL, SMS = "email", "sms"
CHANNELS = {EMAIL: "邮件", SMS: "短信"}

QUEUED, SENDING, SENT, FAILED, UNCLEAR, HELD = "queued", "sending", "sent", "failed", "unclear", "held"
STATES = {
    QUEUED: "待发", SENDING: "正在发送", SENT: "已送出", FAILED: "未送出", UNCLEAR: "不明，待核实", HELD: "演练，不外发",
}  # fmt: skip
OPEN_STATES = (QUEUED, SENDING)


class Contact(models.Model):
    """Where a unit is reached: a person or a duty post. Personal data: masked by role, each reading logged."""

    unit = models.CharField("单位", max_length=80, db_index=True)
    name = models.CharField("姓名", max_length=40, blank=True)
    post = models.CharField("岗位", max_length=40, blank=True)
    email = models.CharField("邮箱", max_length=120, blank=True)
    mobile = models.CharField("手机", max_length=20, blank=True)
    note = models.CharField("备注", max_length=120, blank=True)

    class Meta:
        ordering = ["unit", "id"]
        indexes = [
            models.Index(fields=["email"], name="contact_email"),
            models.Index(fields=["mobile"], name="contact_mobile"),
        ]


class Group(models.Model):
    """A named set of contacts: those of the units of city groups, of areas, of units, and of posts.

    Within a kind any counts; `posts` narrows what the others give (without others: everybody of these posts).
    """

    name = models.CharField("名称", max_length=60, unique=True)
    unit_groups = models.JSONField(default=list)  # groups of units.yaml
    areas = models.JSONField(default=list)
    units = models.JSONField(default=list)
    posts = models.JSONField(default=list)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Release(AppendOnly):
    """One publication of the warning of a case. Written once; what it said is `said`, and word for word the CAP file."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="releases")
    count = models.PositiveIntegerField()  # within the case
    identifier = models.CharField(max_length=160, unique=True)  # of the CAP message
    sender = models.CharField(max_length=160)
    sent = models.DateTimeField()
    kind = models.CharField(max_length=10)  # Alert | Update | Cancel
    status = models.CharField(max_length=10)  # Actual | Exercise | Test
    level = models.CharField(max_length=20)
    alarm = models.PositiveSmallIntegerField(default=0)  # 1 蓝 ... 4 红
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followed_by")
    said = models.JSONField()
    certified = models.BooleanField(default=False)
    public = models.BooleanField(default=False)
    file = models.CharField(max_length=64)  # SHA-256 of the CAP file
    seq = models.PositiveIntegerField()  # the entry of the case's log
    by = models.CharField(max_length=60)
    unit = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "count"], name="release_once")]
        indexes = [models.Index(fields=["-sent", "-id"], condition=Q(public=True), name="release_public")]


class Message(models.Model):
    """Something sent to many. `key` is the maker's name for it: made twice, it is one."""

    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=20)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="messages")
    release = models.OneToOneField(Release, on_delete=models.PROTECT, null=True, related_name="message")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    sms = models.CharField(max_length=500, blank=True)
    files = models.JSONField(default=list)  # references of evidence files that go with a mail
    address = models.CharField(max_length=200, blank=True)  # of this office, for the links of receipts
    exercise = models.BooleanField(default=False)
    made_at = models.DateTimeField()  # the office's time
    queued_at = models.DateTimeField()  # the machine's time
    made_by = models.CharField(max_length=60)
    unit = models.CharField(max_length=80)
    finished_at = models.DateTimeField(null=True)  # nothing waits any more

    class Meta:
        ordering = ["-id"]


class Recipient(models.Model):
    """One address of a message. `next_try` and `lease_until` are the machine's time, `sent_at` and `received_at` the office's."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="recipients")
    channel = models.CharField(max_length=8)
    address = models.CharField(max_length=120)
    unit = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=8, default=QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField()
    lease = models.CharField(max_length=80, blank=True)  # the worker that has it in hand
    lease_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    mail_id = models.CharField(max_length=120)
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    received_how = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["message", "channel", "address"], name="recipient_once")]
        indexes = [
            models.Index(fields=["channel", "id"], condition=Q(state=QUEUED), name="recipient_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state=SENDING), name="recipient_in_hand"),
            models.Index(fields=["lease"], condition=Q(lease__gt=""), name="recipient_leased"),
            models.Index(fields=["message", "state"], name="recipient_state"),
        ]


class Channel(models.Model):
    """How a mail server or a gateway answers as a whole: after a failure it rests, longer each time."""

    name = models.CharField(max_length=8, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)  # the machine's time
    since = models.DateTimeField(null=True)  # of the first failure, the machine's time
    error = models.CharField(max_length=300, blank=True)

"""People of the office: accounts, each of one unit with roles and posts, and the log of who read or changed what.

Units are not stored: they are the organs of packs/<city>/units.yaml, named here by their full name.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models

from gongbao.engine.model import Actor
from gongbao.office.append_only import AppendOnly
from gongbao.office.people import roles as r


def known_roles(value: Any) -> None:
    if not isinstance(value, list) or (unknown := [v for v in value if v not in r.ROLES]):
        raise ValidationError(f"角色“{'、'.join(map(str, unknown)) if isinstance(value, list) else value}”不存在；"
                              f"只能是 {'、'.join(r.ROLES)}")  # fmt: skip


def leader_of(unit: str) -> str:
    """What the leader on duty of a unit is called in reminders."""
    return f"{unit}{r.DUTY_LEADER}"


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Account:
        from gongbao.office.people.units import official

        account = self.model(username=username, **{**fields, "unit": official(fields.get("unit", ""))})
        account.set_password(password)
        account.full_clean(exclude=["password"])
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """One person at one unit. Roles say what kind of work they do; posts are those that rules name (值班室 ...)."""

    username = models.CharField("账号", max_length=60, unique=True)
    name = models.CharField("姓名", max_length=40)
    unit = models.CharField("单位", max_length=80, db_index=True)
    roles = models.JSONField("角色", default=list, blank=True, validators=[known_roles])
    posts = models.JSONField("岗位", default=list, blank=True)
    phone = models.CharField("电话", max_length=30, blank=True)
    is_active = models.BooleanField("启用", default=True)
    demonstration = models.BooleanField("演示账号", default=False)

    objects = AccountManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name", "unit"]

    class Meta:
        ordering = ["unit", "username"]

    def __str__(self) -> str:
        return f"{self.name}（{self.unit}）"

    def has_role(self, *names: str) -> bool:
        return not set(names).isdisjoint(self.roles)

    @property
    def names(self) -> tuple[str, ...]:
        """What a rule may call this person by: the unit, the posts, the roles; whoever leads the shift, so of the unit."""
        lead = (leader_of(self.unit),) if r.DUTY_LEADER in self.roles else ()
        return (self.unit, *self.posts, *self.roles, *lead)

    @property
    def actor(self) -> Actor:
        return Actor(account=self.username, unit=self.unit, roles=frozenset(self.roles), posts=frozenset(self.posts))


class Audit(AppendOnly):
    """One reading or change worth knowing later. `subject` is a case number, an account, a setting ..."""

    at = models.DateTimeField("时间", db_index=True)  # the machine's time, whatever the demonstration's clock says
    office_time = models.DateTimeField("办公时间")
    account = models.CharField("账号", max_length=60, db_index=True)
    unit = models.CharField("单位", max_length=80)
    act = models.CharField("行为", max_length=40, db_index=True)
    subject = models.CharField("对象", max_length=120, db_index=True)
    detail = models.JSONField("内容", default=dict)
    address = models.CharField("来源地址", max_length=60, blank=True)

    class Meta:
        ordering = ["-id"]

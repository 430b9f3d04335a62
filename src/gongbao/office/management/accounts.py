"""Making and changing accounts: one unit, known roles, and never an office without an administrator."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict

from gongbao.office.people import roles as r
from gongbao.office.people.models import Account
from gongbao.office.people.units import city_units, official

FIELDS = {"username": "账号", "name": "姓名", "unit": "单位", "roles": "角色", "posts": "岗位", "phone": "电话"}


class Refused(ValueError):
    """What was typed cannot be taken; `fields`: message by field, "" for the whole."""

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields
        super().__init__("；".join(fields.values()))


def typed(post: QueryDict) -> dict[str, Any]:
    """The fields of the form as typed."""
    lines = post.get("posts", "").replace("、", "\n").splitlines()
    return {
        "username": post.get("username", "").strip(), "name": post.get("name", "").strip(),
        "unit": post.get("unit", "").strip(), "phone": post.get("phone", "").strip(),
        "roles": [role for role in post.getlist("roles") if role],
        "posts": list(dict.fromkeys(line.strip() for line in lines if line.strip())),
        "is_active": post.get("is_active") == "on",
    }  # fmt: skip


def create(given: dict[str, Any], password: str) -> tuple[Account, str]:
    """The new account and its password: the one given, or one made up, to be shown once."""
    account = Account(**_checked(given) | {"is_active": True})
    word = _password(password, account)
    account.set_password(word)
    _whole(account)
    account.save()
    return account, word


@transaction.atomic
def change(account: Account, given: dict[str, Any], *, by: Account) -> dict[str, list[Any]]:
    """What changed, as field -> [before, after]. Refused when nobody would be left to administer."""
    fields = _checked({**given, "username": account.username})
    changed = {k: [getattr(account, k), v] for k, v in fields.items() if getattr(account, k) != v}
    loses = account.has_role(r.ADMINISTRATOR) and account.is_active and not (
        fields["is_active"] and r.ADMINISTRATOR in fields["roles"]
    )  # fmt: skip
    if loses:
        if account.pk == by.pk:
            raise Refused({"": "不能停用自己的账号，也不能取消自己的管理员角色；请由另一位管理员操作"})
        # Rows, not a JSON query: SQLite cannot ask a JSON list whether it contains a value.
        others = Account.objects.select_for_update().filter(is_active=True).exclude(pk=account.pk)
        if not any(other.has_role(r.ADMINISTRATOR) for other in others):
            raise Refused({"": "至少须有一位启用的管理员"})
    for name, value in fields.items():
        setattr(account, name, value)
    _whole(account)
    account.save()
    return changed


def reset_password(account: Account, password: str) -> str:
    """The new password: the one given, or one made up. Sessions of the account end with the old one."""
    word = _password(password, account)
    account.set_password(word)
    account.save(update_fields=["password"])
    return word


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    wrong = {k: f"{FIELDS[k]}不能为空" for k in ("username", "name", "unit") if not given[k]}
    unit = official(given["unit"]) if given["unit"] else ""
    if unit and not known_unit(unit):
        near = _near(given["unit"])
        wrong["unit"] = f"没有“{given['unit']}”这个单位" + (f"；相近的有 {'、'.join(near)}" if near else "")
    if unknown := [role for role in given["roles"] if role not in r.ROLES]:
        wrong["roles"] = f"没有角色“{'、'.join(unknown)}”；只能是 {'、'.join(r.ROLES)}"
    if any(len(post) > 40 for post in given["posts"]):
        wrong["posts"] = "一个岗位最多 40 个字"
    if wrong:
        raise Refused(wrong)
    return {**given, "unit": unit}


def known_unit(name: str) -> bool:
    return any(units.knows(name) for units in city_units())


def _near(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(near for units in city_units() for near in units.near(name)))[:4]


def _whole(account: Account) -> None:
    try:
        account.full_clean(exclude=["password"])
    except ValidationError as error:
        raise Refused({k if k != "__all__" else "": "；".join(v) for k, v in error.message_dict.items()}) from error


def _password(given: str, account: Account) -> str:
    if not given:
        return secrets.token_urlsafe(9)
    try:
        validate_password(given, account)
    except ValidationError as error:
        raise Refused({"password": "；".join(error.messages)}) from error
    return given

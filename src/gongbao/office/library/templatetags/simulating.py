"""Who is offered 试算."""

from __future__ import annotations

from django import template

from gongbao.office.library.simulating import MAY
from gongbao.office.people.models import Account

register = template.Library()


@register.filter
def may_simulate(account: Account) -> bool:
    return account.has_role(*MAY)

"""The duty log of a unit: what happened on the shift, what is handed over, and that it was taken over."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import IntegrityError, transaction

from gongbao.office import clock
from gongbao.office.cases.models import Case
from gongbao.office.duty.models import HANDED, NOTED, TAKEN, Line
from gongbao.office.people.models import Account

LONGEST = 4000  # characters
OLDEST = dt.timedelta(days=366)  # what is written down later is of this year's shifts


class BadLine(Exception):
    """Why a line is not taken, in Chinese."""


def write(
    account: Account, text: str, *, at: dt.datetime | None = None, case: Case | None = None, kind: str = NOTED,
    form: str = "", recorded_at: dt.datetime | None = None,
) -> Line:  # fmt: skip
    """Add a line to the log of the account's unit. A line is never changed; what was wrong is put right by the next.

    form: the mark of the form it was typed in. The same words out of the same form are one line, however often sent.
    """
    now = recorded_at or clock.now()
    press = _press(account, form, kind, text, at, case)
    if (held := _pressed(press)) is not None:
        return held
    at = at or now
    if not text.strip():
        raise BadLine("请写内容")
    if len(text) > LONGEST:
        raise BadLine(f"最多 {LONGEST} 字，现有 {len(text)} 字")
    if at > now:
        raise BadLine(f"时间 {at:%m-%d %H:%M} 还没有到")
    if now - at > OLDEST:
        raise BadLine(f"时间 {at:%Y-%m-%d %H:%M} 太早，最多补记 {OLDEST.days} 天以内的")
    if kind == HANDED and (open_ := waiting(account.unit)):
        raise BadLine(f"{open_.at.astimezone(clock.SHANGHAI):%m-%d %H:%M} {open_.name}交的班还没有人接")
    try:
        with transaction.atomic():
            return Line.objects.create(
                unit=account.unit, kind=kind, at=at, recorded_at=now, by=account.username, name=account.name,
                text=text.strip(), case=case, press=press,
            )  # fmt: skip
    except IntegrityError:  # both presses at the same moment
        if (held := _pressed(press)) is None:
            raise
        return held


def _press(account: Account, form: str, kind: str, text: str, at: dt.datetime | None, case: Case | None) -> str | None:
    if not form:
        return None
    said = "\n".join((account.username, form, kind, str(at or ""), case.number if case else "", text))
    return hashlib.sha256(said.encode()).hexdigest()


def _pressed(press: str | None) -> Line | None:
    return Line.objects.filter(press=press).first() if press is not None else None


def hand_over(account: Account, text: str, *, form: str = "", recorded_at: dt.datetime | None = None) -> Line:
    """Hand the shift over. What was handed over before and not taken yet is said first."""
    return write(account, text, kind=HANDED, form=form, recorded_at=recorded_at)


def take_over(account: Account, pk: int, text: str = "", *, recorded_at: dt.datetime | None = None) -> Line:
    """Take over what was handed over, by another person of the unit, once; pressed again, it is the same line."""
    handed = Line.objects.filter(pk=pk, unit=account.unit, kind=HANDED).first()
    if handed is None:
        raise BadLine("没有这次交班")
    if handed.by == account.username:
        raise BadLine("接班的须是另一个人")
    now = recorded_at or clock.now()
    try:
        with transaction.atomic():
            return Line.objects.create(
                unit=account.unit, kind=TAKEN, at=now, recorded_at=now, by=account.username, name=account.name,
                text=text.strip() or "已接班", answers=handed,
            )  # fmt: skip
    except IntegrityError:
        taken = Line.objects.get(answers=pk)
        if taken.by == account.username:
            return taken
        raise BadLine(f"这个班已由{taken.name}接了") from None


def waiting(unit: str) -> Line | None:
    """The shift that was handed over and not yet taken."""
    return Line.objects.filter(unit=unit, kind=HANDED, taken=None).order_by("-id").first()

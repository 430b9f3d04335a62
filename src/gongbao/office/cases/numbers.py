"""Numbers that are given once and without gaps: of cases and of papers."""

from __future__ import annotations

import datetime as dt
import re

from gongbao.office import exercise
from gongbao.office.cases.models import Sequence

_SEQ = re.compile(r"\{seq(?::0?(\d+))?\}")


def next_number(name: str) -> int:
    """The next number under `name`. Call inside a transaction: a rollback gives the number back."""
    Sequence.objects.get_or_create(name=name)
    row = Sequence.objects.select_for_update().get(name=name)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


def case_number(pattern: str, on: dt.date) -> str:
    """A number by the procedure's pattern: `LF{date}{seq:05}` counts anew per day, `{year}-{seq:04}` per year."""
    prefix = (
        pattern.replace("{date}", on.strftime("%Y%m%d")).replace("{month}", on.strftime("%Y%m")).replace(
            "{year}", on.strftime("%Y")
        )
    )  # fmt: skip
    if exercise.here():
        prefix = f"{exercise.MARK}{prefix}"
    given = next_number(f"case:{prefix}")
    if not _SEQ.search(prefix):
        prefix += "{seq:04}"
    return _SEQ.sub(lambda found: str(given).zfill(int(found.group(1) or 1)), prefix)


def default_pattern(pack: str, procedure: str) -> str:
    """The pattern of a procedure that gives none."""
    return f"{pack.rpartition('/')[2][:8].upper()}-{procedure[:8].upper()}-{{date}}{{seq:04}}"

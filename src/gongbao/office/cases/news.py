"""That a case or a reminder changed: told after the commit to whoever in this process wants to know at once.

What other processes commit is seen in the database by `token`, which is the same in all of them and differs after every
commit. Numbers of rows are given before the commit, so of two that write at once the later number may be seen first:
the token therefore counts the newest rows too.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection, transaction
from django.dispatch import Signal

from gongbao.office.cases.models import Case, Event, Notice

committed = Signal()
_AMONG = 500  # rows that may become seen after one of a greater number
_SQL = "(SELECT max(id) FROM {0}), (SELECT count(*) FROM {0} WHERE id > (SELECT max(id) FROM {0}) - {1})"
_TOKEN = "SELECT " + ", ".join(_SQL.format(m._meta.db_table, _AMONG) for m in (Event, Notice))


def tell() -> None:
    """A case changed in this transaction: send `committed` once that holds. Who listens cannot undo it."""
    transaction.on_commit(_send, robust=True)


def _send() -> None:
    committed.send_robust(sender=None)


def token() -> str:
    """What changes with every event and reminder of the office."""
    with connection.cursor() as cursor:
        cursor.execute(_TOKEN)
        return ".".join(str(number or 0) for number in cursor.fetchone())


def token_of(case: Case) -> str:
    """What changes with every entry and timer of one case, as it was read."""
    return f"{case.seq}.{case.changed_at.timestamp():.0f}"


def tokens_of(numbers: Collection[str]) -> dict[str, str]:
    """`token_of` the cases of these numbers, as they are."""
    rows = Case.objects.filter(number__in=numbers).only("number", "seq", "changed_at")
    return {case.number: token_of(case) for case in rows}

"""Rows that are written once: neither the model, nor a queryset, nor the database itself changes or deletes them."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class Rewritten(Exception):
    """Somebody tried to change or delete what is append-only."""

    def __init__(self) -> None:
        super().__init__("只追加的记录不能修改或删除；请以更正、作废事件记录变化")


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **_: Any) -> NoReturn:
        raise Rewritten

    def delete(self) -> NoReturn:
        raise Rewritten

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        raise Rewritten


class AppendOnly(models.Model):
    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Rewritten
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise Rewritten


_SQLITE = """CREATE TRIGGER IF NOT EXISTS {table}_no_{name} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"""
_POSTGRES_FUNCTION = """CREATE OR REPLACE FUNCTION gongbao_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"""
_POSTGRES = """CREATE OR REPLACE TRIGGER {table}_no_{name} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION gongbao_append_only()"""


def guard(connection: Any, table: str, columns: tuple[str, ...] = ()) -> None:
    """Let the database itself refuse to delete rows of `table` or to change them (only `columns`, where given)."""
    postgres = connection.vendor == "postgresql"
    update = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    with connection.cursor() as cursor:
        if postgres:
            cursor.execute(_POSTGRES_FUNCTION)
        for name, verb in (("update", update), ("delete", "DELETE")):
            cursor.execute((_POSTGRES if postgres else _SQLITE).format(table=table, name=name, verb=verb))


def unguard(connection: Any, table: str) -> None:
    """Take the refusal away: for a migration that must alter the table, and for emptying a test database."""
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{name}{on}")


GUARDED = (
    "cases_event", "cases_settingvalue", "cases_calendaryear", "cases_keeprule", "cases_clock", "cases_digest",
    "people_audit", "credit_query", "credit_effect", "duty_line", "indicators_report", "resources_change", "sending_release",
)  # fmt: skip

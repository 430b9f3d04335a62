"""The desk of a drill between two drills: emptied of what was played, then given what the office has today.

What stays: accounts, the record of drills, the office's clock, settings and calendar. What is brought over from the
office that trains (alias `real`, only ever read): accounts, settings, calendar, and what rooms name in `COPIED` of
their room.py (the address book, resources, rosters).
"""

from __future__ import annotations

from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, models, transaction

from gongbao.office import append_only, worlds

REAL = "real"
KEPT = frozenset({
    "people.Account", "people.Audit", "cases.PackVersion", "cases.SettingValue", "cases.CalendarYear", "cases.KeepRule",
    "cases.Clock", "drills.Drill", "drills.Injection",
})  # fmt: skip
BROUGHT = ("people.Account", "cases.SettingValue", "cases.CalendarYear", "cases.KeepRule")


def clear() -> None:
    """Empty every table of the office but those kept. Only on the drill site."""
    if settings.GONGBAO_SITE != "drill":
        raise RuntimeError("只有演练台可以清场")
    tables = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("gongbao.office.") and model._meta.label not in KEPT
        and model._meta.app_label not in ("exchange_table", "library")
    ]  # fmt: skip
    _emptied(tables)


def _emptied(tables: list[str]) -> None:
    guarded = [table for table in append_only.GUARDED if table in tables]
    with transaction.atomic():
        for table in guarded:
            append_only.unguard(connection, table)
        with connection.cursor() as cursor:
            for statement in connection.ops.sql_flush(no_style(), tables):
                cursor.execute(statement)
        for table in guarded:
            append_only.guard(connection, table)


def bring_over() -> dict[str, int]:
    """Make the tables brought over equal to the office's; rows by model. Nothing where no office is named."""
    if REAL not in settings.DATABASES:
        return {}
    rooms = (import_module(f"gongbao.office.{name}.room") for name in settings.ROOMS)
    labels = [*BROUGHT, *(label for room in rooms for label in getattr(room, "COPIED", ()))]
    made = {label: _copied(apps.get_model(label)) for label in labels}
    worlds.forget()
    return made


def _copied(model: type[models.Model]) -> int:
    rows = list(model._base_manager.using(REAL).order_by("pk"))
    names = [f.name for f in model._meta.concrete_fields if not f.primary_key]
    table = model._meta.db_table
    if model._meta.label == "people.Account":  # somebody may be signed in: their row stays
        for row in rows:
            row._state.db, row._state.adding = "default", True
        model._base_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=names, batch_size=500
        )
    else:
        _emptied([table])
        for row in rows:
            row._state.db, row._state.adding = "default", True
        model._base_manager.bulk_create(rows, batch_size=500)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)
    return len(rows)

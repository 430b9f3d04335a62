"""The desk of a drill between two drills: emptied of what was played, then given what the office has today.

What stays: accounts, the record of drills, the office's clock, settings and calendar. What is brought over from the
office that trains (alias `real`, only ever read): accounts, settings, calendar, and what rooms name in `COPIED` of
their room.py (the address book, resources, rosters).
"""

from __future__ import annotations

import datetime as dt
from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, models, transaction

from gongbao.office import append_only, clock, exercise, worlds
from gongbao.office.cases.models import Clock
from gongbao.office.people.models import Account

REAL = "real"
KEPT = frozenset({
    "people.Account", "people.Audit", "cases.PackVersion", "cases.SettingValue", "cases.CalendarYear", "cases.KeepRule",
    "cases.Clock", "drills.Drill", "drills.Injection",
})  # fmt: skip
BROUGHT = ("people.Account", "cases.SettingValue", "cases.CalendarYear", "cases.KeepRule")


def clear() -> None:
    """Empty every table of the office but those kept. Only on the drill site."""
    if not exercise.here():
        raise RuntimeError("只有演练台可以清场")
    exercise.check_database()
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
        connection.check_constraints()  # PostgreSQL empties no table of which a check still waits
        for table in guarded:
            append_only.unguard(connection, table)
        with connection.cursor() as cursor:
            for statement in connection.ops.sql_flush(no_style(), tables):
                cursor.execute(statement)
        for table in guarded:
            append_only.guard(connection, table)


def bring_over(begins: dt.datetime | None = None) -> dict[str, int]:
    """Make the tables brought over equal to the office's; rows by model. Nothing where no office is named."""
    if not exercise.here() or REAL not in settings.DATABASES:
        return {}
    exercise.check_database()
    rooms = (import_module(f"gongbao.office.{name}.room") for name in settings.ROOMS)
    labels = [*BROUGHT, *(label for room in rooms for label in getattr(room, "COPIED", ()))]
    made = {label: _copied(apps.get_model(label)) for label in labels}
    if begins is not None:
        _dated(begins)
    worlds.forget()
    return made


def _dated(begins: dt.datetime) -> None:
    """Move what rooms name in `DATED` (rosters) by whole days: the office's today becomes the first day of the drill."""
    newest = Clock.objects.using(REAL).order_by("-id").first()
    ahead = newest.offset if newest is not None and newest.offset is not None else dt.timedelta()
    by = begins.date() - (clock.machine_now() + ahead).date()
    for name in settings.ROOMS:
        for label, fields in getattr(import_module(f"gongbao.office.{name}.room"), "DATED", {}).items():
            apps.get_model(label)._base_manager.update(**{field: models.F(field) + by for field in fields})


def _copied(model: type[models.Model]) -> int:
    rows = list(model._base_manager.using(REAL).order_by("pk"))
    for row in rows:
        row._state.db, row._state.adding = "default", True
    if model is Account:
        _accounts(rows)
    else:
        _emptied(sorted(_with_those_on(model)))
        model._base_manager.bulk_create(rows, batch_size=500)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)
    return len(rows)


def _with_those_on(model: type[models.Model]) -> set[str]:
    """Its table and those that refer to it: neither is emptied without the other (PostgreSQL refuses it)."""
    found = {model._meta.db_table}
    for one in model._meta.related_objects:
        if one.related_model is not model:
            found |= _with_those_on(one.related_model)
    return found


def _accounts(rows: list[Account]) -> None:
    """Somebody may be signed in, so rows stay: who is who goes by the name of the account, not by its number here."""
    names = [f.name for f in Account._meta.concrete_fields if not f.primary_key and f.name != "username"]
    here = dict(Account.objects.values_list("username", "pk"))
    taken = set(here.values())
    for row in rows:
        row.pk = here.get(row.username) or (None if row.pk in taken else row.pk)
    known = [row for row in rows if row.pk is not None]
    Account.objects.bulk_create(
        known, update_conflicts=True, unique_fields=[Account._meta.pk.name], update_fields=names, batch_size=500
    )
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Account]):
            cursor.execute(statement)
    Account.objects.bulk_create([row for row in rows if row.pk is None], batch_size=500)
    Account.objects.exclude(username__in=[row.username for row in rows]).update(is_active=False)

"""The database itself refuses to change or delete what is append-only."""

from django.db import migrations

from gongbao.office.append_only import guard, unguard

TABLES = ("cases_event", "cases_settingvalue", "cases_clock", "cases_digest")


def on(apps, schema_editor):
    for table in TABLES:
        guard(schema_editor.connection, table)


def off(apps, schema_editor):
    for table in TABLES:
        unguard(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunPython(on, off)]

"""The database itself refuses to change or delete a report of a value."""

from django.db import migrations

from gongbao.office.append_only import guard, unguard

TABLE = "indicators_report"


def on(apps, schema_editor):
    guard(schema_editor.connection, TABLE)


def off(apps, schema_editor):
    unguard(schema_editor.connection, TABLE)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_initial")]
    operations = [migrations.RunPython(on, off)]

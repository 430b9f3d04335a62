"""The time of a drill may run faster than the machine's, or stand."""

from django.db import migrations, models

from gongbao.office.append_only import guard, unguard

TABLE = "cases_clock"


def off(apps, schema_editor):
    unguard(schema_editor.connection, TABLE)


def on(apps, schema_editor):
    guard(schema_editor.connection, TABLE)


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_settings_of_each_unit")]
    operations = [
        migrations.RunPython(off, on),
        migrations.AddField("clock", "rate", models.PositiveSmallIntegerField(default=1)),
        migrations.RunPython(on, off),
    ]

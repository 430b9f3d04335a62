"""The office's holiday table and how long it keeps personal facts: both append-only."""

from django.db import migrations, models

from gongbao.office.append_only import guard, unguard

TABLES = ("cases_calendaryear", "cases_keeprule")


def on(apps, schema_editor):
    for table in TABLES:
        guard(schema_editor.connection, table)


def off(apps, schema_editor):
    for table in TABLES:
        unguard(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="CalendarYear",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveIntegerField()),
                ("days", models.JSONField(null=True)),
                ("source", models.CharField(max_length=120)),
                ("set_by", models.CharField(max_length=60)),
                ("set_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=300)),
            ],
            options={"indexes": [models.Index(fields=["year", "-id"], name="calendar_year_latest")]},
        ),
        migrations.CreateModel(
            name="KeepRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack", models.CharField(max_length=80)),
                ("fact", models.CharField(max_length=80)),
                ("keep", models.CharField(blank=True, max_length=60)),
                ("set_by", models.CharField(max_length=60)),
                ("set_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=300)),
            ],
            options={"indexes": [models.Index(fields=["pack", "fact", "-id"], name="keep_rule_latest")]},
        ),
        migrations.RunPython(on, off),
    ]

"""Effects remember what they changed; the database itself refuses to rewrite them and the log of queries."""

from django.db import migrations, models

from gongbao.office.append_only import guard, unguard

TABLES = ("credit_query", "credit_effect")


def on(apps, schema_editor):
    for table in TABLES:
        guard(schema_editor.connection, table)


def off(apps, schema_editor):
    for table in TABLES:
        unguard(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("credit", "0001_initial")]
    operations = [
        migrations.AddField("effect", "changes", models.JSONField(default=list)),
        migrations.AddField("effect", "undoes", models.PositiveIntegerField(null=True)),
        migrations.RunPython(on, off),
    ]

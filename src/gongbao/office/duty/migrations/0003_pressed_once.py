"""A line of the duty log knows the press of the form that made it: sent twice, it is one line."""

from django.db import migrations, models

from gongbao.office.append_only import guard, unguard

TABLE = "duty_line"


def let_go(apps, schema_editor) -> None:
    unguard(schema_editor.connection, TABLE)


def hold(apps, schema_editor) -> None:
    guard(schema_editor.connection, TABLE)


class Migration(migrations.Migration):
    dependencies = [("duty", "0002_append_only")]
    operations = [
        migrations.RunPython(let_go, hold),
        migrations.AddField("line", "press", models.CharField(max_length=64, null=True, unique=True)),
        migrations.RunPython(hold, let_go),
    ]

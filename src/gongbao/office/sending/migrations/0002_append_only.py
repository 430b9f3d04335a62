"""What a warning said when it was released: the database itself refuses to rewrite it."""

from django.db import migrations

from gongbao.office.append_only import guard, unguard

TABLE = "sending_release"


def on(apps, schema_editor):
    guard(schema_editor.connection, TABLE)


def off(apps, schema_editor):
    unguard(schema_editor.connection, TABLE)


class Migration(migrations.Migration):
    dependencies = [("sending", "0001_initial")]
    operations = [migrations.RunPython(on, off)]

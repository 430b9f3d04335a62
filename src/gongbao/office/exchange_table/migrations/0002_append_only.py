"""What was sent stays as it was sent; only that it was taken and answered may be added."""

from django.db import migrations

from gongbao.office.append_only import guard, unguard

SENT = ("key", "from_site", "to_site", "kind", "payload", "digest", "created_at")


def on(apps, schema_editor):
    guard(schema_editor.connection, "exchange_table_transfer", SENT)


def off(apps, schema_editor):
    unguard(schema_editor.connection, "exchange_table_transfer")


class Migration(migrations.Migration):
    dependencies = [("exchange_table", "0001_initial")]
    operations = [migrations.RunPython(on, off)]

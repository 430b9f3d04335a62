"""Personal values on their way to the other site lie apart from what was sent, so that they can be erased."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange_table", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="TransferValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120)),
                ("from_site", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=80)),
                ("digest", models.CharField(max_length=64)),
                ("salt", models.CharField(blank=True, max_length=64)),
                ("value", models.JSONField(null=True)),
                ("sent_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("key", "name"), name="transfer_value_once")],
                "indexes": [
                    models.Index(fields=["from_site", "erased_at", "id"], name="transfer_value_held"),
                ],
            },
        ),
    ]

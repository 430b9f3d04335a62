"""A drill knows the versions and settings with which it began."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("drills", "0001_initial")]
    operations = [migrations.AddField("drill", "stamp", models.JSONField(default=dict))]

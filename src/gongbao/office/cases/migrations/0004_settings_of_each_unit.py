"""A value of a setting may be one unit's own. The one that stood for all goes to the unit whose member entered it.

The unit is that of the log of the filling. Values before it, and one that no log tells of, stay without a unit.
"""

from django.db import migrations, models
from django.db.models import Max

from gongbao.office.append_only import guard, unguard

TABLE = "cases_settingvalue"


def off(apps, schema_editor):
    unguard(schema_editor.connection, TABLE)


def on(apps, schema_editor):
    guard(schema_editor.connection, TABLE)


def give(apps, schema_editor):
    values, log = apps.get_model("cases", "SettingValue"), apps.get_model("people", "Audit")
    newest = values.objects.values("pack", "name").annotate(newest=Max("id")).values("newest")
    for row in values.objects.filter(id__in=list(newest.values_list("newest", flat=True))):
        told = log.objects.filter(act="更改设置", subject=f"{row.pack} {row.name}", account=row.set_by)
        last = told.order_by("-id").first()
        if last is not None:
            values.objects.filter(pk=row.pk).update(unit=last.unit)


def keep(apps, schema_editor):
    """Nothing to undo: the column goes."""


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_calendar_and_keeping"), ("people", "0002_append_only")]
    operations = [
        migrations.RunPython(off, on),
        migrations.AddField("settingvalue", "unit", models.CharField(blank=True, default="", max_length=80)),
        migrations.RunPython(give, keep),
        migrations.RunPython(on, off),
    ]

from django.apps import AppConfig


class DrillsConfig(AppConfig):
    name = "gongbao.office.drills"
    verbose_name = "演练"

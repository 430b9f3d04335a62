from django.apps import AppConfig


class DutyConfig(AppConfig):
    name = "gongbao.office.duty"
    verbose_name = "值班"

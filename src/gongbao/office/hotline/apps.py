from django.apps import AppConfig


class HotlineConfig(AppConfig):
    name = "gongbao.office.hotline"
    verbose_name = "受理"

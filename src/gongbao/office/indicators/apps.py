from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "gongbao.office.indicators"
    verbose_name = "规划指标"

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "gongbao.office.alerts"
    verbose_name = "预警与响应"

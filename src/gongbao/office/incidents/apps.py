from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "gongbao.office.incidents"
    verbose_name = "应急值守"

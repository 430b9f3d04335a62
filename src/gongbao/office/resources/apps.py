from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "gongbao.office.resources"
    verbose_name = "应急资源"

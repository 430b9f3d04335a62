from django.apps import AppConfig


class ManagementConfig(AppConfig):
    name = "gongbao.office.management"
    verbose_name = "管理"

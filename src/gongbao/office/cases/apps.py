from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "gongbao.office.cases"
    verbose_name = "事项"

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "gongbao.office.supervision"
    verbose_name = "督查"

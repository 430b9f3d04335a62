from django.apps import AppConfig


class SendingConfig(AppConfig):
    name = "gongbao.office.sending"
    verbose_name = "信息发布"

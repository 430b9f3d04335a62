from django.apps import AppConfig


class ExchangeTableConfig(AppConfig):
    name = "gongbao.office.exchange_table"
    verbose_name = "中间库"

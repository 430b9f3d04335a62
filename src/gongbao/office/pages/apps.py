from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "gongbao.office.pages"
    verbose_name = "页面"

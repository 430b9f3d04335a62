from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "gongbao.office.library"
    verbose_name = "政策库"

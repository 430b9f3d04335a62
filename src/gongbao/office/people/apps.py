from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "gongbao.office.people"
    verbose_name = "人员"

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "gongbao.office.tasks"
    verbose_name = "工作任务"

from django.urls import path

from gongbao.office.supervision import views

app_name = "supervision"
urlpatterns = [
    path("", views.home, name="home"),
    path("export.xlsx", views.export, name="export"),
]

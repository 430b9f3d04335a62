from django.urls import path

from gongbao.office.tasks import views

app_name = "tasks"
urlpatterns = [
    path("", views.home, name="home"),
    path("receive/", views.receive, name="receive"),
    path("<int:pk>/", views.page, name="page"),
    path("<int:pk>/act/", views.act, name="act"),
    path("<int:pk>/files/<str:digest>/", views.file, name="file"),
]

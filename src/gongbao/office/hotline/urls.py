from django.urls import path

from gongbao.office.hotline import views

app_name = "hotline"
urlpatterns = [
    path("", views.home, name="home"),
    path("suggest/", views.suggest, name="suggest"),
    path("take/", views.take, name="take"),
    path("queue/<str:name>/", views.queue, name="queue"),
    path("quick/<str:name>/<str:number>/", views.quick, name="quick"),
    path("merge/<str:number>/", views.merge, name="merge"),
    path("paper/<str:number>/", views.paper, name="paper"),
    path("day/", views.day, name="day"),
]

from django.urls import path

from gongbao.office.drills import views

app_name = "drills"
urlpatterns = [
    path("", views.home, name="home"),
    path("start/", views.start, name="start"),
    path("now/", views.now, name="now"),
    path("direct/", views.direct, name="direct"),
    path("report/", views.report, name="report"),
    path("record/<int:pk>/", views.record, name="record"),
]

from django.urls import path

from gongbao.office.indicators import views

app_name = "indicators"
urlpatterns = [
    path("", views.home, name="home"),
    path("plan/<str:city>/<str:slug>/", views.plan, name="plan"),
    path("enter/", views.enter, name="enter"),
    path("sheet.xlsx", views.download, name="download"),
    path("sheet/", views.upload, name="upload"),
    path("history/", views.history, name="history"),
    path("files/<int:pk>/<str:digest>/", views.file, name="file"),
]

from django.urls import path

from gongbao.office.sending import public_views as views

app_name = "warnings"
urlpatterns = [
    path("", views.home, name="home"),
    path("feed.xml", views.feed, name="feed"),
    path("received/<str:token>/", views.received, name="received"),
    path("<str:identifier>.xml", views.file, name="file"),
    path("<str:identifier>/", views.page, name="page"),
]

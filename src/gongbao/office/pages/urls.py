from django.urls import path

from gongbao.office.pages import live, views

app_name = "pages"
urlpatterns = [
    path("", views.board, name="board"),
    path("notices/", views.notices, name="notices"),
    path("live/", live.stream, name="live"),
    path("live/now/", live.now, name="live_now"),
]

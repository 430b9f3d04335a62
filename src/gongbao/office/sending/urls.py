from django.urls import path

from gongbao.office.sending import group_views, release_views, views

app_name = "sending"
urlpatterns = [
    path("", views.home, name="home"),
    path("message/<int:pk>/", views.message, name="message"),
    path("message/<int:pk>/resend/", views.resend, name="resend"),
    path("message/<int:pk>/row/<int:row>/", views.settle, name="settle"),
    path("message/<int:pk>/list/", views.as_table, name="as_table"),
    path("release/<str:number>/", release_views.release, name="release"),
    path("release/<str:number>/draft/<str:template>/", release_views.draft, name="draft"),
    path("groups/", group_views.groups, name="groups"),
    path("groups/<int:pk>/", group_views.edit, name="group"),
    path("gateway/reports/", views.reports, name="reports"),
]

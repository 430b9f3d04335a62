from django.urls import path

from gongbao.office.resources import lending_views, register_views, views

app_name = "resources"
urlpatterns = [
    path("", views.home, name="home"),
    path("rows/<int:pk>/", views.row, name="row"),
    path("rows/<int:pk>/lend/", lending_views.lend, name="lend"),
    path("holdings/<int:pk>/return/", lending_views.give_back, name="return"),
    path("rows/<int:pk>/change/", register_views.change, name="change"),
    path("rows/<int:pk>/end/", register_views.end, name="end"),
    path("<str:city>/<str:slug>/<str:register>/", register_views.register, name="register"),
    path("<str:city>/<str:slug>/<str:register>/new/", register_views.new, name="new"),
    path("<str:city>/<str:slug>/<str:register>/import/", register_views.bring, name="import"),
    path("<str:city>/<str:slug>/<str:register>/export/", register_views.export, name="export"),
    path("<str:city>/<str:slug>/<str:register>/template/", register_views.template, name="template"),
]

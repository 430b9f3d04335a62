from django.urls import path

from gongbao.office.cases import assign_views, opening, views

app_name = "cases"
urlpatterns = [
    path("mine/", views.mine, name="mine"),
    path("cases/", views.all_cases, name="all"),
    path("cases/new/", opening.new, name="new"),
    path("find/", views.find, name="find"),
    path("rows/<str:city>/<str:slug>/<str:name>/", assign_views.rows, name="rows"),
    path("case/<str:number>/", views.page, name="page"),
    path("case/<str:number>/act/", views.act, name="act"),
    path("case/<str:number>/control/", views.control, name="control"),
    path("case/<str:number>/record/", views.record, name="record"),
    path("case/<str:number>/task/", views.task, name="task"),
    path("case/<str:number>/void/", views.void, name="void"),
    path("case/<str:number>/file/<str:digest>/", views.file, name="file"),
]

from django.urls import path

from gongbao.office.alerts import lookup_views, measure_views, views

app_name = "alerts"
urlpatterns = [
    path("", views.home, name="home"),
    path("new/", views.new, name="new"),
    path("sample/<str:form>/", views.sample, name="sample"),
    path("ask/", lookup_views.questions, name="questions"),
    path("ask/<str:name>/", lookup_views.ask, name="ask"),
    path("<str:number>/", views.warning, name="warning"),
    path("<str:number>/act/", views.act, name="act"),
    path("<str:number>/settle/", views.settle, name="settle"),
    path("<str:number>/news/", views.news, name="news"),
    path("<str:number>/papers/", views.papers_page, name="papers"),
    path("<str:number>/papers/make/", views.make_paper, name="make_paper"),
    path("<str:number>/papers/draft/<str:template>/", views.draft, name="draft"),
    path("<str:number>/measures/", measure_views.measures, name="measures"),
    path("<str:number>/measures/sign/", measure_views.sign, name="sign"),
    path("<str:number>/measures/task/", measure_views.task, name="task"),
    path("<str:number>/broadcasts/", measure_views.broadcasts, name="broadcasts"),
]

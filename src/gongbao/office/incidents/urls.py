from django.urls import path

from gongbao.office.incidents import intake_views, review_views, views, wall_views

app_name = "incidents"
urlpatterns = [
    path("", views.home, name="home"),
    path("wall/", wall_views.wall_screen, name="wall"),
    path("new/", intake_views.new, name="new"),
    path("new/proposal/", intake_views.proposal, name="proposal"),
    path("new/forms/", intake_views.forms, name="forms"),
    path("new/tell/", intake_views.tell, name="tell"),
    path("<str:number>/", views.page, name="page"),
    path("<str:number>/act/", views.act, name="act"),
    path("<str:number>/form/", views.form, name="form"),
    path("<str:number>/answer/", views.answer, name="answer"),
    path("<str:number>/duties/", views.duties, name="duties"),
    path("<str:number>/duties/task/", views.task, name="task"),
    path("<str:number>/duties/sign/", views.sign, name="sign"),
    path("<str:number>/reports/", views.reports, name="reports"),
    path("<str:number>/log/", views.log, name="log"),
    path("<str:number>/news/", views.news, name="news"),
    path("<str:number>/review/", review_views.review, name="review"),
    path("<str:number>/review/docx/", review_views.docx, name="docx"),
]

from django.urls import path

from gongbao.office.library import json_views, pack_views, simulate_views, views

app_name = "library"
_PACK = "pack/<str:city>/<str:slug>/"
urlpatterns = [
    path("", views.home, name="home"),
    path(_PACK, pack_views.pack, name="pack"),
    path(_PACK + "duties/", pack_views.duties, name="duties"),
    path(_PACK + "figures/", pack_views.figures, name="figures"),
    path(_PACK + "decision/<str:name>/", pack_views.decision, name="decision"),
    path(_PACK + "decision/<str:name>/checked/", pack_views.checked, name="checked"),
    path(_PACK + "decision/<str:name>/try/", pack_views.attempt, name="try"),
    path(_PACK + "simulate/", simulate_views.page, name="simulate"),
    path(_PACK + "simulate/template/<str:name>/", simulate_views.template, name="simulate_template"),
    path(_PACK + "simulate/<int:pk>/", simulate_views.result, name="simulation"),
    path(_PACK + "simulate/<int:pk>/progress/", simulate_views.progress, name="simulation_progress"),
    path(_PACK + "simulate/<int:pk>/file/<str:form>/", simulate_views.download, name="simulation_file"),
    path(_PACK + "procedure/<str:name>/", pack_views.procedure, name="procedure"),
    path(_PACK + "register/<str:name>/", pack_views.register, name="register"),
    path(_PACK + "register/<str:name>/export/<str:form>/", pack_views.export, name="export"),
    path(_PACK + "template/<str:name>/", pack_views.template, name="template"),
    path("act/<path:key>/", views.act, name="act"),
    path("<str:key>.json", json_views.document, name="document_json"),
    path("<str:key>/<path:locator>.json", json_views.clause, name="clause_json"),
    path("<str:key>/", views.document, name="document"),
    path("<str:key>/<path:locator>", views.clause, name="clause"),
]

from django.urls import path

from gongbao.office.credit.views import city, draws, enterprises, imports, registers, runs, window

app_name = "credit"
urlpatterns = [
    path("", city.city, name="city"),
    path("enterprises/", enterprises.listing, name="enterprises"),
    path("enterprises/<str:code>/", enterprises.page, name="enterprise"),
    path("enterprises/<str:code>/regrade/", enterprises.regrade, name="regrade"),
    path("enterprises/<str:code>/judge/", enterprises.judge, name="judge"),
    path("enterprises/<str:code>/<str:procedure>/new/", window.open_case, name="open"),
    path("papers/<str:number>/", window.paper, name="paper"),
    path("runs/", runs.listing, name="runs"),
    path("runs/<int:pk>/", runs.page, name="run"),
    path("runs/<int:pk>/progress/", runs.progress, name="progress"),
    path("draws/", draws.listing, name="draws"),
    path("draws/new/", draws.new, name="draw_new"),
    path("draws/<str:number>/", draws.page, name="draw"),
    path("queries/", window.queries, name="queries"),
    path("queries/<str:number>/", window.query, name="query"),
    path("queries/<str:number>/notice/", window.notice, name="notice"),
    path("registers/", registers.listing, name="registers"),
    path("registers/item-change/", registers.item_change, name="item_change"),
    path("registers/<str:name>/", registers.register, name="register"),
    path("import/", imports.page, name="import"),
    path("import/<str:kind>/template/", imports.template, name="template"),
]

from django.urls import path

from gongbao.office.duty import views

app_name = "duty"
urlpatterns = [
    path("", views.home, name="home"),
    path("write/", views.write, name="write"),
    path("hand-over/", views.hand_over, name="hand_over"),
    path("take-over/<int:pk>/", views.take_over, name="take_over"),
    path("roster/", views.roster_page, name="roster"),
    path("roster/remove/<int:pk>/", views.remove, name="remove"),
    path("roster/<str:form>/", views.sheet, name="sheet"),
    path("city/", views.city, name="city"),
    path("calls/", views.calls, name="calls"),
]

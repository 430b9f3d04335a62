from django.urls import path

from gongbao.office.management import account_views, calendar_views, keeping_views, record_views, setting_views, views
from gongbao.office.sending import contact_views

app_name = "management"
urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/", account_views.accounts, name="accounts"),
    path("accounts/new/", account_views.new, name="account_new"),
    path("accounts/<int:number>/", account_views.edit, name="account"),
    path("accounts/<int:number>/password/", account_views.password, name="password"),
    path("accounts/<int:number>/unlock/", account_views.unlock, name="unlock"),
    path("units/", views.units, name="units"),
    path("packs/", views.packs, name="packs"),
    path("packs/<str:city>/<str:slug>/check/", views.check, name="check"),
    path("settings/", setting_views.settings, name="settings"),
    path("settings/<str:city>/<str:slug>/<str:name>/", setting_views.setting, name="setting"),
    path("contacts/", contact_views.contacts, name="contacts"),
    path("contacts/new/", contact_views.new, name="contact_new"),
    path("contacts/bring/", contact_views.bring, name="contacts_bring"),
    path("contacts/take/", contact_views.take, name="contacts_take"),
    path("contacts/<int:pk>/", contact_views.edit, name="contact"),
    path("clock/", views.clock_page, name="clock"),
    path("calendar/", calendar_views.calendar, name="calendar"),
    path("calendar/<int:year>/", calendar_views.edit, name="calendar_edit"),
    path("personal/", keeping_views.personal, name="personal"),
    path("audit/", record_views.audit_log, name="audit"),
    path("digests/", record_views.digests, name="digests"),
    path("digests/<int:number>/", record_views.digest, name="digest"),
    path("chain/", record_views.chain_page, name="chain"),
]

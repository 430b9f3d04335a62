"""Every address of the office: the frame's pages, sign-in, cases, the API, and one prefix per room."""

from django.conf import settings
from django.urls import include, path

from gongbao.office.api import api

urlpatterns = [
    path("", include("gongbao.office.pages.urls")),
    path("", include("gongbao.office.people.urls")),
    path("", include("gongbao.office.cases.urls")),
    path("api/", api.urls),
    path("warnings/", include("gongbao.office.sending.public_urls")),
    *(path(f"{name}/", include(f"gongbao.office.{name}.urls")) for name in settings.ROOMS),
]

handler404 = "gongbao.office.pages.refusals.not_found"
handler403 = "gongbao.office.pages.refusals.forbidden"
handler500 = "gongbao.office.pages.refusals.server_error"

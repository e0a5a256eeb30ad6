"""Every address of the web door. Pages of a case stand behind `/c/<fonds number>/`."""

from __future__ import annotations

from django.urls import include, path

from kedang.entrypoints.api.api import api
from kedang.entrypoints.web import start
from kedang.entrypoints.web.areas import AREAS
from kedang.entrypoints.web.arranging import outside

OF_A_CASE = [path("", include(f"kedang.entrypoints.web.{area}.urls")) for area in AREAS if area != "account"]

urlpatterns = [
    path("", start.front, name="front"),
    path("language/", start.language, name="language"),
    *outside.urlpatterns,
    path("alive/", start.alive, name="alive"),
    path("c/<str:code>/locked/", start.locked, name="locked"),
    path("c/<str:code>/lock/", start.lock, name="lock"),
    path("c/<str:code>/", include(OF_A_CASE)),
    path("api/v1/", api.urls),
    path("account/", include("kedang.entrypoints.web.account.urls")),
]
handler400 = "kedang.entrypoints.web.faults.malformed"
handler403 = "kedang.entrypoints.web.faults.refused"
handler404 = "kedang.entrypoints.web.faults.not_found"
handler500 = "kedang.entrypoints.web.faults.broken"

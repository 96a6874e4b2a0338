"""Addresses of the whole site. A room brings its own `urls.py`; names are namespaced by the room."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

from qingfu.site import views
from qingfu.site.settings import ROOMS, _exists

urlpatterns = [
    path("", include("qingfu.site.home.urls")),
    path("design/", views.design, name="design"),
    path("language/", set_language, name="set_language"),
    *[path("", include(f"qingfu.{room}.urls")) for room in ROOMS if _exists(f"qingfu.{room}.urls")],
]

if settings.DEMO:
    urlpatterns.append(path("", include("qingfu.site.demo.urls")))

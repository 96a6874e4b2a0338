"""Addresses of this room, in the namespace ``findings``."""

from __future__ import annotations

from django.urls import path

from qingfu.findings import views

app_name = "findings"

urlpatterns = [
    path("findings/", views.list_page, name="list"),
    path("findings/export/", views.export, name="export"),
    path("findings/check/", views.check, name="check"),
    path("findings/<int:finding_id>/", views.one_page, name="one"),
    path("findings/<int:finding_id>/rectify/", views.rectify, name="rectify"),
    path("findings/<int:finding_id>/recheck/", views.recheck, name="recheck"),
    path("findings/<int:finding_id>/close/", views.close, name="close"),
    path("findings/<int:finding_id>/assign/", views.assign, name="assign"),
]

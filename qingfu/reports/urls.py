"""Addresses of this room, in the namespace ``reports``."""

from __future__ import annotations

from django.urls import path

from qingfu.reports import views

app_name = "reports"

urlpatterns = [
    path("reports/review/", views.review, name="review"),
    path("reports/review/download/", views.download, name="download"),
]

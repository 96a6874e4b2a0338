"""Addresses of this room, in the namespace ``offices``."""

from __future__ import annotations

from django.urls import path

from qingfu.offices.views import below, home, review

app_name = "offices"

urlpatterns = [
    path("offices/", home.home, name="home"),
    path("offices/receive/", home.receive, name="receive"),
    path("offices/ask/<int:ask_id>/", home.ask, name="ask"),
    path("offices/ask/<int:ask_id>/withdraw/", home.withdraw, name="withdraw"),
    path("offices/waiting/", review.waiting, name="waiting"),
    path("offices/waiting/<int:ask_id>/", review.decide, name="decide"),
    path("offices/below/", below.below, name="below"),
]

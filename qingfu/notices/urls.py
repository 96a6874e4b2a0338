"""Addresses of this room, in the namespace ``notices``. The short ones are printed: they never change."""

from __future__ import annotations

from django.urls import path

from qingfu.notices import views

app_name = "notices"

urlpatterns = [
    path("c/<str:token>", views.parent, name="parent"),
    path("s/<str:token>", views.school, name="school"),
    path("s/<str:token>/poster", views.poster, name="poster"),
    path("s/<str:token>/cost", views.cost, name="cost"),
    path("b/<str:token>", views.board, name="board"),
    path("privacy/", views.privacy, name="privacy"),
    path("classes/<int:unit_id>/answers/", views.answers, name="answers"),
    path("classes/<int:unit_id>/slips/", views.slips, name="slips"),
]

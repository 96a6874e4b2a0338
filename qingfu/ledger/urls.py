"""Addresses of the pages of rules, in the namespace ``ledger``."""

from __future__ import annotations

from django.urls import path

from qingfu.ledger import views

app_name = "ledger"

urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("rules/packs/", views.packs, name="packs"),
    path("rules/packs/<int:pk>/", views.pack, name="pack"),
    path("rules/packs/edit/", views.edit_pack, name="edit_pack"),
    path("rules/calendar/", views.calendar, name="calendar"),
    path("rules/calendar/<int:pk>/", views.calendar_change, name="calendar_change"),
    path("rules/calendar/<int:pk>/confirm/", views.confirm_calendar, name="confirm_calendar"),
    path("rules/calendar/change/", views.change_calendar, name="change_calendar"),
]

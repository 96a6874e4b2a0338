"""Addresses of this room, in the namespace ``offices``."""

from __future__ import annotations

from django.urls import path

from qingfu.offices.views import below, home, meetings, review

app_name = "offices"

urlpatterns = [
    path("offices/", home.home, name="home"),
    path("offices/receive/", home.receive, name="receive"),
    path("offices/ask/<int:ask_id>/", home.ask, name="ask"),
    path("offices/ask/<int:ask_id>/withdraw/", home.withdraw, name="withdraw"),
    path("offices/waiting/", review.waiting, name="waiting"),
    path("offices/waiting/<int:ask_id>/", review.decide, name="decide"),
    path("offices/below/", below.below, name="below"),
    path("offices/meetings/", meetings.listed, name="meetings"),
    path("offices/meetings/new/", meetings.new, name="meeting_new"),
    path("offices/meetings/plan/", meetings.plan, name="meeting_plan"),
    path("offices/meetings/plan/<int:plan_id>/drop/", meetings.drop, name="meeting_drop"),
    path("offices/meetings/<int:meeting_id>/", meetings.one, name="meeting"),
    path("offices/meetings/<int:meeting_id>/length/", meetings.length, name="meeting_length"),
    path("offices/calendar/", meetings.calendar, name="calendar"),
    path("offices/calendar/<slug:token>.ics", meetings.feed, name="feed"),
]

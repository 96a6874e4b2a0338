"""Addresses of the home pages, in the namespace ``home``."""

from __future__ import annotations

from datetime import date

from django.urls import path, register_converter

from qingfu.site.home import views


class DayConverter:
    """A day in an address: 2025-11-12."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)  # ValueError: no such address

    def to_url(self, value: date | str) -> str:
        return str(value)


register_converter(DayConverter, "day")

app_name = "home"

urlpatterns = [
    path("", views.start, name="start"),
    path("week/", views.week_page, name="week"),
    path("classes/<int:class_id>/<day:day>/", views.class_day_page, name="class_day"),
    path("school/<int:school_id>/", views.school_page, name="school"),
    path("county/", views.county_page, name="county"),
    path("county/export/", views.county_export, name="county_export"),
    path("county/school/<int:school_id>/", views.county_school_page, name="county_school"),
]

"""Addresses of this room, in the namespace ``homework``."""

from __future__ import annotations

from django.urls import path

from qingfu.homework import views

app_name = "homework"

urlpatterns = [
    path("today/", views.today, name="today"),
    path("homework/new/", views.new, name="new"),
    path("homework/read/", views.read, name="read"),
    path("homework/lint/", views.lint, name="lint"),
    path("homework/preview/", views.preview, name="preview"),
    path("homework/post/", views.post, name="post"),
    path("homework/confirm/", views.confirm, name="confirm"),
    path("homework/withdraw/", views.withdraw, name="withdraw"),
    path("homework/second/", views.second, name="second"),
    path("homework/ask/", views.ask, name="ask"),
    path("homework/ask/<int:request_id>/answer/", views.answer, name="answer"),
    path("homework/ask/<int:request_id>/withdraw/", views.withdraw_ask, name="withdraw_ask"),
    path("homework/plan/", views.plan, name="plan"),
    path("homework/plan/preview/", views.plan_preview, name="plan_preview"),
    path("homework/plan/copy/", views.plan_copy, name="plan_copy"),
    path("homework/plan/print/", views.plan_print, name="plan_print"),
    path("homework/plan/drop/<int:item_id>/", views.plan_drop, name="plan_drop"),
    path("homework/plans/", views.plans, name="plans"),
    path("homework/plans/<int:plan_id>/decide/", views.plan_decide, name="plan_decide"),
    path("homework/materials/", views.materials, name="materials"),
    path("homework/materials/<int:material_id>/end/", views.material_end, name="material_end"),
    path("homework/waivers/", views.waivers, name="waivers"),
    path("homework/waivers/<int:waiver_id>/revoke/", views.waiver_revoke, name="waiver_revoke"),
]

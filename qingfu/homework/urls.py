"""Addresses of this room, in the namespace ``homework``."""

from __future__ import annotations

from django.urls import path

from qingfu.homework.views import lists, plans, posting, today, yielding

app_name = "homework"

urlpatterns = [
    path("today/", today.today, name="today"),
    path("homework/new/", posting.new, name="new"),
    path("homework/read/", posting.read, name="read"),
    path("homework/lint/", posting.lint, name="lint"),
    path("homework/preview/", posting.preview, name="preview"),
    path("homework/post/", posting.post, name="post"),
    path("homework/confirm/", posting.confirm, name="confirm"),
    path("homework/withdraw/", today.withdraw, name="withdraw"),
    path("homework/withdrawals/", today.withdrawals, name="withdrawals"),
    path("homework/second/", today.second, name="second"),
    path("homework/ask/", yielding.ask, name="ask"),
    path("homework/ask/<int:request_id>/answer/", yielding.answer, name="answer"),
    path("homework/ask/<int:request_id>/withdraw/", yielding.withdraw_ask, name="withdraw_ask"),
    path("homework/plan/", plans.plan, name="plan"),
    path("homework/plan/preview/", plans.plan_preview, name="plan_preview"),
    path("homework/plan/copy/", plans.plan_copy, name="plan_copy"),
    path("homework/plan/print/", plans.plan_print, name="plan_print"),
    path("homework/plan/drop/<int:item_id>/", plans.plan_drop, name="plan_drop"),
    path("homework/plans/", plans.plans, name="plans"),
    path("homework/plans/approval/", plans.plan_approval, name="plan_approval"),
    path("homework/plans/<int:plan_id>/decide/", plans.plan_decide, name="plan_decide"),
    path("homework/materials/", lists.materials, name="materials"),
    path("homework/materials/<int:material_id>/end/", lists.material_end, name="material_end"),
    path("homework/waivers/", lists.waivers, name="waivers"),
    path("homework/waivers/<int:waiver_id>/revoke/", lists.waiver_revoke, name="waiver_revoke"),
]

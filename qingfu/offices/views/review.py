"""两办审核: what waits, and one tap with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.offices import actions, queries
from qingfu.offices.forms.reviewing import DecideForm
from qingfu.offices.models import Ask
from qingfu.offices.views.desk import key_of, page
from qingfu.units.queries import Forbidden
from qingfu.units.web import signed_in


@never_cache
@require_safe
@signed_in
def waiting(request: HttpRequest) -> HttpResponse:
    """Everything that waits for the two offices, the longest first."""
    rows = [(one, queries.bearer_names(one)) for one in queries.waiting_for_review(request.actor)]
    return page(request, "waiting", {"rows": rows, "withdrawals": queries.withdrawals_asked(request.actor)})


@require_POST
@signed_in
def second(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Agree to take back what has begun, or not."""
    agree = "agree" in request.POST
    try:
        actions.second_withdrawal(request.actor, ask_id, key_of(request), agree=agree)
    except Ask.DoesNotExist:
        raise Forbidden("review_office_waiver") from None
    except ValueError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("已同意撤回；占用的额度不退。") if agree else _("没有同意撤回。"))
    return redirect("offices:waiting")


@require_POST
@signed_in
def decide(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Allow or decline, with a reason."""
    form = DecideForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        if "grant" in request.POST:
            actions.grant(request.actor, ask_id, reason, key_of(request))
            messages.success(request, _("已同意，并已发出。对外只显示“两办”和理由。"))
        else:
            actions.decline(request.actor, ask_id, reason)
            messages.success(request, _("没有同意，理由已告诉发起单位。"))
    except Ask.DoesNotExist:
        raise Forbidden("review_office_waiver") from None
    except actions.NotGranted as problem:
        messages.error(request, str(problem))
    return redirect("offices:waiting")

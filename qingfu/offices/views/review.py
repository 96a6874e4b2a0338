"""两办审核: what waits, and one tap with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.offices import actions, queries
from qingfu.offices.forms.reviewing import DecideForm
from qingfu.offices.models import Ask
from qingfu.offices.views.desk import key_of, page, to
from qingfu.units.queries import Forbidden
from qingfu.units.web import signed_in, typed


@never_cache
@require_safe
@signed_in
def waiting(request: HttpRequest) -> HttpResponse:
    """Everything that waits for the two offices, the longest first."""
    return _waiting(request)


def _waiting(request: HttpRequest, stopped: int = 0, reason: str = "") -> HttpResponse:
    """``reason`` is what was typed for the one that could not be decided."""
    waits = queries.waiting_for_review(request.actor)
    rows = [(one, queries.bearer_names(one), reason if one.pk == stopped else "") for one in waits]
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
    return to(request, "offices:waiting")


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
        return _waiting(request, ask_id, typed(request.POST, "reason", 300))
    return to(request, "offices:waiting")

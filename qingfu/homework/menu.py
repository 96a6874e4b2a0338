"""The pages of those who lead a school, as tabs beside each other."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def entries(request: HttpRequest) -> list[dict]:
    """The lists of this room that the actor's roles open."""
    pages = [
        ("approve_plan", "homework:plans", _("审批周计划")),
        ("list_materials", "homework:materials", _("教辅清单")),
        ("grant_waiver", "homework:waivers", _("报批")),
        ("second_withdrawal", "homework:withdrawals", _("撤回复核")),
    ]
    return [
        {"href": reverse(name), "label": label, "current": request.path == reverse(name)}
        for verb, name, label in pages
        if request.actor.posts_for(verb)
    ]

"""The way around this room, as the shell of signed-in pages shows it."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

ENTRIES = [
    ("post_homework", "homework:today", "today"),
    ("post_homework", "homework:plan", "week"),
    ("approve_plan", "homework:plans", "stamp"),
    ("list_materials", "homework:materials", "book"),
    ("grant_waiver", "homework:waivers", "shield"),
]


def entries(request: HttpRequest) -> list[dict]:
    """The pages of this room that the actor's roles open."""
    labels = {
        "homework:today": _("今天"), "homework:plan": _("周计划"), "homework:plans": _("审批"),
        "homework:materials": _("教辅清单"), "homework:waivers": _("报批"),
    }  # fmt: skip
    return [
        {"href": reverse(name), "label": labels[name], "icon": icon, "current": request.path == reverse(name)}
        for verb, name, icon in ENTRIES
        if request.actor.posts_for(verb)
    ]

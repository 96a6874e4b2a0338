"""The front door of the demonstration: who would you like to be?"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from qingfu.site.demo.guests import GUESTS, VISIT, NoDemo, demo_links, enter_as
from qingfu.units.web import set_session


def door(request: HttpRequest) -> HttpResponse:
    """The parts to play and the public pages to open."""
    try:
        return render(request, "demo/door.html", {"guests": GUESTS, "links": demo_links()})
    except NoDemo:
        raise Http404


@require_POST
def enter(request: HttpRequest, key: str) -> HttpResponse:
    """Sign in as a guest. Raises Http404 for an unknown part."""
    try:
        cookie = enter_as(key)
    except (NoDemo, KeyError):
        raise Http404
    return set_session(request, redirect("/"), cookie, VISIT)

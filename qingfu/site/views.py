"""The page of the design system, and the screens that show how its parts are put together."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingfu.site import samples


def design(request: HttpRequest) -> HttpResponse:
    """Tokens and components with sample data."""
    return render(request, "design.html", samples.design())


def prototype(request: HttpRequest, name: str) -> HttpResponse:
    """One screen with sample data. Raises Http404 for an unknown name."""
    if name not in samples.SCREENS:
        raise Http404(name)
    return render(request, f"prototypes/{name}.html", samples.SCREENS[name])

"""The page of the design system, and the screens that show how its parts are put together."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from qingfu.site import samples


def design(request: HttpRequest) -> HttpResponse:
    """Tokens and components with sample data."""
    return render(request, "design.html", samples.design())


def prototype(request: HttpRequest, name: str) -> HttpResponse:
    """One screen with sample data. Raises Http404 for an unknown name."""
    try:
        template = get_template(f"prototypes/{name}.html")
    except TemplateDoesNotExist:
        raise Http404(name) from None
    return HttpResponse(template.render(samples.screen(name), request))

"""The page of the design system."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingfu.site import samples


def design(request: HttpRequest) -> HttpResponse:
    """Tokens and components with sample data."""
    return render(request, "design.html", samples.design())

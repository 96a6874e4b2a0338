"""How this room's figures are said."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from qingfu.offices.views.desk import in_office

register = template.Library()

HOUR = 60
WORKDAY = 8 * HOUR


@register.filter
def hours(minutes: int | None) -> str:
    """Minutes as people say them: 45 分钟, 1.5 小时, 3.2 个工作日."""
    minutes = minutes or 0
    if minutes < HOUR:
        return _("%(count)s 分钟") % {"count": minutes}
    if minutes < 3 * WORKDAY:
        return _("%(count)s 小时") % {"count": f"{minutes / HOUR:.1f}".removesuffix(".0")}
    return _("%(count)s 个工作日") % {"count": f"{minutes / WORKDAY:.1f}".removesuffix(".0")}


@register.simple_tag(takes_context=True)
def office(context, name: str, *arguments) -> str:
    """As ``url``, for the office that the page is about."""
    return in_office(context["request"], reverse(name, args=arguments))


@register.simple_tag(takes_context=True)
def keep_office(context) -> str:
    """The field by which a form that is sent with GET stays with the office that the page is about."""
    unit = context["request"].GET.get("unit", "")
    return format_html('<input type="hidden" name="unit" value="{}">', unit) if unit.isdecimal() else ""


@register.filter
def half(code: str) -> str:
    """A half-day as people say it."""
    return {"am": _("上午"), "pm": _("下午")}[code]


@register.filter
def as_percent(share: float | None) -> str:
    """A share as people say it: 32 %."""
    return "" if share is None else f"{share * 100:.0f}%"


@register.filter
def corrected(minutes: int, correction) -> int:
    """Estimated minutes as villages drawn by lot say they really are."""
    return round(minutes * correction.percent / 100)

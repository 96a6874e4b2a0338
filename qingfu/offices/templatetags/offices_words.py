"""How this room's figures are said."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

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

"""The person's menu: her account, the codes of her class, administration."""

from __future__ import annotations

from django import template

from qingfu.units.queries import Actor
from qingfu.units.web import Reader

register = template.Library()


@register.inclusion_tag("units/who_menu.html", takes_context=True)
def who_menu(context: template.Context) -> dict:
    """Links for ``request.actor``; nothing for somebody without one. A ``Reader`` will do for the request."""
    request = context.get("request")
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return {}
    reader = request if isinstance(request, Reader) else Reader(request)
    return {"actor": actor, "classes": reader.classes, "manages": bool(actor.posts_for("see_school"))}

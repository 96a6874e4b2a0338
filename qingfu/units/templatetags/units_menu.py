"""The person's menu: her account, the codes of her class, administration."""

from __future__ import annotations

from django import template

from qingfu.units.models import Membership, Unit
from qingfu.units.queries import Actor

register = template.Library()


@register.inclusion_tag("units/who_menu.html", takes_context=True)
def who_menu(context: template.Context) -> dict:
    """Links for ``request.actor``; nothing for somebody without one."""
    actor: Actor | None = getattr(context.get("request"), "actor", None)
    if actor is None:
        return {}
    own = [post.unit_id for post in actor.posts if post.role == Membership.Role.CLASS_TEACHER]
    return {
        "actor": actor,
        "classes": Unit.objects.filter(pk__in=own).order_by("path") if own else [],
        "manages": bool(actor.posts_for("see_school")),
    }

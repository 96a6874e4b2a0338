"""Who answers for a finding, and who takes it over when it is late: the steps of ``data/climbing.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from qingfu.units.models import Membership, Unit
from qingfu.units.queries import Actor, in_force

DATA = tomllib.loads((Path(__file__).parent / "data" / "climbing.toml").read_text("utf-8"))
DAYS_TO_RECTIFY = DATA["days_to_rectify"]
DAYS_TO_RECHECK = DATA["days_to_recheck"]


@dataclass(frozen=True)
class Rung:
    """One level of the check; ``after`` is in days past the due day."""

    name: str
    roles: tuple[str, ...]
    after: int


RUNGS = tuple(Rung(row["name"], tuple(row["roles"]), row["after"]) for row in DATA["rung"])
TOP = len(RUNGS) - 1
LEVEL_OF = {role: level for level, rung in enumerate(RUNGS) for role in rung.roles}


@dataclass(frozen=True)
class Answerable:
    """The office that answers: a role at a unit, on a rung."""

    level: int
    role: str
    unit: Unit


def level_due(days_late: int) -> int:
    """The rung that a finding belongs to when it is so many days past its due day."""
    return max(level for level, rung in enumerate(RUNGS) if rung.after <= max(days_late, 0))


def answerable(bearer: Unit, level: int = 0) -> Answerable:
    """Who answers for ``bearer`` on ``level``, or on the next one above that anybody holds.

    A village point without a dean goes on to its principal, and without one to the county.
    """
    above = [bearer.path[:end] for end in range(Unit.steplen, len(bearer.path) + 1, Unit.steplen)]
    held = Membership.objects.filter(
        in_force(timezone.localdate()), role__in=LEVEL_OF, unit__path__in=above
    ).select_related("unit")
    offices = [Answerable(LEVEL_OF[one.role], one.role, one.unit) for one in held]
    fit = [office for office in offices if office.level >= level]
    if not fit:
        return Answerable(TOP, RUNGS[TOP].roles[0], Unit.objects.get(pk=bearer.tenant_id))
    return min(fit, key=lambda office: (office.level, -office.unit.depth, RUNGS[office.level].roles.index(office.role)))


def level_of(actor: Actor, bearer: Unit) -> int:
    """The highest rung that the actor stands on above ``bearer``; -1 for none."""
    held = [post.role for post in actor.posts if bearer.path.startswith(post.path)]
    return max((LEVEL_OF[role] for role in held if role in LEVEL_OF), default=-1)


def title_of(actor: Actor, bearer: Unit) -> str:
    """The office in whose name the actor acts at ``bearer``: a title, never a name."""
    held = [post for post in actor.posts if bearer.path.startswith(post.path) and post.role in LEVEL_OF]
    post = max(held, key=lambda post: LEVEL_OF[post.role], default=None)
    with override(settings.LANGUAGE_CODE):  # it is kept with the finding, for readers of any language
        return str(Membership.Role(post.role).label) if post else ""

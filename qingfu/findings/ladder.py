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
    """One level of the check: roles of schools, and of ``offices``; ``after`` is in days past the due day."""

    name: str
    roles: tuple[str, ...]
    offices: tuple[str, ...]
    after: int

    def roles_for(self, bearer: Unit) -> tuple[str, ...]:
        """Who stands on it above ``bearer``, the first choice first."""
        return self.offices if bearer.kind in OFFICES else self.roles


OFFICES = (Unit.Kind.COUNTY, Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP, Unit.Kind.VILLAGE, Unit.Kind.OFFICE)
"""Kinds of unit about whose problems offices answer, not schools."""

RUNGS = tuple(
    Rung(row["name"], tuple(row["roles"]), tuple(row.get("offices", ())), row["after"]) for row in DATA["rung"]
)
TOP = len(RUNGS) - 1
LEVEL_OF = {role: level for level, rung in enumerate(RUNGS) for role in (*rung.roles, *rung.offices)}
OF_OFFICES = frozenset(LEVEL_OF) - {role for rung in RUNGS for role in rung.roles}
"""Roles that answer for offices alone."""


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
    order = [role for rung in RUNGS[level:] for role in rung.roles_for(bearer)]
    held = Membership.objects.filter(
        in_force(timezone.localdate()), role__in=order, unit__path__in=above
    ).select_related("unit")
    offices = [Answerable(LEVEL_OF[one.role], one.role, one.unit) for one in held]
    if not offices:
        return Answerable(TOP, RUNGS[TOP].roles_for(bearer)[0], Unit.objects.get(pk=bearer.tenant_id))
    return min(offices, key=lambda office: (office.level, -office.unit.depth, order.index(office.role)))


def first_level(bearer: Unit, recorded_over: bool) -> int:
    """The rung that a new finding starts on. What offices were asked beyond a limit is not theirs to put right."""
    return TOP if recorded_over and bearer.kind in OFFICES else 0


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

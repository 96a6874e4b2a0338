"""What only reads: who may try rules where, and the trials that a person may see."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from qingfu.lake.models import Trial
from qingfu.lake.trials.actions import VERB
from qingfu.lake.trials.proposing import Choice, choices
from qingfu.ledger.reckoning import current
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, scope

KINDS = (Unit.Kind.COUNTY, Unit.Kind.SCHOOL)


def units_for(actor: Actor) -> QuerySet[Unit]:
    """The units whose rules an actor may try, the widest first. Raises Forbidden for somebody with none."""
    if not actor.posts_for(VERB):
        raise Forbidden(VERB)
    return scope(actor, VERB).filter(kind__in=KINDS).order_by("path")


def choices_at(unit: Unit) -> list[Choice]:
    """The limits that can be tried at a unit with another number, as of today."""
    return choices(current([unit.pk])[unit.pk].rulebook, timezone.localdate())


def trials(actor: Actor) -> QuerySet[Trial]:
    """The trials at the units of an actor, the newest first."""
    found = Trial.objects.filter(unit__in=scope(actor, VERB)).select_related("unit")
    return found.defer("chart", "result").order_by("-pk")


def one_trial(actor: Actor, trial_id: int) -> Trial:
    """One of them. Raises Forbidden, found or not."""
    found = Trial.objects.filter(unit__in=scope(actor, VERB), pk=trial_id).select_related("unit").first()
    if found is None:
        raise Forbidden(VERB)
    return found

"""容错: the figures of a year."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext

from qingfu.offices.actions.posting import NotInPlace
from qingfu.offices.blame import appeals, distinctions
from qingfu.offices.models import BlameYear
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, require
from qingfu.units.tenancy import as_tenant


def record_blame(
    actor: Actor, county: Unit, year: int, held: Mapping[str, int], spared: Mapping[str, int], ended: Mapping[str, int]
) -> BlameYear:
    """How many were held to account in a year that is over, how many were spared, by distinction, and how appeals
    ended. A later entry replaces it.

    Raises Forbidden, NotInPlace.
    """
    with as_tenant(actor.tenant_id):
        require(actor, "record_blame", county)
        if year >= timezone.localdate().year:
            raise NotInPlace(gettext("一年过完才填：年中的数会让人认出是谁"))
        for counts, codes in ((held, distinctions()), (spared, distinctions()), (ended, appeals())):
            if set(counts) != set(codes) or min(counts.values()) < 0:
                raise NotInPlace(gettext("每一格都要填，没有就填 0"))
        if sum(ended.values()) > sum(held.values()):
            raise NotInPlace(gettext("申诉的不会比问责的多"))
        made, _new = BlameYear.objects.update_or_create(
            year=year, defaults={"held": dict(held), "spared": dict(spared), "appeals": dict(ended)}
        )
        audit(actor, "record_blame", kind="blame_year", object_id=made.pk, unit_id=county.pk)
        return made

"""A report under review beside the ledger: whose figures its reader may see, which unit and period it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from qingfu.lake import indicators
from qingfu.lake.indicators.claims import Checked, check, setting_of
from qingfu.lake.manifest import LakeError
from qingfu.ledger.queries import calendar_for
from qingfu.reports.forms import PeriodForm
from qingfu.reports.queries import work
from qingfu.reports.queries.situation import kept_figures
from qingfu.text.review.claims import AGREES, DIFFERS, named_first, period_of
from qingfu.text.review.claims import Period as Span
from qingfu.text.review.document import Document
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, within

BELOW = (Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP, Unit.Kind.SCHOOL)
RECORDS_SHOWN = 200


@dataclass
class Ledger:
    """What is said beside a report: the form with unit and period, its claims, or ``problem``: why there is nothing."""

    form: PeriodForm
    unit: Unit | None = None
    first: date | None = None
    last: date | None = None
    checked: list[Checked] = field(default_factory=list)
    problem: str = ""

    @property
    def known(self) -> list[Checked]:
        """The claims that some indicator tells."""
        return [one for one in self.checked if one.is_known]

    @property
    def unknown(self) -> list[Checked]:
        """Figures that no indicator tells."""
        return [one for one in self.checked if not one.is_known]

    @property
    def agreeing(self) -> int:
        return sum(one.verdict == AGREES for one in self.checked)

    @property
    def differing(self) -> int:
        return sum(one.verdict == DIFFERS for one in self.checked)

    @property
    def unchecked(self) -> int:
        return len(self.known) - self.agreeing - self.differing


def units_for(actor: Actor) -> list[Unit]:
    """The units whose figures the actor may set a report against: those in whose name she may compose one, and for who
    sees the county its institutions, as on the county's page."""
    own = work.units_of(actor, "compose_report")
    counties = Unit.objects.filter(pk__in=[post.unit_id for post in actor.posts_for("see_county")])
    below = Unit.objects.filter(within([one.path for one in counties], "path"), kind__in=BELOW) if counties else ()
    found = {one.pk: one for one in [*own, *counties, *below]}
    return sorted(found.values(), key=lambda one: one.path)


def unit_for(actor: Actor, unit_id: int) -> Unit:
    """One of ``units_for``. Raises Forbidden, never saying whether the unit exists."""
    found = next((one for one in units_for(actor) if one.pk == unit_id), None)
    if found is None:
        raise Forbidden("compose_report")
    return found


def beside(actor: Actor, documents: Sequence[Document], current: int, chosen: Mapping[str, str]) -> list[Ledger]:
    """The claims of each document beside the ledger: of the current one for the unit and period chosen, else for those
    that it seems to be about. Empty for who may see nobody's figures."""
    units = units_for(actor)
    if not units:
        return []
    return [_beside(units, one, chosen if place == current else {}) for place, one in enumerate(documents)]


def _beside(units: list[Unit], document: Document, chosen: Mapping[str, str]) -> Ledger:
    unit = _chosen(units, chosen) or unit_of_text(document, units)
    usual = work.periods(unit)
    said = period_of(document, calendar_for(unit), timezone.localdate())
    told = work.Period(_("文中的期间：%(name)s") % {"name": _named(unit, said)}, *said[:2]) if said else None
    offered = [told, *(one for one in usual if (one.first, one.last) != said[:2])] if told else usual
    guess = {"unit": unit.pk, "period": f"{offered[0].first}_{offered[0].last}"}
    form = PeriodForm({**guess, **_fitting(chosen, offered)}, units=units, periods=offered)
    if not form.is_valid():
        return Ledger(form, unit)
    found = Ledger(form, unit, *form.span)
    try:
        found.checked = _checked(document, unit, *form.span)
    except work.NoRecords as error:
        found.problem = str(error)
    return found


def unit_of_text(document: Document, units: list[Unit]) -> Unit:
    """The unit whose name stands first in the text; the first of all where none does."""
    name = named_first(document, [one.name for one in units])
    return next((one for one in units if one.name == name), units[0])


def records_of(unit: Unit, indicator_id: str, first: date, last: date) -> tuple[indicators.Figure, list[dict], str]:
    """A figure of a unit and a period, the records behind it, and which export they are of. Raises NoRecords."""
    lake = work.lake_of(unit)
    try:
        [figure] = kept_figures(lake, (indicator_id,), unit.pk, first, last)
        rows = indicators.records(lake, indicator_id, unit.pk, first, last, RECORDS_SHOWN)
    except LakeError as error:
        raise work.NoRecords(str(error)) from error
    return figure, rows, indicators.digest(lake)


def _chosen(units: list[Unit], chosen: Mapping[str, str]) -> Unit | None:
    return next((one for one in units if str(one.pk) == chosen.get("unit")), None)


def _fitting(chosen: Mapping[str, str], offered: list) -> dict[str, str]:
    """What was chosen before; a usual period of another unit is none of this one's."""
    said = {name: chosen[name] for name in ("unit", "period", "first", "last") if name in chosen}
    if said.get("period") not in {f"{one.first}_{one.last}" for one in offered}:
        said.pop("period", None)
    return said


def _named(unit: Unit, span: Span) -> str:
    """What a period is called: a whole term by its name, whenever it was."""
    term = calendar_for(unit).term(span.first)
    if (term.start, term.end) == span[:2]:
        return work.term_name(term.id)
    return work.period_named(unit, span.first, span.last)


def _checked(document: Document, unit: Unit, first: date, last: date) -> list[Checked]:
    from qingfu.lake.indicators.ground import ground_of

    lake = work.lake_of(unit)
    try:
        setting = setting_of(ground_of(lake, unit.pk), Span(first, last), calendar_for(unit))
        return check(document, setting, lambda ids: kept_figures(lake, ids, unit.pk, first, last))
    except LakeError as error:
        raise work.NoRecords(str(error)) from error

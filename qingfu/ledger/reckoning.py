"""What a post costs: rulebook, calendar and bearers of one institution, kept in this process with their heads.

A Reckoning is only as good as its heads: ``post()`` sends them along and the database says "retry" if one has moved,
and reads compare them first (``current``). So nothing here needs a lifetime.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from django.utils.translation import gettext

from qingfu.ledger.models import Baseline, CalendarChange, Head, Pack
from qingfu.rulebook import Bearer, Calendar, DayChange, Rulebook, Term, load_calendar
from qingfu.rulebook import Pack as RulebookPack
from qingfu.rulebook.calendar import days_between
from qingfu.units.models import Unit
from qingfu.units.tenancy import current_tenant

INSTITUTIONS = ("school", "township", "bureau", "institution")
KEPT = 2000  # institutions in one process: some 20 counties

SIX = 6  # grade six of a five-four school is its first junior grade


@dataclass
class Reckoning:
    """All that decides what is asked of one institution (or of the tenant itself) costs."""

    institution: Unit
    heads: dict[int, int]
    rulebook: Rulebook
    calendar: Calendar
    issuers: dict[str, int]  # limit id → the unit that published it
    baselines: dict[tuple[int, str, int], int]
    bearers: dict[int, tuple[Unit, Bearer]] = field(default_factory=dict)

    def unit(self, unit_id: int) -> Unit:
        return self.bearers[unit_id][0]

    def bearer(self, unit_id: int) -> Bearer:
        return self.bearers[unit_id][1]


class Unknown(LookupError):
    """A bearer that is not a unit of the open tenant."""


_kept: OrderedDict[tuple[int, int], Reckoning] = OrderedDict()
_institution_of: dict[tuple[int, int], int] = {}


def reckonings(tenant_id: int, unit_ids: Iterable[int]) -> dict[int, Reckoning]:
    """The Reckoning for each unit. What this process knows it does not ask again. Raises Unknown.

    Must be called inside ``as_tenant(tenant_id)`` unless every unit is known (see ``known``).
    """
    found = {unit_id: _find(tenant_id, unit_id) for unit_id in unit_ids}
    missing = [unit_id for unit_id, reckoning in found.items() if reckoning is None]
    return {**found, **_load(tenant_id, missing)} if missing else found


def known(tenant_id: int, unit_ids: Iterable[int]) -> dict[int, Reckoning] | None:
    """As ``reckonings`` if that needs no query, else None. Other threads may forget what this one knew just now."""
    found = {unit_id: _find(tenant_id, unit_id) for unit_id in unit_ids}
    return None if None in found.values() else found


def current(unit_ids: Iterable[int]) -> dict[int, Reckoning]:
    """As ``reckonings`` for the open tenant, after comparing the heads with one query: for reads."""
    unit_ids = list(unit_ids)
    tenant_id = current_tenant()
    found = {id(r): r for r in reckonings(tenant_id, unit_ids).values()}
    wanted = {unit_id: version for r in found.values() for unit_id, version in r.heads.items()}
    now = dict(Head.objects.filter(tenant_id=tenant_id, unit_id__in=wanted).values_list("unit_id", "version"))
    if now != wanted:
        forget(tenant_id, unit_ids)
    return reckonings(tenant_id, unit_ids)


def under_change(found: Mapping[int, Reckoning], change: CalendarChange) -> dict[int, Reckoning]:
    """``found`` as it would be after a calendar change that nobody has made: for previews, kept nowhere.

    Raises RulebookError for terms out of order.
    """
    rows = [*CalendarChange.objects.select_related("unit").order_by("pk"), change]
    calendars = {}
    for one in found.values():
        path = one.institution.path
        chain = sorted((row for row in rows if path.startswith(row.unit.path)), key=lambda row: len(row.unit.path))
        calendars[path] = _calendar(tuple(item for row in chain for item in calendar_changes(row)))
    return {unit_id: replace(one, calendar=calendars[one.institution.path]) for unit_id, one in found.items()}


def forget(tenant_id: int, unit_ids: Iterable[int]) -> None:
    """Drop what is kept for the institutions of these units."""
    for unit_id in unit_ids:
        institution_id = _institution_of.pop((tenant_id, unit_id), None)
        _kept.pop((tenant_id, institution_id), None)


def _find(tenant_id: int, unit_id: int) -> Reckoning | None:
    found = _kept.get((tenant_id, _institution_of.get((tenant_id, unit_id))))
    return found if found and unit_id in found.bearers else None


def _load(tenant_id: int, unit_ids: list[int]) -> dict[int, Reckoning]:
    units = {unit.pk: unit for unit in Unit.objects.filter(tenant_id=tenant_id, pk__in=unit_ids)}
    unknown = set(unit_ids) - set(units)
    if unknown:
        raise Unknown(gettext("没有这个承担方：%(ids)s") % {"ids": sorted(unknown)})
    paths = {unit.path[:end] for unit in units.values() for end in _steps(unit.path)}
    above = {unit.path: unit for unit in Unit.objects.filter(path__in=paths)}
    institutions = {unit.pk: _institution(unit, above, tenant_id) for unit in units.values()}
    loaded = _kept_or_loaded(tenant_id, {one.pk: one for one in institutions.values()}, above)
    found = {}
    for unit in units.values():
        found[unit.pk] = reckoning = loaded[institutions[unit.pk].pk]
        reckoning.bearers[unit.pk] = unit, bearer_of(unit, reckoning.institution)
        _institution_of[tenant_id, unit.pk] = reckoning.institution.pk
    return found


def _kept_or_loaded(tenant_id: int, institutions: dict[int, Unit], above: dict[str, Unit]) -> dict[int, Reckoning]:
    found = {pk: _kept.get((tenant_id, pk)) for pk in institutions}
    fresh = _load_institutions(tenant_id, [institutions[pk] for pk in found if found[pk] is None], above)
    for pk, reckoning in fresh.items():
        _kept[tenant_id, pk] = found[pk] = reckoning
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


def _steps(path: str) -> range:
    return range(Unit.steplen, len(path) + 1, Unit.steplen)


def _institution(unit: Unit, above: dict[str, Unit], tenant_id: int) -> Unit:
    """The school, township, bureau or institution that a unit is or lies in; else the tenant's own unit."""
    chain = [above[unit.path[:end]] for end in _steps(unit.path) if unit.path[:end] in above]
    return next((one for one in chain if one.kind in INSTITUTIONS), None) or next(
        one for one in chain if one.pk == tenant_id
    )


def _load_institutions(tenant_id: int, institutions: list[Unit], above: dict[str, Unit]) -> dict[int, Reckoning]:
    if not institutions:
        return {}
    chains = {
        one.pk: [above[one.path[:end]] for end in _steps(one.path) if one.path[:end] in above] for one in institutions
    }
    everybody = {unit.pk for chain in chains.values() for unit in chain}
    # Heads first: what is published after this moves them, and then post() says "retry".
    heads = dict(Head.objects.filter(tenant_id=tenant_id, unit_id__in=everybody).values_list("unit_id", "version"))
    packs = _latest_packs(everybody)
    changes: dict[int, list] = {}
    for change in CalendarChange.objects.filter(unit_id__in=everybody).order_by("pk"):
        changes.setdefault(change.unit_id, []).extend(calendar_changes(change))
    baselines = {(b.bearer_id, b.limit_id, b.year): b.amount for b in Baseline.objects.all()}
    loaded = {}
    for one in institutions:
        chain = chains[one.pk]
        rows = [row for unit in chain for row in packs.get(unit.pk, ())]
        loaded[one.pk] = Reckoning(
            institution=one,
            heads={pk: heads[pk] for pk in {tenant_id, one.pk}},
            rulebook=_rulebook(tuple(_Text(row.sha256, row.toml) for row in rows)),
            calendar=_calendar(tuple(change for unit in chain for change in changes.get(unit.pk, ()))),
            issuers={limit_id: row.unit_id for row in rows for limit_id in _parsed(row.sha256, row.toml).limits_by_id},
            baselines=baselines,
        )
    return loaded


def _latest_packs(unit_ids: Iterable[int]) -> dict[int, list[Pack]]:
    """The latest version of each pack of these units, by unit."""
    found: dict[int, list[Pack]] = {}
    rows = Pack.objects.filter(unit_id__in=unit_ids).order_by("unit_id", "pack_id", "-version")
    for row in rows.distinct("unit_id", "pack_id"):
        found.setdefault(row.unit_id, []).append(row)
    return found


@dataclass(frozen=True)
class _Text:
    """The text of a pack, compared by its hash: schools with the same packs share one Rulebook."""

    sha256: str
    toml: str = field(compare=False, repr=False)


@lru_cache(maxsize=512)
def _rulebook(texts: tuple[_Text, ...]) -> Rulebook:
    return Rulebook(_parsed(text.sha256, text.toml) for text in texts)


@lru_cache(maxsize=4096)
def _parse_once(text: _Text) -> RulebookPack:
    return RulebookPack.from_toml(text.toml)


def _parsed(sha256: str, toml: str) -> RulebookPack:
    return _parse_once(_Text(sha256, toml))


@lru_cache(maxsize=512)
def _calendar(changes: tuple[DayChange | Term, ...]) -> Calendar:
    return load_calendar().with_changes(changes) if changes else load_calendar()


def calendar_changes(row: CalendarChange) -> list[DayChange | Term]:
    """A stored change as the calendar takes it: one for each day, or the term."""
    if row.term_id:
        return [Term(row.term_id, row.starts, row.ends, row.source, row.provisional)]
    return [
        DayChange(day, row.day_kind, row.name, row.source, row.provisional)
        for day in days_between(row.starts, row.ends)
    ]


def bearer_of(unit: Unit, institution: Unit) -> Bearer:
    """A unit as the rulebook sees it. What is said of its school (寄宿, 时间) holds for its classes too."""
    attributes = {**institution.attributes, **unit.attributes}
    stage = "junior" if unit.system == Unit.System.FIVE_FOUR and unit.grade == SIX else None
    if unit.kind != Unit.Kind.CLASS:
        stage = attributes.get("stage")
    return Bearer(
        id=unit.pk,
        kind=unit.kind,
        grade=unit.grade,
        stage=stage,
        unit_kinds=tuple(attributes.get("unit_kinds", ())),
        attributes={key: value for key, value in attributes.items() if not isinstance(value, dict)},
    )

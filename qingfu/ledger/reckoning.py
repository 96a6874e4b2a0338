"""What a post costs: rulebook, calendar and bearers of one institution, kept in this process with their heads.

A Reckoning is only as good as its heads: ``post()`` sends them along and the database says "retry" if one has moved,
and reads compare them first (``current``). So nothing here needs a lifetime. Two rules keep it so: heads are read
before all that they stand for, and what a transaction reads after it has moved heads itself stays with that
transaction until it commits.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import groupby
from threading import Lock

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext

from qingfu.ledger.models import Baseline, CalendarChange, Head, Pack
from qingfu.rulebook import Bearer, Calendar, DayChange, Rulebook, Term, load_calendar
from qingfu.rulebook import Pack as RulebookPack
from qingfu.rulebook.calendar import days_between
from qingfu.units.calendar import grade_of
from qingfu.units.models import ClosedTerm, Unit
from qingfu.units.tenancy import current_tenant

INSTITUTIONS = ("school", "township", "bureau", "institution")
KEPT = 2000  # institutions in one process: some 20 counties

SIX = 6  # grade six of a five-four school is its first junior grade


@dataclass(frozen=True, eq=False)
class Reckoning:
    """All that decides what is asked of one institution (or of the tenant itself) costs. Never changed, and equal only
    to itself: whoever keeps something under it keeps it for these rules, this calendar and these names.
    """

    institution: Unit
    heads: Mapping[int, int]
    rulebook: Rulebook
    calendar: Calendar
    issuers: Mapping[str, int]  # limit id → the unit that published it
    baselines: Mapping[tuple[int, str, int], int]
    closed_terms: frozenset[str] = frozenset()
    bearers: Mapping[int, tuple[Unit, Bearer]] = field(default_factory=dict)

    def unit(self, unit_id: int) -> Unit:
        return self.bearers[unit_id][0]

    def bearer(self, unit_id: int, day: date | None = None) -> Bearer:
        """A unit as the rulebook sees it; a class in the grade that it had on ``day``."""
        unit, bearer = self.bearers[unit_id]
        grade = unit.grade if day is None else grade_of(unit, day)
        return bearer if grade == unit.grade else replace(bearer, grade=grade)

    def why_closed(self, unit_id: int, day: date) -> str:
        """Why nothing more can be asked of a unit for a day, in a sentence; "" where it can."""
        unit = self.unit(unit_id)
        if unit.ends and unit.ends < day:
            return gettext("%(unit)s已于%(day)s结束，不能再布置，只能登记") % {"unit": unit.name, "day": unit.ends}
        if self.closed_terms and self.calendar.day(day).term_id in self.closed_terms:
            return gettext("这个学期已经结束，不能再布置，只能登记")
        return ""


class Unknown(LookupError):
    """A bearer that is not a unit of the open tenant."""


class _Shelf:
    """Reckonings by institution, and where each unit belongs. Threads may take from it and put on it at any time."""

    def __init__(self):
        self._lock = Lock()
        self._by_institution: OrderedDict[tuple[int, int], Reckoning] = OrderedDict()
        self._institution_of: dict[tuple[int, int], int] = {}

    def find(self, tenant_id: int, unit_id: int) -> Reckoning | None:
        with self._lock:
            return self._by_institution.get((tenant_id, self._institution_of.get((tenant_id, unit_id))))

    def at(self, tenant_id: int, institution_id: int) -> Reckoning | None:
        with self._lock:
            return self._by_institution.get((tenant_id, institution_id))

    def put(self, tenant_id: int, fresh: Reckoning) -> None:
        """Keep it, with the bearers that were known before under the same heads."""
        place = tenant_id, fresh.institution.pk
        with self._lock:
            earlier = self._by_institution.get(place)
            if earlier and earlier.heads == fresh.heads:
                fresh = replace(fresh, bearers={**earlier.bearers, **fresh.bearers})
            self._by_institution[place] = fresh
            self._institution_of |= {(tenant_id, unit_id): fresh.institution.pk for unit_id in fresh.bearers}
            while len(self._by_institution) > KEPT:
                self._drop(next(iter(self._by_institution)))

    def forget(self, tenant_id: int, unit_ids: Iterable[int]) -> None:
        with self._lock:
            for unit_id in unit_ids:
                self._drop((tenant_id, self._institution_of.get((tenant_id, unit_id))))

    def _drop(self, place: tuple[int, int]) -> None:
        gone = self._by_institution.pop(place, None)
        for unit_id in gone.bearers if gone else ():
            self._institution_of.pop((place[0], unit_id), None)

    def __call__(self) -> None:
        """The transaction whose shelf this was has committed: now it is true for everybody."""
        for (tenant_id, _), reckoning in self._by_institution.items():
            _kept.put(tenant_id, reckoning)


_kept = _Shelf()


def _own() -> _Shelf | None:
    """What the open transaction read after it had moved heads. It lies among the hooks of the transaction's commit,
    so a rollback (also one to the savepoint since which it lies there) takes it away.
    """
    hooks = (hook for _, hook, _ in connections[DEFAULT_DB_ALIAS].run_on_commit)
    return next((hook for hook in hooks if isinstance(hook, _Shelf)), None)


def _shelf_of(has_moved_heads: bool) -> _Shelf:
    if not has_moved_heads:
        return _kept
    own = _own()
    if own is None:
        own = _Shelf()
        transaction.on_commit(own)
    return own


def reckonings(tenant_id: int, unit_ids: Iterable[int]) -> dict[int, Reckoning]:
    """The Reckoning for each unit. What this process knows it does not ask again. Raises Unknown.

    Must be called inside ``as_tenant(tenant_id)`` unless every unit is known (see ``known``).
    """
    unit_ids = list(unit_ids)
    found = known(tenant_id, unit_ids)
    return _load(tenant_id, unit_ids) if found is None else found


def known(tenant_id: int, unit_ids: Iterable[int]) -> dict[int, Reckoning] | None:
    """As ``reckonings`` if that needs no query, else None. Other threads may forget what this one knew just now."""
    own, found = _own(), {}
    for unit_id in unit_ids:
        one = (own and own.find(tenant_id, unit_id)) or _kept.find(tenant_id, unit_id)
        if one is None:
            return None
        found[unit_id] = one
    return found if _agree(found) else None


def _agree(found: Mapping[int, Reckoning]) -> bool:
    """Whether all were read under the same versions: else some would be sent with the heads of others."""
    versions: dict[int, int] = {}
    return all(
        versions.setdefault(unit_id, version) == version
        for one in set(found.values())
        for unit_id, version in one.heads.items()
    )


def current(unit_ids: Iterable[int]) -> dict[int, Reckoning]:
    """As ``reckonings`` for the open tenant, after comparing the heads with one query: for reads."""
    unit_ids = list(unit_ids)
    tenant_id = current_tenant()
    found = reckonings(tenant_id, unit_ids)
    wanted = heads_of(found)
    if _versions(tenant_id, wanted) == wanted:
        return found
    forget(tenant_id, unit_ids)
    return _load(tenant_id, unit_ids)


def heads_of(found: Mapping[int, Reckoning]) -> dict[int, int]:
    """The heads under which Reckonings hold: version by unit."""
    return {unit_id: version for one in set(found.values()) for unit_id, version in one.heads.items()}


def _versions(tenant_id: int, unit_ids: Iterable[int]) -> dict[int, int]:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:  # asked for by every page: plain SQL costs it a fifth
        cursor.execute(
            "SELECT unit_id, version FROM ledger_head WHERE tenant_id = %s AND unit_id = ANY (%s)",
            [tenant_id, list(unit_ids)],
        )
        return dict(cursor.fetchall())


def under_change(found: Mapping[int, Reckoning], change: CalendarChange) -> dict[int, Reckoning]:
    """``found`` as it would be after a calendar change that nobody has made: for previews, kept nowhere.

    Raises RulebookError for terms out of order.
    """
    return _with_changes(found, [*CalendarChange.objects.select_related("unit").order_by("pk"), change])


def before_change(found: Mapping[int, Reckoning], change_id: int) -> dict[int, Reckoning]:
    """``found`` as it was before a calendar change of the open transaction."""
    return _with_changes(found, CalendarChange.objects.select_related("unit").exclude(pk=change_id).order_by("pk"))


def _with_changes(found: Mapping[int, Reckoning], rows: Iterable[CalendarChange]) -> dict[int, Reckoning]:
    rows = list(rows)
    calendars = {}
    for one in found.values():
        path = one.institution.path
        chain = sorted((row for row in rows if path.startswith(row.unit.path)), key=lambda row: len(row.unit.path))
        calendars[path] = _calendar(tuple(item for row in chain for item in calendar_changes(row)))
    return {unit_id: replace(one, calendar=calendars[one.institution.path]) for unit_id, one in found.items()}


def forget(tenant_id: int, unit_ids: Iterable[int]) -> None:
    """Drop what is kept for the institutions of these units."""
    unit_ids = list(unit_ids)
    for shelf in (_own(), _kept):
        if shelf is not None:
            shelf.forget(tenant_id, unit_ids)


def _load(tenant_id: int, unit_ids: Iterable[int]) -> dict[int, Reckoning]:
    # Heads first: whatever changes after this moves them, and then post() says "retry".
    heads, shelf = _heads(tenant_id)
    units = {unit.pk: unit for unit in Unit.objects.filter(tenant_id=tenant_id, pk__in=list(unit_ids))}
    unknown = set(unit_ids) - set(units)
    if unknown:
        raise Unknown(gettext("没有这个承担方：%(ids)s") % {"ids": sorted(unknown)})
    above = _above(units.values())
    institutions = {unit.pk: _institution(_chain(unit, above), tenant_id) for unit in units.values()}
    loaded = _load_institutions(tenant_id, {one.pk: one for one in institutions.values()}, above, heads, shelf)
    for pk, reckoning in loaded.items():
        its = [unit for unit in units.values() if institutions[unit.pk].pk == pk]
        bearers = {unit.pk: (unit, bearer_of(unit, reckoning.institution)) for unit in its}
        loaded[pk] = replace(reckoning, bearers={**reckoning.bearers, **bearers})
        shelf.put(tenant_id, loaded[pk])
    return {unit_id: loaded[institutions[unit_id].pk] for unit_id in units}


def _heads(tenant_id: int) -> tuple[dict[int, int], _Shelf]:
    """The heads of a tenant, and where to keep what is read under them."""
    moved = RawSQL("current_setting('ledger.moved', true)", [])
    heads = Head.objects.filter(tenant_id=tenant_id).annotate(moved=moved)
    rows = list(heads.values_list("unit_id", "version", "moved"))
    return {unit_id: version for unit_id, version, _ in rows}, _shelf_of(any(moved for *_, moved in rows))


def _above(units: Iterable[Unit]) -> dict[str, Unit]:
    """Each unit and all above it, by path."""
    paths = {unit.path[:end] for unit in units for end in _steps(unit.path)}
    return {unit.path: unit for unit in Unit.objects.filter(path__in=paths)}


def _chain(unit: Unit, above: Mapping[str, Unit]) -> list[Unit]:
    return [above[unit.path[:end]] for end in _steps(unit.path) if unit.path[:end] in above]


def _steps(path: str) -> range:
    return range(Unit.steplen, len(path) + 1, Unit.steplen)


def _institution(chain: list[Unit], tenant_id: int) -> Unit:
    """The nearest school, township, bureau or institution of a chain from above; else the tenant's own unit.

    A school may lie in a township: then the school is it, and the township's rules hold there too.
    """
    nearest = next((one for one in reversed(chain) if one.kind in INSTITUTIONS), None)
    return nearest or next(one for one in chain if one.pk == tenant_id)


def _load_institutions(
    tenant_id: int,
    institutions: Mapping[int, Unit],
    above: Mapping[str, Unit],
    heads: Mapping[int, int],
    shelf: _Shelf,
) -> dict[int, Reckoning]:
    """The Reckonings of institutions under these heads: kept ones where their heads are the same."""
    chains = {pk: _chain(one, above) for pk, one in institutions.items()}
    wanted = {pk: {unit.pk: heads[unit.pk] for unit in chain if unit.pk in heads} for pk, chain in chains.items()}
    kept = {pk: shelf.at(tenant_id, pk) for pk in institutions}
    found = {pk: one for pk, one in kept.items() if one and one.heads == wanted[pk]}
    fresh = [pk for pk in institutions if pk not in found]
    if not fresh:
        return found
    everybody = {unit.pk for pk in fresh for unit in chains[pk]}
    packs = _latest_packs(everybody)
    changes: dict[int, list] = {}
    for change in CalendarChange.objects.filter(unit_id__in=everybody).order_by("pk"):
        changes.setdefault(change.unit_id, []).extend(calendar_changes(change))
    baselines = {(b.bearer_id, b.limit_id, b.year): b.amount for b in Baseline.objects.order_by("version")}
    closed = frozenset(ClosedTerm.objects.filter(reopened_at=None).values_list("term_id", flat=True))
    for pk in fresh:
        rows = [row for unit in chains[pk] for row in packs.get(unit.pk, ())]
        found[pk] = Reckoning(
            institution=institutions[pk],
            heads=wanted[pk],
            rulebook=_rulebook(tuple(row.toml for row in rows)),
            calendar=_calendar(tuple(change for unit in chains[pk] for change in changes.get(unit.pk, ()))),
            issuers={limit_id: row.unit_id for row in rows for limit_id in _parsed(row.toml).limits_by_id},
            baselines=baselines,
            closed_terms=closed,
        )
    return found


def _latest_packs(unit_ids: Iterable[int]) -> dict[int, list[Pack]]:
    """The latest version of each pack of these units, by unit."""
    found: dict[int, list[Pack]] = {}
    rows = Pack.objects.filter(unit_id__in=unit_ids).order_by("unit_id", "pack_id", "-version")
    for row in rows.distinct("unit_id", "pack_id"):
        found.setdefault(row.unit_id, []).append(row)
    return found


# Compared by their whole text: schools with the same packs share one Rulebook, and no hash that somebody stored
# beside another text can bring the rules of one county into another.
@lru_cache(maxsize=512)
def _rulebook(texts: tuple[str, ...]) -> Rulebook:
    return Rulebook(_parsed(toml) for toml in texts)


@lru_cache(maxsize=4096)
def _parsed(toml: str) -> RulebookPack:
    return RulebookPack.from_toml(toml)


@dataclass(frozen=True)
class Proposed:
    """What a unit below the tenant has declared and the county has not confirmed: a school day stays one."""

    change: DayChange | Term

    def until_confirmed(self, calendar: Calendar) -> DayChange | None:
        """What it changes for now: the name of the day. A school day keeps its kind, a term its dates."""
        if isinstance(self.change, Term):
            return None
        day = calendar.day(self.change.day)
        return replace(self.change, kind=day.kind) if day.is_school_day else self.change


@lru_cache(maxsize=512)
def _calendar(changes: tuple[DayChange | Term | Proposed, ...]) -> Calendar:
    calendar = load_calendar()
    for proposed, several in groupby(changes, lambda change: isinstance(change, Proposed)):
        if proposed:
            several = filter(None, [one.until_confirmed(calendar) for one in several])
        calendar = calendar.with_changes(several)
    return calendar


def calendar_changes(row: CalendarChange) -> list[DayChange | Term | Proposed]:
    """A stored change as the calendar takes it: one for each day, or the term."""
    if row.term_id:
        changes = [Term(row.term_id, row.starts, row.ends, row.source, row.provisional)]
    else:
        changes = [
            DayChange(day, row.day_kind, row.name, row.source, row.provisional)
            for day in days_between(row.starts, row.ends)
        ]
    below_tenant = row.unit_id != row.tenant_id
    return [Proposed(change) for change in changes] if row.provisional and below_tenant else changes


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

"""What the pages of rules show: the chain in force, packs with their versions, the calendar. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from qingfu.ledger import reckoning
from qingfu.ledger.forms import TIMES_OFFERED
from qingfu.ledger.models import Attempt, CalendarChange, Demand, Pack
from qingfu.ledger.reckoning import INSTITUTIONS, Reckoning, bearer_of
from qingfu.ledger.standing import Standing
from qingfu.rulebook import Bearer, Calendar, InForce, Rulebook, RulebookError, check, why_unrecorded
from qingfu.rulebook import Pack as RulebookPack
from qingfu.rulebook.calendar import CLASS_KINDS, Term, days_between
from qingfu.rulebook.check import Problem
from qingfu.rulebook.explain import Chain, explain
from qingfu.rulebook.preview import Change, preview
from qingfu.rulebook.sentences import rule_text
from qingfu.rulebook.words import KINDS, word
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, chain_of, may, scope, within
from qingfu.units.tenancy import current_tenant

MOST_JUDGED = 50_000  # demands that a preview goes through before it says that there are too many
CHANGES_SHOWN = 100
NEWS_DAYS = 30  # how long a change of the calendar is news


# ---- where somebody's rules come from ----


def home_unit(actor: Actor) -> Unit:
    """The school or office whose rules are the actor's: that of her account."""
    chain = chain_of(Unit.objects.get(pk=actor.unit_id))
    return next((unit for unit in chain if unit.kind in INSTITUTIONS), chain[-1])


def unit_for(actor: Actor, asked: str) -> Unit:
    """The school asked for, if the actor may see it; else her own."""
    if asked.isdecimal():
        found = scope(actor, "see_school").filter(pk=int(asked), kind__in=INSTITUTIONS).first()
        if found:
            return found
    return home_unit(actor)


def publishes_for(actor: Actor, verb: str) -> list[Unit]:
    """The units that the actor publishes for herself: where she holds the right, and not the units below."""
    return list(Unit.objects.filter(pk__in=[post.unit_id for post in actor.posts_for(verb)]).order_by("path"))


# ---- what is in force ----


@dataclass(frozen=True)
class Step:
    """One rule of a chain, in words."""

    level: str
    rule: str
    force: str
    verdict: str
    citation: str
    since: date
    until: date | None
    note: str
    unrecorded: str  # why nobody enters what would answer it, so that it is judged only where somebody did
    binds: bool


@dataclass(frozen=True)
class Rules:
    """The chains for one kind of demand on one bearer on a day."""

    title: str
    chains: list[tuple[str, list[Step]]]


def grades_of(unit: Unit) -> list[int]:
    """The grades that a school has; all nine above schools."""
    if unit.kind not in INSTITUTIONS:
        return list(range(1, 10))
    classes = Unit.objects.filter(within([unit.path]), kind=Unit.Kind.CLASS, tenant_id=unit.tenant_id)
    return sorted(set(classes.values_list("grade", flat=True)))


def own_grade(actor: Actor, grades: Sequence[int]) -> str:
    """The grade to look at first: that of a class of the actor, else the lowest."""
    classes = [post.unit_id for post in actor.posts if post.kind == Unit.Kind.CLASS]
    own = Unit.objects.filter(pk__in=classes, grade__in=grades).order_by("path").values_list("grade", flat=True).first()
    return str(own or (grades[0] if grades else ""))


def bearer_in(unit: Unit, grade: int | None) -> Bearer:
    """A class of a grade at a unit, or the unit itself."""
    if grade is None:
        return bearer_of(unit, unit)
    return bearer_of(Unit(kind=Unit.Kind.CLASS, grade=grade, system=unit.system), unit)


def kinds_with_rules(rulebook: Rulebook, bearer: Bearer, day: date) -> list[tuple[str, str]]:
    """(code, name) of the kinds that any rule for this bearer is about."""
    return [(kind, word("kinds", kind)) for kind in KINDS if rulebook.limits(kind, bearer, day)]


def rules(rulebook: Rulebook, kind: str, bearer: Bearer, day: date) -> Rules:
    """Everything in force, chain by chain, the nation's first; the rule that binds is marked."""
    found = explain(rulebook, kind, bearer, day)
    return Rules(word("kinds", kind), [(chain.binding.limit.title, _steps(chain)) for chain in found.chains])


def _steps(chain: Chain) -> list[Step]:
    return [
        Step(
            word("levels", one.level), rule_text(one), word("forces", one.limit.force), one.verdict.code,
            one.citation, one.value.start, one.value.end, one.value.note or one.limit.purpose,
            why_unrecorded(one.limit), one is chain.binding and len(chain.steps) > 1,
        )
        for one in chain.steps
    ]  # fmt: skip


# ---- packs and their versions ----


def packs_for(actor: Actor, unit: Unit) -> tuple[list[Pack], list[Pack]]:
    """(packs of the unit's county and school, packs of the levels above), the latest version of each."""
    rows = _latest(chain_of(unit))
    return [row for row in rows if row.level in ("county", "school")], [
        row for row in rows if row.level not in ("county", "school")
    ]


def _latest(units: Iterable[Unit]) -> list[Pack]:
    ids = [unit.pk for unit in units]
    rows = Pack.objects.filter(unit_id__in=ids).select_related("unit").order_by("unit__path", "pack_id", "-version")
    return list(rows.distinct("unit__path", "pack_id").defer("toml"))


def school_packs(actor: Actor) -> list[Pack]:
    """The latest packs of the schools that the actor may see: for the county."""
    return _latest(scope(actor, "see_school").filter(kind__in=INSTITUTIONS))


def pack_in_sight(actor: Actor, pk: int) -> Pack | None:
    """A version of a pack of the actor's own chain, or of a school that she may see."""
    pack = Pack.objects.select_related("unit").filter(pk=pk).first()
    if pack is None:
        return None
    return pack if in_sight(actor, pack.unit) else None


def in_sight(actor: Actor, unit: Unit) -> bool:
    """Whether a unit's rules and days are the actor's own, or those of a school that she may see."""
    own = home_unit(actor).path.startswith(unit.path)
    return own or scope(actor, "see_school").filter(pk=unit.pk).exists()


def versions_of(pack: Pack) -> list[Pack]:
    """All versions of a pack, the newest first."""
    same = Pack.objects.filter(unit_id=pack.unit_id, pack_id=pack.pack_id)
    return list(same.order_by("-version").defer("toml"))


def latest_version(unit: Unit, pack_id: str) -> Pack | None:
    return Pack.objects.filter(unit=unit, pack_id=pack_id).order_by("-version").first()


def changes_of(pack: Pack) -> list[Change]:
    """What a version changed, against the one before it."""
    before = Pack.objects.filter(unit_id=pack.unit_id, pack_id=pack.pack_id, version=pack.version - 1).first()
    old = RulebookPack.from_toml(before.toml) if before else None
    return preview(old, RulebookPack.from_toml(pack.toml), timezone.localdate(pack.published_at))


def limits_in_words(pack: RulebookPack, day: date) -> list[dict]:
    """The limits of a pack as lines: title, whom it is for, each value with its dates and document."""
    return [
        {
            "id": limit.id, "title": limit.title, "who": limit.applies.text, "force": word("forces", limit.force),
            "values": [_value_line(pack, limit, value, day) for value in limit.values],
        }
        for limit in pack.limits
    ]  # fmt: skip


def _value_line(pack: RulebookPack, limit, value, day: date) -> dict:
    in_force = InForce(limit, value, pack.documents[value.document], pack.level, pack)
    return {"rule": rule_text(in_force), "citation": in_force.citation, "since": value.start, "until": value.end,
            "holds": value.holds_on(day)}  # fmt: skip


def times_in_words(pack: RulebookPack) -> list[dict]:
    """The local times of a pack as lines: title, time of day, its dates."""
    return [
        {"title": word("times", one.name), "time": one.time, "since": one.start, "until": one.end} for one in pack.times
    ]


def times_today(unit: Unit, today: date) -> list[tuple[str, str]]:
    """(title, "HH:MM") of each local time that is said for a school on a day, by whatever level."""
    found = reckoning.current([unit.pk])[unit.pk]
    said = [(name, found.rulebook.local_time(name, found.bearer(unit.pk, today), today)) for name in TIMES_OFFERED]
    return [(word("times", name), time) for name, time in said if time]


def publishes(actor: Actor, unit: Unit) -> bool:
    """Whether the actor publishes the rules of this very unit."""
    return unit in publishes_for(actor, "publish_pack")


# ---- before publishing ----


@dataclass(frozen=True)
class Outlook:
    """What publishing a pack would do. ``over``: standing budgets above their new cap; None: too many to go through."""

    pack: RulebookPack
    changes: list[Change]
    problems: list[Problem]
    over: int | None


def outlook(unit: Unit, pack: RulebookPack, today: date) -> Outlook:
    """Problems against the levels above, what changes and from when, and what stands over it. Changes nothing."""
    published = latest_version(unit, pack.id)
    old = RulebookPack.from_toml(published.toml) if published else None
    changes = preview(old, pack, today)
    return Outlook(pack, changes, _problems(unit, pack, today), _over(unit, pack, changes, today))


def _problems(unit: Unit, pack: RulebookPack, today: date) -> list[Problem]:
    """What does not fit of this pack; and of the packs of schools below that it would overtake."""
    calendar = reckoning.current([unit.pk])[unit.pk].calendar
    chain = _with(reckoning.current([unit.pk])[unit.pk].rulebook, pack)
    found = [problem for problem in check(chain, today, calendar) if problem.pack_id == pack.id]
    below = Unit.objects.filter(within([unit.path]), kind__in=INSTITUTIONS, tenant_id=unit.tenant_id)
    for row in Pack.objects.filter(pk__in=[one.pk for one in _latest(below.exclude(pk=unit.pk))]):
        under = check([*chain, RulebookPack.from_toml(row.toml)], today, calendar)
        found += [one for one in under if one.pack_id == row.pack_id and one.superior_id in pack.limits_by_id]
    return found


def _with(rulebook: Rulebook, pack: RulebookPack) -> list[RulebookPack]:
    return [*(one for one in rulebook.packs if one.id != pack.id), pack]


def _over(unit: Unit, pack: RulebookPack, changes: Sequence[Change], today: date) -> int | None:
    """How many budgets that stand would lie above their cap under the limits that change."""
    changed = {change.limit_id for change in changes if change.kind in ("added", "changed")}
    limits = [pack.limit(limit_id) for limit_id in changed if pack.limit(limit_id).accumulates]
    if not limits:
        return 0
    classes = Unit.objects.filter(within([unit.path]), kind=Unit.Kind.CLASS, tenant_id=unit.tenant_id)
    found = reckoning.current(list(classes.values_list("pk", flat=True)))
    if not found:
        return 0
    calendar = next(iter(found.values())).calendar
    since = min(_first_day(calendar, limit.window, today) for limit in limits)
    rows = Demand.objects.filter(
        bearer_id__in=list(found), day__gte=since, kind__in={limit.kind for limit in limits}
    ).exclude(state=Demand.State.WITHDRAWN)
    if rows.count() > MOST_JUDGED:
        return None
    return _count_over(rows, found, pack, changed, today)


def _first_day(calendar: Calendar, window: str, today: date) -> date:
    try:
        return calendar.window(window, today).start
    except RulebookError:  # a window without dates of its own: what stands from today on
        return today


def _count_over(rows, found: dict[int, Reckoning], pack: RulebookPack, changed: set[str], today: date) -> int:
    books: dict[int, Rulebook] = {}
    totals: dict[tuple, int] = {}
    caps: dict[tuple, float] = {}
    for demand in rows.iterator():
        one = found[demand.bearer_id]
        book = books.setdefault(id(one.rulebook), Rulebook(_with(one.rulebook, pack)))
        for charge in book.charges(Standing(demand).asked(one.bearer(demand.bearer_id, demand.day)), one.calendar):
            if charge.limit_id in changed and charge.window.end >= today and charge.in_force.value.cap is not None:
                place = (charge.bearer_id, charge.limit_id, charge.window.key)
                totals[place] = totals.get(place, 0) + charge.amount
                caps[place] = charge.in_force.value.cap
    return sum(total > caps[place] for place, total in totals.items())


# ---- the calendar ----


@dataclass(frozen=True)
class Span:
    """Days in a row of one kind, that are not what the week would make of them."""

    starts: date
    ends: date
    kind: str
    name: str
    source: str
    provisional: bool

    @property
    def days(self) -> int:
        return (self.ends - self.starts).days + 1


def special_days(calendar: Calendar, term: Term) -> list[Span]:
    """Holidays, make-up days and days off of a term, as spans."""
    spans: list[Span] = []
    for d in days_between(term.start, term.end):
        day = calendar.day(d)
        usual = "rest_day" if day.weekday > 5 else "school_day"
        if day.kind == usual and not day.name:
            continue
        if spans and _goes_on(spans[-1], day):
            last = spans.pop()
            spans.append(Span(last.starts, d, last.kind, last.name, last.source, last.provisional))
        else:
            spans.append(Span(d, d, word("day_kinds", day.kind), day.name, day.source, day.provisional))
    return spans


def _goes_on(span: Span, day) -> bool:
    return (day.date - span.ends).days == 1 and (span.name, span.source) == (day.name, day.source)


def terms_around(calendar: Calendar, today: date) -> list[Term]:
    """The term of today and the next one."""
    now = calendar.term(today)
    after = calendar.window("term", today).end + timedelta(days=1)
    return [now, calendar.term(after)]


def term_title(term_id: str) -> str:
    """2026-2027-1 as people say it: 2026–2027 学年第一学期."""
    first, last, number = term_id.split("-")
    names = {"1": _("%(first)s–%(last)s 学年第一学期"), "2": _("%(first)s–%(last)s 学年第二学期")}
    return names[number] % {"first": first, "last": last}


@dataclass(frozen=True)
class TermPage:
    """A term with its dates and its special days."""

    term: Term
    spans: list[Span]

    @property
    def title(self) -> str:
        return term_title(self.term.id)


def term_pages(calendar: Calendar, today: date) -> list[TermPage]:
    """The term of today and the next one, with their special days."""
    return [TermPage(term, special_days(calendar, term)) for term in terms_around(calendar, today)]


def calendar_changes(unit: Unit) -> list[CalendarChange]:
    """What a school and its county have declared, the newest first, each with its ``title``."""
    rows = CalendarChange.objects.filter(unit__in=chain_of(unit)).select_related("unit").order_by("-pk")
    return [titled(row) for row in rows[:CHANGES_SHOWN]]


def titled(change: CalendarChange) -> CalendarChange:
    """The change with a ``title`` for one that has no name."""
    change.title = term_title(change.term_id) if change.term_id else word("day_kinds", change.day_kind)
    return change


def proposes(actor: Actor, unit: Unit, day_kind: str, term_id: str) -> bool:
    """Whether such a change would be the actor's proposal to the county, and count for nothing until it agrees."""
    return bool(term_id or day_kind not in CLASS_KINDS) and not decides(actor, unit)


def decides(actor: Actor, unit: Unit) -> bool:
    """Whether the actor changes the calendar of the whole county, and so confirms what a school proposes."""
    return may(actor, "change_calendar", Unit.objects.get(pk=unit.tenant_id))


def waits(change: CalendarChange) -> bool:
    """Whether a change is a school's proposal that the county has not confirmed by making it once more."""
    if not change.provisional or change.unit_id == change.tenant_id or change.day_kind in CLASS_KINDS:
        return False
    same = {name: getattr(change, name) for name in ("unit_id", "starts", "ends", "day_kind", "term_id")}
    return not CalendarChange.objects.filter(**same, provisional=False, pk__gt=change.pk).exists()


def is_news(change: CalendarChange) -> bool:
    """Whether a change was made so lately that those whom it touches are shown it by itself."""
    return (timezone.now() - change.recorded_at).days < NEWS_DAYS


def moved_by(changes: Iterable[CalendarChange]) -> dict[int, list[int]]:
    """The demands that each change of the calendar moved. One query."""
    keys = {f"calendar-{change.pk}": change.pk for change in changes}
    rows = Attempt.objects.filter(tenant_id=current_tenant(), verb="move", key__in=list(keys))
    return {keys[key]: answer.get("corrected", []) for key, answer in rows.values_list("key", "answer") if answer}


def moved_demands(actor: Actor, ids: Iterable[int]) -> list[Demand]:
    """Those of the moved demands that concern the actor: her own, and those of her classes; with ``class_name``."""
    ids = list(ids)
    classes = dict(scope(actor, "see_class").filter(kind=Unit.Kind.CLASS).values_list("pk", "name"))
    rows = Demand.objects.filter(id__in=ids).order_by("day", "bearer_id", "id")
    found = [row for row in rows if row.bearer_id in classes or row.issuer_id == actor.person_id]
    names = {**dict(Unit.objects.filter(pk__in={row.bearer_id for row in found}).values_list("pk", "name")), **classes}
    for row in found:
        row.class_name = names[row.bearer_id]
    return found

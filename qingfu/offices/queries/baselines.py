"""基数: what each bearer did in a year under each limit that is a share of it, as the ledger has it; what is frozen."""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cache
from math import floor
from pathlib import Path

from django.db.models import Min, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.ledger import reckoning
from qingfu.ledger.drafts import apportion, in_account
from qingfu.ledger.models import Baseline, Budget, Demand, Pack
from qingfu.ledger.standing import Standing
from qingfu.offices.asking import OWN
from qingfu.offices.models import Predecessor
from qingfu.rulebook import Bearer, Limit, Rulebook
from qingfu.rulebook import Pack as RulebookPack
from qingfu.rulebook.charges import share_of_day
from qingfu.rulebook.model import all_hold
from qingfu.rulebook.words import word
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, live, scope

FORM = "share_at_most_last_year"
DATA = Path(__file__).parent.parent / "data" / "baselines.toml"
ASKING_KINDS = (Unit.Kind.COUNTY, Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP)
"""Units that keep an account of what they ask."""
WHOLE = 100  # percent

Place = tuple[int, str]
ByDay = dict[date, int]


@cache
def settings() -> dict:
    """Our own figures (data/baselines.toml)."""
    return tomllib.loads(DATA.read_text("utf-8"))


class State(Enum):
    """Where a figure stands. The value is for people."""

    FROZEN = _("已冻结")
    DUE = _("台账有全年的数，今夜冻结")
    PART = _("台账不满一年，请导入")
    NOTHING = _("台账里去年一件也没有，请导入；确实没有就导入 0")


@dataclass(frozen=True)
class Line:
    """One bearer under one limit: its versions, the latest last, and what the ledger has of the year before."""

    unit: Unit
    bearer: Bearer
    limit: Limit
    document: str
    year: int
    versions: tuple[Baseline, ...] = ()
    amount: int = 0
    state: State = State.NOTHING
    parts: tuple[dict, ...] = field(default=(), hash=False)

    @property
    def place(self) -> Place:
        return self.unit.pk, self.limit.id

    @property
    def latest(self) -> Baseline | None:
        return self.versions[-1] if self.versions else None

    @property
    def missing(self) -> bool:
        """Whether somebody has to do something."""
        return self.state in (State.PART, State.NOTHING)

    @property
    def measure(self) -> str:
        return word("measures", "times" if self.limit.measure == "" else self.limit.measure)


def lines_of(units: Iterable[Unit], today: date) -> list[Line]:
    """Every figure that the limits of this year ask of some units of one tenant, in the order of the tree."""
    wanted = _wanted(list(units), today.year)
    frozen: dict[Place, list[Baseline]] = {}
    known = Baseline.objects.filter(bearer_id__in={one.unit.pk for one in wanted}, year=today.year)
    for row in known.order_by("version"):
        frozen.setdefault((row.bearer_id, row.limit_id), []).append(row)
    open_ones = [one for one in wanted if one.place not in frozen]
    figures = _figures(open_ones, today.year - 1)
    whole = date.fromisoformat(f"{today.year - 1}-{settings()['whole_year_from']}")
    began = Demand.objects.aggregate(first=Min("day"))["first"]
    followed = set(Predecessor.objects.values_list("unit_id", flat=True))
    made = []
    for one in wanted:
        versions = tuple(frozen.get(one.place, ()))
        amount, parts, found = figures.get(one.place, (0, (), False))
        older = one.unit.starts is None or one.unit.starts <= whole or one.unit.pk in followed
        if versions:
            state = State.FROZEN
        elif not found:
            state = State.NOTHING
        else:
            state = State.DUE if began <= whole and older else State.PART
        said = {"versions": versions, "amount": amount, "state": state, "parts": parts}
        made.append(Line(one.unit, one.bearer, one.limit, one.document, one.year, **said))
    return made


def units_with_baselines(county: Unit, today: date) -> QuerySet[Unit]:
    """The units of a county that some limit measures by the year before."""
    return Unit.objects.filter(live(today), tenant_id=county.tenant_id, kind__in=_kinds(county)).order_by("path")


def seen_by(actor: Actor, today: date) -> QuerySet[Unit]:
    """Those of them whose figures a person sees. Raises Forbidden."""
    verbs = [verb for verb in ("freeze_baselines", "see_office") if actor.posts_for(verb)]
    if not verbs:
        raise Forbidden("see_office")
    seen = {pk for verb in verbs for pk in scope(actor, verb).values_list("pk", flat=True)}
    return units_with_baselines(Unit.objects.get(pk=actor.tenant_id), today).filter(pk__in=seen)


def history_of(actor: Actor, baseline_id: int) -> list[Baseline]:
    """All versions of the figure that a version belongs to, the latest last. Raises Forbidden."""
    found = Baseline.objects.filter(pk=baseline_id).first()
    verbs = ("freeze_baselines", "see_office")
    if found is None or not any(scope(actor, verb).filter(pk=found.bearer_id).exists() for verb in verbs):
        raise Forbidden("see_office")
    same = Baseline.objects.filter(bearer_id=found.bearer_id, limit_id=found.limit_id, year=found.year)
    return list(same.select_related("bearer").order_by("version"))


def limit_title(unit_id: int, limit_id: str) -> str:
    """What a limit is called; its id where no pack in force names it any more."""
    found = reckoning.current([unit_id])[unit_id].rulebook
    return next((pack.limit(limit_id).title for pack in found.packs if limit_id in pack.limits_by_id), limit_id)


def successions() -> QuerySet[Predecessor]:
    """Which units came from which, the latest first."""
    return Predecessor.objects.select_related("unit", "before").order_by("-since", "before__path", "unit__path")


def _kinds(county: Unit) -> set[str]:
    """The kinds of unit that such limits are for, in the packs of the county, above it and below."""
    below = Pack.objects.filter(tenant_id=county.tenant_id, toml__contains=FORM).exclude(unit_id=county.pk)
    packs = [*reckoning.current([county.pk])[county.pk].rulebook.packs]
    packs += [RulebookPack.from_toml(toml) for toml in below.values_list("toml", flat=True)]
    bearers = {kind for pack in packs for limit in _shares(pack) for kind in limit.bearers}
    return {*bearers, *ASKING_KINDS} if OWN["account"] in bearers else bearers


def _shares(pack: RulebookPack) -> list[Limit]:
    return [limit for limit in pack.limits if limit.form == FORM and limit.window == "year"]


def _wanted(units: list[Unit], year: int) -> list[Line]:
    found = reckoning.current([unit.pk for unit in units])
    by_rulebook: dict[int, list[tuple[Limit, str]]] = {}
    made = []
    for unit in units:
        rulebook = found[unit.pk].rulebook
        limits = by_rulebook.setdefault(id(rulebook), _in_force(rulebook, year))
        bearer = found[unit.pk].bearer(unit.pk)
        accounts = [bearer, in_account(bearer, OWN)] if unit.kind in ASKING_KINDS else [bearer]
        for account in accounts:
            made += [
                Line(unit, account, limit, document, year)
                for limit, document in limits
                if account.kind in limit.bearers and limit.applies.to(account)
            ]
    return made


def _in_force(rulebook: Rulebook, year: int) -> list[tuple[Limit, str]]:
    """Limits that are a share of last year on some day of ``year``, each with its document."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return [
        (limit, pack.documents[value.document].citation)
        for pack in rulebook.packs
        for limit in _shares(pack)
        for value in [one for one in limit.values if one.start <= last and (one.end is None or one.end >= first)][-1:]
    ]


def _figures(wanted: list[Line], year: int) -> dict[Place, tuple[int, tuple[dict, ...], bool]]:
    """(amount, what of it came from predecessors, whether the ledger has anything) of a year, by bearer and limit."""
    if not wanted:
        return {}
    events = list(successions().filter(since__year__gte=year).order_by("since", "before__path", "unit__path"))
    lines = wanted + _of_predecessors(wanted, events)
    by_day = _taken(lines, year)
    found = {place for place, days in by_day.items() if days}
    limits = {one.limit.id for one in wanted}
    parts: dict[Place, list[dict]] = {}
    received: Counter[Place] = Counter()
    for before in dict.fromkeys(one.before for one in events):  # whoever was followed first comes first
        several = [one for one in events if one.before_id == before.pk]
        for limit_id in limits:
            place = before.pk, limit_id
            days = by_day.get(place, {})
            pool = sum(amount for day, amount in days.items() if day < several[0].since) + received.pop(place, 0)
            by_day[place] = {day: amount for day, amount in days.items() if day >= several[0].since}
            if place not in found:
                continue
            shares = divided(pool, {one.unit_id: one.share for one in several})
            received[place] += shares.pop(None)
            for one in several:
                there = one.unit_id, limit_id
                received[there] += shares[one.unit_id]
                found.add(there)
                parts.setdefault(there, []).append(part_of(before, one.share, shares[one.unit_id]))
    return {
        one.place: (sum(by_day.get(one.place, {}).values()) + received[one.place], tuple(parts.get(one.place, ())),
                    one.place in found)
        for one in wanted
    }  # fmt: skip


def divided(amount: int, shares: Mapping[int, int]) -> dict[int | None, int]:
    """An amount by shares in percent, in whole numbers that add up to it; ``None`` has what nobody else gets."""
    return apportion(amount, {**shares, None: WHOLE - sum(shares.values())})


def part_of(before: Unit, share: int, amount: int) -> dict:
    """As a baseline names what it has from a predecessor."""
    return {"unit_id": before.pk, "name": before.name, "share": share, "amount": amount}


def _of_predecessors(wanted: list[Line], events: list[Predecessor]) -> list[Line]:
    """The same limits at units that are gone, whose work is counted elsewhere now."""
    known = {one.unit.pk for one in wanted}
    gone = {one.before for one in events if one.before_id not in known}
    return _wanted(sorted(gone, key=lambda unit: unit.path), wanted[0].year) if gone else []


def _taken(lines: list[Line], year: int) -> dict[Place, ByDay]:
    """What stands in the ledger, by the day that it counts for. Emergencies count apart and are left out."""
    found: dict[Place, ByDay] = {one.place: {} for one in lines}
    by_account: dict[tuple[int, str, str], list[Line]] = {}
    for one in lines:
        by_account.setdefault((one.unit.pk, one.bearer.kind, one.limit.kind), []).append(one)
    bearers = {one.unit.pk: one.bearer for one in lines}
    kinds_of_unit = {one.unit.pk: one.unit.kind for one in lines}
    rows = Demand.objects.filter(
        bearer_id__in=bearers, day__year=year, kind__in={one.limit.kind for one in lines}, emergency=False
    ).exclude(state="withdrawn")
    for demand in rows.iterator():
        account = demand.attributes.get("account") or kinds_of_unit[demand.bearer_id]
        asked = Standing(demand).asked(bearers[demand.bearer_id])
        for one in by_account.get((demand.bearer_id, account, demand.kind), ()):
            if not all_hold(one.limit.where, asked.attributes):
                continue
            days = found[one.place]
            for day in {asked.day, *(asked.split or ())}:
                days[day] = days.get(day, 0) + share_of_day(asked, one.limit, day)
    return found


def spent(unit: Unit, amounts: Mapping[str, int], today: date) -> dict[str, int]:
    """How much of each frozen figure of a unit (by limit) this year's use stands for: the least that allows it."""
    limits = {one.limit.id: one.limit for one in _wanted([unit], today.year)}
    used = Budget.objects.filter(bearer_id=unit.pk, limit_id__in=amounts, starts=date(today.year, 1, 1))
    taken = dict(used.values_list("limit_id", "used"))
    return {
        limit_id: _least(amount, taken.get(limit_id, 0), limits.get(limit_id), today)
        for limit_id, amount in amounts.items()
    }


def _least(amount: int, used: int, limit: Limit | None, today: date) -> int:
    value = limit.value_on(today) if limit else None
    share = value.share if value else 1
    return min(amount, bisect_left(range(amount + 1), used, key=lambda part: floor(share * part)))


def source_of(line: Line) -> str:
    """Where a figure of the ledger is from, as it is frozen."""
    text = gettext("%(year)s 年台账") % {"year": line.year - 1}
    names = "、".join(f"{one['name']} {one['share']}%" for one in line.parts)
    return f"{text}（{gettext('含')} {names}）"[:200] if names else text


ALL, MISSING, CHANGED = "all", "missing", "changed"


def narrowed(lines: Iterable[Line], words: str = "", what: str = ALL) -> list[Line]:
    """What of the figures a page shows: by words in unit or rule, those that are missing, those with more versions."""
    return [
        one
        for one in lines
        if (words in one.unit.name or words in one.limit.title)
        and (what != MISSING or one.missing)
        and (what != CHANGED or len(one.versions) > 1)
    ]

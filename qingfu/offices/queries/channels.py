"""The register of apps and groups: what an office keeps, what a unit must use, what is to be cleaned up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse

from qingfu.findings.models import Finding
from qingfu.findings.records import Record
from qingfu.ledger.queries import rulebook_for
from qingfu.offices.channels import overdue_before
from qingfu.offices.lending import STANDS
from qingfu.offices.models import Channel, ChannelReview
from qingfu.offices.queries.standing import ASKED_KINDS
from qingfu.rulebook import Bearer, InForce, Window
from qingfu.rulebook.judge import SCHOOL_APPS
from qingfu.rulebook.model import all_hold
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, below, scope
from qingfu.units.queries import live as there_on

ALL, OVERDUE, BANNED, UNFILED, GONE = "all", "overdue", "banned", "unfiled", "gone"


def live() -> QuerySet[Channel]:
    """Channels that are, or were, in use: not those that the two offices have not allowed."""
    begun = Channel.objects.filter(Q(ask=None) | Q(ask__state__in=STANDS))
    return begun.select_related("unit", "into")


def users_of(channel: Channel) -> QuerySet[Unit]:
    """The units that a channel says use it, within its owner's reach."""
    said = Q(kind__in=channel.kinds) | Q(pk__in=channel.unit_ids)
    there = there_on(channel.since)
    units = Unit.objects.filter(said, there, kind__in=ASKED_KINDS, path__startswith=_reach(channel.unit))
    return units.exclude(pk=channel.unit_id).order_by("path")


def _reach(owner: Unit) -> str:
    """The path under which an office's users are: a bureau serves the whole of what it belongs to."""
    return owner.path[: -Unit.steplen] if owner.kind == Unit.Kind.BUREAU else owner.path


def _reaching(unit: Unit) -> Q:
    """A condition: kept by an office that reaches ``unit``, or by itself."""
    above = [unit.path[:end] for end in range(Unit.steplen, len(unit.path) + 1, Unit.steplen)]
    return Q(unit__path__in=above) | Q(unit__kind=Unit.Kind.BUREAU)


def kept_by(actor: Actor) -> QuerySet[Channel]:
    """What the actor's office, or the offices that she looks after, keep; by office and name."""
    return live().filter(unit__in=scope(actor, "see_office")).order_by("unit__path", "carrier", "name")


def used_by(unit: Unit) -> QuerySet[Channel]:
    """What a unit must use: named itself or by its kind, by an office that reaches it."""
    named = Q(kinds__contains=[unit.kind]) | Q(unit_ids__contains=[unit.pk])
    rows = live().filter(named, _reaching(unit), state=Channel.State.KEPT).exclude(unit=unit)
    return rows.order_by("carrier", "unit__path", "name")


def narrowed(rows: QuerySet[Channel], today: date, words: str = "", carrier: str = "", what: str = ALL):
    """The rows that a page's filter leaves."""
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(about__icontains=words) | Q(unit__name__icontains=words))
    if carrier:
        rows = rows.filter(carrier=carrier)
    if what == GONE:
        return rows.exclude(state=Channel.State.KEPT)
    rows = rows.filter(state=Channel.State.KEPT)
    if what == OVERDUE:
        return rows.filter(is_overdue(today))
    if what == BANNED:
        return rows.exclude(answers=[])
    if what == UNFILED:
        return rows.filter(carrier__in=(Channel.Carrier.APP, Channel.Carrier.MINI_PROGRAM), filing_number="")
    return rows


def is_overdue(today: date) -> Q:
    """A condition: never answered for, or so long ago that it is to be looked at again."""
    return Q(reviewed_on=None) | Q(reviewed_on__lte=overdue_before(today))


def one_channel(actor: Actor, channel_id: int, today: date) -> Channel:
    """A channel that the actor keeps, looks after, or must use. Raises Forbidden, never saying whether it exists."""
    found = kept_by(actor).filter(pk=channel_id).first()
    if found is None:
        mine = scope(actor, "see_below").filter(pk__in={post.unit_id for post in actor.posts})
        used = (used_by(unit).filter(pk=channel_id).first() for unit in mine)
        found = next((one for one in used if one), None)
    if found is None:
        raise Forbidden("see_below")
    return found


def could_take(channel: Channel) -> QuerySet[Channel]:
    """What a channel could be merged into: of the same family, in use, of the own office or one that reaches it."""
    same = {"carrier__in": _family(channel.carrier), "state": Channel.State.KEPT}
    rows = live().filter(_reaching(channel.unit), **same)
    return rows.exclude(pk=channel.pk).order_by("unit__path", "name")


def duplicates(rows: Iterable[Channel]) -> list[list[Channel]]:
    """Groups of channels in use with the same purpose and the same users: proposed for merging. All villages of one
    township are not those of another."""
    groups: dict[tuple, list[Channel]] = defaultdict(list)
    for one in rows:
        kinds = (_reach(one.unit), *sorted(one.kinds)) if one.kinds else ()
        users = (kinds, tuple(sorted(one.unit_ids)))
        if one.state == Channel.State.KEPT and any(users):
            groups[_family(one.carrier), one.purpose, users].append(one)
    return [group for group in groups.values() if len(group) > 1]


def _family(carrier: str) -> tuple[str, ...]:
    apps = (Channel.Carrier.APP.value, Channel.Carrier.MINI_PROGRAM.value)
    return apps if carrier in apps else (carrier,)


@dataclass(frozen=True)
class SchoolCleanup:
    """The yearly clean-up of what schools must use: how many there are, how many were looked at this year, the rule."""

    channels: int
    reviewed: int
    in_force: InForce

    @property
    def is_done(self) -> bool:
        return self.reviewed == self.channels


def school_cleanup(county: Unit, today: date) -> SchoolCleanup | None:
    """Where the county stands with the clean-up that the rulebook asks for; None where no such rule is in force."""
    rules = rulebook_for(county).limits("cleanup", Bearer(id=county.pk, kind=Unit.Kind.COUNTY), today)
    rule = next((one for one in rules if all_hold(one.limit.where, SCHOOL_APPS)), None)
    if rule is None:
        return None
    return SchoolCleanup(*_looked_at(county, date(today.year, 1, 1), today), rule)


def cleanups(unit: Unit, window: Window) -> int | None:
    """How often a county went through what its schools had to use at the end of a window: once, if each of it was
    looked at within the window. None where it is no county, or nothing was in use: there is nothing to say of it."""
    if unit.kind != Unit.Kind.COUNTY:
        return None
    channels, reviewed = _looked_at(unit, window.start, window.end)
    return int(reviewed == channels) if channels else None


def _looked_at(county: Unit, since: date, day: date) -> tuple[int, int]:
    """How many channels schools must use on a day, and how many of them were looked at since."""
    schools = set(Unit.objects.filter(below(county), kind=Unit.Kind.SCHOOL).values_list("pk", flat=True))
    in_use = Q(state=Channel.State.KEPT) | Q(decided_on__gt=day)
    rows = live().filter(in_use, since__lte=day, unit__in=Unit.objects.filter(below(county)))
    used = [one.pk for one in rows if Unit.Kind.SCHOOL in one.kinds or set(one.unit_ids) & schools]
    reviews = ChannelReview.objects.filter(channel__in=used, day__range=(since, day))
    return len(used), reviews.values("channel").distinct().count()


def open_findings(channel: Channel) -> QuerySet[Finding]:
    """What is still to be put right about a channel."""
    return Finding.objects.filter(
        object_kind="channel", object_ids__contains=[channel.pk], state=Finding.State.OPEN
    ).order_by("due_day")


def known_to(unit: Unit) -> set[tuple[str, str]]:
    """(carrier, name) of what the office has in use."""
    return set(live().filter(unit=unit, state=Channel.State.KEPT).values_list("carrier", "name"))


def records(_finding: Finding, ids: Sequence[int]) -> list[Record]:
    """The channels behind a finding, as lines that open their pages."""
    rows = Channel.objects.filter(pk__in=ids).select_related("unit").order_by("pk")
    return [
        Record(one.name, f"{one.unit.name} · {one.get_carrier_display()}", reverse("offices:channel", args=[one.pk]))
        for one in rows
    ]

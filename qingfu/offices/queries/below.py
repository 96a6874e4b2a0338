"""What is asked of those below: by whom, of which kind, in how many hours, beside its substitutes and last year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.db.models import BigIntegerField, Count, F, IntegerField, Sum, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.ledger.models import Demand
from qingfu.ledger.queries import SHOWN
from qingfu.offices import periods
from qingfu.offices.models import Ask, Complaint, PhoneCall, PhoneSample
from qingfu.offices.periods import Span
from qingfu.rulebook.words import word
from qingfu.units.models import Unit
from qingfu.units.permissions import OFFICE_KINDS
from qingfu.units.queries import Actor, Forbidden


@dataclass(frozen=True)
class Line:
    """Things asked and estimated minutes, of one issuer or one kind; ``before``: of the same span a year before."""

    name: str
    count: int
    minutes: int
    before_count: int = 0
    before_minutes: int = 0


@dataclass(frozen=True)
class Totals:
    """All that was asked of some units in a span. A relay counts once, with all its hours. Lines in the order of
    names: nothing here is a rank. Emergencies and statutory duty count apart, and are in no other figure."""

    count: int
    minutes: int
    yuan: int
    by_issuer: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    by_kind: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    emergencies: int = 0
    emergency_minutes: int = 0


ROOT = Coalesce(Cast(KT("attributes__origin"), BigIntegerField()), F("attempt_id"))
MINUTES = Coalesce(Cast(KT("attributes__estimated_minutes"), IntegerField()), Value(0))
YUAN = Coalesce(Cast(KT("amounts__yuan"), IntegerField()), Value(0))


def totals(unit_ids: Iterable[int], span: Span) -> Totals:
    """What was asked of the units from ``span.since`` to ``span.until``, what comes from above too. Five queries."""
    everything = (
        Demand.objects.filter(
            bearer_id__in=list(unit_ids), day__range=(span.since, span.until), state__in=SHOWN, kind__in=OFFICE_KINDS
        )
        .exclude(attributes__has_key="account")
        .annotate(root=ROOT, minutes=MINUTES, yuan=YUAN, source=KT("attributes__from_above"))
    )
    apart = everything.filter(emergency=True).aggregate(count=Count("root", distinct=True), total=Sum("minutes"))
    rows = everything.filter(emergency=False)
    whole = rows.aggregate(count=Count("root", distinct=True), total=Sum("minutes"), money=Sum("yuan"))
    several = rows.values("kind", "issuer_unit_id", "source").annotate(
        count=Count("root", distinct=True), total=Sum("minutes")
    )
    several = list(several)
    names = dict(Unit.objects.filter(pk__in={row["issuer_unit_id"] for row in several}).values_list("pk", "name"))
    by_issuer: dict[str, tuple[int, int]] = {}
    # By itself: what several pass on is one thing of its kind, whoever issued the parts.
    kinds = rows.values("kind").annotate(count=Count("root", distinct=True), total=Sum("minutes"))
    by_kind = {row["kind"]: (row["count"], row["total"]) for row in kinds}
    for row in several:
        _add(by_issuer, row["source"] or names.get(row["issuer_unit_id"], ""), row)
    return Totals(
        whole["count"], whole["total"] or 0, whole["money"] or 0, by_issuer, by_kind, apart["count"],
        apart["total"] or 0,
    )  # fmt: skip


def _add(found: dict[str, tuple[int, int]], name: str, row: Mapping) -> None:
    count, minutes = found.get(name, (0, 0))
    found[name] = count + row["count"], minutes + row["total"]


@dataclass(frozen=True)
class View:
    """One period as the page shows it, beside the same a year before."""

    period: str
    span: Span
    now: Totals
    before: Totals

    @property
    def issuers(self) -> list[Line]:
        """By who asked, in the order of names."""
        return _lines(self.now.by_issuer, self.before.by_issuer, str)

    @property
    def kinds(self) -> list[Line]:
        """By kind of thing."""
        return _lines(self.now.by_kind, self.before.by_kind, lambda kind: word("kinds", kind))

    @property
    def substitutes(self) -> list[Line]:
        return side_by_side(self.now.by_kind, self.before.by_kind)


def side_by_side(now: Mapping[str, tuple[int, int]], before: Mapping[str, tuple[int, int]]) -> list[Line]:
    """Document, letter, group notice, call and meeting, each also where it is nought, and their sum as the last line: a
    cut in one that another makes good for is none."""
    rows = [
        Line(word("kinds", kind), *now.get(kind, (0, 0)), *before.get(kind, (0, 0)))
        for kind in periods.figures()["substitutes"]
    ]
    return [*rows, Line(
        gettext("合计"), sum(row.count for row in rows), sum(row.minutes for row in rows),
        sum(row.before_count for row in rows), sum(row.before_minutes for row in rows),
    )]  # fmt: skip


def sent(unit: Unit, today: date) -> list[Line]:
    """The same of what an office has asked of others for this year, beside what it had by this day a year before."""
    span = periods.span_of(periods.YEAR, today)
    whole = Span(span.since, today.replace(month=12, day=31))
    return side_by_side(_sent(unit, whole), _sent(unit, span.year_before()))


def _sent(unit: Unit, span: Span) -> dict[str, tuple[int, int]]:
    rows = Ask.objects.filter(
        unit=unit, day__range=(span.since, span.until), state=Ask.State.POSTED, emergency=False,
        kind__in=periods.figures()["substitutes"],
    )  # fmt: skip
    several = rows.values("kind").annotate(count=Count("pk"), total=Sum("minutes"))
    return {row["kind"]: (row["count"], row["total"]) for row in several}


def _lines(now: Mapping, before: Mapping, said) -> list[Line]:
    names = sorted({*now, *before}, key=lambda name: said(name))
    return [Line(said(name), *now.get(name, (0, 0)), *before.get(name, (0, 0))) for name in names]


def view(unit_ids: Iterable[int], period: str, today: date) -> View:
    """A week, month or year until today, and the same days a year before. Raises KeyError for another period."""
    span, ids = periods.span_of(period, today), list(unit_ids)
    return View(period, span, totals(ids, span), totals(ids, span.year_before()))


def grassroots() -> list[int]:
    """All townships, villages and schools of the open tenant: for the county's own page."""
    kinds = (Unit.Kind.TOWNSHIP, Unit.Kind.VILLAGE, Unit.Kind.SCHOOL)
    return list(Unit.objects.filter(kind__in=kinds).values_list("pk", flat=True))


# ---- what the telephone says ----


@dataclass(frozen=True)
class Correction:
    """What villages drawn by lot say: real minutes for a hundred estimated, and what nobody registered for a hundred
    registered, by kind. ``calls`` are those answered."""

    calls: int
    percent: int
    unregistered: int
    by_kind: tuple[tuple[str, int], ...]


def correction(today: date) -> Correction | None:
    """From the calls of the last months; None until there are enough of them."""
    said = periods.figures()["sample"]
    first = periods.month_of(_months_before(today, said["months"]))
    calls = list(PhoneCall.objects.filter(sample__month__gte=first, reached=True))
    estimated, registered = sum(one.estimated_minutes for one in calls), sum(one.registered for one in calls)
    if len(calls) < said["calls"] or not estimated or not registered:
        return None
    kinds = periods.figures()["unregistered"]
    by_kind = {kind: sum(one.unregistered.get(kind, 0) for one in calls) for kind in kinds}
    return Correction(
        len(calls), round(100 * sum(one.real_minutes for one in calls) / estimated),
        round(100 * sum(by_kind.values()) / registered),
        tuple((kinds[kind], round(100 * count / registered)) for kind, count in by_kind.items() if count),
    )  # fmt: skip


def _months_before(today: date, months: int) -> date:
    index = today.year * 12 + today.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def samples(actor: Actor) -> list[PhoneSample]:
    """The samples, the latest first. Raises Forbidden."""
    if not actor.posts_for("handle_complaints"):
        raise Forbidden("handle_complaints")
    return list(PhoneSample.objects.prefetch_related("calls").order_by("-month"))


# ---- complaints ----


@dataclass(frozen=True)
class Group:
    """Complaints of one release about one issuer's one kind of thing, saying the same. Nobody's name or unit."""

    released_on: date
    key: str
    issuer: str
    kind: str
    what: str
    count: int
    sentences: tuple[str, ...]
    pictures: tuple[int, ...]
    answer: str


def released(actor: Actor | None = None, *, answered: bool = False) -> list[Group]:
    """What was released, the latest first; with ``answered`` only what has an answer, which everybody may read.

    Raises Forbidden for an actor who does not handle complaints, unless it is about answers.
    """
    if not answered and (actor is None or not actor.posts_for("handle_complaints")):
        raise Forbidden("handle_complaints")
    rows = Complaint.objects.exclude(released_on=None).select_related("issuer").defer("picture")
    rows = rows.exclude(answer="") if answered else rows
    with_picture = set(Complaint.objects.exclude(picture=None).exclude(released_on=None).values_list("pk", flat=True))
    rows = sorted(rows, key=lambda one: (-one.released_on.toordinal(), *_group(one)))
    return [
        _made(list(several), with_picture)
        for _key, several in groupby(rows, key=lambda one: (one.released_on, *_group(one)))
    ]


def group_key(one: Complaint) -> str:
    """Complaints of one issuer about one kind of thing, saying the same, stand and are answered together."""
    return f"{one.issuer_id or ''}|{one.source}|{one.kind}|{one.what}"


def _group(one: Complaint) -> tuple:
    return one.issuer.pinyin if one.issuer else "", one.issuer_id or 0, one.source, one.kind, one.what


def _made(rows: list[Complaint], with_picture: set[int]) -> Group:
    first = rows[0]
    return Group(
        first.released_on, group_key(first),
        first.issuer.name if first.issuer else first.source or gettext("没有登记的"),
        word("kinds", first.kind) if first.kind else gettext("没有登记的事"), first.get_what_display(), len(rows),
        tuple(sorted(one.sentence for one in rows if one.sentence)),
        tuple(one.pk for one in rows if one.pk in with_picture), first.answer,
    )  # fmt: skip


def still_held() -> int:
    """How many complaints of months that are over wait for their release: it does not move at the moment of a tap."""
    return Complaint.objects.filter(released_on=None, month__lt=periods.month_of(timezone.localdate())).count()


def picture_of(actor: Actor, complaint_id: int) -> bytes:
    """A forwarded screenshot of a released complaint. Raises Forbidden, found or not."""
    if actor.posts_for("handle_complaints"):
        found = Complaint.objects.exclude(released_on=None).exclude(picture=None).filter(pk=complaint_id).first()
        if found is not None:
            return bytes(found.picture)
    raise Forbidden("handle_complaints")

"""What is mine to do, what is open below me, and the records behind. Every list starts from ``visible``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from qingfu.findings import ladder
from qingfu.findings.models import Finding
from qingfu.units.models import Membership, Person, Unit
from qingfu.units.queries import Actor, may, school_of, scope, within

State = Finding.State
OFFICE_ROLES = ladder.OF_OFFICES | {Membership.Role.CLERK}
"""Roles that see the findings of offices alone."""


def visible(actor: Actor) -> QuerySet[Finding]:
    """The findings that the actor may see: those of her class, grade, school or county, of her office (schools' are
    no office's business), and any given to her."""
    posts = actor.posts_for("see_findings")
    offices = [post.path for post in posts if post.role in OFFICE_ROLES]
    others = [post.path for post in posts if post.role not in OFFICE_ROLES]
    of_offices = within(offices, "bearer__path") & Q(bearer__kind__in=ladder.OFFICES)
    return Finding.objects.filter(within(others, "bearer__path") | of_offices | Q(responsible_id=actor.person_id))


def to_do(actor: Actor) -> QuerySet[Finding]:
    """What the actor has to put right: open, and hers by office or because it was given to her."""
    return visible(actor).filter(_hers(actor), state=State.OPEN)


def _hers(actor: Actor) -> Q:
    by_office = Q(pk__in=[])
    for post in actor.posts:
        by_office |= Q(role=post.role, responsible_unit_id=post.unit_id)
    return Q(responsible_id=actor.person_id) | (by_office & Q(responsible=None))


def to_recheck(actor: Actor) -> QuerySet[Finding]:
    """What the actor has to look back at: put right by a level below hers, and its day has come."""
    due = visible(actor).filter(state=State.RECTIFIED, recheck_day__lte=timezone.localdate())
    return due.filter(_hers(actor))


def count_to_do(actor: Actor) -> int:
    """How many findings wait for the actor: to put right, or to look back at."""
    today = timezone.localdate()
    waiting = Q(state=State.OPEN) | Q(state=State.RECTIFIED, recheck_day__lte=today)
    return visible(actor).filter(_hers(actor), waiting).count()


TABS = {
    "mine": to_do,
    "recheck": to_recheck,
    "open": lambda actor: visible(actor).filter(state=State.OPEN),
    "rectified": lambda actor: visible(actor).filter(state=State.RECTIFIED),
    "closed": lambda actor: visible(actor).filter(state=State.CLOSED),
}


def tab_counts(actor: Actor) -> dict[str, int]:
    """How many findings each tab holds. One query."""
    hers, today = _hers(actor), timezone.localdate()
    return visible(actor).aggregate(
        mine=Count("pk", filter=hers & Q(state=State.OPEN)),
        recheck=Count("pk", filter=hers & Q(state=State.RECTIFIED, recheck_day__lte=today)),
        open=Count("pk", filter=Q(state=State.OPEN)),
        rectified=Count("pk", filter=Q(state=State.RECTIFIED)),
        closed=Count("pk", filter=Q(state=State.CLOSED)),
    )


def listed(
    actor: Actor, tab: str, *, words: str = "", kind: str = "", school_id: int | None = None, late: bool = False
) -> QuerySet[Finding]:
    """The findings of a tab, narrowed; the earliest due day first. Rows, counts and the export are this."""
    found = TABS[tab](actor).select_related("bearer", "responsible_unit")
    if words:
        found = found.filter(Q(summary__icontains=words) | Q(bearer__name__icontains=words))
    if kind:
        found = found.filter(kind=kind)
    if school_id:
        found = found.filter(bearer__in=_inside(actor, school_id))
    if late:
        found = found.filter(due_day__lt=timezone.localdate(), state=State.OPEN)
    return found.order_by("due_day", "pk")


def _inside(actor: Actor, school_id: int) -> QuerySet[Unit]:
    school = scope(actor, "see_school").filter(pk=school_id).first()
    return scope(actor, "see_school").filter(within([school.path] if school else []))


def with_places(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with ``place``: the school of the bearer, where it is not the bearer itself. One query."""
    findings = list(findings)
    paths = {
        one.bearer.path[:end] for one in findings for end in range(Unit.steplen, len(one.bearer.path), Unit.steplen)
    }
    schools = dict(Unit.objects.filter(path__in=paths, kind=Unit.Kind.SCHOOL).values_list("path", "name"))
    today = timezone.localdate()
    for one in findings:
        above = (one.bearer.path[:end] for end in range(Unit.steplen, len(one.bearer.path), Unit.steplen))
        one.place = next((schools[path] for path in above if path in schools), "")
        one.days_late = days_late(one, today)
    return findings


def days_late(finding: Finding, today: date) -> int:
    """Days past the due day of what is still open; 0 for the rest."""
    return max(0, (today - finding.due_day).days) if finding.state == State.OPEN else 0


def may_rectify(actor: Actor, finding: Finding) -> bool:
    """Whether the actor may say that it was put right: a class teacher or leader there, or whom it was given to."""
    hers = finding.responsible_id is not None and finding.responsible_id == actor.person_id
    return finding.state == State.OPEN and (hers or may(actor, "rectify", finding.bearer))


def may_assign(actor: Actor, finding: Finding) -> bool:
    return finding.state == State.OPEN and may(actor, "rectify", finding.bearer)


def may_recheck(actor: Actor, finding: Finding) -> bool:
    """Whether the actor stands above those who put it right: nobody looks back at her own work."""
    return (
        finding.state == State.RECTIFIED
        and may(actor, "recheck", finding.bearer)
        and ladder.level_of(actor, finding.bearer) > finding.rectified_level
    )


def may_close(actor: Actor, finding: Finding) -> bool:
    """Whether the actor stands above those who answer for it; the county answers to nobody here."""
    level = ladder.level_of(actor, finding.bearer)
    return (
        finding.state == State.OPEN
        and may(actor, "recheck", finding.bearer)
        and (level > finding.level or level == ladder.TOP)
    )


def units_to_check(actor: Actor) -> QuerySet[Unit]:
    """三级检查: the county checks schools, leaders their grades and classes, a grade head her classes."""
    kinds = Q(pk__in=[])
    for post in actor.posts_for("open_finding"):
        below = (Unit.Kind.SCHOOL,) if post.kind == Unit.Kind.COUNTY else (Unit.Kind.GRADE, Unit.Kind.CLASS)
        kinds |= within([post.path]) & Q(kind__in=below)
    return scope(actor, "open_finding").filter(kinds).order_by("pinyin" if actor.posts_for("see_county") else "path")


def people_for(bearer: Unit) -> QuerySet[Person]:
    """Those to whom a finding about ``bearer`` can be given: the people of its school."""
    try:
        school = school_of(bearer)
    except Unit.DoesNotExist:
        return Person.objects.none()
    return Person.objects.filter(unit=school, left_on=None).order_by("pinyin", "pk")


def names_in(text: str, bearer: Unit) -> list[str]:
    """The people of the bearer's school whom a text names."""
    return sorted({name for name in people_for(bearer).values_list("name", flat=True) if name and name in text})

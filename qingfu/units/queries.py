"""Who is asking, and what that person may see and do: the scope of every page, count and export."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.units.calendar import year_of_entry
from qingfu.units.models import (
    AuditRecord,
    AuditSeal,
    ClosedTerm,
    Membership,
    Person,
    Promotion,
    PublishedHead,
    Seat,
    Tenant,
    Token,
    Unit,
)
from qingfu.units.permissions import ADMINISTRATORS, GRANTS, ON_SCREENS, RECOVERED_UNDER, TITLES
from qingfu.units.tenancy import as_tenant

SIGN_IN_KINDS = (Token.Kind.SESSION, Token.Kind.SCREEN, Token.Kind.CODE, Token.Kind.SETUP)
"""Tokens whose subject is a person."""


class Forbidden(PermissionError):
    """The actor's roles do not allow this here. ``str()`` is a sentence for the person."""

    def __init__(self, verb: str, unit: Unit | None = None):
        self.verb = verb
        self.unit = unit
        sentence = gettext("您在%(place)s没有“%(title)s”的权限。如需办理，请联系学校或县级管理员。")
        place = f"「{unit.name}」" if unit else gettext("这里")
        super().__init__(sentence % {"place": place, "title": TITLES[verb]})


@dataclass(frozen=True)
class Post:
    """One role of an actor at one unit. ``path`` is the unit's place in the tree."""

    role: str
    unit_id: int
    path: str
    kind: str
    subject: str = ""


@dataclass(frozen=True)
class Actor:
    """Who acts. ``posts`` are the roles in force today; ``unit_id`` is the school or office of the account, ``place``
    its name;
    ``on_screen`` says that it is on a classroom computer, ``owes_code`` that roles were left out because no one-time
    code was given for this session."""

    tenant_id: int
    person_id: int | None
    name: str
    unit_id: int | None
    posts: tuple[Post, ...] = ()
    token_id: int | None = None
    on_screen: bool = False
    owes_code: bool = False
    place: str = ""

    def has_role(self, *roles: str) -> bool:
        return any(post.role in roles for post in self.posts)

    def posts_for(self, verb: str) -> list[Post]:
        return [post for post in self.posts if post.role in GRANTS[verb]]

    def subjects_in(self, unit: Unit) -> list[str]:
        """The subjects that this person teaches in the class ``unit``."""
        return [p.subject for p in self.posts if p.role == Membership.Role.TEACHER and p.unit_id == unit.id]


def system_actor(tenant_id: int) -> Actor:
    """The program itself, for jobs: it holds no role, so it may only call what asks for none."""
    return Actor(tenant_id, None, "系统", None)


def operator_actor(county: Unit) -> Actor:
    """Whoever runs commands on the server: a county administrator without a name. The trail shows no person."""
    post = Post(Membership.Role.COUNTY_ADMIN, county.pk, county.path, county.kind)
    return Actor(county.tenant_id, None, gettext("系统维护人员"), None, (post,))


def tenant_by_code(code: str) -> int | None:
    """The tenant that has a unit with ``code``, for commands: it looks into one tenant after the other."""
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        with as_tenant(tenant_id):
            if Unit.objects.filter(code=code, tenant_id=tenant_id).exists():
                return tenant_id
    return None


def resolve(token_hash: bytes) -> tuple[int, str, int, int] | None:
    """(tenant id, kind, subject id, token id) of a live token, before any tenant is open; else None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM tenancy.resolve(%s)", [token_hash])
        return cursor.fetchone()


def actor_of(person_id: int, token_id: int | None = None, today: date | None = None, on_screen: bool = False) -> Actor:
    """The actor for a person of the open tenant, with the roles in force on ``today``.

    On a classroom computer (``on_screen``) only the roles of teaching count; by the session ``token_id`` the roles of
    ADMINISTRATORS count only if a one-time code was given for it, so that a role given later waits for one. Raises
    Person.DoesNotExist for somebody who has left.
    """
    today = today or timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM tenancy.actor(%s, %s, %s)", [person_id, token_id, today])
        row = cursor.fetchone()
    if row is None:
        raise Person.DoesNotExist(f"person {person_id}")
    return _actor(person_id, token_id, on_screen, *row)


@dataclass(frozen=True)
class Holder:
    """Who holds a live token of one of SIGN_IN_KINDS: its ``kind``, and the person; None for one who has left."""

    kind: str
    actor: Actor | None


@contextmanager
def entering(token_hash: bytes) -> Iterator[Holder | None]:
    """Open the tenant of a token of SIGN_IN_KINDS, as ``as_tenant()`` does, and give who holds it; None where it is
    no live one.

    Of which tenant a token is never changes, so that is remembered; whether it lives, whom it belongs to and which
    roles are in force is read in the very transaction.
    """
    try:
        tenant_id = _tenant_of(token_hash)
    except LookupError:
        yield None
        return
    values = [token_hash, list(SIGN_IN_KINDS), timezone.localdate()]
    with as_tenant(tenant_id, opening=("SELECT * FROM tenancy.enter(%s, %s, %s, %s)", values)) as row:
        yield row and _holder(*row)


@lru_cache(maxsize=20_000)
def _tenant_of(token_hash: bytes) -> int:
    """Raises LookupError where there is no such live token, which is not remembered."""
    found = resolve(token_hash)
    if found is None:
        raise LookupError
    return found[0]


def _holder(kind: str, token_id: int, person_id: int | None, *person: object) -> Holder:
    if person_id is None:
        return Holder(kind, None)
    return Holder(kind, _actor(person_id, token_id, kind == Token.Kind.SCREEN, *person))


def _actor(
    person_id: int, token_id: int | None, on_screen: bool,
    tenant_id: int, name: str, unit_id: int | None, place: str | None, with_code: bool, memberships: str,
) -> Actor:  # fmt: skip
    posts = [Post(*one) for one in json.loads(memberships) if not on_screen or one[0] in ON_SCREENS]
    counting = [post for post in posts if token_id is None or with_code or post.role not in ADMINISTRATORS]
    return Actor(
        tenant_id, person_id, name, unit_id, tuple(counting), token_id, on_screen,
        owes_code=len(counting) < len(posts), place=place or "",
    )  # fmt: skip


class OwnClass(NamedTuple):
    """A class whose class teacher somebody is."""

    pk: int
    name: str


def own_classes(actor: Actor) -> tuple[OwnClass, ...]:
    """The classes whose class teacher the actor is; no query for others."""
    own = [post.unit_id for post in actor.posts if post.role == Membership.Role.CLASS_TEACHER]
    rows = Unit.objects.filter(pk__in=own).order_by("path").values_list("pk", "name") if own else ()
    return tuple(OwnClass(*row) for row in rows)


def in_force(today: date) -> Q:
    """A condition on memberships: in force on ``today``."""
    return Q(starts__lte=today) & (Q(ends__isnull=True) | Q(ends__gte=today))


def may(actor: Actor, verb: str, unit: Unit) -> bool:
    """Whether ``actor`` may do ``verb`` at ``unit``: a role at the unit or at any unit above it."""
    if unit.tenant_id != actor.tenant_id:
        return False
    return any(unit.path.startswith(post.path) for post in actor.posts_for(verb))


def require(actor: Actor, verb: str, unit: Unit) -> None:
    """Raise Forbidden unless ``may(actor, verb, unit)``."""
    if not may(actor, verb, unit):
        raise Forbidden(verb, unit)


def may_ask(actor: Actor, verb: str, unit: Unit) -> bool:
    """As ``may``, but a bureau asks in the name of whom it serves: its people reach all that lies there."""
    if unit.tenant_id != actor.tenant_id:
        return False
    return any(unit.path.startswith(_reach(post)) for post in actor.posts_for(verb))


def require_ask(actor: Actor, verb: str, unit: Unit) -> None:
    """Raise Forbidden unless ``may_ask(actor, verb, unit)``."""
    if not may_ask(actor, verb, unit):
        raise Forbidden(verb, unit)


def asked_by(actor: Actor, verb: str) -> QuerySet[Unit]:
    """The units of which ``actor`` may ask something under ``verb``: ``may_ask`` for rows."""
    paths = [_reach(post) for post in actor.posts_for(verb)]
    return Unit.objects.filter(tenant_id=actor.tenant_id).filter(within(paths))


def _reach(post: Post) -> str:
    return post.path[: -Unit.steplen] if post.kind == Unit.Kind.BUREAU else post.path


def scope(actor: Actor, verb: str) -> QuerySet[Unit]:
    """The units at which ``actor`` may do ``verb``. THE scope: rows, counts, charts and exports start here."""
    return Unit.objects.filter(tenant_id=actor.tenant_id).filter(within(p.path for p in actor.posts_for(verb)))


def within(paths: Iterable[str], field: str = "path") -> Q:
    """A condition: ``field`` lies at or below one of ``paths``. BETWEEN, since LIKE cannot use the index here."""
    condition = Q(pk__in=[])
    for path in set(paths):
        condition |= Q(**{f"{field}__range": (path, path + "Z" * (255 - len(path)))})
    return condition


def one_in_scope(actor: Actor, verb: str, unit_id: int) -> Unit:
    """The unit if the actor may do ``verb`` there. Raises Forbidden, never saying whether the unit exists."""
    unit = scope(actor, verb).filter(pk=unit_id).first()
    if unit is None:
        raise Forbidden(verb)
    return unit


def who_may(verb: str, unit: Unit, today: date | None = None) -> QuerySet[Membership]:
    """The memberships that allow ``verb`` at ``unit``, nearest unit first."""
    today = today or timezone.localdate()
    above = [unit.path[:end] for end in range(Unit.steplen, len(unit.path) + 1, Unit.steplen)]
    return (
        Membership.objects.filter(in_force(today), role__in=GRANTS[verb], unit__path__in=above)
        .select_related("person", "unit")
        .order_by("-unit__depth", "person__pinyin")
    )


def school_of(unit: Unit) -> Unit:
    """The school (or other institution) that ``unit`` is or lies in. Raises Unit.DoesNotExist above schools."""
    above = [unit.path[:end] for end in range(Unit.steplen, len(unit.path) + 1, Unit.steplen)]
    return Unit.objects.get(path__in=above, kind__in=("school", "township", "bureau", "institution"))


def chain_of(unit: Unit) -> list[Unit]:
    """The units from the nation down to ``unit``."""
    above = [unit.path[:end] for end in range(Unit.steplen, len(unit.path) + 1, Unit.steplen)]
    return list(Unit.objects.filter(path__in=above).order_by("path"))


# ---- people and their sessions ----


def plain_code(text: str) -> str:
    """A code, account or number as typed: full-width letters and figures made plain, spaces around it dropped."""
    return unicodedata.normalize("NFKC", text).strip()


def is_administrator(person: Person, today: date | None = None) -> bool:
    """Whether a role in force asks this person for a one-time code."""
    return person.memberships.filter(in_force(today or timezone.localdate()), role__in=ADMINISTRATORS).exists()


def recovery_verbs(person: Person, today: date | None = None) -> set[str]:
    """What it takes, beside ``issue_passwords``, to give this person a new password or authenticator.

    Empty for somebody who neither administers nor will: whoever gives her a password gives tomorrow's rights too.
    """
    not_over = Q(ends__isnull=True) | Q(ends__gte=today or timezone.localdate())
    held = person.memberships.filter(not_over, role__in=ADMINISTRATORS).values_list("role", flat=True)
    return {RECOVERED_UNDER.get(role, "manage_people") for role in held}


def person_in_scope(actor: Actor, verb: str, person_id: int) -> Person:
    """The person if the actor may do ``verb`` at the person's unit. Raises Forbidden, found or not."""
    person = Person.objects.filter(unit__in=scope(actor, verb), pk=person_id).select_related("unit").first()
    if person is None:
        raise Forbidden(verb)
    return person


def tokens_of(person: Person) -> QuerySet[Token]:
    """The sessions of a person, live and ended."""
    return Token.objects.filter(kind__in=SIGN_IN_KINDS, subject_id=person.pk)


def sessions(actor: Actor) -> list[Token]:
    """The live sessions of the actor, the newest first."""
    mine = Token.objects.filter(kind__in=(Token.Kind.SESSION, Token.Kind.SCREEN), subject_id=actor.person_id)
    live = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return list(mine.filter(live, revoked_at=None).order_by("-created_at"))


# ---- schools, their people and classes ----


def live(on: date) -> Q:
    """A condition on units: there on ``on``."""
    return (Q(starts=None) | Q(starts__lte=on)) & (Q(ends=None) | Q(ends__gte=on))


def below(unit: Unit) -> Q:
    """A condition on units: ``unit`` itself or anything in it."""
    return Q(path__range=(unit.path, unit.path_end))


def schools(actor: Actor, verb: str, search: str = "") -> QuerySet[Unit]:
    """The schools at which ``actor`` may do ``verb``, by name; ``search`` in name, code or pinyin."""
    found = scope(actor, verb).filter(live(timezone.localdate()), kind=Unit.Kind.SCHOOL)
    if search:
        letters = search.lower().replace(" ", "")
        found = found.annotate(letters=Replace("pinyin", Value(" "), Value(""))).filter(
            Q(name__icontains=search) | Q(code__istartswith=search) | Q(letters__contains=letters)
        )
    return found.order_by("pinyin", "path")


def sizes(units: Iterable[Unit]) -> dict[int, dict[str, int]]:
    """{school id: {"classes", "seats", "people"}} as of today."""
    units = list(units)
    today = timezone.localdate()
    found = {unit.pk: {"classes": 0, "seats": 0, "people": 0} for unit in units}
    homes = {unit.path: unit.pk for unit in units}
    classes = Unit.objects.filter(live(today), within(homes), kind=Unit.Kind.CLASS) if homes else []
    for class_ in classes:
        home = next(homes[path] for path in _paths_above(class_) if path in homes)
        found[home]["classes"] += 1
        found[home]["seats"] += class_.seats
    people = Person.objects.filter(Q(left_on=None) | Q(left_on__gte=today), unit__in=units).values("unit_id")
    for row in people.annotate(count=Count("pk")):
        found[row["unit_id"]]["people"] = row["count"]
    return found


def classes_in(unit: Unit, today: date | None = None) -> QuerySet[Unit]:
    """The classes of a school or grade that are there today, in order."""
    there = Unit.objects.filter(below(unit), live(today or timezone.localdate()), kind=Unit.Kind.CLASS)
    return there.order_by("grade", "number", "path")


def people_of(unit: Unit) -> list[Person]:
    """Who has an account at ``unit`` and has not left, by name; ``roles`` of each: what is in force today."""
    today = timezone.localdate()
    roles = Membership.objects.filter(in_force(today)).select_related("unit").order_by("unit__path", "subject")
    here = Person.objects.filter(Q(left_on=None) | Q(left_on__gte=today), unit=unit)
    return list(here.order_by("pinyin", "pk").prefetch_related(Prefetch("memberships", roles, to_attr="roles")))


def _paths_above(unit: Unit) -> list[str]:
    return [unit.path[:end] for end in range(Unit.steplen, len(unit.path), Unit.steplen)]


# ---- links on paper ----


PUBLIC_PATHS = {
    Token.Kind.CLASS: "/c/{}",
    Token.Kind.SCHOOL: "/s/{}",
    Token.Kind.BOARD: "/b/{}",
    Token.Kind.FAMILY: "/c/{}",
    Token.Kind.CALENDAR: "/offices/calendar/{}.ics",
    Token.Kind.FIGURES: "/f/{}/",
}
"""Where the pages behind printed links are; the rooms that show them route these addresses."""


def families_of(unit: Unit) -> list[Seat]:
    """The seats of a class in order; ``siblings`` of each: the other seats that share its code."""
    seats = list(Seat.objects.filter(unit=unit).select_related("family").order_by("number"))
    shared = Seat.objects.filter(family__in=[seat.family_id for seat in seats]).select_related("unit")
    by_family: dict[int, list[Seat]] = {}
    for seat in shared:
        by_family.setdefault(seat.family_id, []).append(seat)
    for seat in seats:
        seat.siblings = [other for other in by_family[seat.family_id] if other.pk != seat.pk]
    return seats


# ---- the turn of the school year ----


@dataclass(frozen=True)
class Step:
    """What moving up would do to a school: grades and classes that leave, those that stay, who enters."""

    school: Unit
    leaving: list[Unit]
    staying: list[Unit]
    first_grade: int
    new_classes: int
    due: bool

    @property
    def classes_leaving(self) -> list[Unit]:
        return [unit for unit in self.leaving if unit.kind == Unit.Kind.CLASS]

    @property
    def classes_staying(self) -> list[Unit]:
        return [unit for unit in self.staying if unit.kind == Unit.Kind.CLASS]


def promotion_of(school: Unit, school_year: int) -> Step:
    """Who moves up into ``school_year``: the last grade that the school offers leaves, as many classes as entered
    last enter. It is ``due`` while the years in which the classes entered say so."""
    on = date(school_year, 9, 1)
    units = list(
        Unit.objects.filter(below(school), live(on), kind__in=(Unit.Kind.GRADE, Unit.Kind.CLASS)).order_by("path")
    )
    grades = school.attributes.get("grades") or sorted({unit.grade for unit in units}) or [1]
    leaving = [unit for unit in units if unit.grade >= grades[-1]]
    staying = [unit for unit in units if unit.grade < grades[-1]]
    entered = [unit for unit in units if unit.kind == Unit.Kind.CLASS and unit.grade == grades[0]]
    due = any(
        unit.kind == Unit.Kind.CLASS
        and (not unit.entered or year_of_entry(unit.grade, school.system, school_year) > unit.entered)
        for unit in units
    )
    return Step(school, leaving, staying, grades[0], len(entered), due)


def promotions(actor: Actor, school_year: int) -> dict[int, Promotion]:
    """{school id: its promotion into ``school_year``} where it stands."""
    there = Promotion.objects.filter(school_year=school_year, undone_at=None, school__in=scope(actor, "promote_grades"))
    return {promotion.school_id: promotion for promotion in there}


def closed_terms() -> list[ClosedTerm]:
    """The terms that the county has closed, the latest first. What lies in them is entered late or not at all."""
    return list(ClosedTerm.objects.filter(reopened_at=None).order_by("-term_id"))


# ---- the audit trail ----


def trail(
    actor: Actor, person_id: int | None = None, action: str = "", day: date | None = None
) -> QuerySet[AuditRecord]:
    """The records that ``actor`` may see, the newest first: deeds at units in scope, and deeds of their people."""
    everywhere = any(post.unit_id == actor.tenant_id for post in actor.posts_for("see_audit"))
    records = AuditRecord.objects.all()
    if not everywhere:
        records = records.filter(unit_id__in=scope(actor, "see_audit").values("pk"))
    if person_id is not None:
        records = records.filter(actor_id=person_id)
    if action:
        records = records.filter(action=action)
    if day is not None:
        start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
        records = records.filter(at__gte=start, at__lt=start + timedelta(days=1))
    return records.order_by("-id")


# ---- the hash chain over the audit trail ----


def audit_head() -> bytes:
    """The head of the open tenant's chain; 32 zero bytes before the first seal."""
    head = AuditSeal.objects.order_by("-id").values_list("head", flat=True).first()
    return bytes(head) if head else bytes(32)


def verify_audit() -> AuditSeal | None:
    """The first seal of the open tenant that no longer fits its records; None when the whole chain holds."""
    head = bytes(32)
    for seal in AuditSeal.objects.order_by("id").iterator():
        texts = _texts_of(seal.record_ids)
        for record_id in seal.record_ids:
            head = hashlib.sha256(head + texts.get(record_id, "").encode()).digest()
        if len(texts) < len(seal.record_ids) or head != bytes(seal.head):
            return seal
    return None


def _texts_of(record_ids: list[int]) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, tenancy.audit_text(r) FROM units_auditrecord r WHERE r.id = ANY (%s)", [record_ids]
        )
        return dict(cursor.fetchall())


def unsealed_audit() -> list[int]:
    """Ids of records of the open tenant that should have been sealed and were not: older than the last seal by more
    than any transaction lasts. None is made in an ordinary way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id FROM units_auditrecord r "
            "WHERE r.at < (SELECT max(s.at) - tenancy.latest_commit() FROM units_auditseal s) "
            "AND r.id NOT IN (SELECT unnest(s.record_ids) FROM units_auditseal s) ORDER BY r.id"
        )
        return [record_id for (record_id,) in cursor.fetchall()]


def heads_not_held() -> list[date]:
    """Days whose published head no seal of the open tenant bears any more: the chain was rewritten since."""
    held = AuditSeal.objects.values("head")
    return list(PublishedHead.objects.exclude(head__in=held).order_by("day").values_list("day", flat=True))


def published_heads(days: int) -> list[tuple[Tenant, list[PublishedHead]]]:
    """What each tenant has published in the last ``days`` days, the newest first; tenants without any are left out."""
    since = timezone.localdate() - timedelta(days=days)
    found = []
    for tenant in Tenant.objects.order_by("id"):
        with as_tenant(tenant.pk):
            found.append((tenant, list(PublishedHead.objects.filter(day__gt=since).order_by("-day"))))
    return [(tenant, heads) for tenant, heads in found if heads]


@dataclass(frozen=True)
class School:
    """A school as somebody outside any tenant finds it: whose it is, and how it is called."""

    tenant_id: int
    tenant: str
    unit_id: int
    name: str
    code: str


def schools_named(name: str) -> list[School]:
    """The schools with this name or code, for commands: it looks into one tenant after the other."""
    found = []
    for tenant in Tenant.objects.order_by("id"):
        with as_tenant(tenant.pk):
            schools = Unit.objects.filter(Q(name=name) | Q(code=name), tenant_id=tenant.pk, kind="school")
            found += [School(tenant.pk, tenant.name, one.pk, one.name, one.code) for one in schools]
    return found

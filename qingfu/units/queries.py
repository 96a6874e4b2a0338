"""Who is asking, and what that person may see and do: the scope of every page, count and export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from qingfu.units.models import Membership, Person, Unit
from qingfu.units.permissions import GRANTS


class Forbidden(PermissionError):
    """The actor's roles do not allow this here. ``str()`` is a sentence for the person."""

    def __init__(self, verb: str, unit: Unit | None = None):
        self.verb = verb
        self.unit = unit
        place = f"「{unit.name}」" if unit else "这里"
        super().__init__(f"您在{place}没有这项权限（{verb}）。如需办理，请联系学校或县级管理员。")


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
    """Who acts. ``posts`` are the roles in force today; ``unit_id`` is the school or office of the account."""

    tenant_id: int
    person_id: int | None
    name: str
    unit_id: int | None
    posts: tuple[Post, ...] = ()
    token_id: int | None = None

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


def resolve(token_hash: bytes) -> tuple[int, str, int, int] | None:
    """(tenant id, kind, subject id, token id) of a live token, before any tenant is open; else None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM tenancy.resolve(%s)", [token_hash])
        return cursor.fetchone()


def actor_of(person_id: int, token_id: int | None = None, today: date | None = None) -> Actor:
    """The actor for a person of the open tenant, with the roles in force on ``today``."""
    today = today or timezone.localdate()
    person = Person.objects.get(pk=person_id)
    in_force = Q(starts__lte=today) & (Q(ends__isnull=True) | Q(ends__gte=today))
    rows = person.memberships.filter(in_force).values_list(
        "role", "unit_id", "unit__path", "unit__kind", "subject"
    )
    return Actor(
        person.tenant_id, person.pk, person.name, person.unit_id, tuple(Post(*r) for r in rows), token_id
    )


def may(actor: Actor, verb: str, unit: Unit) -> bool:
    """Whether ``actor`` may do ``verb`` at ``unit``: a role at the unit or at any unit above it."""
    if unit.tenant_id != actor.tenant_id:
        return False
    return any(unit.path.startswith(post.path) for post in actor.posts_for(verb))


def require(actor: Actor, verb: str, unit: Unit) -> None:
    """Raise Forbidden unless ``may(actor, verb, unit)``."""
    if not may(actor, verb, unit):
        raise Forbidden(verb, unit)


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
    above = [unit.path[: end] for end in range(Unit.steplen, len(unit.path) + 1, Unit.steplen)]
    return (
        Membership.objects.filter(role__in=GRANTS[verb], unit__path__in=above, starts__lte=today)
        .filter(Q(ends__isnull=True) | Q(ends__gte=today))
        .select_related("person", "unit")
        .order_by("-unit__depth", "person__pinyin")
    )


def school_of(unit: Unit) -> Unit:
    """The school (or other institution) that ``unit`` is or lies in. Raises Unit.DoesNotExist above schools."""
    above = [unit.path[: end] for end in range(Unit.steplen, len(unit.path) + 1, Unit.steplen)]
    return Unit.objects.get(path__in=above, kind__in=("school", "township", "bureau", "institution"))


def chain_of(unit: Unit) -> list[Unit]:
    """The units from the nation down to ``unit``."""
    above = [unit.path[: end] for end in range(Unit.steplen, len(unit.path) + 1, Unit.steplen)]
    return list(Unit.objects.filter(path__in=above).order_by("path"))

"""The year's plan of documents, what may still be issued, and what could be one document instead of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import combinations, groupby
from tomllib import loads

from django.db.models import QuerySet

from qingfu.ledger import queries as ledger
from qingfu.ledger import reckoning
from qingfu.ledger.queries import BudgetState
from qingfu.offices.asking import OWN
from qingfu.offices.models import DraftCheck, Project
from qingfu.text.official.words import data
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, may, scope, who_may

State = Project.State
IN_PLAN = (State.PROPOSED, State.APPROVED, State.ISSUED)


@dataclass(frozen=True)
class YearPlan:
    """The plan of one office for one year. ``budgets``: what the rules allow it to issue, last year's number if known.

    ``planned`` counts what is to be issued and what was, merged and dropped ones left out.
    """

    year: int
    months: list[tuple[date, list[Project]]]
    planned: int
    issued: int
    saved: int
    budgets: list[BudgetState]

    @property
    def over(self) -> int | None:
        """By how many the plan exceeds what may be issued; None where last year's number is not known."""
        caps = [one.cap for one in self.budgets if one.cap is not None]
        return self.planned - min(caps) if caps else None


@dataclass(frozen=True)
class Proposal:
    """Projects that could be one document: of one month, of like subject, mostly for the same recipients."""

    projects: tuple[Project, ...]
    shared: int

    @property
    def kept(self) -> Project:
        return self.projects[0]

    @property
    def others(self) -> tuple[Project, ...]:
        return self.projects[1:]


@cache
def topics() -> dict[str, str]:
    """The fields of work, as the drafting check knows them."""
    return {field["name"]: field["name"] for field in data("kinds")["field"]} | {"其他": "其他"}


@cache
def settings() -> dict:
    """data/documents.toml: our own numbers, no rule's."""
    return loads((files("qingfu.offices") / "data" / "documents.toml").read_text("utf-8"))


def needs_approval(actor: Actor, unit: Unit) -> bool:
    """Whether a document needs the head's word: the office has one, and she is not the one who proposes it."""
    if may(actor, "approve_document", unit):
        return False
    return who_may("approve_document", unit).filter(unit=unit).exists()


def plan_of(unit: Unit, year: int, today: date) -> YearPlan:
    """The plan of a year, month by month."""
    rows = list(projects_of(unit).filter(month__year=year))
    counted = Counter(one.state for one in rows)
    day = today if today.year == year else date(year, 12, 31)
    budgets = ledger.remaining([unit.pk], [day], "document", account=OWN["account"])[unit.pk, day]
    return YearPlan(
        year,
        [(month, list(several)) for month, several in groupby(rows, key=lambda one: one.month)],
        sum(counted[state] for state in IN_PLAN),
        counted[State.ISSUED],
        counted[State.MERGED] + counted[State.DROPPED],
        budgets,
    )


def last_year_of(unit: Unit, day: date) -> tuple[int, int] | None:
    """(issued this year, last year's number) by the rule of last year's number; None without a baseline."""
    baselines = reckoning.current([unit.pk])[unit.pk].baselines
    for one in ledger.remaining([unit.pk], [day], "document", account=OWN["account"])[unit.pk, day]:
        known = baselines.get((unit.pk, one.limit_id, day.year))
        if known is not None:
            return one.used, known
    return None


def county_proposals(actor: Actor, today: date) -> list[Proposal]:
    """For the two offices: what several offices of the county plan from this month on and could issue as one.

    Raises Forbidden.
    """
    if not actor.posts_for("review_office_waiver"):
        raise Forbidden("review_office_waiver")
    units = scope(actor, "review_office_waiver").values("pk")
    rows = Project.objects.filter(unit__in=units, month__gte=today.replace(day=1)).select_related("ask", "unit")
    found = proposals_of(rows.order_by("month", "pk"))
    return [one for one in found if len({project.unit_id for project in one.projects}) > 1]


def projects_of(unit: Unit) -> QuerySet[Project]:
    return Project.objects.filter(unit=unit).select_related("ask", "unit").order_by("month", "pk")


def checks_of(project: Project) -> QuerySet[DraftCheck]:
    """What the check said of its drafts, the latest first."""
    return project.checks.order_by("-pk")


def recipients_of(project: Project) -> list[str]:
    """The names of the units that it is meant for, in the order of the tree."""
    return list(Unit.objects.filter(pk__in=project.bearers).order_by("path").values_list("name", flat=True))


def proposals_of(projects: Iterable[Project]) -> list[Proposal]:
    """Which open projects could be merged: pairs that are alike, joined to groups."""
    open_ones = [one for one in projects if one.is_open]
    groups: list[list[Project]] = []
    for a, b in combinations(open_ones, 2):
        if _alike(a, b):
            group = next((group for group in groups if a in group or b in group), None)
            if group is None:
                groups.append([a, b])
            else:
                group += [one for one in (a, b) if one not in group]
    return [Proposal(tuple(group), len(set.intersection(*(set(one.bearers) for one in group)))) for group in groups]


def _alike(a: Project, b: Project) -> bool:
    """Of one month, for mostly the same recipients, of one field of work or with subjects that share their letters."""
    least = settings()["merge"]
    both, either = set(a.bearers) & set(b.bearers), set(a.bearers) | set(b.bearers)
    if a.month != b.month or not either or len(both) / len(either) < least["shared_recipients"]:
        return False
    if a.subject and b.subject:
        return _share(a.subject, b.subject) >= least["shared_letters"]
    return a.topic == b.topic and a.topic != "其他"


def _share(a: str, b: str) -> float:
    """Pairs of letters that two subjects share, over those of the shorter."""
    pairs = [{text[n : n + 2] for n in range(len(text) - 1)} for text in (a, b)]
    return len(pairs[0] & pairs[1]) / max(1, min(map(len, pairs)))

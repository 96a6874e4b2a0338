"""A principal's page: what is over, what waits for her, what is late, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from qingfu.findings import queries as findings
from qingfu.findings.models import Finding
from qingfu.homework import queries as homework
from qingfu.ledger import queries as ledger
from qingfu.ledger.queries import rulebook_for
from qingfu.site.home import week
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, within

REFUSAL_DAYS = 7


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the reader: what, how many, and where to decide."""

    title: str
    href: str
    picture: str
    count: int = 1


@dataclass
class Desk:
    """What is on the desk of a leader of ``school`` today."""

    school: Unit
    classes: int
    over: list[week.Need]
    waiting: list[Waiting]
    late: list[Finding]
    refusals: list[tuple[str, int]] = field(default_factory=list)

    @property
    def over_alike(self) -> list[week.Alike]:
        return week.alike(self.over)

    @property
    def is_clear(self) -> bool:
        return not (self.over or self.waiting or self.late)


def desk(actor: Actor, school: Unit, today: date) -> Desk:
    """The desk of ``actor`` at ``school``. A fixed number of queries."""
    classes = week.classes_below(actor, school)
    found = week.week_of(school, school, classes, week.monday_from("", today))
    return Desk(
        school=school,
        classes=len(classes),
        over=[need for need in found.needs if need.rank == 0],
        waiting=waiting(actor),
        late=_late(actor, school, today),
        refusals=refusals(school, today),
    )


def waiting(actor: Actor) -> list[Waiting]:
    """Second opinions on withdrawals, plans to approve, findings to put right or to look back at."""
    counted = [
        (len(homework.withdrawals_to_second(actor)), _("撤回要第二个人同意"), reverse("homework:withdrawals"), "undo"),
        (len(homework.plans_to_approve(actor)), _("周计划等您审批"), reverse("homework:plans"), "stamp"),
        (findings.to_do(actor).count(), _("问题等您整改"), reverse("findings:list") + "?tab=mine", "flag"),
        (findings.to_recheck(actor).count(), _("整改等您回头看"), reverse("findings:list") + "?tab=recheck", "visit"),
    ]
    return [Waiting(title, href, picture, count) for count, title, href, picture in counted if count]


def _late(actor: Actor, school: Unit, today: date) -> list[Finding]:
    """Findings of the school past their day, the oldest first."""
    late = findings.visible(actor).filter(within([school.path], "bearer__path"), state="open", due_day__lt=today)
    return findings.with_places(late.select_related("bearer", "responsible_unit").order_by("due_day", "pk"))


def refusals(school: Unit, today: date) -> list[tuple[str, int]]:
    """(limit, how often something did not fit) of the last days: counts only, never by subject or person."""
    counts = ledger.refusal_counts(school.pk, today - timedelta(days=REFUSAL_DAYS), today)
    titles = {limit_id: limit for pack in rulebook_for(school).packs for limit_id, limit in pack.limits_by_id.items()}
    return [(titles[limit_id].title, count) for limit_id, count in counts.items() if limit_id in titles]

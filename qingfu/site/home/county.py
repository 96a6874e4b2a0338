"""视导: which schools need a visit, and why. Reasons with their records; no score and no rank."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import xlsxwriter
from django.db import connection
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from qingfu.findings.ladder import TOP
from qingfu.findings.models import Finding
from qingfu.rulebook import Calendar, load_calendar
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, scope
from qingfu.units.tenancy import current_tenant

DATA = tomllib.loads((Path(__file__).parent / "data" / "visits.toml").read_text("utf-8"))
WIDTHS = (24, 24, 70, 14)


@dataclass(frozen=True)
class Reason:
    """Why to go: a sentence, the day from which it holds, and the records."""

    text: str
    since: date
    href: str = ""


@dataclass
class School:
    """A school with the reasons to visit it; none for most."""

    unit: Unit
    reasons: list[Reason] = field(default_factory=list)

    @property
    def since(self) -> date | None:
        return min((reason.since for reason in self.reasons), default=None)


def schools(actor: Actor, today: date, words: str = "") -> list[School]:
    """The schools that the actor may see, by pinyin, with their reasons. A fixed number of queries."""
    visible = scope(actor, "see_county").filter(kind=Unit.Kind.SCHOOL).exclude(ends__lt=today)
    if words:
        visible = visible.filter(name__icontains=words) | visible.filter(pinyin__icontains=words)
    found = [School(unit) for unit in visible.order_by("pinyin", "pk")]
    _add_findings(found, today)
    _add_ledger(found, today, load_calendar())
    return found


def to_visit(found: Iterable[School], order: str = "since") -> list[School]:
    """Those with a reason: the longest-standing first, or as they come (by pinyin)."""
    few = [school for school in found if school.reasons]
    return sorted(few, key=lambda school: school.since) if order == "since" else few


# ---- reasons from findings ----


def _add_findings(found: list[School], today: date) -> None:
    by_path = {school.unit.path: school for school in found}
    rows = Finding.objects.filter(state=Finding.State.OPEN, due_day__lt=today)
    late: dict[str, list] = defaultdict(list)
    for path, due_day, level in rows.values_list("bearer__path", "due_day", "level"):
        school = _above(path, by_path)
        if school:
            late[school.unit.path].append((due_day, level))
    for path, several in late.items():
        by_path[path].reasons.append(_late_reason(by_path[path], several))


def _above(path: str, by_path: dict[str, School]) -> School | None:
    steps = (path[:end] for end in range(Unit.steplen, len(path) + 1, Unit.steplen))
    return next((by_path[step] for step in steps if step in by_path), None)


def _late_reason(school: School, several: list[tuple[date, int]]) -> Reason:
    since = min(due_day for due_day, _level in several)
    words = {"count": len(several), "day": date_format(since, _("n 月 j 日"))}
    if any(level == TOP for _day, level in several):
        text = _("%(count)d 个问题到期未整改，最早的 %(day)s到期，已转到县里") % words
    else:
        text = _("%(count)d 个问题到期未整改，最早的 %(day)s到期") % words
    return Reason(text, since, f"{reverse('findings:list')}?tab=open&late=on&school={school.unit.pk}")


# ---- reasons from the ledger ----

# What the classes of each school were asked since a day: how much was recorded over, entered late, and until when.
# Class by class, so that each is found over the index of its own demands, whatever the planner knows of the table.
SINCE = """
SELECT s.id, sum(c.number)::int, sum(c.late)::int, max(c.last), sum(c.over_days)::int, min(c.over_since)
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS s(id, first, last)
JOIN units_unit u ON u.tenant_id = %s AND u.kind = 'class' AND u.path BETWEEN s.first AND s.last
CROSS JOIN LATERAL (
    SELECT count(*) AS number, count(*) FILTER (WHERE d.late) AS late, max(d.day) AS last,
           count(DISTINCT d.day) FILTER (WHERE d.verdict = 'recorded') AS over_days,
           min(d.day) FILTER (WHERE d.verdict = 'recorded') AS over_since
    FROM ledger_demand d
    WHERE d.tenant_id = %s AND d.bearer_id = u.id AND d.day >= %s AND d.kind = 'homework' AND d.state <> 'withdrawn'
) AS c
GROUP BY s.id
"""


def _add_ledger(found: list[School], today: date, calendar: Calendar) -> None:
    since = today - timedelta(weeks=DATA["weeks_back"])
    silent_since = _school_days_back(calendar, today, DATA["silent_days"])
    rows = {row[0]: row[1:] for row in _since(found, since)}
    for school in found:
        total, late, last, over_days, over_since = rows.get(school.unit.pk, (0, 0, None, 0, None))
        school.reasons += _ledger_reasons(school, today, silent_since, total, late, last, over_days, over_since)


def _ledger_reasons(school, today, silent_since, total, late, last, over_days, over_since) -> list[Reason]:
    reasons = []
    page = reverse("home:county_school", args=[school.unit.pk])
    if over_days >= DATA["over_days"]:
        words = {"weeks": DATA["weeks_back"], "count": over_days}
        text = _("近 %(weeks)d 周登记超出规定 %(count)d 次（一个班一天算一次）") % words
        reasons.append(Reason(text, over_since, page))
    if silent_since and (last is None or last < silent_since):
        text = _("%(days)d 个上学日没有公示：可能需要帮手，不一定是问题") % {"days": DATA["silent_days"]}
        reasons.append(Reason(text, silent_since, page))
    if total >= DATA["late_least"] and late >= DATA["late_share"] * total:
        text = _("近 %(weeks)d 周的作业有 %(share)d%% 是补登的") % {
            "weeks": DATA["weeks_back"], "share": 100 * late // total
        }  # fmt: skip
        reasons.append(Reason(text, today - timedelta(weeks=DATA["weeks_back"]), page))
    return reasons


def _since(found: list[School], since: date) -> list[tuple]:
    units = [school.unit for school in found]
    tenant_id = current_tenant()
    arguments = [
        [unit.pk for unit in units], [unit.path for unit in units], [unit.path_end for unit in units], tenant_id,
        tenant_id, since,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SINCE, arguments)
        return cursor.fetchall()


def _school_days_back(calendar: Calendar, today: date, number: int) -> date | None:
    """The day that lies so many school days back, within the term; None where the term is younger."""
    days = calendar.school_days(calendar.term(today).start, today - timedelta(days=1))
    return days[-number] if len(days) >= number else None


# ---- as a workbook ----


def workbook(found: Iterable[School]) -> bytes:
    """The schools to visit as an .xlsx: school, reason, since when. In the order of the page."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(_("视导"))
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.write_row(0, 0, [_("学校"), _("学校代码"), _("为什么去"), _("从哪天起")], bold)
        lines = [(school, reason) for school in found for reason in school.reasons]
        for number, (school, reason) in enumerate(lines, start=1):
            sheet.write_row(number, 0, [school.unit.name, school.unit.code, reason.text])
            sheet.write_datetime(number, 3, reason.since, day)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()

"""What stands behind a finding: demands, as lines that open the day of their class; windows, as their week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from qingfu.findings.models import Finding
from qingfu.findings.records import Record
from qingfu.ledger.models import CalendarChange, Demand
from qingfu.ledger.queries import rulebook_for
from qingfu.rulebook.calendar import week_key
from qingfu.rulebook.words import word
from qingfu.units.models import Unit


def demands(finding: Finding, ids: Sequence[int]) -> list[Record]:
    """Demands by subject: no person is named. Two queries."""
    rows = list(Demand.objects.filter(id__in=list(ids)).order_by("-day", "bearer_id", "id"))
    units = dict(Unit.objects.filter(pk__in={row.bearer_id for row in rows}).values_list("pk", "name"))
    classes = {row.bearer_id for row in rows if row.kind == "homework"}
    return [_record(row, units, row.bearer_id in classes) for row in rows]


def _record(row: Demand, units: dict[int, str], is_class: bool) -> Record:
    subject = row.subject or word("kinds", row.kind)
    minutes = _("%(minutes)d 分钟") % {"minutes": row.charged_minutes} if row.charged_minutes is not None else ""
    meta = [date_format(row.day, _("n 月 j 日")), units[row.bearer_id], minutes, row.get_state_display()]
    return Record(
        f"{subject} {row.text}".strip(),
        " · ".join(part for part in meta if part),
        reverse("home:class_day", args=[row.bearer_id, row.day]) if is_class else "",
    )


def windows(finding: Finding, ids: Sequence[int]) -> list[Record]:
    """The first days of windows (ordinals) in which something was not done; those of a class open its week."""
    days = [date.fromordinal(one) for one in sorted(ids, reverse=True)]
    is_class = finding.bearer.kind == Unit.Kind.CLASS
    page, is_week = reverse("home:week"), _window_of(finding) == "week"
    return [
        Record(
            _week_title(day) if is_week else _("%(day)s起的那个周期") % {"day": date_format(day, _("Y 年 n 月 j 日"))},
            finding.bearer.name,
            f"{page}?unit={finding.bearer_id}&week={week_key(day)}" if is_class else "",
        )
        for day in days
    ]


def _week_title(day: date) -> str:
    return _("%(month)d 月 %(day)d 日起的那一周") % {"month": day.month, "day": day.day}


def _window_of(finding: Finding) -> str:
    """The window of the limit that a finding is about; a week where the limit is no more."""
    packs = rulebook_for(finding.bearer).packs
    return next(
        (pack.limit(finding.limit_id).window for pack in packs if finding.limit_id in pack.limits_by_id), "week"
    )


def calendar_changes(finding: Finding, ids: Sequence[int]) -> list[Record]:
    """What a school has declared and the county is to confirm."""
    rows = CalendarChange.objects.filter(pk__in=list(ids)).select_related("unit").order_by("-pk")
    return [
        Record(
            row.name or _("校历变动"),
            f"{row.unit.name} · {row.starts} – {row.ends}",
            reverse("ledger:calendar_change", args=[row.pk]),
        )
        for row in rows
    ]

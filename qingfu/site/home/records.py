"""What stands behind a finding: demands, as lines that open the day of their class."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from qingfu.findings.records import Record
from qingfu.ledger.models import Demand
from qingfu.rulebook.words import word
from qingfu.units.models import Unit


def demands(ids: Sequence[int]) -> list[Record]:
    """Demands by subject: no person is named. Two queries."""
    rows = list(Demand.objects.filter(id__in=list(ids)).order_by("-day", "bearer_id", "id"))
    units = dict(Unit.objects.filter(pk__in={row.bearer_id for row in rows}).values_list("pk", "name"))
    classes = {row.bearer_id for row in rows if row.kind == "homework"}
    return [_record(row, units, row.bearer_id in classes) for row in rows]


def _record(row: Demand, units: dict[int, str], is_class: bool) -> Record:
    subject = row.subject or word("kinds", row.kind)
    minutes = _("%(minutes)d 分钟") % {"minutes": row.charged_minutes} if row.charged_minutes is not None else ""
    meta = [f"{row.day.month} 月 {row.day.day} 日", units[row.bearer_id], minutes, row.get_state_display()]
    return Record(
        f"{subject} {row.text}".strip(),
        " · ".join(part for part in meta if part),
        reverse("home:class_day", args=[row.bearer_id, row.day]) if is_class else "",
    )

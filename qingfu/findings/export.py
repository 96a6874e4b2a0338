"""The list of findings as a workbook: exactly the rows of the list, offices in place of persons."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import xlsxwriter
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from qingfu.findings.models import Finding
from qingfu.findings.queries import with_places

WIDTHS = (20, 14, 16, 60, 8, 10, 24, 12, 12, 12)


def workbook(findings: Iterable[Finding]) -> bytes:
    """An .xlsx with one line for each finding."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(_("问题"))
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.write_row(0, 0, _head(), bold)
        for number, finding in enumerate(with_places(findings), start=1):
            *texts, opened, due, recheck = _line(finding)
            sheet.write_row(number, 0, texts)
            for column, one in enumerate((opened, due, recheck), start=len(texts)):
                if one:
                    sheet.write_datetime(number, column, one, day)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()


def _head() -> list[str]:
    return [
        _("学校"), _("班级或单位"), _("类型"), _("问题"), _("项数"), _("状态"), _("由谁负责"), _("发现"), _("整改期限"),
        _("回头看"),
    ]  # fmt: skip


def _line(finding: Finding) -> list:
    return [
        finding.place or finding.bearer.name, finding.bearer.name, finding.get_kind_display(), finding.summary,
        finding.count, finding.get_state_display(), finding.office, localdate(finding.opened_at), finding.due_day,
        finding.recheck_day,
    ]  # fmt: skip

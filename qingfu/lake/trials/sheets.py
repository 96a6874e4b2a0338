"""A trial as a workbook: what was tried, and its tables."""

from __future__ import annotations

from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _

from qingfu.lake.models import Trial

WIDTH = 24


def workbook(trial: Trial) -> bytes:
    """The bytes of an .xlsx."""
    found, buffer = trial.result, BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        whole = [
            (_("试的是"), trial.title), (_("从"), str(trial.first)), (_("到"), str(trial.last)),
            (_("这段时间布置的"), found["asked"]), (_("放不下的"), found["stopped"]),
            (_("涉及的学校和单位"), found["schools"]), (_("涉及的发起人"), found["issuers"]),
            *((name, before, after) for name, before, after in loads(found)), (_("记录"), trial.digest),
        ]  # fmt: skip
        _sheet(book, _("结果"), (_("项"), _("数"), _("改了以后")), whole, bold)
        _sheet(book, _("学校和单位"), (_("学校和单位"), _("放不下的")), found["by_school"], bold)
        _sheet(book, _("学科"), (_("学科"), _("放不下的")), found["by_subject"], bold)
        _sheet(book, _("放不下的"), (_("日子"), _("承担方"), _("学科"), _("超出")), found.get("posts", ()), bold)
        _sheet(book, _("周"), (_("周"), _("放不下的"), _("九成的班级日以内"), _("改了以后")), found["by_week"], bold)
    return buffer.getvalue()


def loads(found: dict) -> list[tuple[str, float, float]]:
    """(which, minutes before, minutes after) of a class on a day."""
    names = (_("一半的班级日以内"), _("九成的班级日以内"), _("最多"))
    return list(zip(names, found["before"], found["after"], strict=False))


def _sheet(book, name: str, head: tuple, rows, bold) -> None:
    page = book.add_worksheet(name)
    page.set_column(0, len(head), WIDTH)
    page.write_row(0, 0, head, bold)
    for number, row in enumerate(rows, start=1):
        page.write_row(number, 0, row)
    page.freeze_panes(1, 0)

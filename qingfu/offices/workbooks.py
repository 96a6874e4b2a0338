"""A form as a workbook: what is known is filled in, gaps are left open; and the same workbook as it comes back."""

from __future__ import annotations

import io

import xlsxwriter
from django.utils.translation import gettext as _

from qingfu.offices.fields import Words
from qingfu.offices.queries.forms import ASK, COMING, KNOWN, FormPlan
from qingfu.offices.tables import first_sheet, text_of
from qingfu.units.workbook.safety import WorkbookError, column_letters

UNIT_COLUMNS = 2
"""Columns before the fields: the unit's code and name."""


def head(words: Words) -> str:
    """A field as the head of a column."""
    name, measure, period = words
    return f"{name}（{measure}）{period}" if measure and f"（{measure}）" not in name else f"{name} {period}"


def write_form(plan: FormPlan) -> bytes:
    """The bytes of an .xlsx file: a row for each unit, a column for each field, and a sheet that says whence."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        looks = {
            "head": workbook.add_format({"bold": True, "bg_color": "#EAF4D6", "border": 1, "text_wrap": True}),
            KNOWN: workbook.add_format({"bg_color": "#F1F1EE", "border": 1}),
            COMING: workbook.add_format({"bg_color": "#F1F1EE", "border": 1, "italic": True, "font_color": "#5F6A62"}),
            ASK: workbook.add_format({"border": 1}),
        }
        _data(workbook, plan, looks)
        _sources(workbook, plan, looks)
    return target.getvalue()


def _data(workbook: xlsxwriter.Workbook, plan: FormPlan, looks: dict) -> None:
    page = workbook.add_worksheet(_("数据"))
    page.freeze_panes(1, UNIT_COLUMNS)
    page.set_column(0, UNIT_COLUMNS + len(plan.lines), 16)
    page.write_string(0, 0, _("代码"), looks["head"])
    page.write_string(0, 1, _("单位"), looks["head"])
    for column, line in enumerate(plan.lines, UNIT_COLUMNS):
        page.write_string(0, column, head(line.words), looks["head"])
    for row, unit in enumerate(plan.bearers, 1):
        page.write_string(row, 0, unit.code, looks["head"])
        page.write_string(row, 1, unit.name, looks["head"])
        for column, line in enumerate(plan.lines, UNIT_COLUMNS):
            cell = line.cells[unit.pk]
            number = _number(cell.value)
            if number is not None:
                page.write_number(row, column, number, looks[KNOWN])
            else:
                page.write_string(row, column, cell.value, looks[cell.state])
            if cell.state == COMING:
                page.write_comment(row, column, _("%(source)s在要，收到后自动有") % {"source": cell.source})


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _sources(workbook: xlsxwriter.Workbook, plan: FormPlan, looks: dict) -> None:
    page = workbook.add_worksheet(_("来源"))
    page.set_column(0, 0, 40)
    page.set_column(1, 2, 24)
    for column, text in enumerate((_("字段"), _("谁收集的"), _("已有几个单位的数"))):
        page.write_string(0, column, text, looks["head"])
    for row, line in enumerate(plan.lines, 1):
        page.write_string(row, 0, head(line.words))
        page.write_string(row, 1, "、".join(line.sources))
        page.write_number(row, 2, line.known)


def read_returns(data: bytes, plan: FormPlan) -> tuple[dict[tuple[int, int], tuple[str, str]], list[str]]:
    """What a workbook that came back says: (place, text) by (number of the unit, number of the field) in the plan; and
    what is wrong, by row and column. Raises WorkbookError where it cannot be opened or is another form.
    """
    rows, formulas = first_sheet(data)
    heads = [str(cell).strip() for cell in rows[0]] if rows else []
    wanted = [head(line.words) for line in plan.lines]
    columns = {heads.index(text): field for field, text in enumerate(wanted) if text in heads}
    if len(columns) < len(wanted):
        raise WorkbookError(_("这不是这张表的工作簿，或者改过表头。请用从这里下载的那一份。"))
    return _cells(rows, columns, plan, formulas)


def _cells(rows: list[list], columns: dict[int, int], plan: FormPlan, formulas: set[str]):
    units = {unit.code or unit.name: number for number, unit in enumerate(plan.bearers)}
    cells, problems = {}, []
    for number, row in enumerate(rows[1:], 2):
        code, name = (text_of(cell) for cell in row[:UNIT_COLUMNS])
        unit = units.get(code or name)
        if unit is None:
            if any(text_of(cell) for cell in row):
                said = {"row": number, "name": (code or name)[:20]}
                problems.append(_("A%(row)s：表里没有“%(name)s”这个单位") % said)
            continue
        for column, field in columns.items():
            place = f"{column_letters(column + 1)}{number}"
            if place in formulas:
                problems.append(_("%(place)s：是公式，请粘贴成数值") % {"place": place})
            text = text_of(row[column]) if column < len(row) else ""
            if text:
                cells[unit, field] = (place, text)
    return cells, problems

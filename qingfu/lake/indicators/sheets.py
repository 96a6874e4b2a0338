"""Figures as a table, for people who go on working in Excel: one line a figure, and a sheet that says what each is."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

from qingfu.lake.indicators.catalogue import Indicator
from qingfu.lake.indicators.figures import MISSING, Figure

COLUMNS = ("指标", "单位", "分", "从", "到", "数值", "计量单位", "分子", "分母", "记录数", "说明")
ABOUT = ("指标", "定义", "计量单位", "好的方向", "从何时起", "出处", "编号")
DIRECTIONS = {"lower": "越低越好", "higher": "越高越好", "none": ""}
STATES = {"shown": "", "hidden": "回答的人太少，不显示", MISSING: "没有记录"}
BY = {"term": "学期", "week": "周", "month": "月", "subject": "学科", "grade": "年级"}
WIDTHS = (34, 18, 22, 12, 12, 12, 10, 10, 10, 10, 22)
ABOUT_WIDTHS = (34, 80, 10, 10, 12, 60, 26)
RECORD_WIDTH = 18


def line(figure: Figure) -> tuple:
    """One figure as a row under COLUMNS; dates and numbers stay what they are."""
    told = "，".join(f"{BY[name]} {value or '不分'}" for name, value in figure.by if name in BY)
    one = figure.indicator
    return (
        one.name, figure.unit_name, told, figure.first, figure.last, figure.value, one.unit, figure.numerator,
        figure.denominator, figure.records or None, STATES[figure.state],
    )  # fmt: skip


def about(one: Indicator) -> tuple:
    """What an indicator is, as a row under ABOUT."""
    return one.name, one.definition, one.unit, DIRECTIONS[one.direction], one.since, one.source, one.id


def csv_text(figures: Iterable[Figure]) -> str:
    """The figures as CSV, with a mark at the front by which Excel knows the letters."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(map(_as_text, line(figure)) for figure in figures)
    return "\ufeff" + text.getvalue()


def _as_text(value):
    """A name that Excel would take for a formula stands as text."""
    return "'" + value if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value


def workbook(figures: Sequence[Figure], digest: str, records: tuple[Sequence[str], Iterable[Sequence]] = ()) -> bytes:
    """The figures as .xlsx; its second sheet says what each indicator is and which lake the figures were taken from. A
    third has the ``records`` behind one: the heads and the rows, where they are given."""
    import xlsxwriter

    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        formats = {"bold": book.add_format({"bold": True}), "day": book.add_format({"num_format": "yyyy-mm-dd"})}
        _sheet(book, "指标", COLUMNS, [line(figure) for figure in figures], WIDTHS, formats)
        indicators = {figure.indicator.id: figure.indicator for figure in figures}
        rows = [*(about(one) for one in indicators.values()), ("记录", digest)]
        _sheet(book, "定义和出处", ABOUT, rows, ABOUT_WIDTHS, formats)
        if records:
            heads, lines = records
            _sheet(book, "记录", heads, lines, [RECORD_WIDTH] * len(heads), formats)
    return buffer.getvalue()


def table_book(name: str, heads: Sequence[str], rows: Iterable[Sequence]) -> bytes:
    """One table as .xlsx, on a sheet of this name."""
    import xlsxwriter

    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        formats = {"bold": book.add_format({"bold": True}), "day": book.add_format({"num_format": "yyyy-mm-dd"})}
        _sheet(book, name, heads, rows, [RECORD_WIDTH] * len(heads), formats)
    return buffer.getvalue()


def _sheet(book, name: str, head: Sequence[str], rows: Iterable[tuple], widths: Sequence[int], formats: dict) -> None:
    sheet = book.add_worksheet(name)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.write_row(0, 0, head, formats["bold"])
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if hasattr(value, "year"):
                sheet.write_datetime(number, column, value, formats["day"])
            elif value is not None:
                sheet.write(number, column, value)
    sheet.freeze_panes(1, 0)

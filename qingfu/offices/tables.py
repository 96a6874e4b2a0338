"""Lists as workbooks: written as they stand on a page, and read row by row from the first sheet of a file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import xlsxwriter
from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook

from qingfu.units.workbook.safety import WorkbookError, clean_copy, facts_of_sheets

WIDEST, NARROWEST = 40, 10


def write_table(title: str, heads: Sequence[str], rows: Iterable[Sequence]) -> bytes:
    """The bytes of an .xlsx file with one sheet: ``heads`` above ``rows`` of texts, numbers, days, and yes or no."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as workbook:
        sheet = workbook.add_worksheet(title)
        bold, day = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, heads, bold)
        sheet.freeze_panes(1, 0)
        widths = [2 * len(head) for head in heads]
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, bool):
                    cell = _("是") if cell else _("否")
                widths[column] = max(widths[column], 2 * len(str(cell)))
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif isinstance(cell, (int, Decimal)):
                    sheet.write_number(number, column, cell)
                else:
                    sheet.write_string(number, column, str(cell or ""))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(max(width, NARROWEST), WIDEST))
    return target.getvalue()


def first_sheet(data: bytes) -> tuple[list[list], set[str]]:
    """The cells of a workbook's first sheet by rows, and where it has formulas (as Excel writes them: C3).

    Raises WorkbookError where it cannot be opened.
    """
    clean = clean_copy(data)
    facts = facts_of_sheets(clean)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(clean)) as workbook:
            sheet = workbook.sheet_names[0]
            rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except Exception as error:  # the reader raises its own errors, and Rust's panics, for broken files
        raise WorkbookError(_("工作簿的内容已经损坏。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。")) from error
    return rows, set(facts[sheet].formulas) if sheet in facts else set()


def text_of(cell: object) -> str:
    """A cell as the text that stands in it: a whole number without its point, a day as 2026-11-28."""
    if isinstance(cell, float):
        return f"{cell:.12g}"
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    return str(cell).strip()

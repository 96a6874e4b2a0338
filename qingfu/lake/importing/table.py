"""A file from outside as one table: the row with the headings, and the rows of records below it with their places."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from qingfu.lake.importing.kinds import around, fold, kinds
from qingfu.units.workbook.safety import WorkbookError, clean_copy, column_letters, facts_of_sheets

MOST_BYTES = 40 * 2**20  # of a file from the command line; a page takes what uploads take
MOST_ROWS = 300_000
MOST_COLUMNS = 60
LOOKED_AT = 20  # rows at the top among which the headings are
WORDS_OF_END = 1  # a row with no more cells than this below the headings is a remark: 填表人：…
ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True)
class Row:
    """One row below the headings: its sheet, its number as Excel shows it, its cells."""

    sheet: str
    number: int
    cells: tuple


@dataclass
class Table:
    """``heads`` are the headings from left to right, ``above`` what stands over them (title, school year, unit).

    ``header`` is the number of the row with the headings; ``skipped`` counts rows that are no records, by reason.
    """

    sheet: str
    header: int
    heads: tuple[str, ...]
    above: str
    pages: list[tuple[str, list[list], int]]
    apart: int = 0  # filled rows of sheets that have headings, but others than these
    skipped: dict[str, int] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """The rows of records: totals, remarks, repeated headings and empty rows are counted and left out."""
        self.skipped = {"sheet": self.apart}
        for sheet, rows, start in self.pages:
            for number, cells in enumerate(rows[start:], start=start + 1):
                why = _no_record(cells, self.heads)
                if why:
                    self.skipped[why] = self.skipped.get(why, 0) + (why != "empty")
                else:
                    yield Row(sheet, number, tuple(cells))

    def letter(self, place: int) -> str:
        """What Excel calls the column at ``place``."""
        return column_letters(place + 1)

    def samples(self, place: int, count: int) -> list:
        """Up to ``count`` filled cells of a column, spread over the table."""
        step = max(1, sum(len(rows) - start for _sheet, rows, start in self.pages) // (count * 2))
        found = (row.cells[place] for row in islice(self.rows(), 0, None, step) if place < len(row.cells))
        return list(islice((cell for cell in found if text_of(cell)), count))


def read_table(data: bytes, name: str, header: int | None = None) -> Table:
    """Read the bytes of an .xlsx or .csv file called ``name``. ``header``: the row with the headings, if it is known.

    Sheets that are headed alike (one a month) are one table. Raises WorkbookError.
    """
    if len(data) > MOST_BYTES:
        raise WorkbookError(_("文件太大（最多 %(most)d MB）。请按年份分成几个文件。") % {"most": MOST_BYTES >> 20})
    sheets = _csv(data) if name.lower().endswith((".csv", ".txt")) else _xlsx(data)
    found = []
    for sheet, rows in sheets:
        place = header - 1 if header else _header(rows)
        if place is not None and place < len(rows):
            found.append((sheet, rows, place))
    if not found:
        words = "、".join(one.fields[0].title for one in kinds().values())
        raise WorkbookError(_("没有找到表头。表头要有“%(words)s”这样的列名，并且在前 %(rows)d 行之内。")
                            % {"words": words, "rows": LOOKED_AT})  # fmt: skip
    sheet, rows, place = max(found, key=lambda one: len(one[1]))
    heads = tuple(text_of(cell) for cell in rows[place])
    alike = [(s, r, p + 1) for s, r, p in found if [text_of(c) for c in r[p]] == list(heads)]
    above = " ".join(text_of(cell) for line in rows[:place] for cell in line if text_of(cell))
    taken = {name for name, _rows, _start in alike}
    apart = sum(any(map(text_of, cells)) for s, r, p in found if s not in taken for cells in r[p + 1 :])
    return Table(sheet, place + 1, heads, f"{above} {sheet}".strip(), alike, apart)


def _xlsx(data: bytes) -> list[tuple[str, list[list]]]:
    clean = clean_copy(data, MOST_BYTES)
    facts_of_sheets(clean, MOST_ROWS)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(clean)) as workbook:
            names = [one.name for one in workbook.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
            return [(name, _filled(workbook.get_sheet_by_name(name))) for name in names]
    except Exception as error:  # the reader raises its own errors, and Rust's panics, for broken files
        raise WorkbookError(_("工作簿的内容已经损坏。请用 Excel 或 WPS 打开，另存为 .xlsx 再导入。")) from error


def _filled(sheet) -> list[list]:
    """The rows of a sheet; what a merged cell says holds for each of its rows, as who merged it meant."""
    rows = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
        if top < len(rows) and left < len(rows[top]):
            for line in rows[top + 1 : bottom + 1]:
                line[left] = rows[top][left]
    return rows


def _csv(data: bytes) -> list[tuple[str, list[list]]]:
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise WorkbookError(_("这个文件的文字编码认不出来。请用 Excel 或 WPS 打开，另存为“CSV UTF-8”。"))
    signs = [(text[:4000].count(sign), sign) for sign in (",", "\t", ";", "，")]
    lines = csv.reader(io.StringIO(text), delimiter=max(signs)[1])
    try:
        rows = [line[:MOST_COLUMNS] for line in islice(lines, MOST_ROWS + 1)]
    except csv.Error as error:
        raise WorkbookError(_("第 %(row)d 行附近的引号不成对，读不下去。请改正，或另存为 .xlsx 再导入。")
                            % {"row": lines.line_num}) from error  # fmt: skip
    if len(rows) > MOST_ROWS:
        raise WorkbookError(_("超过 %(most)d 行。请按年份分成几个文件。") % {"most": MOST_ROWS})
    return [("CSV", rows)]


def _header(rows: list[list]) -> int | None:
    """The row among the first ones that looks most like headings: at least two of them are known."""
    known = {name for kind in kinds().values() for field in kind.fields for name in field.names} | around().numbering
    best, most = None, 1
    for place, cells in enumerate(rows[:LOOKED_AT]):
        count = sum(_bare(fold(text_of(cell))) in known for cell in cells)
        if count > most:
            best, most = place, count
    return best


def _bare(head: str) -> str:
    return head.partition("(")[0].strip("*:")


def _no_record(cells: list, heads: tuple[str, ...]) -> str:
    """Why a row is no record, or ""."""
    texts = [text_of(cell) for cell in cells]
    filled = sum(1 for text in texts if text)
    if not filled:
        return "empty"
    if filled <= WORDS_OF_END and len(heads) > WORDS_OF_END + 1:
        return "remark"
    if any(fold(text).rstrip(":") in around().totals for text in texts[:3]):
        return "total"
    return "heads" if tuple(texts[: len(heads)]) == heads else ""


def text_of(cell) -> str:
    """A cell as the text that a person sees in it; a whole number without its point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() if cell is not None else ""

"""From cells to records: every sheet, every row, every cell, and every fault with its place and what to do."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from qingfu.units.workbook.safety import (
    REFERENCE,
    Facts,
    WorkbookError,
    clean_copy,
    column_letters,
    column_number,
    facts_of_sheets,
)
from qingfu.units.workbook.sheets import NO, NOT_COLLECTED, SHEETS, YES, Column, Sheet

GRADES = range(1, 10)
MAX_SEATS = 120
NUMERALS = {letter: number for number, letter in enumerate("一二三四五六七八九", 1)}
SEPARATORS = re.compile(r"[,、，;；/+和\s]+")
ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
CODE = re.compile(r"[A-Za-z0-9-]{2,32}")
EXAMPLE = "例"


@dataclass(frozen=True)
class Problem:
    """A fault at a place of the workbook. ``row`` 0: the whole sheet; ``column`` "": the whole row."""

    sheet: str
    row: int
    column: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.column}{self.row}" if self.row else ""


@dataclass(frozen=True)
class Record:
    """One row that was read: its place and its values by field. Faulty cells are absent."""

    sheet: str
    row: int
    values: dict
    columns: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str):
        return self.values.get(name)

    def problem(self, name: str, text: str) -> Problem:
        return Problem(self.sheet, self.row, self.columns.get(name, ""), text)


@dataclass
class Contents:
    """What a workbook says, before it is compared with anything."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_workbook(data: bytes) -> Contents:
    """Read the bytes of an .xlsx file. Raises WorkbookError if it cannot be opened at all."""
    clean = clean_copy(data)
    facts = facts_of_sheets(clean)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(clean)) as workbook:
            return _read(workbook, facts)
    except WorkbookError:
        raise
    except Exception as error:  # the reader raises its own errors, and Rust's panics, for broken files
        raise WorkbookError(_("工作簿的内容已经损坏。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。")) from error


def _read(workbook: CalamineWorkbook, facts: dict[str, Facts]) -> Contents:
    contents = Contents()
    visible = {sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in workbook.sheets_metadata}
    by_name = {_plain(name): name for name in workbook.sheet_names}
    if not any(sheet.name in by_name for sheet in SHEETS):
        names = "、".join(f"“{sheet.name}”" for sheet in SHEETS)
        raise WorkbookError(_("没有找到工作表%(names)s。请用下载的模板。") % {"names": names})
    for sheet in SHEETS:
        name = by_name.get(sheet.name)
        contents.records[sheet.name] = []
        if name is None:
            continue
        if not visible[name]:
            text = _("工作表被隐藏了。请右键取消隐藏，看过内容再上传。")
            contents.problems.append(Problem(sheet.name, 0, "", text))
            continue
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        _read_sheet(sheet, rows, facts.get(name, Facts()), contents)
    return contents


def _read_sheet(sheet: Sheet, rows: list[list], facts: Facts, contents: Contents) -> None:
    heads = [_plain(str(cell)).strip("*") for cell in rows[0]] if rows else []
    places = {column.field: heads.index(column.name) for column in sheet.columns if column.name in heads}
    contents.problems += _faults_of_heads(sheet, heads)
    if any(column.required and column.field not in places for column in sheet.columns):
        return
    letters = {name: column_letters(place + 1) for name, place in places.items()}
    contents.problems += _faults_of_form(sheet, facts, set(letters.values()))
    formulas = set(facts.formulas)
    for number, cells in enumerate(rows[1:], start=2):
        used = {name: cells[place] for name, place in places.items()}
        if all(_is_empty(cell) for cell in used.values()) or _is_example(cells):
            continue
        values = {}
        for column in sheet.columns:
            if column.field not in places or f"{letters[column.field]}{number}" in formulas:
                continue
            try:
                values[column.field] = _value(column, used[column.field])
            except ValueError as fault:
                contents.problems.append(Problem(sheet.name, number, letters[column.field], str(fault)))
        contents.records[sheet.name].append(Record(sheet.name, number, values, letters))


def _faults_of_heads(sheet: Sheet, heads: list[str]) -> list[Problem]:
    problems = []
    for column in sheet.columns:
        if column.required and column.name not in heads:
            text = _("第 1 行缺少“%(name)s”这一列。请用下载的模板，不要改表头。") % {"name": column.name}
            problems.append(Problem(sheet.name, 1, "", text))
        if heads.count(column.name) > 1:
            text = _("“%(name)s”有两列，不知道该用哪一列。请删掉一列。") % {"name": column.name}
            problems.append(Problem(sheet.name, 1, column_letters(heads.index(column.name) + 1), text))
    for place, head in enumerate(heads, start=1):
        if any(word in head for word in NOT_COLLECTED):
            text = _("请删掉“%(name)s”这一列：轻负不收集这类信息，文件里也不要带。") % {"name": head}
            problems.append(Problem(sheet.name, 1, column_letters(place), text))
    return problems


def _faults_of_form(sheet: Sheet, facts: Facts, used: set[str]) -> list[Problem]:
    problems = []
    for span in facts.merged:
        if first := REFERENCE.match(span):
            text = _("%(span)s 是合并单元格。请取消合并，在每一行都填上内容。") % {"span": span}
            problems.append(Problem(sheet.name, int(first[2]), first[1], text))
    for reference in facts.formulas:
        letters, row = REFERENCE.fullmatch(reference).groups()
        if letters in used and int(row) > 1:
            text = _("这一格是公式。请复制后用“选择性粘贴—数值”改成内容。")
            problems.append(Problem(sheet.name, int(row), letters, text))
    return problems


def _is_empty(cell) -> bool:
    return isinstance(cell, str) and not _plain(cell)


def _is_example(cells: list) -> bool:
    return bool(cells) and isinstance(cells[0], str) and cells[0].strip().startswith(EXAMPLE)


def _value(column: Column, cell):
    if _is_empty(cell):
        if column.required:
            raise ValueError(_("“%(name)s”没有填。") % {"name": column.name})
        return DEFAULTS.get(column.reader, "")
    return READERS[column.reader](cell, column)


# ---- readers: a cell in, a value out; ValueError with what to do ----


def _plain(text: str) -> str:
    """Full-width letters and figures made plain; invisible signs and spaces at the ends dropped."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in text if unicodedata.category(letter) not in {"Cf", "Cc"}).strip()


def _text(cell) -> str:
    """A cell as the text that stands in it; a whole number without its point."""
    if isinstance(cell, bool):
        return YES if cell else NO
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (date, datetime, time)):
        raise ValueError(_("Excel 把这一格当成了日期。请把格式改成“文本”再填。"))
    return _plain(str(cell))


def _name(cell, column: Column) -> str:
    """A name keeps its own signs: brackets in the name of a school, the point in the name of a person."""
    if not isinstance(cell, str):
        raise ValueError(_("“%(name)s”应当是文字，这里是数字或日期。") % {"name": column.name})
    text = "".join(letter for letter in cell if unicodedata.category(letter) not in {"Cf", "Cc"})
    text = re.sub(r"\s+", " ", text).strip()
    longest = 40 if column.name == "姓名" else 80
    if len(text) > longest:
        raise ValueError(_("太长了，最多 %(count)d 个字。") % {"count": longest})
    if any(letter in text for letter in "<>\"'\\{}"):
        raise ValueError(_("名称里不要用 < > 引号等符号。"))
    return text


def _code(cell, _column: Column) -> str:
    text = _text(cell)
    if not CODE.fullmatch(text):
        raise ValueError(_("代码只用字母、数字和短横，2 到 32 位；这里是“%(text)s”。") % {"text": text[:20]})
    return text


def _account(cell, _column: Column) -> str:
    text = _text(cell).lower()
    if not ACCOUNT.fullmatch(text):
        raise ValueError(_("账号用字母和数字，2 到 40 位，如工号或姓名拼音；这里是“%(text)s”。") % {"text": text[:20]})
    return text


def _choice(cell, column: Column) -> str:
    text = _text(cell).replace(" ", "")
    by_plain = {_plain(choice): choice for choice in column.choices}
    if text not in by_plain:
        choices = "、".join(column.choices)
        raise ValueError(_("只能填：%(choices)s。") % {"choices": choices})
    return by_plain[text]


def _yes_no(cell, column: Column) -> bool:
    return _choice(cell, column) == YES


def _whole(text: str, least: int, most: int, what: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or not least <= int(text) <= most:
        raise ValueError(
            _("%(what)s应当是 %(least)d 到 %(most)d 的整数；这里是“%(text)s”。")
            % {"what": what, "least": least, "most": most, "text": text[:20]}
        )
    return int(text)


def _one_grade(text: str) -> int:
    if text.startswith("初"):
        raise ValueError(_("“%(text)s”六三制和五四制不一样，请写年级的数字，如 7。") % {"text": text})
    text = text.removesuffix("年级").removesuffix("年")
    text = str(NUMERALS.get(text, text))
    if text.isdigit() and len(text) == 2 and set(text) <= set("123456789"):
        raise ValueError(_("年级只能是 1 到 9。复式班请用顿号分开，如 %(a)s、%(b)s。") % {"a": text[0], "b": text[1]})
    return _whole(text, GRADES[0], GRADES[-1], _("年级"))


def _several(text: str) -> list[str]:
    return [part for part in SEPARATORS.split(text) if part]


def _grades(cell, _column: Column) -> tuple[int, ...]:
    grades = tuple(_one_grade(part) for part in _several(_text(cell)))
    if len(set(grades)) < len(grades):
        raise ValueError(_("同一个年级写了两遍。"))
    return tuple(sorted(grades))


def _grade_range(cell, _column: Column) -> tuple[int, ...]:
    if isinstance(cell, (date, datetime)):  # Excel makes 1-6 the sixth of January
        cell = f"{cell.month}-{cell.day}"
    ends = [part for part in re.split(r"[-–—~至到]+", _text(cell)) if part]
    grades = [_one_grade(part) for part in ends]
    if not 1 <= len(grades) <= 2 or grades[0] > grades[-1]:
        raise ValueError(_("请写从几年级到几年级，如 1-6。"))
    return tuple(range(grades[0], grades[-1] + 1))


def _number(cell, _column: Column) -> int:
    return _whole(re.sub(r"[()（）班]", "", _text(cell)), 1, 99, _("班号"))


def _numbers(cell, column: Column) -> tuple[int, ...]:
    return tuple(dict.fromkeys(_number(part, column) for part in _several(_text(cell))))


def _seats(cell, _column: Column) -> tuple[int, ...]:
    return tuple(_whole(part.removesuffix("人"), 0, MAX_SEATS, _("人数")) for part in _several(_text(cell)))


def _subjects(cell, _column: Column) -> tuple[str, ...]:
    subjects = tuple(dict.fromkeys(_several(_text(cell))))
    if any(len(subject) > 16 or not re.fullmatch(r"[\w·()]+", subject) for subject in subjects):
        raise ValueError(_("学科名只用文字，最多 16 个字；几科之间用顿号。"))
    return subjects


READERS: dict[str, Callable] = {
    "code": _code, "name": _name, "account": _account, "choice": _choice, "yes_no": _yes_no, "grades": _grades,
    "grade_range": _grade_range, "number": _number, "numbers": _numbers, "seats": _seats, "subjects": _subjects,
}  # fmt: skip
DEFAULTS = {"yes_no": False, "grades": (), "numbers": (), "subjects": (), "seats": ()}


def place_order(problem: Problem) -> tuple:
    """Sort key: sheets as in the workbook, then rows, then columns."""
    names = [sheet.name for sheet in SHEETS]
    return (names.index(problem.sheet), problem.row, column_number(problem.column), problem.text)

"""The fields of a form as they come in (pasted, typed, from a workbook), checked before anybody is asked."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook

from qingfu.text.fields.lexicon import UNITS, fold
from qingfu.text.fields.matching import SAME, compare
from qingfu.text.fields.reading import LONGEST_NAME, Field, read
from qingfu.units.models import Unit
from qingfu.units.workbook.safety import WorkbookError, clean_copy, facts_of_sheets
from qingfu.units.workbook.sheets import NOT_COLLECTED

MOST_FIELDS = 200
LONGEST_MEASURE, LONGEST_PERIOD, LONGEST_VALUE = 20, 40, 200
HEAD_ROWS = 10
"""In how many rows from the top the header of a workbook is looked for."""
LEVELS = {Unit.Kind.VILLAGE: "村", Unit.Kind.TOWNSHIP: "镇", Unit.Kind.SCHOOL: "校", Unit.Kind.COUNTY: "县"}
NOT_FIELDS = tomllib.loads((Path(__file__).parent / "data" / "forms.toml").read_text("utf-8"))["not_fields"]
"""Columns that name the row, or nothing: nobody need fill them in."""
_SEPARATORS = re.compile(r"\t|\s{2,}|[|｜]|[,，]")
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
Words = tuple[str, str, str]
"""Name, measure (its unit) and period of a field."""


class FieldProblem(ValueError):
    """A form whose fields cannot be taken as they are. ``str()`` names each field by its number."""


def meaning(words: Words, unit_kind: str) -> Field:
    """What the field asks of a unit of this kind."""
    return read(*words, LEVELS.get(unit_kind, ""))


def fields_of_text(text: str, period: str) -> list[Words]:
    """One field a line: the name, then if wanted its unit and its period, set apart by a tab or comma. One line of
    several cells is the header of a sheet.
    """
    lines = [line for line in (line.strip() for line in text.splitlines()) if line]
    if len(lines) == 1 and "\t" in lines[0]:
        cells = [cell.strip() for cell in lines[0].split("\t")]
        if fold(cells[1]) not in UNITS:
            return _of_header(cells, period)
    return [_of_line(line, period) for line in lines]


def fields_of_workbook(data: bytes, period: str) -> list[Words]:
    """The header of the first sheet: the fullest of its first rows. Raises WorkbookError."""
    clean = clean_copy(data)
    facts_of_sheets(clean)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(clean)) as workbook:
            rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)[:HEAD_ROWS]
    except Exception as error:  # the reader raises its own errors, and Rust's panics, for broken files
        raise WorkbookError(_("工作簿的内容已经损坏。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。")) from error
    texts = [[cell.strip() if isinstance(cell, str) else "" for cell in row] for row in rows]
    return _of_header(max(texts, key=lambda row: len([cell for cell in row if cell]), default=[]), period)


def _of_header(cells: Iterable[str], period: str) -> list[Words]:
    return [(cell, "", period) for cell in cells if cell and fold(cell) not in NOT_FIELDS]


def _of_line(line: str, period: str) -> Words:
    name, *more = [cell.strip() for cell in _SEPARATORS.split(line)]
    measure, own = (more + ["", ""])[:2]
    return name, measure, own or period


def checked(fields: list[Words]) -> list[Words]:
    """The fields, if all can be read and no two ask for the same. Raises FieldProblem, naming every one."""
    if not fields:
        raise FieldProblem(_("请写出这张表要哪些字段，一行一个"))
    if len(fields) > MOST_FIELDS:
        said = {"most": MOST_FIELDS, "count": len(fields)}
        raise FieldProblem(_("一张表最多 %(most)s 个字段，现在是 %(count)s 个") % said)
    problems = [_problem(number, words) for number, words in enumerate(fields, 1)]
    problems += list(_twice(fields))
    found = [problem for problem in problems if problem]
    if found:
        raise FieldProblem("；".join(found))
    return fields


def _problem(number: int, words: Words) -> str:
    name, measure, period = words
    said = {"number": number, "name": name[:20]}
    if not name or len(name) > LONGEST_NAME or len(measure) > LONGEST_MEASURE or len(period) > LONGEST_PERIOD:
        return _("第 %(number)s 个字段没有名称，或者太长") % said
    if any(word in name for word in NOT_COLLECTED):
        return _("第 %(number)s 个“%(name)s”：轻负不收集这类信息，请去掉") % said
    if not period or isinstance(read(*words).period, str):
        return _("第 %(number)s 个“%(name)s”：看不懂周期，可写 2025年末、2025年1-6月、2025年秋季学期") % said
    return ""


def _twice(fields: list[Words]) -> Iterable[str]:
    meanings = [read(*words) for words in fields]
    for number, one in enumerate(meanings):
        for earlier in range(number):
            if compare(one, meanings[earlier]).relation == SAME:
                yield _("第 %(number)s 个“%(name)s”和第 %(earlier)s 个要的是同一个数") % {
                    "number": number + 1, "name": one.name[:20], "earlier": earlier + 1,
                }  # fmt: skip


@dataclass(frozen=True)
class Value:
    """What a cell says: the text to keep, or what is wrong with it."""

    text: str = ""
    problem: str = ""


def value_of(typed: str, field: Field) -> Value:
    """What was typed for a field: a plain number where it counts or measures something, else a short text."""
    text = typed.strip()
    if len(text) > LONGEST_VALUE:
        return Value(problem=_("太长，最多 %(most)s 个字") % {"most": LONGEST_VALUE})
    if not text or field.kind is None:
        return Value(text)
    number = fold(text).replace(",", "").removesuffix(fold(field.unit))
    if not _NUMBER.fullmatch(number):
        return Value(problem=_("应填一个数"))
    return Value(f"{float(number):.12g}")


def converted(value: str, given: Field, asked: Field) -> str:
    """A value in the unit of the field that asks for it: 15 亩 is 1 公顷. With its own unit where that is not known."""
    if given.kind is None or fold(given.unit) == fold(asked.unit):
        return value
    if not given.factor or not asked.factor:
        return value + (given.unit if given.unit and not asked.unit else "")
    return f"{float(value) * given.factor / asked.factor:.6g}"

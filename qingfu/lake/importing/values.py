"""Cells as offices and schools fill them, read as values. Each reader raises ValueError: what is wrong, what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils.translation import gettext as _

from qingfu.lake.importing.kinds import Field, around, fold
from qingfu.lake.importing.table import text_of
from qingfu.text.vocabulary import WORDS
from qingfu.units.workbook.sheets import SUBJECTS
from qingfu.units.years import FIRST_MONTH

SERIALS = range(29_000, 73_000)  # days since 1899-12-30 as Excel counts them: 1979 to 2099
ZERO = date(1899, 12, 30)
LONGEST = 300  # characters of a text
MOST_MINUTES = 24 * 60
HOUR = 60
NUMERALS = {one: number for number, one in enumerate("一二三四五六七八九", 1)}
JUNIOR = {"初一": 1, "初二": 2, "初三": 3, "初四": 4}
UNITS_OF_TIME = {"分钟": 1, "分": 1, "min": 1, "小时": HOUR, "时": HOUR, "h": HOUR, "课时": 0, "天": 0, "半天": 0}

_FULL = re.compile(r"(\d{4})[年./\-](\d{1,2})[月./\-](\d{1,2})日?(?!\d)")
_PACKED = re.compile(r"(20\d{2})(\d{2})(\d{2})")
_SHORT = re.compile(r"(\d{1,2})[月./\-](\d{1,2})日?(?!\d)")
_NUMBER = re.compile(r"约?(\d+(?:\.\d+)?)([^\d.]*)")
_BOTH = re.compile(r"(\d+)(?:小时|时|h)(\d+)(?:分钟?|min)?")
_ABOUT = re.compile(r"左右|以内|约|大约|不超过|≤")
_SEPARATORS = re.compile(r"[,，、;；/\s]+")
_GRADE = re.compile(r"(?:([一二三四五六七八九1-9])年?级?|(初[一二三四]))$")
_CLASS = re.compile(
    r"(?:(?P<junior>初[一二三四])|(?P<grade>[一二三四五六七八九1-9]))(?:年级)?(?P<rest>[(\[.·\-]?\d{1,2}[)\]]?班?)$"
)
_CODE = re.compile(r"([1-9])(0[1-9]|[1-4]\d)班?$")
_ENTRY = re.compile(r"(20\d{2})级[(]?(\d{1,2})[)]?班?$")


@dataclass(frozen=True)
class ClassName:
    """A class as a cell names it: its grade (or the year in which it entered) and number. ``junior`` is 1 for 初一.
    ``number`` None: every class of the grade."""

    grade: int | None = None
    number: int | None = None
    junior: int | None = None
    entered: int | None = None


@dataclass(frozen=True)
class Reading:
    """How the cells of one column are read: its field, the unit of bare numbers, the year of days without one.

    ``year`` is a year, or the first year of a school year with ``school_year`` set: then March is in the next.
    """

    field: Field
    unit: str = ""
    year: int | None = None
    school_year: bool = False
    today: date = field(default_factory=date.today)

    def value(self, cell):
        """The value of a cell; None where nothing is said. Raises ValueError."""
        if fold(text_of(cell)) in around().missing:
            return None
        return READERS[self.field.reads](cell, self)


def _day(cell, reading: Reading) -> date:
    if isinstance(cell, datetime):
        found = cell.date()
    elif isinstance(cell, date):
        found = cell
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool) and int(cell) in SERIALS:
        found = ZERO + timedelta(days=int(cell))
    else:
        found = _day_in(fold(text_of(cell)), reading)
    if found > reading.today:
        raise ValueError(_("日期 %(day)s 还没有到。请核对年份。") % {"day": found})
    return found


def _day_in(text: str, reading: Reading) -> date:
    if text.isdigit() and len(text) == 5 and int(text) in SERIALS:
        return ZERO + timedelta(days=int(text))
    try:
        if found := _FULL.match(text) or _PACKED.fullmatch(text):
            return date(*map(int, found.groups()))
        if found := _SHORT.match(text):
            month, day = map(int, found.groups())
            return date(_year_for(month, reading, text), month, day)
    except ValueError as error:
        if isinstance(error, _NoYear):
            raise
        raise ValueError(_("没有“%(text)s”这一天。请改正。") % {"text": text[:20]}) from error
    raise ValueError(_("“%(text)s”不是日期。请写成 2025-03-04 这样。") % {"text": text[:20]})


class _NoYear(ValueError):
    pass


def _year_for(month: int, reading: Reading, text: str) -> int:
    if reading.year is None:
        told = _("“%(text)s”没有写年份。请在对应表的 [defaults] 里写 year，如 year = \"2024-2025\"。")
        raise _NoYear(told % {"text": text[:20]})
    return reading.year + (reading.school_year and month < FIRST_MONTH)


def _minutes(cell, reading: Reading) -> int:
    if isinstance(cell, time):
        return cell.hour * HOUR + cell.minute
    if isinstance(cell, timedelta):
        return round(cell.total_seconds() / 60)
    text = _ABOUT.sub("", fold(text_of(cell)))
    if found := _BOTH.fullmatch(text):
        return int(found[1]) * HOUR + int(found[2])
    found = _NUMBER.fullmatch(text.removesuffix("个小时") + "小时" if text.endswith("个小时") else text)
    if not found:
        raise ValueError(_("“%(text)s”不是一个时长。请只写一个数，如 40 或 1.5小时。") % {"text": text[:20]})
    unit = found[2] or reading.unit or reading.field.unit
    each = UNITS_OF_TIME.get(unit, 0)
    if not each:
        raise ValueError(_("“%(text)s”不能换算成分钟。请改成分钟或小时。") % {"text": text[:20]})
    minutes = round(float(found[1]) * each)
    if not 0 <= minutes <= MOST_MINUTES:
        raise ValueError(_("%(minutes)d 分钟超过一天。请核对单位是分钟还是小时。") % {"minutes": minutes})
    return minutes


def _count(cell, reading: Reading) -> int:
    text = _ABOUT.sub("", fold(text_of(cell))).replace(",", "")
    found = _NUMBER.fullmatch(text)
    if not found or "." in found[1] or len(found[1]) > 7 or found[2] not in ("", reading.field.unit, "个", "次"):
        raise ValueError(_("“%(text)s”不是一个数。请只写整数。") % {"text": text[:20]})
    return int(found[1])


def _text(cell, _reading: Reading) -> str:
    return " ".join(text_of(cell).split())[:LONGEST]


def _name(cell, _reading: Reading) -> str:
    return " ".join(text_of(cell).split())


def _names(cell, _reading: Reading) -> tuple[str, ...]:
    return tuple(one for one in _SEPARATORS.split(text_of(cell).strip("。.")) if one)


def _subject(cell, _reading: Reading) -> str:
    text = fold(text_of(cell)).strip("《》")
    found = subjects().get(text)
    if found is None:
        raise ValueError(_("没有“%(text)s”这个科目。请写课程标准里的名称，如 语文。") % {"text": text[:16]})
    return found


@lru_cache(maxsize=1)
def subjects() -> Mapping[str, str]:
    """Names of subjects as people write them, with the one that they mean."""
    known = {fold(name): subject for subject, names in WORDS["subjects"].items() for name in names}
    return known | {fold(name): name for name in SUBJECTS}


def _choice(cell, reading: Reading) -> str:
    text = fold(text_of(cell))
    for meant, words in reading.field.choices.items():
        if text == meant or text in map(fold, words):
            return meant
    for meant, words in reading.field.choices.items():
        if any(fold(word) in text for word in words if len(word) > 1):
            return meant
    usual = "、".join(words[0] for words in reading.field.choices.values())
    raise ValueError(_("“%(text)s”不知道是哪一种。请改成：%(usual)s。") % {"text": text[:16], "usual": usual})


def _grade(cell, _reading: Reading) -> ClassName:
    found = _GRADE.match(fold(text_of(cell)))
    if not found:
        raise ValueError(_("“%(text)s”不是年级。请写 1 到 9，或 三年级、初一。") % {"text": text_of(cell)[:16]})
    return ClassName(junior=JUNIOR[found[2]]) if found[2] else ClassName(grade=_figure(found[1]))


def _number_of_class(cell, _reading: Reading) -> int:
    digits = re.sub(r"[()班第]", "", fold(text_of(cell)))
    if not (digits := str(NUMERALS.get(digits, digits))).isdigit() or not 1 <= int(digits) <= 49:
        raise ValueError(_("“%(text)s”不是班号。请写 1、2、3 …") % {"text": text_of(cell)[:16]})
    return int(digits)


def _classes(cell, reading: Reading) -> tuple[ClassName, ...]:
    if isinstance(cell, (date, datetime)):
        raise ValueError(_("Excel 把这一格当成了日期。请把格式改成“文本”，再写班级，如 三(2)班。"))
    several = [one for one in re.split(r"[,，、;；/\s]+", fold_spaced(text_of(cell))) if one]
    found: list[ClassName] = []
    for part in several:
        before = found[-1] if found else None
        found.append(class_named(part, before))
    return tuple(found)


def fold_spaced(text: str) -> str:
    """Folded, with blanks that part two names kept: 三(1)班 三(2)班."""
    return " ".join(fold(part) for part in text.split())


def class_named(text: str, before: ClassName | None = None) -> ClassName:
    """三(2)班, 3.2, 302, 三年级2班, 初一(1)班, 2022级2班, 三年级. A bare (2) or 2班 is of the grade ``before`` it."""
    if found := _ENTRY.fullmatch(text):
        return ClassName(entered=int(found[1]), number=int(found[2]))
    if found := _CODE.fullmatch(text):
        return ClassName(grade=int(found[1]), number=int(found[2]))
    if found := _CLASS.fullmatch(text.replace("年级", "")):
        number = int(re.sub(r"\D", "", found["rest"]))
        if found["junior"]:
            return ClassName(junior=JUNIOR[found["junior"]], number=number)
        return ClassName(grade=_figure(found["grade"]), number=number)
    if before and (found := re.fullmatch(r"[(]?(\d{1,2})[)]?班?", text)):
        return ClassName(before.grade, int(found[1]), before.junior, before.entered)
    if (found := _GRADE.fullmatch(text.removesuffix("全体").removesuffix("各班"))) and not text.isdigit():
        return ClassName(junior=JUNIOR[found[2]]) if found[2] else ClassName(grade=_figure(found[1]))
    raise ValueError(_("“%(text)s”看不出是哪个班。请写成 三(2)班 这样。") % {"text": text[:16]})


def _figure(text: str) -> int:
    return NUMERALS.get(text) or int(text)


READERS: dict[str, Callable] = {
    "day": _day, "minutes": _minutes, "count": _count, "text": _text, "name": _name, "names": _names,
    "subject": _subject, "choice": _choice, "grade": _grade, "number": _number_of_class, "class": _classes,
}  # fmt: skip

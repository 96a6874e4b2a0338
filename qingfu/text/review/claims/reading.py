"""What a report claims: each figure with the matter that it is about, or why it cannot be set against a ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache

from qingfu.rulebook import Calendar, load_calendar

from ...fields.periods import Period
from ..document import SIMPLE, Document, View
from ..words import chinese_number, data, either
from .figures import EXACT, LEVEL, Figure, figures_in, plain_figures
from .matters import Matter, matter_of
from .periods import TIMES, read_period

NO_MATTER, NO_CHANGE, OTHER_TIME, OTHER_BASE, OTHER_UNIT, PART = (
    "no_matter", "no_change", "other_time", "other_base", "other_unit", "part",
)  # fmt: skip
REASONS = {
    NO_MATTER: "没有对应的指标",
    NO_CHANGE: "指标不和上年比",
    OTHER_TIME: "说的是另外的时间",
    OTHER_BASE: "比的不是上年同期",
    OTHER_UNIT: "说的是另外的单位",
    PART: "说的是其中一部分",
}
_GRADE = "[一二三四五六七八九]"
_GRADES = re.compile(rf"(?<!初)({_GRADE})(?:年级)?(?:[至到、—~-]?({_GRADE}))?年级")
_CLASS = re.compile(rf"{_GRADE}(?:年级)?(?:\(\d+\)|\d+)班")
_MONTH = re.compile(r"(?<![第\d])(十[一二]?|[一二三四五六七八九])月")
_MARK = re.compile(r"\[\d+\]")  # of our own reports: it leads to the source, and is no figure
_MARKS = ",，;；:。"
ALL_GRADES = frozenset(range(1, 10))
_SHORT = 7  # letters of a clause, with its mark, that only leads in the next


@dataclass(frozen=True)
class Setting:
    """For whom and when the ledger answers. ``names`` are what the unit is called, ``others`` the units below it and
    beside it by name; ``whole`` the last letters of words such as 全县 that mean the unit; ``grades`` those that it
    has; ``period`` the days asked for, None for any."""

    names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    whole: str = ""
    grades: frozenset[int] = frozenset()
    period: Period | None = None
    calendar: Calendar = field(default_factory=load_calendar)


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure at ``[start, end)`` of the raw text. ``matter`` is the id of what it is about, "" where that is nothing
    known; ``why`` one of REASONS where the ledger cannot answer, else ""."""

    start: int
    end: int
    figure: Figure
    matter: str
    why: str


def claims(document: Document, matters: Sequence[Matter], setting: Setting) -> list[Claim]:
    """The figures that the reports of a document state as facts, in order. What ought to be, or is planned, is none;
    nor is a number in Chinese letters that no matter fits (三项措施)."""
    return [
        claim
        for line in document.written_lines(SIMPLE)
        for sentence in line.sentences()
        for claim in _in_sentence(sentence, matters, setting)
    ]


def _in_sentence(sentence: View, matters: Sequence[Matter], setting: Setting) -> Iterator[Claim]:
    text = _MARK.sub(lambda mark: " " * len(mark[0]), plain_figures(sentence.text))
    figures = list(figures_in(text))
    for place, figure in enumerate(figures):
        since = figures[place - 1].end if place else 0
        until = figures[place + 1].start if place + 1 < len(figures) else len(text)
        where = _Where(text, figure, since, until)
        if _is_goal(where):
            continue
        matter = matter_of(figure, where.readings(), matters)
        if matter is None and not text[figure.start].isdigit():
            continue
        if matter and matter.is_bound:
            figure = replace(figure, bound=EXACT)
        told = matter.id if matter else ""
        why = "" if matter else NO_MATTER
        if matter and figure.way != LEVEL:
            told, why = matter.change, "" if matter.change else NO_CHANGE
        why = why or _why_not(where, matter, setting)
        yield Claim(*sentence.raw_span(figure.start, figure.end), figure, told, why)


@dataclass(frozen=True)
class _Where:
    """A figure in its sentence: ``since`` the end of the figure before it, ``until`` the start of the next."""

    text: str
    figure: Figure
    since: int
    until: int

    @property
    def clause(self) -> int:
        """Where its clause begins; a short one before it that has no figure belongs to it (家庭反馈，)."""
        begin = _begin(self.text, self.figure.start)
        before = _begin(self.text, max(0, begin - 1))
        return before if before < begin <= before + _SHORT and before >= self.since else begin

    @property
    def end(self) -> int:
        """Where its clause, or what may be said of it, ends."""
        stops = (self.text.find(mark, self.figure.end, self.until) for mark in _MARKS)
        return min((at for at in stops if at >= 0), default=self.until)

    @property
    def own(self) -> str:
        """Its clause up to the next figure."""
        return self.text[self.clause : self.end]

    @property
    def told(self) -> str:
        """Its clause up to the next item of a list: behind 、 another figure is spoken of."""
        own = self.own
        at = own.find("、", self.figure.end - self.clause)
        return own if at < 0 else own[:at]

    def clauses_before(self) -> Iterator[str]:
        """The clauses of the sentence before its own, the nearest first."""
        end = self.clause
        while end > 0:
            begin = _begin(self.text, end - 1)
            yield self.text[begin:end]
            end = begin

    @property
    def lead(self) -> str:
        """What stands before it in its clause and behind the figure before it."""
        return self.text[max(self.since, self.clause) : self.figure.start]

    def readings(self) -> list[tuple[str, str]]:
        """The words that may say what the figure is about, the nearest first, each with where one of them must stand: a
        clause that names nothing goes on from the one before only with a change."""
        before = _begin(self.text, max(0, self.clause - 1))
        near = self.text[max(self.since, self.clause) : self.end]
        further = [self.text[before : self.end], self.text[: self.end]]
        changes = self.figure.way != LEVEL
        return [(near, near), (self.own, self.own), *((text, text if changes else self.own) for text in further)]


def _begin(text: str, at: int) -> int:
    return max(text.rfind(mark, 0, at) for mark in _MARKS) + 1


@cache
def _goals() -> tuple[re.Pattern, re.Pattern]:
    said = data("ledger")["goals"]
    return (
        re.compile(f"{either(said['sentence'])}|{said['laid_down']}"),
        re.compile(f"{either(said['clause'])}|{said['ought']}"),
    )


def _is_goal(where: _Where) -> bool:
    """Whether the sentence says what ought to be or is planned."""
    sentence, clause = _goals()
    up_to = where.text[: where.figure.start]
    return bool(sentence.search(up_to) or clause.search(up_to[where.clause :]))


def _why_not(where: _Where, matter: Matter | None, setting: Setting) -> str:
    """Why the ledger of the setting cannot answer; "" where it can."""
    if _other_unit(where, setting):
        return OTHER_UNIT
    if where.figure.way == LEVEL:
        if _not_now(where) or _other_time(where, setting):
            return OTHER_TIME
    elif _other_base(where, setting):
        return OTHER_BASE
    elif _other_time(where, setting):
        return OTHER_TIME
    return PART if matter and _is_part(where, matter, setting) else ""


def _other_unit(where: _Where, setting: Setting) -> bool:
    text = where.text[: where.figure.start]
    for name in sorted(setting.names, key=len, reverse=True):
        text = text.replace(name, "，")
    if any(name in text for name in setting.others):
        return True
    named = re.findall(f"[全我]([{data('ledger')['whole']['letters']}])(?!面|部|体)", text)
    return bool(setting.whole and named and named[-1] not in setting.whole)


@cache
def _compared() -> re.Pattern:
    return re.compile(data("ledger")["time"]["compared"])


def _not_now(where: _Where) -> bool:
    """Whether a level is one of before: 上年的15项, 由52张减少到30张."""
    if any(word in _compared().sub("", where.lead) for word in data("ledger")["time"]["not_now"]):
        return True
    changed = re.match(r"[^。；]{0,12}(?:减|降|增|升|缩短|压缩|提高)\w{0,2}[到至为]", where.text[where.figure.end :])
    return bool(re.search(r"[由从][^，,。]{0,6}$", where.lead) and changed)


def _other_time(where: _Where, setting: Setting) -> bool:
    """Whether the clause, or the nearest one before it that names a time, names one that is not the period."""
    if setting.period is None:
        return False
    for text in (where.told, *where.clauses_before()):
        text = _MONTH.sub(lambda month: f"{chinese_number(month[1])}月", _base_years().sub("", text))
        if _some_days(setting.period).search(text):
            return True
        if TIMES.search(text):
            said = read_period(text, setting.period.last, setting.calendar)
            return said is not None and not _is_same(said, setting.period, "截" in text)
    return False


def _some_days(period: Period) -> re.Pattern:
    """Words such as 本周, 周末, 本月 for less than the period."""
    return _shorter_than((period.last - period.first).days + 1)


@cache
def _shorter_than(days: int) -> re.Pattern:
    said = data("ledger")["time"]["shorter"]
    return re.compile("|".join(words for most, words in said.items() if int(most) < days) or "(?!)")


def _is_same(said: Period, asked: Period, until: bool) -> bool:
    """The same days, as far as they are over; a day only as the end of what was counted up to it (截至)."""
    if said.point:
        return until and asked.first <= said.last
    return said.first == asked.first and said.last >= asked.last


@cache
def _base_years() -> re.Pattern:
    return re.compile("(?:比|较|与|同)(20\\d\\d)年(?:同期)?")


def _other_base(where: _Where, setting: Setting) -> bool:
    """Whether a change is told against another time than the year before."""
    text = where.text[_begin(where.text, max(0, where.clause - 1)) : where.figure.start]
    if any(word in text for word in data("ledger")["base"]["others"]):
        return True
    years = _base_years().findall(text)
    return bool(years and setting.period and int(years[-1]) != (setting.period.first - timedelta(days=365)).year)


def _is_part(where: _Where, matter: Matter, setting: Setting) -> bool:
    """Whether it is told of some subject, class, grade, stage or kind of school alone, and the matter's words do not
    say so. Grades are those of its clause, else the last ones before, unless all are spoken of since; a clause before
    that names every grade with written homework speaks of the whole school or county."""
    text = where.told
    known = [word for way in matter.ways for part in way for word in part]
    if any(word in text and not any(word in one for one in known) for word in data("ledger")["parts"]["words"]):
        return True
    if any(word in text and _grades_in(word) for word in known):
        return False
    idle = matter.idle
    for text in (where.told, *where.clauses_before()):
        if _CLASS.search(text):
            return True
        if said := _grades_in(text):
            return not said >= (setting.grades or ALL_GRADES) - idle
        idle = matter.idle | set(data("ledger")["parts"]["without_homework"])
        if _everybody().search(text):
            return False
    return False


@cache
def _everybody() -> re.Pattern:
    return re.compile(data("ledger")["parts"]["everybody"])


def _grades_in(text: str) -> set[int]:
    """The grades that a clause names: 三至六年级, 初中."""
    found: set[int] = set()
    for match in _GRADES.finditer(text):
        low, high = (" 一二三四五六七八九".index(one) for one in (match[1], match[2] or match[1]))
        found |= set(range(low, high + 1))
    for word in sorted(data("ledger")["grades"], key=len, reverse=True):
        if word in text:
            found |= set(data("ledger")["grades"][word])
            text = text.replace(word, "，")
    return found

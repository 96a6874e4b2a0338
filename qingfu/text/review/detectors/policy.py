"""Statements that break the rulebook on the day of the report, as questions of data/statements.toml that it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from qingfu.rulebook import QuestionError, ask, load_calendar

from ..document import SIMPLE, Document, Report, View
from ..finding import Finding
from ..words import chinese_number, data, either

BROKEN = {"refuse": "", "needs_waiver": "warning", "warn": "warning"}  # verdict → severity; "" is that of the kind
BACK = 400  # days in which every kind of day occurs
_DIGITS = str.maketrans("０１２３４５６７８９．：,", "0123456789.:，")
_SIGNED = re.compile(r"^\s*(20\d\d)年(\d{1,2})月(\d{1,2})日\s*$", re.M)
_GRADES = re.compile(r"([一二三四五六七八九1-9])(?:(?:[至到\-—~－、]|年级[至到])([一二三四五六七八九1-9]))?年级")


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        days = _days(report, document.on)
        primary = _of_primary_school(report.simple.text)
        for _, line in report.lines(SIMPLE):
            if _any().search(line.text):
                for sentence in line.sentences():
                    yield from _in_sentence(sentence, days, primary)


@cache
def _any() -> re.Pattern:
    return re.compile("|".join(row["near"] for row in data("statements")["statement"]))


@cache
def _patterns() -> list[tuple[dict, re.Pattern, re.Pattern]]:
    rows = data("statements")["statement"]
    return [(row, re.compile(row["near"]), re.compile(row["pattern"])) for row in rows]


@cache
def _against(where: str) -> re.Pattern:
    return re.compile(either(data("statements")["against"][where]))


def _of_primary_school(text: str) -> bool:
    """A report that names primary pupils or their grades and nothing of a higher school."""
    school = data("statements")["school"]
    return bool(re.search(school["primary"], text)) and not re.search(school["higher"], text)


def _days(report: Report, on: date | None) -> tuple[date, ...]:
    """The day that the report is written on; days before and after the rules changed where nobody knows it."""
    if on:
        return (on,)
    signed = _SIGNED.findall(report.simple.text)
    try:
        return (date(*map(int, signed[-1])),)
    except (IndexError, ValueError):
        return tuple(data("statements")["unknown"]["days"])


def _in_sentence(sentence: View, days: tuple[date, ...], primary: bool) -> Iterator[Finding]:
    text = sentence.text.translate(_DIGITS)
    if not _any().search(text) or _against("sentence").search(text):
        return
    for row, near, pattern in _patterns():
        match = near.search(text) and pattern.search(text)
        if match and not _against("clause").search(_clause(text, *match.span())):
            yield from _judged(sentence, row, match, days, primary)


def _clause(text: str, start: int, end: int) -> str:
    stop = text.find("，", end)
    return text[text.rfind("，", 0, start) + 1 : stop if stop >= 0 else len(text)]


def _judged(
    sentence: View, row: dict, match: re.Match, days: tuple[date, ...], primary: bool
) -> Iterator[Finding]:
    value, text = _value(row, match), match.string
    named = _grades(text, match.end())
    grades = named or ([] if row.get("needs_grade") else row.get("grades", [None]))
    if row.get("primary") and not (primary or "小学" in text or named):
        return
    for grade in grades if value else ():
        answers = [_ask(row["sub"], grade, tuple(value.items()), day) for day in days]
        broken = [answer for answer in answers if answer and answer[0] in BROKEN]
        if broken:
            verdict, reason = broken[-1]
            differs = len(broken) < len(answers)
            sub = "depends_on_year" if differs else row["sub"]
            note = f"年份不明，按新规定不符、按旧规定可以。{reason}" if differs else reason
            severity = "" if differs else BROKEN[verdict]
            yield sentence.find("policy_conflict", sub, *match.span("s"), note, conf="m", severity=severity)
            return


def _grades(text: str, end: int) -> list[int]:
    """The grades that a statement ending at ``end`` is about: those of its clause, else the last named before it."""
    named = [match for match in _GRADES.finditer(text) if match.start() < end]
    begin = max(text.rfind(mark, 0, end) for mark in "，；") + 1
    own = [match for match in named if match.start() >= begin] or named[-1:]
    found = []
    for match in own:
        low = chinese_number(match[1])
        found += range(low, chinese_number(match[2] or match[1]) + 1)
    return found


def _value(row: dict, match: re.Match) -> dict:
    """What the statement says, in the words of a question; empty if its number cannot be read."""
    groups = match.groupdict()
    if "clock" in row:
        return {row["clock"]: f"{int(groups['h']):02}:{groups['m'] or '00'}"}
    if "value" in row:
        return row["value"]
    if not groups.get("n"):
        return {"times": 1}
    number = _number(groups["n"])
    if number is None:
        return {}
    unit, factor = data("statements")["units"][groups["u"]]
    if groups.get("m"):
        return {"minutes": number * 60 + int(groups["m"])}
    return {unit: number * factor}


def _number(text: str) -> float | None:
    if text.endswith("半"):  # 半, and 一个半 of 一个半小时
        whole = text.removesuffix("半").removesuffix("个")
        number = _number(whole) if whole else 0
        return None if number is None else number + 0.5
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    return chinese_number(text.replace("两", "二"))


@cache
def _ask(sub: str, grade: int | None, value: tuple, day: date) -> tuple[str, str] | None:
    """Verdict and reason of the rulebook; None where it cannot read the question."""
    row = next(row for row in data("statements")["statement"] if row["sub"] == sub)
    question = {"kind": row["kind"], "on": str(_day_of_kind(row.get("day", "school_day"), day)), "value": dict(value)}
    if grade:
        question["bearer"] = {"grade": grade}
    question["attributes"] = row.get("attributes", {})
    try:
        answer = ask(question)
    except QuestionError:
        return None
    return answer["verdict"], answer["reason"]


def _day_of_kind(kind: str, day: date) -> date:
    """The last day of a kind up to a day: a report signed on a Sunday speaks of school days."""
    calendar = load_calendar()
    days = (day - timedelta(back) for back in range(BACK))
    return next((one for one in days if calendar.day(one).kind == kind), day)

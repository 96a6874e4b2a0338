"""Statements that break the rulebook on the day of the report, as questions of data/statements.toml that it answers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property

from qingfu.rulebook import QuestionError, breaches_of, load_calendar

from ...numbers import value as number_of
from ..document import SIMPLE, Document, Report, View
from ..finding import Finding
from ..signs import Words
from ..words import asks, chinese_number, data
from .numbering import admitted_lines

BROKEN = {"refuse": "", "needs_waiver": "warning", "warn": "warning"}  # verdict → severity; "" is that of the kind
BACK = 400  # days in which every kind of day occurs
NOON = 12
MYRIAD = 10_000
_MINUTES = {None: 0, "": 0, "整": 0, "一刻": 15, "半": 30, "三刻": 45}
_LATE = ("下午", "傍晚", "晚上", "晚间", "每晚", "深夜", "夜间", "夜里", "晚")  # hours to twelve are those after noon
_DIGITS = dict(zip("０１２３４５６７８９．：,", "0123456789.:，", strict=True))
_FULL_WIDTH = re.compile(f"[{''.join(_DIGITS)}]")
_SIGNED = re.compile(r"^[^\S\n]*(20\d\d)年(\d{1,2})月(\d{1,2})日[^\S\n]*$", re.M)  # \s would look on over blank lines
_NUMBER = "[一二三四五六七八九1-9]"
_GRADES = re.compile(
    rf"(?<!初)({_NUMBER})(?:(?:[至到\-—~－、]?|年级[至到、])({_NUMBER}))?年级|({_NUMBER})[（(]\d+[）)]班"
)
_DATED = re.compile(
    r"^[^，。：]{0,3}?(?:自|从|到|截至|于)?(20\d\d)(?:年|学年)"
    r"(?:(\d{1,2})月(?:\d{1,2}日)?|(春)季?|(秋)季?)?(?:[^，。；]{0,6}?(以来|起|开始|之前|以前|前))?"
)
_SEASONS = {"春": (4, 15), "秋": (10, 15)}


@dataclass(frozen=True)
class Statement:
    """One row of data/statements.toml: how the sentence is read and what the rulebook is asked."""

    row: int
    sub: str
    near: tuple[str, ...]
    pattern: re.Pattern
    where: re.Pattern | None
    unless: re.Pattern | None
    not_in: re.Pattern | None
    told: dict


class Known:
    """What is known of the report that a sentence stands in, looked for when it is asked for."""

    def __init__(self, report: Report) -> None:
        self.report = report

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The days that it may be of."""
        return days_of(self.report, self.report.document.on)

    @cached_property
    def stage(self) -> str | None:
        """Its schools' stage."""
        return _stage_of(self.report)


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        known, near = Known(report), _words().places(report)
        for line in near.keys() - admitted_lines(report) if near else ():
            for sentence in document.line(SIMPLE, line).sentences_at(at for at, _ in near[line]):
                words = [word for at, word in near[line] if sentence.start <= at < sentence.end]
                yield from _in_sentence(sentence, sorted(set().union(*map(_rows().get, words))), known)


@cache
def _rows() -> dict[str, set[int]]:
    """{word: rows of the data that look for it}"""
    rows: dict[str, set[int]] = defaultdict(set)
    for statement in _statements():
        for word in statement.near:
            rows[word].add(statement.row)
    return rows


@cache
def _words() -> Words:
    return Words(_rows())


@cache
def _statements() -> tuple[Statement, ...]:
    rows = data("statements")["statement"]
    return tuple(
        Statement(
            number, row["sub"], tuple(row["near"]), _pattern(row["pattern"]),
            *(_pattern(row[key]) if key in row else None for key in ("where", "unless", "not_in")), row,
        )
        for number, row in enumerate(rows)
    )  # fmt: skip


def _pattern(text: str) -> re.Pattern:
    """A pattern of the data with its parts (@name) and gaps (~8) written out."""
    parts = data("statements")["parts"]
    text = re.sub(r"@([a-z]+)", lambda part: parts[part[1]], text)
    return re.compile(re.sub(r"~(\d+)", r"[^，。；]{0,\1}?", text))


@cache
def _against(where: str) -> re.Pattern:
    return _pattern("|".join(data("statements")["against"][where]))


@cache
def _stages() -> dict[str, re.Pattern]:
    return {stage: re.compile(row["words"]) for stage, row in data("statements")["stages"].items()}


def _stage_of(report: Report) -> str | None:
    """The one stage that the title names, else the one that the text does; None where there are several."""
    for text in (report.title, report.simple.text):
        named = _named_stages(text)
        if named:
            return named[0] if len(named) == 1 else None
    return None


def _named_stages(text: str) -> list[str]:
    return [stage for stage, words in _stages().items() if words.search(text)]


def days_of(report: Report, on: date | None) -> tuple[date, ...]:
    """The day that the report is written on; days before and after the rules changed where nobody knows it."""
    if on:
        return (on,)
    signed = signed_day(report)
    if signed:
        return (signed,)
    text, unknown = report.simple.text, data("statements")["unknown"]
    earliest = max((row["day"] for row in unknown["after"] if row["word"] in text), default=date.min)
    return tuple(day for day in unknown["days"] if day >= earliest)


def signed_day(report: Report) -> date | None:
    """The day that stands below a report, on a line of its own; the last where there are several."""
    signed = _SIGNED.findall(report.simple.text)
    try:
        return date(*map(int, signed[-1])) if signed else None
    except ValueError:
        return None


def _in_sentence(sentence: View, rows: list[int], known: Known) -> Iterator[Finding]:
    """The findings of a sentence, of one clause and one kind of question the first alone."""
    text = _FULL_WIDTH.sub(lambda sign: _DIGITS[sign[0]], sentence.text)
    told: set[tuple[int, str]] = set()
    for row in map(_statements().__getitem__, rows):
        for match in row.pattern.finditer(text):
            begin, end = _clause(text, *match.span())
            place = begin, row.told["kind"]
            if place in told or not _fits(row, text[begin:end], text) or _denied(text, begin, match):
                continue
            finding = _judged(sentence, row, match, known)
            if finding:
                told.add(place)
                yield finding


def _denied(text: str, begin: int, match: re.Match) -> bool:
    """Whether the sentence speaks of others, what leads up to the statement of a few or of what is over, or the clause,
    or the one that it goes on from with a list, says that it is not done."""
    end = _clause(text, *match.span())[1]
    if asks(text) or _against("sentence").search(text) or _against("before").search(text, 0, end):
        return True
    before = text.rfind("，", 0, begin - 1) + 1 if begin and match.start() == begin else begin
    return bool(_against("clause").search(text[before:end]))


def _fits(row: Statement, clause: str, text: str) -> bool:
    """Whether clause and sentence are about the matter of the row."""
    if (row.unless and row.unless.search(clause)) or (row.not_in and row.not_in.search(text)):
        return False
    return not row.where or bool(row.where.search(clause))


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """From where to where the clauses go that ``[start, end)`` lies in."""
    begin = max(text.rfind(mark, 0, start) for mark in "，；") + 1
    stop = min((at for at in (text.find(mark, end) for mark in "，；") if at >= 0), default=len(text))
    return begin, stop


def _said_days(text: str, days: tuple[date, ...]) -> tuple[date, ...]:
    """The days that the sentence itself is about, where it begins with a year; none for the time before one."""
    dated = _DATED.match(text)
    if not dated:
        return days
    year, month, spring, autumn, side = dated.groups()
    if side and side.endswith("前"):
        return ()
    at = (int(month), 15) if month and 1 <= int(month) <= NOON else _SEASONS[spring or autumn or "秋"]
    said = date(int(year), *at)
    if side:  # it goes on from then
        return tuple(day for day in days if day > said) or (said,)
    return (said,)


def _judged(sentence: View, row: Statement, match: re.Match, known: Known) -> Finding | None:
    value = _value(row.told, match)
    bearers, every = _bearers(row.told, match, known) if value else ([], False)
    days = _said_days(match.string, known.days) if bearers else ()
    if len(days) > 1 and row.told.get("dated"):
        return None
    answers = [_broken(row, bearers, every, value, day) for day in days]
    broken = [answer for answer in answers if answer]
    if not broken:
        return None
    verdict, reason = broken[-1]
    span = match.span("s") if match.groupdict().get("s") else match.span()
    if len(broken) < len(answers):
        note = f"年份不明：按有的年份的规定不符，按有的年份的规定可以。{reason}"
        return sentence.find("policy_conflict", "depends_on_year", *span, note, conf="m")
    return sentence.find("policy_conflict", row.sub, *span, reason, conf="m", severity=BROKEN[verdict])


def _broken(row: Statement, bearers: list[dict], every: bool, value: dict, day: date) -> tuple[str, str] | None:
    """Verdict and reason if the rules of a day are broken: for one of the bearers, or for ``every`` one of them."""
    broken = []
    for bearer in bearers:
        answers = [_ask(row.row, tuple(bearer.items()), tuple(one.items()), day) for one in _values(row.told, value)]
        if all(answer and answer[0] in BROKEN for answer in answers):
            answer = answers[0]
            broken.append(answer)
        elif every:
            return None
    return broken[-1] if broken else None


def _values(told: dict, value: dict) -> list[dict]:
    """What must break the rule: the value, and where pupils only come then, the time when they have sat down too."""
    if not told.get("settling"):
        return [value]
    hour, minute = map(int, value[told["clock"]].split(":"))
    seated = hour * 60 + minute + data("statements")["arrival"]["settling"]
    return [value, {told["clock"]: _time(seated)}]


def _bearers(told: dict, match: re.Match, known: Known) -> tuple[list[dict], bool]:
    """Whom to ask about, and whether the rule must be broken for every one: for a whole stage, not for grades."""
    if "bearer" in told:
        return [told["bearer"]], False
    if not told.get("pupils"):
        return [{"grade": grade} for grade in told["grades"]] if "grades" in told else [{}], True
    grades, stages = _named_pupils(match.string, match.end())
    if grades:
        return [{"grade": grade} for grade in grades], False
    stage = (stages[0] if len(stages) == 1 else None) if stages else known.stage
    return [{"grade": grade} for grade in data("statements")["stages"][stage]["grades"]] if stage else [], True


def _named_pupils(text: str, end: int) -> tuple[list[int], list[str]]:
    """The grades that a statement ending at ``end`` is about, or the stages: those named in its clause, else the
    last ones before it."""
    begin = max(text.rfind(mark, 0, end) for mark in "，；") + 1
    if re.search(data("statements")["everybody"]["words"], text[begin:end]):
        return [], []
    grades, stages = list(_grades(text[:end])), list(_stages_in(text[:end]))
    own = [them for at, them in grades if at >= begin], [stage for at, stage in stages if at >= begin]
    if any(own) or not (grades or stages):
        return [grade for them in own[0] for grade in them], own[1]
    last, last_stage = max(grades, default=(-1, [])), max(stages, default=(-1, ""))
    return (last[1], []) if last[0] >= last_stage[0] else ([], [last_stage[1]])


def _grades(text: str) -> Iterator[tuple[int, list[int]]]:
    for match in _GRADES.finditer(text):
        low = chinese_number(match[1] or match[3])
        yield match.start(), list(range(low, chinese_number(match[2] or match[1] or match[3]) + 1))
    for word, grades in data("statements")["grades"].items():
        for match in re.finditer(word, text) if word in text else ():
            yield match.start(), grades


def _stages_in(text: str) -> Iterator[tuple[int, str]]:
    for stage, words in _stages().items():
        for match in words.finditer(text):
            yield match.start(), stage


def _value(told: dict, match: re.Match) -> dict:
    """What the statement says, in the words of a question; empty if its number cannot be read."""
    groups = match.groupdict()
    if "clock" in told:
        at = _clock(_until(groups) if groups.get("to_h") else groups, told.get("evening", False))
        return {told["clock"]: _time(at)} if at is not None else {}
    if groups.get("to_h"):
        start, end = _clock(groups, False), _clock(_until(groups), False)
        return {"minutes": end - start} if start is not None and end is not None and end > start else {}
    if "value" in told or "n" not in groups:
        return told.get("value", {"times": 1})
    number = _number(groups["n"])
    unit, factor = data("statements")["units"][groups["u"]]
    if groups.get("m"):
        return {"minutes": number * 60 + (_MINUTES.get(groups["m"]) or _number(groups["m"]))}
    more = {"last_year": _number(groups["before"]) * factor} if groups.get("before") else {}
    return {unit: number * factor} | more


def _until(groups: dict) -> dict:
    """The end of a span of time, by the names of its beginning; 下午4点至6点 ends in the afternoon too."""
    return {"h": groups["to_h"], "m": groups["to_m"], "part": groups["to_part"] or groups["part"]}


def _clock(groups: dict, evening: bool) -> int | None:
    """Minutes after midnight; None for what is no time of day."""
    hour = chinese_number(groups["h"])
    minute = _MINUTES.get(groups["m"], chinese_number(groups["m"] or ""))
    if hour is None or minute is None or hour > 2 * NOON - 1 or minute > 59:
        return None
    late = groups["part"] in _LATE or (evening and hour > NOON // 2)
    return (hour + (NOON if late and hour < NOON else 0)) * 60 + minute


def _time(minutes: int) -> str:
    """Minutes after midnight as the rulebook writes them."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _number(text: str) -> float:
    if text.endswith("半"):  # 半, and 一个半 of 一个半小时
        whole = text.removesuffix("半").removesuffix("个")
        return (_number(whole) if whole else 0) + 0.5
    if "万" in text:  # 1.2万, 一万一千
        whole, _, rest = text.partition("万")
        return _number(whole) * MYRIAD + (_number(rest) if rest else 0)
    return number_of(text)


@cache
def _ask(row: int, bearer: tuple, value: tuple, day: date) -> tuple[str, str] | None:
    """Verdict and reason of what the rulebook says is broken worst; None where nothing is, or where it cannot read the
    question."""
    told = _statements()[row].told
    said = dict(value)
    compared = {"last_year": said.pop("last_year")} if "last_year" in said else {}
    question = {"kind": told["kind"], "on": str(_day_of_kind(told.get("day", "school_day"), day)), "value": said}
    question |= {"bearer": dict(bearer)} if bearer else {}
    question |= {"attributes": told.get("attributes", {})}
    question |= {"last_year": told["last_year"]} if "last_year" in told else compared
    try:
        breaches = breaches_of(question)
    except QuestionError:
        return None
    asked = (breach for breach in breaches if breach["limit"] == told.get("limit", breach["limit"]))
    worst = next(asked, None)
    return worst and (worst["verdict"], worst["reason"])


@cache
def _day_of_kind(kind: str, day: date) -> date:
    """The last day of a kind up to a day: a report signed on a Sunday speaks of school days."""
    calendar = load_calendar()
    days = (day - timedelta(back) for back in range(BACK))
    return next((one for one in days if calendar.day(one).kind == kind), day)

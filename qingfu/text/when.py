"""When homework is due: the phrase in the text, and the date it means on the day it was written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from .numbers import NUMBER, whole

NextSchoolDay = Callable[[date], date]

_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5}
_DAYS = {"今": 0, "明": 1, "后": 2, "大后": 3}
# A month and day this far behind us is meant for the next year; a nearer one was simply yesterday's.
_PAST_MEANS_NEXT_YEAR = timedelta(days=60)

_PHRASE = (
    r"(?P<relative>大后|今|明|后)(?:天|日|晚|早|晨)(?:早上|上午|中午|下午|晚上|早|晚|一早)?"
    r"|(?P<week>下下|下|本|这)?(?:个)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])(?:早上|上午|中午|下午|晚上|早|晚)?"
    r"|(?P<next_week>下个?(?:周|星期))(?![一二三四五六日天末])"
    rf"|(?P<month>{NUMBER})月(?P<day>{NUMBER})[日号]?"
    r"|(?<![\d.])(?P<slash_month>1[0-2]|0?[1-9])[/.](?P<slash_day>[12]\d|3[01]|0?[1-9])(?![\d./])"
    r"|(?<![\d月])(?P<only_day>[12]\d|3[01]|[1-9])[号日]"
    r"|(?P<school_day>下一?个?(?:上学日|教学日)|返校(?:日|那天|当天|时|后)?|开学(?:第一天|当天|日|时|后)?|节后(?:第一天|上学)?|假期后|收假(?:后|时)?)"
    r"|(?P<unknown>下一?(?:节|堂)课|下次(?:上)?课|月底|期末前|考前)"
)
_AFTER = (
    r"(?: ?\d{1,2}[:点]\d{0,2}半?)?(?:的?(?:语文|数学|英语|科学)?课?(?:上课|上学|到校|来校))?(?:时候|时)?"
    r"(?:之?前|以前|统一|一起|全部|都|要|请|再|务必|我们|老师|课上|课堂上?|进行|全班|随堂|按时|准时){0,4}"
    r"(?P<cue>前|上?交|收|带|检查|评讲|讲评|讲解|分享|展示|汇报|交流|拿|用|需要?用|截止)"
)
_DUE_AFTER = re.compile(rf"(?:{_PHRASE}){_AFTER}")
_DUE_BEFORE = re.compile(
    r"(?:截止(?:时间|日期|到|至)?|上?交(?:作业)?(?:时间|日期)|最晚|最迟|不晚于|不迟于|(?:提?交|完成)(?:期限|日期)|due)"
    rf"(?:是|为|在|:|于| ){{0,3}}(?:{_PHRASE})"
)


@dataclass(frozen=True)
class Due:
    """A due phrase at `start`:`end` of the plain text; `on` is None where the text names no certain day."""

    start: int
    end: int
    phrase: str
    on: date | None


def find_due(text: str, today: date, next_school_day: NextSchoolDay | None = None) -> list[Due]:
    """The due phrases of a plain text, in order.

    A day is a due day when the text says that the work is handed in, brought, checked, shown or used on it
    ("周五前", "明天交", "下周一带来", "截止3月5日"); a bare "明天" is not ("预习明天的课文"), nor is the day of a
    dictation or a test ("明天听写").
    `next_school_day` answers for 下一个上学日 and 返校; without it those have no date.
    """
    found = [*_DUE_AFTER.finditer(text), *_DUE_BEFORE.finditer(text)]
    dues: list[Due] = []
    for match in sorted(found, key=lambda match: match.start()):
        if not dues or match.start() >= dues[-1].end:
            dues.append(Due(*match.span(), match.group(), _day_of(match, today, next_school_day)))
    return dues


def _day_of(match: re.Match, today: date, next_school_day: NextSchoolDay | None) -> date | None:
    part = match.groupdict()
    if part["relative"]:
        return today + timedelta(days=_DAYS[part["relative"]])
    if part["weekday"]:
        return _weekday(part["week"], _WEEKDAYS[part["weekday"]], today)
    if part["next_week"]:
        return _monday(today) + timedelta(weeks=1)
    if part["month"]:
        return _month_day(whole(part["month"]), whole(part["day"]), today)
    if part["slash_month"]:
        return _month_day(int(part["slash_month"]), int(part["slash_day"]), today)
    if part["only_day"]:
        return _day_of_month(int(part["only_day"]), today)
    if part["school_day"] and next_school_day:
        return next_school_day(today)
    return None  # 下节课, 月底: a day that only the timetable knows


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weekday(week: str | None, weekday: int, today: date) -> date:
    """周五: the next Friday, today included. 本周五, 下周五: of this week, of the next, weeks beginning
    on Monday.
    """
    if week is None:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    weeks = {"下下": 2, "下": 1, "本": 0, "这": 0}[week]
    return _monday(today) + timedelta(weeks=weeks, days=weekday)


def _month_day(month: int, day: int, today: date) -> date | None:
    try:
        this_year = date(today.year, month, day)
        return this_year if this_year >= today - _PAST_MEANS_NEXT_YEAR else date(today.year + 1, month, day)
    except (ValueError, OverflowError):
        return None


def _day_of_month(day: int, today: date) -> date | None:
    """8号: of this month, or of the next where this month's is over."""
    for month in range(2):
        year, index = divmod(today.year * 12 + today.month - 1 + month, 12)
        try:
            candidate = date(year, index + 1, day)
        except ValueError:
            continue
        if candidate >= today:
            return candidate
    return None

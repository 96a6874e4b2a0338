"""How long and how much: the minutes that a text states, and the pages, times, questions … that it names."""

import re
from dataclasses import dataclass

from .numbers import NUMBER, value, whole
from .vocabulary import WORDS, any_of

_UPPER = rf"(?:{NUMBER} ?[-~到至] ?)?"  # "15-20分钟": the upper end is read
MINUTES = re.compile(
    r"(?<!\d[点时:])(?<![\d.第遍组次])(?:"
    rf"(?P<hours_and_half>{NUMBER})个?半(?:小时|钟头)"
    rf"|{_UPPER}(?P<hours>{NUMBER}) ?个?(?:小时|钟头|h(?![a-z]))(?:零?(?P<rest>{NUMBER}) ?分钟?)?"
    r"|(?P<half>半)个?(?:小时|钟头)"
    r"|(?P<quarters>[一两三])刻钟"
    rf"|{_UPPER}(?P<minutes>{NUMBER}) ?"
    r"(?:分钟(?!跳绳|仰卧| ?[x×*])|min(?:ute)?s?(?![a-z])|'(?![\w'])))"
    rf"|(?:约|用时|时长|时间|预计|\()[:为约]?{_UPPER}(?P<bare>{NUMBER}) ?分(?![\w])"
)
_LONGEST_MINUTES = 600  # a larger number was not meant as the time of one piece of homework


def stated_minutes(words: str) -> int | None:
    """The minutes that plain words state; of several the last, for a remark on the time closes an item."""
    found = [_minutes_of(match) for match in MINUTES.finditer(words)]
    fitting = [minutes for minutes in found if 0 < minutes <= _LONGEST_MINUTES]
    return fitting[-1] if fitting else None


def _minutes_of(match: re.Match) -> int:
    part = match.groupdict()
    if part["hours_and_half"]:
        return round(value(part["hours_and_half"]) * 60) + 30
    if part["hours"]:
        return round(value(part["hours"]) * 60) + (whole(part["rest"]) if part["rest"] else 0)
    if part["half"]:
        return 30
    if part["quarters"]:
        return 15 * whole(part["quarters"])
    return whole(part["minutes"] or part["bare"])


@dataclass(frozen=True)
class Amount:
    """How much of what; `kind` is one of [amount] in data/homework.toml: pages, times, questions,
    characters …
    """

    kind: str
    number: int


_KINDS = WORDS["amount"]
_PAGES_FROM_TO = re.compile(r"p?(?P<first>\d{1,3}) ?页? ?[-~到至] ?p?(?P<last>\d{1,3})(?P<unit> ?页)?")
_QUESTIONS_FROM_TO = re.compile(rf"(?P<first>{NUMBER}) ?[-~到至] ?(?P<last>{NUMBER}) ?[小大]?[题道]")
_PAGE = re.compile(r"p ?\d{1,3}|(?<!\d)\d{1,3} ?页")
_AMOUNT = re.compile(
    rf"(?<![a-z\d])(?P<ordinal>第)?{_UPPER}(?P<number>{NUMBER}) ?(?:"
    + "|".join(f"(?P<{kind}>{any_of(units)})" for kind, units in _KINDS.items())
    + ")"
)

_AMOUNT_AFTER = re.compile(
    "(?:"
    + "|".join(f"(?P<{kind}>{any_of(nouns)})" for kind, nouns in WORDS["amount_after"].items())
    + f")(?P<number>{NUMBER}) ?[个道]"
)


def amounts(words: str) -> tuple[Amount, ...]:
    """Every kind of amount that plain words name, once. 第8页 is one page, 第3题 one question, P23-24
    two pages.
    """
    found = [Amount("pages", _length(match)) for match in _PAGES_FROM_TO.finditer(words) if _are_pages(match)]
    found += [Amount("questions", _length(match)) for match in _QUESTIONS_FROM_TO.finditer(words)]
    for match in _AMOUNT_AFTER.finditer(words):
        kind = next(kind for kind in WORDS["amount_after"] if match[kind])
        found.append(Amount(kind, whole(match["number"])))
    for match in _AMOUNT.finditer(words):
        kind = next(kind for kind in _KINDS if match[kind])
        found.append(Amount(kind, 1 if match["ordinal"] else whole(match["number"])))
    if _PAGE.search(words):
        found.append(Amount("pages", 1))
    first_of_kind: dict[str, Amount] = {}
    for amount in found:
        if amount.number > 0:
            first_of_kind.setdefault(amount.kind, amount)
    return tuple(first_of_kind.values())


def _are_pages(match: re.Match) -> bool:
    return match.group().startswith("p") or bool(match["unit"])


def _length(match: re.Match) -> int:
    return max(1, whole(match["last"]) - whole(match["first"]) + 1)


def has_amount(words: str) -> bool:
    return bool(_AMOUNT.search(words) or _PAGE.search(words))

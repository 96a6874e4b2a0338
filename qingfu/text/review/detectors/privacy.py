"""What must not stand in a report: names of minors, telephone, identity and bank card numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..document import Document, View
from ..finding import Finding
from ..signs import sign_of
from ..words import HAN, data, either

_MOBILE = re.compile(r"(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[-—－ ]\d{7,8}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_CARD = re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)")
_LONG_FIGURE = re.compile(r"\d[\d—－ -]{6}")  # what all of them begin with
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_IDENTITY_CHECKS = "10X98765432"


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        for _, line in report.lines_with(_LONG_FIGURE):
            yield from _numbers(line)
        for _, line in report.lines_with(_any_pupil()):
            yield from _pupils(line)


def _numbers(line: View) -> Iterator[Finding]:
    text, taken = line.text, []
    for sub, pattern, name, holds in (
        ("identity_number", _IDENTITY, "身份证号", is_identity_number),
        ("phone", _MOBILE, "手机号", None),
        ("phone", _LANDLINE, "电话号码", None),
        ("bank_card", _CARD, "银行卡号", is_card_number),
    ):
        for match in pattern.finditer(text):
            overlaps = any(start < match.end() and match.start() < end for start, end in taken)
            of_an_office = pattern is _LANDLINE and not _private().search(text)
            if overlaps or of_an_office or holds and not holds(match[0]):
                continue
            taken.append(match.span())
            yield line.find("privacy", sub, *match.span(), f"{name}不应写进报告", fix=masked(match[0]))


@cache
def _private() -> re.Pattern:
    """Words that say that a landline is no office's."""
    return re.compile(either(data("merit")["privacy"]["of_a_person"]))


def masked(number: str) -> str:
    """A number with its first three and last four digits left, the rest starred; signs between them stay."""
    digits = [place for place, character in enumerate(number) if character.isalnum()]
    hidden = set(digits[3:-4])
    return "".join("*" if place in hidden else character for place, character in enumerate(number))


def is_identity_number(number: str) -> bool:
    """Whether the check character of an 18-character identity number holds (GB 11643-1999)."""
    total = sum(int(digit) * weight for digit, weight in zip(number, _IDENTITY_WEIGHTS, strict=False))
    return _IDENTITY_CHECKS[total % 11] == number[-1].upper()


def is_card_number(number: str) -> bool:
    """Whether the check digit of a card number holds (ISO/IEC 7812-1, Luhn)."""
    digits = [int(character) for character in number if character.isdigit()][::-1]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2]) % 10


@cache
def _pupil() -> re.Pattern:
    lists, surnames = data("merit")["privacy"], data("claims")["surnames"]
    given = rf"(?:(?![{lists['no_given_name']}])[{HAN}]){{1,2}}"
    name = rf"(?:欧阳|司马|上官|诸葛|[{surnames}]){given}"
    names = rf"(?:{name}、){{0,60}}{name}"
    behind, before = either(lists["pupil_behind"]), either(lists["pupil_before"])
    return re.compile(
        rf"(?:^|(?<=[，。；：、,:班校的由和“（(]))(?P<names>{names})(?={behind}|等同学|等学生)"
        rf"|(?<=学生)(?P<named>{name})(?=[（(，,、。荣获获在被参说家])"
        rf"|(?<=班学生)(?P<classed>{name})(?=[因在被获说从于的，。、（(])"
        rf"|(?:{before})(?:代表)?(?P<listed>{names})(?=等|[（(])"
    )


@cache
def _not_a_name() -> re.Pattern:
    return re.compile(either(data("merit")["privacy"]["not_names"]))


@cache
def _any_pupil() -> re.Pattern:
    """What every match of ``_pupil`` has in it: what stands behind a name, or before it with its first character."""
    lists, surnames = data("merit")["privacy"], data("claims")["surnames"]
    behind, before = [*lists["pupil_behind"], "等学生", "等同学"], [*lists["pupil_before"], "学生"]
    first = "".join(sorted({word[0] for word in behind + before}))
    return sign_of(re.escape(first), rf"{either(behind)}|{either(before)}(?:代表)?(?:[{surnames}]|上官)")


def _pupils(line: View) -> Iterator[Finding]:
    for match in _pupil().finditer(line.text):
        group = next(name for name in ("names", "named", "classed", "listed") if match[name])
        start = match.start(group)
        for name in re.finditer(rf"[{HAN}]+", match[group]):
            doubtful = group in ("named", "listed") and name[0][0] in data("merit")["privacy"]["ambiguous_surnames"]
            if doubtful or _not_a_name().search(name[0]):
                continue
            span = start + name.start(), start + name.end()
            hidden = name[0][0] + "某" * (len(name[0]) - 1)
            yield line.find("privacy", "minor_name", *span, "未成年人的姓名不应写进报告", fix=hidden, conf="m")

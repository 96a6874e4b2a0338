"""Numbers as teachers write them: 2, 十二, 两三, 15～20."""

import re

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5, "六": 6,
           "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}

NUMBER = r"(?:\d{1,4}(?:\.\d{1,2})?|[零〇一二两俩三仨四五六七八九十百千]{1,6})"
# "2-3", "15到20": the upper end is what the teacher expects at most, and what is read.
RANGE = rf"(?:{NUMBER} ?[-~到至] ?)?({NUMBER})"


def value(written: str) -> float:
    """The number that matches NUMBER. Two digits in a row ("两三遍") are a range: the upper one counts."""
    if written[0].isdigit():
        return float(written)
    total = digit = 0
    for char in written:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return float(total + digit)


def whole(written: str) -> int:
    """`value` rounded up to a whole number: half a page is a page begun."""
    number = value(written)
    return int(number) + (number > int(number))


FOUND = re.compile(NUMBER)

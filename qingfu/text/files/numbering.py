"""Automatic numbers of paragraphs, which stand in no text: computed from numbering.xml (ECMA-376, part 1, 17.9)."""

from dataclasses import dataclass, field

from lxml import etree

from .names import val, w

DIGITS = "〇一二三四五六七八九"
CAPITALS = "零壹贰叁肆伍陆柒捌玖"
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
LEVELS = 9
# Beyond this a list number is written in digits whatever its format: no report counts further in words.
LONGEST_COUNT = 9_999


def chinese(number: int, digits: str = DIGITS, units: str = "十百千") -> str:
    """1 → 一, 12 → 十二, 105 → 一百零五; to 9,999."""
    zero = "零"
    text, gap = "", False
    for power in range(3, -1, -1):
        digit = number // 10**power % 10
        if digit:
            text += (zero if gap and text else "") + digits[digit] + (units[power - 1] if power else "")
            gap = False
        else:
            gap = True
    return text.removeprefix(digits[1]) if digits is DIGITS and 10 <= number < 20 else text


def roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def letters(number: int) -> str:
    """1 → a, 26 → z, 27 → aa, as Word counts."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def circled(number: int) -> str:
    return CIRCLED[number - 1] if number <= len(CIRCLED) else str(number)


_CHINESE = dict.fromkeys(
    (
        "chineseCounting",
        "chineseCountingThousand",
        "japaneseCounting",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
    ),
    chinese,
)
_FORMATS = {
    **_CHINESE,
    "decimal": str,
    "decimalZero": lambda n: f"{n:02}",
    "decimalFullWidth": lambda n: "".join(chr(ord(c) + 0xFEE0) for c in str(n)),
    "chineseLegalSimplified": lambda n: chinese(n, CAPITALS, "拾佰仟"),
    "ideographLegalTraditional": lambda n: chinese(n, CAPITALS, "拾佰仟"),
    "ideographDigital": lambda n: "".join(DIGITS[int(c)] for c in str(n)),
    "decimalEnclosedCircle": circled,
    "decimalEnclosedCircleChinese": circled,
    "lowerLetter": letters,
    "upperLetter": lambda n: letters(n).upper(),
    "lowerRoman": roman,
    "upperRoman": lambda n: roman(n).upper(),
    "bullet": lambda n: "",
    "none": lambda n: "",
}


def written(number: int, form: str) -> str:
    """The number as a list of that format shows it; an unknown format counts in digits."""
    return _FORMATS.get(form, str)(number) if 1 <= number <= LONGEST_COUNT else str(number)


@dataclass
class Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""


@dataclass
class Numbering:
    """The lists of one document, and how far each has counted."""

    lists: dict[str, tuple[str, dict[int, Level]]] = field(default_factory=dict)  # num → (abstract list, levels)
    of_style: dict[str, tuple[str, int]] = field(default_factory=dict)
    _counts: dict[str, list[int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def number(self, properties: etree._Element | None) -> str:
        """The number of the next paragraph, as "一、" or "(1)"; "" where it has none or a bullet."""
        num, level = self._place(properties)
        if num not in self.lists:
            return ""
        abstract, levels = self.lists[num]
        counts = self._counts.setdefault(abstract, [0] * LEVELS)
        if num not in self._begun:
            self._begun.add(num)
            if any(isinstance(each, _Restarted) for each in levels.values()):
                counts[:] = [0] * LEVELS
        for upper in range(level):
            counts[upper] = counts[upper] or levels.get(upper, Level()).start
        counts[level] = counts[level] + 1 if counts[level] else levels.get(level, Level()).start
        counts[level + 1 :] = [0] * (LEVELS - level - 1)
        return self._shown(levels, level, counts)

    def count_anew(self) -> None:
        """Forgets how far the lists have counted."""
        self._counts.clear()
        self._begun.clear()

    def _place(self, properties) -> tuple[str, int]:
        if properties is None:
            return "", 0
        style = val(properties.find(w("pStyle")))
        num, level = self.of_style.get(style, ("", 0))
        direct = properties.find(w("numPr"))
        if direct is not None:
            num = val(direct.find(w("numId"))) or num
            level = _whole(val(direct.find(w("ilvl"))), level)
        return num, min(max(level, 0), LEVELS - 1)

    @staticmethod
    def _shown(levels: dict[int, Level], level: int, counts: list[int]) -> str:
        here = levels.get(level, Level())
        if here.form in ("bullet", "none") and "%" not in here.text:
            return ""
        text = here.text
        for upper in range(LEVELS):
            if f"%{upper + 1}" in text:
                text = text.replace(f"%{upper + 1}", written(counts[upper], levels.get(upper, Level()).form))
        return text


class _Restarted(Level):
    """A level that one list of several over the same abstract list starts anew."""


def read_numbering(numbering: etree._Element | None, styles: etree._Element | None) -> Numbering:
    """The lists of numbering.xml and the styles that use them; both parts may be missing."""
    found = Numbering()
    if numbering is None:
        return found
    abstract = {
        part.get(w("abstractNumId"), ""): {_level_index(lvl): _level(lvl) for lvl in part.iterchildren(w("lvl"))}
        for part in numbering.iterchildren(w("abstractNum"))
    }
    for num in numbering.iterchildren(w("num")):
        name = val(num.find(w("abstractNumId")))
        levels = dict(abstract.get(name, {}))
        for override in num.iterchildren(w("lvlOverride")):
            index = _level_index(override)
            changed = override.find(w("lvl"))
            base = _level(changed) if changed is not None else levels.get(index, Level())
            start = override.find(w("startOverride"))
            levels[index] = base if start is None else _Restarted(_whole(val(start), base.start), base.form, base.text)
        found.lists[num.get(w("numId"), "")] = (name, levels)
    found.of_style = _style_numbers(styles)
    return found


def _level_index(lvl: etree._Element) -> int:
    return _whole(lvl.get(w("ilvl"), ""), 0)


def _level(lvl: etree._Element) -> Level:
    start = _whole(val(lvl.find(w("start"))), 1)
    return Level(start, val(lvl.find(w("numFmt"))) or "decimal", val(lvl.find(w("lvlText"))))


def _style_numbers(styles: etree._Element | None) -> dict[str, tuple[str, int]]:
    """For each style with a number of its own or of the style that it is based on: (num, level)."""
    own, base = {}, {}
    for style in styles.iterchildren(w("style")) if styles is not None else ():
        name = style.get(w("styleId"), "")
        base[name] = val(style.find(w("basedOn")))
        numbers = style.find(f"{w('pPr')}/{w('numPr')}")
        if numbers is not None:
            own[name] = (val(numbers.find(w("numId"))), _whole(val(numbers.find(w("ilvl"))), 0))
    found = {}
    for name in base:
        seen, at = set(), name
        while at and at not in seen and at not in own:
            seen.add(at)
            at = base.get(at, "")
        if at in own:
            found[name] = own[at]
    return found


def _whole(text: str, otherwise: int) -> int:
    """A number of the file, which may be anything; kept within what a list can count."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise

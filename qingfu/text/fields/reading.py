"""A field of a form read by meaning: what is counted, how it is measured, of whom, for what time.

A name is cut into the longest words of the data. What no word covers is kept as it stands: before the last fact it
narrows (特岗 in 特岗教师), after it it is a fact of its own.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ..numbers import whole
from ..plain import CIRCLED
from .lexicon import FACTS, LEVELS, LONGEST, MARKS, MEASURES, PER, UNITS, WORDS, Word, fold, wider, within
from .periods import Period, a_year_before, month_of, parse

TOTAL, APART = "total", "apart"
LONGEST_NAME = 200  # characters; a longer one is a sentence
_NUMBERING = re.compile(
    r"^(?:第?[一二三四五六七八九十]{1,3}[、.]|\(?\d{1,2}(?:[、).]|\.(?!\d))|\([一二三四五六七八九十]{1,3}\)|[*•·]+)"
)
_ENDS = re.compile(r"[:：;；,，。*※#、]+$|^[:,;*※#]+")
_BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_AGE_WORDS = re.compile(r"[一二三四五六七八九十百]+(?=周?岁)")
_AGES = re.compile(r"(\d{1,3})[-~至到](\d{1,3})周?岁")
_AGE = re.compile(r"(\d{1,3})周?岁(?:(?:及其?|\(含\))?(以上|以下|以内)|的)?")
_SIZE = re.compile(r"(\d{1,3})人(?:及其?)?(以上|以下)")
_GRADE = re.compile(r"([一二三四五六七八九])年级")
_SHARE_OF = re.compile(r"占(.{1,12}?)(?:的)?(比例|比重|百分比|比|%)$")
_PUNCTUATION = "、,.。:;()[]【】“”\"'《》/-_—·|+"


class Field(NamedTuple):
    """A field by meaning.

    `atoms`: the facts and marks, none that another holds already; `inside`: these and everything they lie within.
    `form`: total, share, per_person …; `kind`: the kind of unit (measures.toml), the unit itself where it is no known
    one, None where nothing says it; `base`: of what a share is taken. `period`: None where nothing says it, text where
    it cannot be read; `flow`: whether it is counted over that time or as it stood on its last day. `level`: 校 村 镇 县
    or "".
    """

    name: str
    unit: str
    atoms: frozenset[str]
    inside: frozenset[str]
    form: str
    kind: str | None
    base: frozenset[str]
    period: Period | str | None
    level: str
    flow: bool

    @property
    def tells(self) -> bool:
        """Whether it names a fact at all."""
        return any(atom in FACTS or atom.startswith("?") for atom in self.atoms)

    @property
    def timeless(self) -> bool:
        """Whether it is a text that stands until it changes: a name, an address."""
        return all(FACTS.get(atom, {}).get("sort") == "text" for atom in self.atoms)

    @property
    def factor(self) -> float | None:
        """How many of the smallest unit of its kind one unit of the field is: 亩 is 666.6667 平方米."""
        return UNITS.get(fold(self.unit).split("/")[0], (None, None))[1]


@lru_cache(maxsize=65_536)
def read(name: str, unit: str = "", period: str = "", level: str = "") -> Field:
    """What a field asks for. `unit`, `period` and `level` are those of the form's columns; the name may say them too,
    and a period that it says holds before the form's.
    """
    text = _bare(fold(name.lstrip(CIRCLED)))
    text, unit = _out_of_brackets(text, fold(unit).strip("()"))
    named, text = parse(text)
    text, base = _share_of(text)
    cut = _Cut(text, level)
    return cut.field(name, unit, named or _period(period), base)


def _bare(text: str) -> str:
    """Without the numbering of the form and the marks around the name."""
    text = _ENDS.sub("", text)
    return _ENDS.sub("", _NUMBERING.sub("", text)) or text


def _out_of_brackets(text: str, unit: str) -> tuple[str, str]:
    """A unit in brackets is the unit; other words in brackets narrow what stands before them."""
    before = []
    for inside in _BRACKETS.findall(text):
        if inside.removeprefix("单位:") in UNITS or "/" in inside and inside.split("/")[0] in UNITS:
            unit = unit or inside.removeprefix("单位:")
        else:
            before.append(inside)
    return "".join(before) + _BRACKETS.sub("", text), unit


@lru_cache(maxsize=8192)
def _period(text: str) -> Period | str | None:
    text = fold(text)
    return (parse(text)[0] or text) if text else None


def _share_of(text: str) -> tuple[str, frozenset[str]]:
    found = _SHARE_OF.search(text)
    if not found:
        return text, frozenset()
    return text[:found.start()] + "占比", _Cut(found[1], "").atoms()


class _Cut:
    """A name cut into words."""

    def __init__(self, text: str, level: str):
        self.level = level if level in LEVELS else ""
        self.forms: list[str] = []
        self.kinds: list[str] = []
        self.roles: set[str] = set()
        self.flow = False
        self._found: list[tuple[str, tuple[str, ...], Word | None]] = []  # (role, atoms, word) in the order of the text
        self._denied = False
        self._take(_AGE_WORDS.sub(lambda found: str(whole(found[0])), text))

    def _take(self, text: str) -> None:
        at, unknown = 0, ""
        while at < len(text):
            atoms, end = _number(text, at)
            if atoms:
                unknown = self._close(unknown)
                self._found.append(("mark", atoms, None))
                at = end
                continue
            word, end = _longest(text, at)
            if at == 0 and text[0] in LEVELS and end < 2 and self.level in ("", text[0]):
                self.level, at = text[0], 1
            elif word is None or end == at + 1 and word.role == "filler" and not _ends_a_word(text, end):
                unknown += text[at] if text[at] not in _PUNCTUATION else ""
                at += 1
            else:
                unknown = self._close(unknown)
                self._word(word)
                at = end
        self._close(unknown)

    def _close(self, unknown: str) -> str:
        if unknown:
            if len(unknown) == 1:  # one character alone is seldom a word: 机 of 机耕地 says nothing of 耕地
                self.roles.add(APART)
            self._found.append(("unknown", ("?" + unknown,), None))
        return ""

    def _word(self, word: Word) -> None:
        if word.role in ("fact", "mark"):
            means = tuple(f"not:{one}" for one in word.means) if self._denied else word.means
            self._denied = False
            self.flow |= word.flow
            self._found.append((word.role, means, word))
            if word.form:
                self.forms.append(word.form)
        elif word.role == "denied":
            self._denied = True
        elif word.role == "form":
            self.forms.append(word.means[0])
        elif word.role == "measure":
            self.kinds.append(word.means[0])
        elif word.role == "level":
            self.level = word.means[0]  # 全镇 in a form of villages is of the township
        else:
            self.roles.add(word.role)

    def atoms(self) -> frozenset[str]:
        """Facts and marks. What stands before a fact of another sort is of it: the pupils of a bed for pupils."""
        facts = [place for place, (role, _, _) in enumerate(self._found) if role == "fact"]
        known = [place for place, (role, _, _) in enumerate(self._found) if role != "unknown"]
        head = facts[-1] if facts else None
        strange = [place for place, (role, _, _) in enumerate(self._found) if role == "unknown"]
        if strange and (not known or strange[-1] > known[-1]):
            head = strange[-1]
        sort = self._sort(head)
        border = max((place for place in facts if self._sort(place) != sort), default=-1)
        atoms = set()
        for place, (_, means, _) in enumerate(self._found):
            atoms |= {"of:" + one if place <= border else one for one in means}
        if head is None:
            atoms |= self._default()
        return _least(atoms)

    def _sort(self, place: int | None) -> str:
        word = self._found[place][2] if place is not None else None
        return word.sort if word else ""

    def _default(self) -> set[str]:
        """The fact that the marks speak of where the name has none."""
        names = (MARKS.get(one.removeprefix("not:"), {}).get("of") for _, means, _ in self._found for one in means)
        return {name for name in names if name}

    def field(self, name: str, unit: str, period: Period | str | None, base: frozenset[str]) -> Field:
        atoms = self.atoms() | ({APART} if APART in self.roles else frozenset())
        form, kind = self._measure(unit, atoms)
        if kind == "each" and any(FACTS[one].get("sort", "person") == "person" for one in atoms if one in FACTS):
            kind = "person"  # 党员（名） and 党员（个） are told alike
        facts = [FACTS[one] for one in atoms if one in FACTS]
        flow = self.flow or any(fact.get("flow") for fact in facts)
        level = self.level or next((fact["level"] for fact in facts if "level" in fact), "")
        return Field(name, unit, atoms, within(atoms), form, kind, base, self._time(period, flow), level, flow)

    def _measure(self, unit: str, atoms: frozenset[str]) -> tuple[str, str | None]:
        over, _, under = unit.partition("/")
        form = self._form(over, under)
        if form in ("share", "growth", "growth_on_year", "growth_on_month", "fall") and (
            not over or UNITS.get(over, ("",))[0] == "share"
        ):
            return form, "share"
        if over:
            return form, UNITS[over][0] if over in UNITS else over
        if self.kinds:
            return form, self.kinds[-1]
        units = [word.unit for _, _, word in self._found if word and word.role == "fact" and word.unit]
        usual = units or [
            FACTS[one].get("unit") or MEASURES["default_units"].get(FACTS[one].get("sort", "person"), "")
            for one in sorted(atoms) if one in FACTS
        ]
        return form, UNITS[fold(usual[-1])][0] if usual and usual[-1] else None

    def _form(self, over: str, under: str) -> str:
        """The plan before what is planned; else the last word of measure; else what the unit says."""
        for form in ("plan", "growth_on_year", "growth_on_month", "fall", "standard"):
            if form in self.forms:
                return form
        if self.forms:
            return self.forms[-1]
        if under:
            return next((form for unit, form in PER.items() if under.startswith(unit)), "average")
        return "share" if UNITS.get(over, ("",))[0] == "share" else TOTAL

    def _time(self, period: Period | str | None, flow: bool) -> Period | str | None:
        if not isinstance(period, Period):
            return period
        if "year" in self.roles:
            period = a_year_before(period)
        if "month" in self.roles:
            period = month_of(period)
        if not flow:
            return period.as_stock()
        if "ever" in self.roles or "so_far" in self.roles and period.point:
            return Period(None, period.last)
        period = period.as_flow()
        if "so_far" in self.roles and period.first and period.first.month == period.last.month:
            return period._replace(first=period.first.replace(month=1))
        return period


def _longest(text: str, at: int) -> tuple[Word | None, int]:
    for end in range(min(len(text), at + LONGEST), at, -1):
        word = WORDS.get(text[at:end])
        if word:
            return word, end
    return None, at + 1


def _ends_a_word(text: str, at: int) -> bool:
    """Whether a word may begin here, or the name ends: 有 of 有效灌溉 is no word of its own."""
    return at == len(text) or text[at] in _PUNCTUATION or bool(_longest(text, at)[0] or _number(text, at)[0])


def _number(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """An age, a size or a grade that begins here, and where it ends."""
    char = text[at]
    if char.isdigit():
        found = _AGES.match(text, at)
        if found:
            return (f"age>={int(found[1])}", f"age<={int(found[2])}"), found.end()
        found = _AGE.match(text, at)
        if found:
            sign = {"以上": (">=",), None: (">=", "<=")}.get(found[2], ("<=",))
            return tuple(f"age{one}{int(found[1])}" for one in sign), found.end()
        found = _SIZE.match(text, at)
        if found:
            return (f"size{'>=' if found[2] == '以上' else '<='}{int(found[1])}",), found.end()
    found = _GRADE.match(text, at)
    return ((f"grade={whole(found[1])}",), found.end()) if found else ((), at)


def _least(atoms: set[str]) -> frozenset[str]:
    """Without the atoms that another one holds already."""
    return frozenset(one for one in atoms if not any(one in wider(other) for other in atoms if other != one))


def words(field: Field) -> Iterator[str]:
    """The atoms in Chinese, for a person who asks why."""
    for atom in sorted(field.atoms - {APART}):
        plain = atom.removeprefix("of:").removeprefix("not:")
        known = FACTS.get(plain) or MARKS.get(plain)
        yield ("非" if "not:" in atom else "") + (known["names"][0] if known else plain.lstrip("?"))

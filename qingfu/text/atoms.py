"""A homework message cut into atoms, and the labels among them.

An atom is a stretch of plain text between two edges: line ends, stops, item marks (1. ② •), labels in
【 】 or before a colon, subject names, commas, blanks. Nothing is cut inside ( ), 《 》 and “ ”. A
label (语文作业：, 【选做】, 晚自习：) is no work itself: it says what the work after it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from .amounts import MINUTES, stated_minutes
from .numbers import whole
from .plain import BULLET, CIRCLED, plain
from .vocabulary import WORDS, any_of, words_pattern

LINE, STOP, MARK, COLON, COMMA, SPACE, BRACKET, SUBJECT, INSIDE = (
    "line", "stop", "mark", "colon", "comma", "space", "bracket", "subject", "inside",
)
_NUMBER_MARK = r"\d{1,2}[.、)](?!\d)"
_EDGES = (
    r"(?P<line>\n)"
    r"|(?P<stop>[;。!?])"
    r"|(?P<mark>"
    rf"\((?:\d{{1,2}}|[一二三四五六七八九十]{{1,2}})\)[.、]?|[{CIRCLED}][.、]?|{BULLET}"
    rf"|(?<![\w.]){_NUMBER_MARK}|(?<![\w.])\d{{1,2}},(?=[^\d\s])"
    rf"|(?<=[^\Wa-z\d_第题页习课]){_NUMBER_MARK}"
    r"|(?<!\w)[一二三四五六七八九十]{1,2}、"
    r"|(?<![^\n])\d{1,2} {0,3}(?=[\u4e00-\u9fff])(?!\d? {0,3}[年月日号班点分页题遍次])"
    r")"
    r"|(?P<inside>\([^()\n]{0,80}\)|《[^《》\n]{0,40}》|“[^“”\n]{0,80}”)"
    r"|(?P<bracket>【[^【】\n]{1,30}】:?|\[[^\[\]\n]{1,30}\]:?)"
    r"|(?P<colon>:(?!\d))"
    r"|(?P<comma>[,+、])"
    r"|(?P<space> {1,200})"
)


# --- subject names --------------------------------------------------------------------------------

_OWN_THING = words_pattern("heading", "own_things")
_NOT_AFTER = words_pattern("heading", "not_after")
_NO_HEADING_BEFORE = words_pattern("heading", "no_heading_before")
_KEPT_BEFORE = words_pattern("heading", "kept_before")
_ONLY_WITH_MARK = frozenset(WORDS["heading"]["only_with_mark"])


@dataclass(frozen=True)
class Names:
    """How subjects are written: the pattern of all names, all edges with the names among them, whose
    name is which.
    """

    pattern: re.Pattern
    edges: re.Pattern
    subject_of: Mapping[str, str]


def subject_names(subjects: Mapping[str, Sequence[str]] | None) -> Names:
    """The names of `subjects` ({subject: names}), or of data/homework.toml."""
    table = subjects or WORDS["subjects"]
    return _names(tuple((subject, tuple(names)) for subject, names in table.items()))


@cache
def _names(table: tuple[tuple[str, tuple[str, ...]], ...]) -> Names:
    subject_of = {plain(name).text: subject for subject, names in table for name in (subject, *names)}
    name = any_of([re.escape(name) for name in subject_of])
    suffix = any_of(WORDS["heading"]["suffix"])
    label = rf"(?P<subject>(?P<name>{name}){suffix}{{0,2}}(?:\([^()\n]{{0,20}}\)(?=[:\n]))?:?)"
    return Names(re.compile(name), re.compile(f"{_EDGES}|{label}"), subject_of)


def _is_heading(edge: re.Match, text: str, blank: bool, before: str) -> bool:
    """Does this subject name begin that subject's homework, or is it just a word (用英语说, 科学家)?

    `blank`: nothing but the edge `before` stands between it and the atom before.
    """
    name = edge["name"]
    if edge.group().endswith(":"):
        return len(name) > 1 or blank
    if name in _ONLY_WITH_MARK:
        return blank and before in (LINE, STOP) and text[edge.end():edge.end() + 1] in ("", "\n")
    if _NO_HEADING_BEFORE.match(text, edge.end("name")):
        return False
    own_thing = _OWN_THING.match(text, edge.end("name"))
    return blank or bool(own_thing) and not _NOT_AFTER.match(text, edge.start() - 1)


# --- atoms ----------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Atom:
    """A stretch of plain text with the kind of edge before it and after it."""

    start: int
    end: int
    before: str
    after: str


_TRIM = " \n,;。:!?、-~*#>|/+" + BULLET
_STRENGTH = (COMMA, SPACE, BRACKET, COLON, SUBJECT, STOP, LINE, MARK)


def atoms(text: str, names: Names) -> list[Atom]:
    """The plain text cut at its edges, blank stretches left out."""
    found: list[Atom] = []
    start = checked = counter = 0
    before, blank = LINE, True
    for edge in names.edges.finditer(text):
        kind = edge.lastgroup
        blank = blank and not text[checked:edge.start()].strip(_TRIM)
        checked = edge.end()
        if not _cuts(edge, kind, text, blank, before, counter):
            blank = blank and kind == COLON
            continue
        if kind == MARK:
            counter = _mark_number(edge.group()) or counter
        found += _atom(text, start, edge.start(), before, kind)
        if kind in (BRACKET, SUBJECT):
            found += _atom(text, edge.start(), edge.end(), kind, kind)
            before = kind
        else:
            before = max(before, kind, key=_STRENGTH.index) if blank else kind
        kept = kind == SUBJECT and _KEPT_BEFORE.match(text, edge.end())
        start = edge.start() if kept else edge.end()
        blank = True
    return found + _atom(text, start, len(text), before, LINE)


def _cuts(edge: re.Match, kind: str, text: str, blank: bool, before: str, counter: int) -> bool:
    """Is this edge one here? A number is a mark only in its turn, so that 完成练习3、练习4 is not cut."""
    if kind == SUBJECT:
        return _is_heading(edge, text, blank, before)
    if kind == MARK:
        number = _mark_number(edge.group())
        return number in (None, 1, counter + 1) or blank and before == LINE
    return kind != INSIDE and not (kind == COLON and blank)


def _mark_number(mark: str) -> int | None:
    """12 for "12.", "(12)" and ⑫; None for a bullet."""
    if mark[0] in CIRCLED:
        return CIRCLED.index(mark[0]) + 1
    digits = mark.strip("().、, ")
    return None if digits == BULLET else whole(digits)


def _atom(text: str, start: int, end: int, before: str, after: str) -> list[Atom]:
    """The atom in a list, its ends trimmed; an empty list where nothing is left."""
    while start < end and text[start] in _TRIM:
        start += 1
    while start < end and text[end - 1] in _TRIM:
        end -= 1
    return [Atom(start, end, before, after)] if start < end else []


# --- labels ---------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Label:
    """A label's subject (None: it only groups), what it says of the work after it, and a total of
    minutes in it.
    """

    subject: str | None
    tags: Mapping[str, object]
    minutes: int | None


@dataclass(frozen=True)
class Group:
    """What the labels so far say of the work that follows; `section` counts the subject labels.

    A subject begins anew; a label of form or duty ends the one before it, a place stays until the next.
    """

    subject: str | None
    section: int = 0
    form: str | None = None
    required: bool | None = None
    place: str | None = None

    def under(self, label: Label) -> "Group":
        if label.subject:
            return Group(label.subject, self.section + 1, **label.tags)
        return replace(self, **{"form": None, "required": None, **label.tags}) if label.tags else self


_TAG_MEANS = {
    "written": {"form": "written"},
    "oral": {"form": "oral"},
    "practical": {"form": "practical"},
    "optional": {"required": False},
    "required": {"required": True},
}
_TAGS = {tag: words_pattern("group", tag) for tag in _TAG_MEANS}
PLACES = {place: words_pattern("place", place) for place in WORDS["place"]}
_FILLER = words_pattern("heading", "filler")
_LONGEST_LABEL = 40
_RESIDUE = 3  # a label may hold a few letters that say nothing here: a teacher's name, "A层"


def label_of(atom: Atom, text: str, names: Names) -> Label | None:
    """What an atom says of the work after it, or None if it is no label: too much is left that no label
    says.
    """
    words = text[atom.start:atom.end].strip("【】[]:")
    if atom.after not in (SUBJECT, COLON, BRACKET) or len(words) > _LONGEST_LABEL:
        return None
    rest = MINUTES.sub("", words)
    subject = names.pattern.search(rest)
    if subject:
        rest = rest[:subject.start()] + rest[subject.end():]
    rest, tags = _tags(rest)
    if len(_FILLER.sub("", rest)) > (_RESIDUE if subject or tags else 0):
        return None
    return Label(subject and names.subject_of[subject.group()], tags, stated_minutes(words))


def _tags(words: str) -> tuple[str, dict[str, object]]:
    """`words` without its group words, and what those mean."""
    tags: dict[str, object] = {}
    for tag, pattern in _TAGS.items():
        words, count = pattern.subn("", words)
        tags |= _TAG_MEANS[tag] if count else {}
    for place, pattern in PLACES.items():
        words, count = pattern.subn("", words)
        tags |= {"place": place} if count else {}
    return words, tags

"""Lint of homework messages: what the rules forbid to ask, found in the words of the message.

Vocabulary and patterns are data (data/lint.toml). What is general is here: a negation takes a match
away (不用打卡, but not 不要忘记打卡), so does a quotation of words to be learnt (用“打卡”造句), what
stands around it (打卡点), a number that is small enough. A flag names its code only; the rulebook's
limits carry the same code as `flag` and say which document forbids it and how hard.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

from .doubts import DOUBTS
from .homework import WRITTEN, Item, read
from .numbers import whole
from .opinion import OPINION
from .patterns import CLAUSE_END, LINT, SENTENCE_END, pattern
from .plain import Plain, plain
from .vocabulary import any_of

CODES = tuple(LINT["flags"])
MATERIAL, FIRST_GRADES = "unlisted_material", "grade12_written"


@dataclass(frozen=True)
class Flag:
    """One thing that may not be asked: its span in the raw text, what is wrong, what to do instead
    (Chinese).
    """

    code: str
    start: int
    end: int
    text: str
    why_zh: str
    hint_zh: str


def lint(
    text: str, grade: int, *, items: Sequence[Item] | None = None, materials: Iterable[str] = ()
) -> list[Flag]:
    """What may not be asked in a homework message for `grade` (1-9), in order of place.

    `items` are the reader's, possibly corrected by the teacher; without them the message is read here.
    `materials` are the teaching aids that the school has listed. Raises TextTooLong as `read` does.
    """
    source = plain(text)
    if items is None:
        items = read(text, grade, subject=None, today=_ANY_DAY).items
    spans = [(code, *span) for code, rule in _rules().items() for span in rule.spans(source.text, grade)]
    spans += [(MATERIAL, *span) for span in _unlisted(source.text, tuple(materials))]
    judged = _judged(source.text)
    added = _second_opinion(spans, source.text, grade, judged)
    spans += [(FIRST_GRADES, *span) for span in _written_in_first_grades(items, grade, source)]
    sure = [span for span in spans if not DOUBTS.drop(source.text, *span, leaning=_leaning(judged, *span))]
    sure += [
        span for span in added
        if not DOUBTS.drop(source.text, *span, leaning=_leaning(judged, *span), orders=False)
    ]
    return [_flag(code, source, start, end) for code, start, end in _merged(sure, source.text)]


_ANY_DAY = date(2000, 1, 3)  # due dates play no part here


def _flag(code: str, source: Plain, start: int, end: int) -> Flag:
    says = LINT["flags"][code]
    return Flag(code, *source.span(start, end), source.raw_text(start, end), says["why"], says["hint"])


# --- patterns -----------------------------------------------------------------------------------------

_REACH = 60  # characters on either side that may decide what a match means: a bound, so that work is linear


def _last_part(text: str, ends: str) -> str:
    return re.split(f"[{re.escape(ends)}]", text)[-1]


def _first_part(text: str, ends: str) -> str:
    return re.split(f"[{re.escape(ends)}]", text, maxsplit=1)[0]


@dataclass(frozen=True)
class Context:
    """The plain text around a match; `before` and `clause` end at a comma, the sentence at a stop."""

    text: str
    start: int
    end: int

    @property
    def inside(self) -> str:
        return self.text[self.start:self.end]

    @property
    def after(self) -> str:
        return self.text[self.end:self.end + _REACH]

    @cached_property
    def sentence_before(self) -> str:
        return _last_part(self.text[max(0, self.start - _REACH):self.start], SENTENCE_END)

    @cached_property
    def before(self) -> str:
        return _last_part(self.sentence_before, CLAUSE_END)

    @property
    def clause(self) -> str:
        return self.before + self.inside + _first_part(self.after, CLAUSE_END)

    @property
    def sentence(self) -> str:
        return self.sentence_before + self.inside + _first_part(self.after, SENTENCE_END)


_GUARDS = {  # name in the data: where it looks, and whether the words are wanted there
    "not_before": ("before", False),
    "not_after": ("after", False),
    "not_inside": ("inside", False),
    "not_in_clause": ("clause", False),
    "not_in_sentence": ("sentence", False),
    "needs_in_sentence": ("sentence", True),
}


@dataclass(frozen=True)
class _Guard:
    """One way in which the words around a match take it away."""

    where: str
    words: re.Pattern
    wanted: bool

    def passes(self, context: Context) -> bool:
        part = getattr(context, self.where)
        found = self.words.match(part) if self.where == "after" else self.words.search(part)
        return bool(found) == self.wanted


def _guards(table: Mapping[str, object]) -> list[_Guard]:
    named = [(table[name], where, wanted) for name, (where, wanted) in _GUARDS.items() if name in table]
    return [_Guard(where, pattern(words), wanted) for words, where, wanted in named]


_NAME_REACHES = 8  # characters before a match that may still name it: 九年级第一次|模拟考试


class _Allowed:
    """What some grades may be asked: a match that this names is none there."""

    def __init__(self, table: Mapping[str, object]):
        self.grades = table["grades"]
        self.words = pattern(table["words"])

    def names(self, context: Context, grade: int) -> bool:
        named = context.before[-_NAME_REACHES:] + context.inside
        return grade in self.grades and bool(self.words.search(named))


class _Pattern:
    """One pattern of the data with its guards."""

    def __init__(self, table: Mapping[str, object], guards: list[_Guard], allowed: list[_Allowed]):
        self.allowed = allowed
        self.find = pattern(table["find"])
        self.guards = guards + _guards(table)
        self.at_least = table.get("at_least")
        self.grades = table.get("grades")
        self.alone = table.get("alone", False)

    def spans(self, text: str, grade: int) -> list[tuple[int, int]]:
        if self.grades and grade not in self.grades:
            return []
        return [match.span() for match in self._matches(text) if self._counts(match, text, grade)]

    def unguarded(self, text: str, grade: int) -> list[tuple[int, int]]:
        return [] if self.grades and grade not in self.grades else [match.span() for match in self._matches(text)]

    def _matches(self, text: str) -> list[re.Match]:
        return [match for match in self.find.finditer(text) if match.group() and self._is_enough(match)]

    def _is_enough(self, match: re.Match) -> bool:
        return not self.at_least or max(whole(number) for number in match.groups() if number) >= self.at_least

    def _counts(self, match: re.Match, text: str, grade: int) -> bool:
        context = Context(text, *match.span())
        if is_negated(context) or is_quoted(context):
            return False
        if any(each.names(context, grade) for each in self.allowed):
            return False
        return all(guard.passes(context) for guard in self.guards)


class _Rule:
    """All patterns of one code."""

    def __init__(self, table: Mapping[str, object]):
        self.guards = guards = _guards(table)
        self.allowed = allowed = [_Allowed(each) for each in table.get("allowed", ())]
        patterns = [_Pattern(each, guards, allowed) for each in table.get("patterns", ())]
        self.main = [each for each in patterns if not each.alone]
        self.supporting = [each for each in patterns if each.alone]

    def lets_pass(self, context: Context, grade: int) -> bool:
        """Does all that holds for the whole code leave this alone?"""
        taken_away = is_negated(context) or is_quoted(context)
        named = any(each.words.search(context.sentence) for each in self.allowed if grade in each.grades)
        return not taken_away and not named and all(guard.passes(context) for guard in self.guards)

    def spans(self, text: str, grade: int) -> list[tuple[int, int]]:
        """Supporting patterns speak only in a message where no main one has found anything."""
        found = [span for each in self.main for span in each.spans(text, grade)]
        return found or [span for each in self.supporting for span in each.spans(text, grade)]

    def unguarded(self, text: str, grade: int) -> list[tuple[int, int]]:
        return [span for each in self.main + self.supporting for span in each.unguarded(text, grade)]


# --- negation and quotation ---------------------------------------------------------------------------

_NEGATION = LINT["negation"]
_NO = re.compile(any_of(_NEGATION["before"]) + f"(?!{any_of(_NEGATION['not_a_negation'])})")
_STRONG_NO = re.compile(any_of(_NEGATION["strong"]))
_GLUED_NO = re.compile(any_of(_NEGATION["glued"]) + "$")
_WHO_HAS_NOT = re.compile(any_of(_NEGATION["who_has_not"]))
_HAS_NOT = ("没有", "没")
_WHO_DID_NOT = re.compile(any_of(_NEGATION["who_did_not"]))
_ENDS_NO = re.compile(any_of(_NEGATION["ends"]))
_REASONS = re.compile(any_of(_NEGATION["reasons"]))
_NO_AFTER = pattern(any_of(_NEGATION["after"]))
_ABOUT_WORDS = re.compile(any_of(LINT["quotation"]["about_words"]))


def is_negated(context: Context) -> bool:
    """Does the message say that this is *not* asked?

    A negation reaches to the end of its clause (不用家长签字), a strong one (严禁) to the end of the
    sentence, unless a relative clause or a "but" ends it before the match (没完成的同学…). It may
    follow: 打卡取消了.
    """
    governed = context.before + context.inside
    start = len(context.before)
    noes = [found for found in _NO.finditer(governed) if _governs(found, governed, start)]
    if any(found.group() not in _HAS_NOT for found in noes) or noes and not _WHO_HAS_NOT.match(context.after):
        return True
    if _STRONG_NO.search(context.sentence_before):
        return True
    if _GLUED_NO.search(context.before) and not _WHO_DID_NOT.match(context.after):
        return True
    return bool(_NO_AFTER.match(context.after))


def _governs(no: re.Match, words: str, start: int) -> bool:
    """Does a negation before or inside the match, which begins at `start` of `words`, govern it?"""
    rest = words[no.end():]
    if no.start() >= start and any(mark in CLAUSE_END for mark in rest):
        return False  # 不许出去，抄课文: the match goes on in a clause of its own
    return bool(_REASONS.match(rest)) or not _ENDS_NO.search(rest)


_QUOTED_NEAR = 12  # characters around quotation marks that tell why words are quoted


def is_quoted(context: Context) -> bool:
    """Is the match inside “ ” as words to be learnt or talked about (用“打卡”造句), or the name of a thing in 《 》?"""
    if _is_in_title(context):
        return True
    before, after = context.sentence_before, context.after
    opened, closed = before.rfind("“"), after.find("”")
    if opened < 0 or closed < 0 or "”" in before[opened:]:
        return False
    around = before[max(0, opened - _QUOTED_NEAR):opened] + after[closed:closed + _QUOTED_NEAR]
    return bool(_ABOUT_WORDS.search(around))


def _is_in_title(context: Context) -> bool:
    """Does the match end inside 《 》? Then it is (part of) the name of a book, a text or a film."""
    before = context.sentence_before + context.inside
    return before.rfind("《") > before.rfind("》") and "》" in context.after


# --- materials ----------------------------------------------------------------------------------------

_MATERIAL = LINT["flags"][MATERIAL]
_TITLE = re.compile(r"《([^《》\n]{2,30})》")
_TITLED = pattern(_MATERIAL["titled"])
_PLAIN_TITLE = re.compile(_MATERIAL["plain_titles"])
_SERIES = [pattern(any_of(names)) for names in _MATERIAL["series"]]
_ANY_SERIES = pattern(any_of([name for names in _MATERIAL["series"] for name in names]))
_NO_SERIES_BEFORE = pattern(any_of(_MATERIAL["no_series_before"]))
_MATERIAL_GUARDS = _guards(_MATERIAL)
_SHORTEST_LISTED = 2  # a listed name shorter than this would cover everything


def _unlisted(text: str, materials: tuple[str, ...]) -> list[tuple[int, int]]:
    """Spans of teaching aids that are not among `materials` and are set as work."""
    found = _named_unlisted(text, materials)
    return [match.span() for match in found if _is_set_as_work(Context(text, *match.span()))]


def _named_unlisted(text: str, materials: tuple[str, ...]) -> list[re.Match]:
    """Teaching aids that are not among `materials`: titles that sound like one, and known series."""
    listed = [plain(name).text.strip("《》 ") for name in materials]
    listed = [name for name in listed if len(name) >= _SHORTEST_LISTED]
    titles = [match for match in _TITLE.finditer(text) if _sounds_like_a_teaching_aid(match.group(1))]
    named = [match for match in _ANY_SERIES.finditer(text) if not _NO_SERIES_BEFORE.match(text, match.end())]
    return [match for match in titles + named if not _is_listed(match.group().strip("《》"), listed)]


def _sounds_like_a_teaching_aid(title: str) -> bool:
    return bool(_TITLED.search(title)) and not _PLAIN_TITLE.search(title)


def _is_listed(name: str, listed: list[str]) -> bool:
    """Is the book on the list, under any name of its series?"""
    series = next((each for each in _SERIES if each.search(name)), None)
    return any(name in one or one in name or (series and series.search(one)) for one in listed)


def _is_set_as_work(context: Context) -> bool:
    return not is_negated(context) and all(guard.passes(context) for guard in _MATERIAL_GUARDS)


# --- written work in the first grades -----------------------------------------------------------------

_FIRST = LINT["flags"][FIRST_GRADES]
_AT_HOME_AFTER_ALL = pattern(any_of(_FIRST["after_all_at_home"]))
_NONE_SAID = pattern(any_of(_FIRST["none_said"]))
_SURELY_WRITTEN = pattern(any_of(_FIRST["surely_written"]))
_FIRST_GUARDS = _guards(_FIRST)
_DONE_ALREADY = pattern(any_of(_FIRST["done_already"]))


def _written_in_first_grades(items: Sequence[Item], grade: int, source: Plain) -> list[tuple[int, int]]:
    """Plain spans of the written items that are not done at school, for a grade that has no written
    homework.
    """
    if grade not in _FIRST["grades"]:
        return []
    contexts = [Context(source.text, *span) for span in _written_items(items, source)]
    none_said = bool(_NONE_SAID.search(source.text))
    return [
        (context.start, context.end) for context in contexts
        if not _is_done_at_school(context)
        and all(guard.passes(context) for guard in _FIRST_GUARDS)
        and not (none_said and not _SURELY_WRITTEN.search(context.inside))
    ]


def _written_items(items: Iterable[Item], source: Plain) -> list[tuple[int, int]]:
    """Plain spans of the items that leave writing on paper and are not placed at school."""
    written = [item for item in items if item.form == WRITTEN and item.place not in _FIRST["at_school"]]
    spans = [(bisect_left(source.at, item.start), bisect_left(source.at, item.end)) for item in written]
    return [span for span in spans if span[0] < span[1]]


def _is_done_at_school(context: Context) -> bool:
    return bool(_DONE_ALREADY.search(context.sentence)) and not _AT_HOME_AFTER_ALL.search(context.inside)


# --- second opinion -----------------------------------------------------------------------------------

_SECOND = LINT["second_opinion"]
_SECOND_GUARDS = _guards(_SECOND)


Judged = list[tuple[int, int, dict[str, float]]]  # sentences, and each code's score of them


def _judged(text: str) -> Judged:
    return [(start, end, OPINION.judge(text[start:end])) for start, end in OPINION.sentences(text)]


def _leaning(judged: Judged, code: str, start: int, end: int) -> float:
    """What the second opinion holds of the sentences of an alarm: the highest score; 0 where it has none."""
    first = bisect_right(judged, start, key=lambda sentence: sentence[1])
    last = bisect_left(judged, end, key=lambda sentence: sentence[0])
    return max((scores.get(code, 0.0) for _, _, scores in judged[first:last]), default=0.0)


def _second_opinion(
    spans: list[tuple[str, int, int]], text: str, grade: int, judged: Judged
) -> list[tuple[str, int, int]]:
    """Clauses that only the linear model finds, in sentences where no span of that code stands.

    What it adds must pass the negations, quotations and guards of the code as any match must.
    """
    added = []
    for start, end, scores in judged:
        if end - start < _SECOND["shortest"]:
            continue
        found = {code for code, first, last in spans if first < end and start < last}
        for code, bound in _SECOND["adds_over"].items():
            if scores[code] > bound and code not in found:
                first, last = OPINION.clause(text[start:end], code)
                context = Context(text, start + first, start + last)
                guarded = all(guard.passes(context) for guard in _SECOND_GUARDS)
                if guarded and _rules()[code].lets_pass(context, grade):
                    added.append((code, context.start, context.end))
    return added


# --- unguarded ----------------------------------------------------------------------------------------


def unguarded(text: str, grade: int, items: Iterable[Item], materials: Iterable[str]) -> list[tuple[str, int, int]]:
    """All that the words of a code find in the plain `text`, negated, quoted and guarded or not, and every written item
    of whatever grade: what the second look (doubts.py) learns from, for only some of it is an offence.
    """
    source = plain(text)
    found = [(code, *span) for code, rule in _rules().items() for span in rule.unguarded(source.text, grade)]
    found += [(MATERIAL, *match.span()) for match in _named_unlisted(source.text, tuple(materials))]
    found += [(FIRST_GRADES, *span) for span in _written_items(items, source)]
    return sorted(set(found))


# --- together -----------------------------------------------------------------------------------------

_NEAR = 15  # characters between two spans of one code in a sentence that are still one warning


def _merged(spans: list[tuple[str, int, int]], text: str) -> list[tuple[str, int, int]]:
    """Spans of one code in one clause, or close together in one sentence, as one: one warning, not three.

    Written items of the first grades stay apart unless they overlap: each is an item of its own.
    """
    merged: list[tuple[str, int, int]] = []
    for code, start, end in sorted(spans):
        if merged and merged[-1][0] == code and _is_one(code, text, merged[-1][2], start):
            _, first, last = merged.pop()
            start, end = first, max(last, end)
        merged.append((code, start, end))
    return sorted(merged, key=lambda span: (span[1], span[2], span[0]))


def _is_one(code: str, text: str, end: int, start: int) -> bool:
    """Do a span that ends at `end` and one of the same code that starts at `start` make one warning?"""
    if code == FIRST_GRADES or start - end > _REACH:
        return start < end
    between = text[end:start]
    if any(mark in SENTENCE_END for mark in between):
        return False
    return len(between) <= _NEAR or not any(mark in CLAUSE_END for mark in between)


@cache
def _rules() -> dict[str, _Rule]:
    """The rules by code. Compiling their patterns takes most of a second, which only who lints has to wait for."""
    return {code: _Rule(table) for code, table in LINT["flags"].items()}

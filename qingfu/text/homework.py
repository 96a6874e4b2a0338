"""Reading a homework message as a teacher pastes it: items by subject, each with its span, form and
minutes.

Layers, each a small step over the one before: plain text (plain.py), atoms and labels (atoms.py), atoms
joined to items here, each item described (amounts.py, when.py). What is not work (greetings, reminders)
is kept as a remark: nothing of the message vanishes unseen. All work is linear in the length of the
text.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from .amounts import MINUTES, Amount, amounts, has_amount, stated_minutes
from .atoms import (
    BRACKET,
    COLON,
    COMMA,
    LINE,
    MARK,
    PLACES,
    SPACE,
    SUBJECT,
    Atom,
    Group,
    Names,
    atoms,
    label_of,
    subject_names,
)
from .plain import Plain, plain
from .vocabulary import WORDS, any_of, words_pattern
from .when import NextSchoolDay, find_due

WRITTEN, ORAL, PRACTICAL = "written", "oral", "practical"
FORMS = (WRITTEN, ORAL, PRACTICAL)
STATED, SHARED = "stated", "shared"


@dataclass(frozen=True)
class Item:
    """One piece of homework. `start`:`end` is its span in the raw text, and `text` is exactly that
    span.

    `minutes` are the teacher's; `minutes_from` is "stated" (of this item), "shared" (its part of a
    total stated for several) or None. `due` is None where the phrase names no certain day.
    """

    start: int
    end: int
    text: str
    subject: str | None
    form: str
    required: bool
    place: str | None
    minutes: int | None
    minutes_from: str | None
    due: date | None
    due_phrase: str | None
    amounts: tuple[Amount, ...]


@dataclass(frozen=True)
class Remark:
    """A part of the message that was not read as homework; its span is of the raw text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Reading:
    grade: int
    items: tuple[Item, ...]
    remarks: tuple[Remark, ...]


def read(
    text: str,
    grade: int,
    *,
    subject: str | None,
    today: date,
    subjects: Mapping[str, Sequence[str]] | None = None,
    next_school_day: NextSchoolDay | None = None,
) -> Reading:
    """The items of a homework message for `grade` (1-9), in order.

    `subject` is what an item belongs to where the message names none (the teacher's own). `subjects`
    maps a subject to the names it is written by, for schools that teach others than data/homework.toml
    has. Dates are relative to `today`; `next_school_day` answers for 下一个上学日. Raises TextTooLong,
    whose text is a Chinese sentence, over `longest_message` characters of data/homework.toml.
    """
    source = plain(text)
    names = subject_names(subjects)
    joined = _join(atoms(source.text, names), source.text, names, subject)
    _find_totals_in_items(joined, source.text)
    items = [_describe(draft, source, grade, today, next_school_day) for draft in joined.drafts]
    remarks = [Remark(*source.span(*span), source.raw_text(*span)) for span in joined.remarks]
    return Reading(grade, tuple(_share_totals(items, joined)), tuple(remarks))


# --- words ----------------------------------------------------------------------------------------

_THINGS = "things"
_BEGINS = re.compile(any_of(WORDS["item"]["before_a_verb"]) + "{0,3}" + any_of(WORDS["item"]["begins"]))
_CONTINUES = words_pattern("item", "continues")
_NONE_SET = words_pattern("item", "none_set")
_OPTIONAL = words_pattern("item", "optional")
_REQUIRED = words_pattern("item", "required")
_TOTAL = words_pattern("item", "total")
_SUM = re.compile(f"{any_of(WORDS['item']['sum'])}{MINUTES.pattern}")
_CONDITION_FILLER = words_pattern("item", "condition_filler")
_TAIL = words_pattern("item", "tail")
_HANDLING = words_pattern("item", "handling")
_NOT_NOW = words_pattern("item", "not_now")
_REPLACED = words_pattern("item", "replaced_by")
_CARRIED_HOME = words_pattern("item", "carried_home")
_ONLY_WHERE = words_pattern("item", "only_where")
_TOLD = words_pattern("item", "told")
_ASKS = words_pattern("item", "asks")
_THE_OTHERS = words_pattern("item", "the_others")
_FAULTY = re.compile(any_of(WORDS["item"]["faults"]) + "[,:]?$")
_PENALTY = re.compile(any_of(WORDS["item"]["faults"]) + "[^;。!?]{0,12}?" + any_of(WORDS["item"]["penalties"]))
_PARENTS_DO = words_pattern("item", "parents_do")
_PUPILS_DO = words_pattern("item", "pupils_do")
_ON_PAPER = words_pattern("item", "on_paper")
_BESIDES = words_pattern("item", "besides")
_REMARK = words_pattern("remark", "starts")
_SAYS = {form: words_pattern("item", "says_" + form) for form in (ORAL, WRITTEN, PRACTICAL)}
_SAYS_ORAL_IN_FIRST_GRADES = words_pattern("item", "says_oral_first_grades")
_CONTENT = {subject: words_pattern("content", subject) for subject in WORDS["content"]}
_PRIMARY = WORDS["content_of_primary"]
_LESSONS = words_pattern("content_of_primary", "words")
_TITLES = re.compile(r"《[^《》\n]{0,40}》|“[^“”\n]{0,80}”")
_UNSURE_IS_WRITTEN_FROM = WORDS["item"]["unsure_is_written_from_grade"]


def _work_words() -> tuple[re.Pattern, tuple[str, ...]]:
    """One pattern of all words of work, the longest first (手抄报 before 抄), and what kind each of its
    groups is.
    """
    kinds = (*FORMS, _THINGS)
    words = [(word, kind) for kind in kinds for word in WORDS["item"][kind]]
    words.sort(key=lambda pair: -len(re.sub(r"\(\?.*", "", pair[0])))
    return re.compile("|".join(f"({word})" for word, _ in words)), tuple(kind for _, kind in words)


_WORK, _KIND_OF_GROUP = _work_words()


# --- atoms to items -------------------------------------------------------------------------------

@dataclass
class _Draft:
    """An item in the making: its plain span, its group, and the span of words that speak for it with
    others.
    """

    start: int
    end: int
    group: Group
    common: tuple[int, int] | None = None
    states_total: bool = False


@dataclass
class _Joined:
    """The drafts of a message, the spans left over, and totals of minutes by section (None: the whole
    message).
    """

    drafts: list[_Draft] = field(default_factory=list)
    remarks: list[tuple[int, int]] = field(default_factory=list)
    totals: dict[int | None, int] = field(default_factory=dict)
    spoken_for: int = 0

    def speak_for_all(self, span: tuple[int, int]) -> None:
        """Words such as 都是周五前交 speak for the items since the last such words."""
        for draft in self.drafts[self.spoken_for:]:
            draft.common = span
        self.spoken_for = len(self.drafts)


def _join(found: list[Atom], text: str, names: Names, subject: str | None) -> _Joined:
    """Atoms to items: a label moves the group on, work begins an item, details go on with it, the rest
    is remark.
    """
    joined, group, is_open, is_told, is_penalty = _Joined(), Group(subject), False, False, False
    for atom in found:
        words = text[atom.start:atom.end]
        is_penalty = is_penalty and atom.before in (COMMA, SPACE, COLON) and not _THE_OTHERS.match(words)
        is_told = is_told and atom.before in (COMMA, SPACE, COLON) and not _PUPILS_DO.match(words)
        label = label_of(atom, text, names)
        if label:
            group, is_open = group.under(label), False
            if label.minutes:
                joined.totals[group.section] = label.minutes
        elif _is_condition(words):
            _add_condition(joined, atom, words, group, is_open)
        elif is_penalty or _sets_nothing(atom, words, text):
            joined.remarks.append((atom.start, atom.end))
            is_open, is_penalty = False, is_penalty or bool(_FAULTY.search(words))
        elif _starts_item(atom, words, is_open or is_told):
            joined.drafts.append(_Draft(atom.start, atom.end, group))
            is_open, is_told = True, False
        elif is_open and not is_told and _goes_on(atom, words):
            joined.drafts[-1].end = atom.end
        else:
            joined.remarks.append((atom.start, atom.end))
            is_open = is_open and atom.before in (COMMA, SPACE, COLON)
            is_told = is_told or bool(_PARENTS_DO.match(words))
    return joined


_ANY_DAY = date(2000, 1, 3)
_CONDITION_RESIDUE = 1  # characters that may be left of a condition when all that it says is taken off


def _is_condition(words: str) -> bool:
    """Does the atom only say how long, by when, where or for whom, and name no work?"""
    rest = words
    for pattern in (MINUTES, _OPTIONAL, _REQUIRED, *PLACES.values()):
        rest = pattern.sub("", rest)
    for due in reversed(find_due(rest, _ANY_DAY)):
        rest = rest[:due.start] + rest[due.end:]
    return rest != words and len(_CONDITION_FILLER.sub("", rest)) <= _CONDITION_RESIDUE


def _add_condition(joined: _Joined, atom: Atom, words: str, group: Group, is_open: bool) -> None:
    """共30分钟 and 都是周五前交 speak for all before them; 约20分钟 and 选做 for the item they follow."""
    span = (atom.start, atom.end)
    minutes = stated_minutes(words)
    if not _TOTAL.search(words) and is_open:
        joined.drafts[-1].end = atom.end
        return
    joined.remarks.append(span)
    if not _TOTAL.search(words):
        return
    if minutes is None:
        joined.speak_for_all(span)
    else:
        of_message = atom.before == LINE and group.section > 1
        joined.totals[None if of_message else group.section] = minutes


def _sets_nothing(atom: Atom, words: str, text: str) -> bool:
    """Is the atom a question, or what those do who have done wrong?"""
    if _CARRIED_HOME.search(words):
        return False
    is_question = text[atom.end:atom.end + 1] == "?" or bool(_ASKS.search(words))
    return is_question or bool(_FAULTY.search(words) or _PENALTY.search(words))


def _starts_item(atom: Atom, words: str, is_open: bool) -> bool:
    """Does the atom begin an item? After a comma or a blank only a word that begins work does; else any
    work.
    """
    if _NONE_SET.search(words) or (_HANDLING.search(words) and not has_amount(words)):
        return False
    goes_on = is_open and atom.before in (COMMA, SPACE)
    if _CARRIED_HOME.search(words) and not (goes_on and _ONLY_WHERE.match(words)):
        return True
    if atom.before == MARK:
        is_work = bool(_WORK.search(words)) or has_amount(words) or bool(_TITLES.search(words))
        return bool(_BEGINS.match(words)) or is_work and not (_REMARK.match(words) or _TOLD.search(words))
    if atom.before == COLON and is_open:
        return False
    if atom.before == SUBJECT:
        return not _TOLD.search(words) or bool(_BEGINS.match(words))
    if _BEGINS.match(words):
        return not (goes_on and _CONTINUES.match(words))
    if goes_on or _REMARK.match(words) or _TOLD.search(words):
        return False
    return bool(_WORK.search(words))


def _goes_on(atom: Atom, words: str) -> bool:
    """Is the atom a detail of the item before it?"""
    if atom.before == COLON:
        return True
    if _TAIL.search(words) or atom.before not in (COMMA, SPACE, BRACKET):
        return False
    return bool(_CONTINUES.match(words) or _ONLY_WHERE.match(words)) or has_amount(words)


# --- what an item says ----------------------------------------------------------------------------

def _describe(
    draft: _Draft, source: Plain, grade: int, today: date, next_school_day: NextSchoolDay | None
) -> Item:
    words = source.text[draft.start:draft.end]
    common = source.text[slice(*draft.common)] if draft.common else ""
    dues = find_due(f"{words} {common}", today, next_school_day)
    minutes = None if draft.states_total else stated_minutes(words)
    start, end = source.span(draft.start, draft.end)
    return Item(
        start, end, source.raw[start:end],
        subject=draft.group.subject or _subject_of_content(words, grade),
        form=_form(words, draft.group, grade),
        required=_is_required(words, draft.group),
        place=_place(words) or _place(common) or draft.group.place,
        minutes=minutes,
        minutes_from=STATED if minutes else None,
        due=dues[0].on if dues else None,
        due_phrase=dues[0].phrase if dues else None,
        amounts=amounts(words),
    )


def _form(words: str, group: Group, grade: int) -> str:
    """The form of an item.

    What is said outright comes first (口头), then the label, then any written verb, then the first
    other verb, then a noun of written work. A bare title is there to be read; anything else counts as
    written, because the cap counts written work and the teacher can correct it (but not in the first
    grades, which have no written homework).
    """
    bare = _NOT_NOW.sub("", _REPLACED.sub("", _TITLES.sub("", words)))
    said = next((form for form, pattern in _SAYS.items() if pattern.search(bare)), None)
    if said:
        return said
    if grade < _UNSURE_IS_WRITTEN_FROM and _SAYS_ORAL_IN_FIRST_GRADES.search(bare):
        return ORAL
    kinds = [_KIND_OF_GROUP[match.lastindex - 1] for match in _WORK.finditer(bare)]
    if group.form and not _stands_apart(group.form, bare, kinds):
        return group.form
    if WRITTEN in kinds:
        return WRITTEN
    verbs = [kind for kind in kinds if kind != _THINGS]
    if verbs:
        return verbs[0]
    is_title = bare != words
    return WRITTEN if kinds or (not is_title and grade >= _UNSURE_IS_WRITTEN_FROM) else ORAL


def _stands_apart(form: str, bare: str, kinds: Sequence[str]) -> bool:
    """Is the item of another form than its label says (口头：…；另外完成练习册第35页)?"""
    if form == PRACTICAL:
        return WRITTEN in kinds
    on_paper = WRITTEN in kinds or _THINGS in kinds
    return form == ORAL and on_paper and ORAL not in kinds and bool(_BESIDES.match(bare) or _ON_PAPER.search(bare))


def _is_required(words: str, group: Group) -> bool:
    if _REQUIRED.search(words):
        return True
    return not _OPTIONAL.search(words) and group.required is not False


def _place(words: str) -> str | None:
    return next((place for place, pattern in PLACES.items() if pattern.search(words)), None)


def _subject_of_content(words: str, grade: int) -> str | None:
    """The subject that the work itself tells (口算, 古诗, 跳绳), where neither a label nor the caller
    names one.
    """
    told = next((subject for subject, pattern in _CONTENT.items() if pattern.search(words)), None)
    if told is None and grade <= _PRIMARY["last_grade"] and _LESSONS.search(words):
        return _PRIMARY["subject"]
    return told


def _find_totals_in_items(joined: _Joined, text: str) -> None:
    """朗读课文（共约20分钟) as the last of several items states the minutes of all of them."""
    of_section = Counter(draft.group.section for draft in joined.drafts)
    for draft in joined.drafts:
        words = text[draft.start:draft.end]
        if of_section[draft.group.section] > 1 and _SUM.search(words):
            draft.states_total = True
            joined.totals.setdefault(draft.group.section, stated_minutes(words) or 0)


def _share_totals(items: list[Item], joined: _Joined) -> list[Item]:
    """Items with their part of a total stated for several.

    A total covers its section (what follows 语文：) or, on a line of its own after several subjects,
    the message. What the items state themselves is taken off; the rest is divided evenly over the
    required items that state nothing, the first ones taking the odd minutes.
    """
    members = defaultdict(list)
    for index, draft in enumerate(joined.drafts):
        members[draft.group.section].append(index)
    members[None] = list(range(len(items)))
    for section in sorted(joined.totals, key=lambda section: section is None):
        left = joined.totals[section] - sum(items[index].minutes or 0 for index in members[section])
        silent = [index for index in members[section] if not items[index].minutes and items[index].required]
        for place, index in enumerate(silent):
            share = max(0, left) // len(silent) + (place < max(0, left) % len(silent))
            if share:
                items[index] = replace(items[index], minutes=share, minutes_from=SHARED)
    return items

"""What is known of whom, what is being asked already, and so what a form still has to ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from django.db.models import QuerySet
from django.utils import timezone

from qingfu.ledger import reckoning
from qingfu.ledger.queries import calendar_for
from qingfu.offices.fields import Words, converted, meaning
from qingfu.offices.hours import estimate
from qingfu.offices.models import Ask, DataField, DataForm, Figure
from qingfu.rulebook import InForce
from qingfu.rulebook.calendar import days_between
from qingfu.text.fields.matching import DIFFERENT, SAME, Dictionary, Match
from qingfu.text.fields.reading import Field
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, may

KIND = "form"
KNOWN, COMING, ASK = "known", "coming", "ask"
NEAR_SHOWN = 3
FACT = ("unit_id", "name", "measure", "period")
"""What makes two figures the same fact in the same words."""
OPEN_DAYS = 90
"""For how many days after its day a form still waits for answers; then others may ask anew."""


@dataclass(frozen=True)
class Cell:
    """One field for one unit. ``state``: known (``value``, in the unit of the field that asks), coming (another form
    asks it already) or ask. ``source`` is who collected it or is collecting it, ``day`` when it was given."""

    state: str
    value: str = ""
    source: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Line:
    """One field of a form with what is known: cells by the unit's id, and fields that are near (a part, or wider)."""

    words: Words
    cells: Mapping[int, Cell]
    near: tuple[Match, ...] = ()

    def count(self, state: str) -> int:
        return sum(cell.state == state for cell in self.cells.values())

    @property
    def asked(self) -> int:
        return self.count(ASK)

    @property
    def known(self) -> int:
        return self.count(KNOWN)

    @property
    def coming(self) -> int:
        return self.count(COMING)

    @property
    def sources(self) -> list[str]:
        """Who has collected it, or does."""
        return list(dict.fromkeys(cell.source for cell in self.cells.values() if cell.source))


@dataclass(frozen=True)
class FormPlan:
    """What a form asks of whom, once everything known is filled in."""

    bearers: tuple[Unit, ...]
    lines: tuple[Line, ...]

    @cached_property
    def tally(self) -> dict[str, list[int]]:
        """By the id of each unit: cells to ask, cells not to ask again, minutes that this saves by the tariff."""
        found = {}
        for unit in self.bearers:
            asked = sum(line.cells[unit.pk].state == ASK for line in self.lines)
            saved = _minutes(len(self.lines), unit) - (_minutes(asked, unit) if asked else 0)
            found[str(unit.pk)] = [asked, len(self.lines) - asked, saved]
        return found

    @property
    def to_ask(self) -> list[Unit]:
        """Whom there is something left to ask."""
        return [unit for unit in self.bearers if self.tally[str(unit.pk)][0]]

    @property
    def fields_left(self) -> int:
        """The most fields that any one unit has left to fill in."""
        return max((counts[0] for counts in self.tally.values()), default=0)

    @property
    def asked(self) -> int:
        return sum(counts[0] for counts in self.tally.values())

    @property
    def avoided(self) -> int:
        return sum(counts[1] for counts in self.tally.values())

    @property
    def saved(self) -> int:
        """Minutes saved, of all units."""
        return sum(counts[2] for counts in self.tally.values())


def _minutes(fields: int, unit: Unit) -> int:
    return estimate(KIND, {"fields": fields}, {}, unit.kind).minutes


@dataclass
class _Collected:
    """What is known of some units, and what is being asked of them, found by meaning."""

    units: Sequence[Unit]
    but: int | None = None  # a form that does not count: the one that is looked at
    forms: list[DataForm] = field(default_factory=list)

    def __post_init__(self):
        self.ids = [unit.pk for unit in self.units]
        self.forms = [form for form in open_forms(self.ids) if form.pk != self.but]
        self.asked: dict[Words, list[DataForm]] = defaultdict(list)
        for form in self.forms:
            for one in form.fields.all():
                self.asked[one.words].append(form)
        self.said: set[Words] = set(
            Figure.objects.filter(unit_id__in=self.ids).values_list("name", "measure", "period").distinct()
        )
        self._dictionaries: dict[str, Dictionary] = {}

    def matches(self, words: Words, kind: str) -> list[Match]:
        """The known words that say the same, a part or something wider, for a unit of this kind."""
        if kind not in self._dictionaries:
            known = sorted(self.said | set(self.asked))
            self._dictionaries[kind] = Dictionary((one, meaning(one, kind)) for one in known)
        return self._dictionaries[kind].match(meaning(words, kind))

    def figures(self, words: Iterable[Words]) -> dict[tuple[int, Words], Figure]:
        """The latest figure of each unit under any of these words."""
        words = set(words)
        rows = Figure.objects.filter(unit_id__in=self.ids, name__in={one[0] for one in words})
        latest = rows.order_by(*FACT, "-id").distinct(*FACT).select_related("field__form__unit")
        # Of the form only who sent it: thousands of rows, and each form knows of every unit what it asked.
        found = latest.only(*FACT, "value", "given_at", "field__form__unit__name")
        return {(row.unit_id, row.words): row for row in found if row.words in words}


def plan_of(bearers: Iterable[Unit], fields: Sequence[Words], but: int | None = None) -> FormPlan:
    """What asking these fields of these units comes to. ``but`` is a form that is left out of account: itself."""
    bearers = tuple(bearers)
    collected = _Collected(bearers, but)
    kinds = {unit.kind for unit in bearers}
    matches = {(words, kind): collected.matches(words, kind) for words in fields for kind in kinds}
    figures = collected.figures(one.key for several in matches.values() for one in several if one.relation == SAME)
    lines = []
    for words in fields:
        cells = {
            unit.pk: _cell(words, unit, [one.key for one in matches[words, unit.kind] if one.relation == SAME],
                           collected, figures)
            for unit in bearers
        }  # fmt: skip
        near = {
            (one.relation, meaning(one.key, kind).atoms): one  # each fact once, under whatever words
            for kind in sorted(kinds) for one in reversed(matches[words, kind]) if one.relation not in (SAME, DIFFERENT)
        }  # fmt: skip
        lines.append(Line(words, cells, tuple(near.values())[:NEAR_SHOWN]))
    return FormPlan(bearers, tuple(lines))


def _cell(words: Words, unit: Unit, same: list[Words], collected: _Collected, figures: Mapping) -> Cell:
    asked = meaning(words, unit.kind)
    given = [figures[unit.pk, one] for one in same if (unit.pk, one) in figures]
    given = [one for one in given if _usable(meaning(one.words, unit.kind), asked)]
    if unit.kind in _NAMED and asked.atoms == meaning((_NAMED[unit.kind], "", ""), unit.kind).atoms:
        return Cell(KNOWN, unit.name)
    if given:
        latest = max(given, key=lambda one: one.pk)
        value = converted(latest.value, meaning(latest.words, unit.kind), asked)
        return Cell(KNOWN, value, latest.field.form.unit.name, latest.given_at.date())
    coming = [form for one in same for form in collected.asked.get(one, ()) if unit.pk in form.asked_of]
    if coming:
        return Cell(COMING, source=coming[0].unit.name)
    return Cell(ASK)


_NAMED = {Unit.Kind.SCHOOL: "学校名称", Unit.Kind.VILLAGE: "行政村名称"}
"""Facts that the tree of units holds."""


def _usable(given: Field, asked: Field) -> bool:
    """Whether one stands for the other without a guess: both say their time, or it does not matter."""
    return given.period is not None and asked.period is not None or given.timeless


def open_forms(unit_ids: Iterable[int]) -> list[DataForm]:
    """Forms that were sent, ask something of any of these units, and still wait for answers."""
    since = timezone.localdate() - timedelta(days=OPEN_DAYS)
    sent = DataForm.objects.filter(ask__state=Ask.State.POSTED, due_day__gte=since)
    rows = sent.filter(asked_of__overlap=list(unit_ids))
    rows = rows.defer("tally").select_related("unit").prefetch_related("fields")
    return list(rows.order_by("due_day", "id"))


def forms_of(unit: Unit) -> QuerySet[DataForm]:
    """What the unit has registered, the latest first."""
    return DataForm.objects.filter(unit=unit).select_related("ask").prefetch_related("fields").order_by("-id")


def one_form(actor: Actor, form_id: int) -> DataForm:
    """A form of an office in whose name the actor asks. Raises Forbidden, never saying whether it exists."""
    found = DataForm.objects.filter(pk=form_id).select_related("unit", "ask").first()
    if found is None or not may(actor, "post_form", found.unit):
        raise Forbidden("post_form")
    return found


def bearers_of(form: DataForm) -> list[Unit]:
    """The units that the form was meant for, in the order of the tree."""
    return list(Unit.objects.filter(pk__in=[int(one) for one in form.tally]).order_by("path"))


def filled(form: DataForm) -> FormPlan:
    """The form with everything that is known by now."""
    return plan_of(bearers_of(form), [one.words for one in form.fields.all()], but=form.pk)


@dataclass(frozen=True)
class Wanted:
    """A fact that a unit is asked for, once, whoever asks it: the first question, and all forms that will get it."""

    field: DataField
    forms: tuple[DataForm, ...]
    cell: Cell

    @property
    def due_day(self) -> date:
        return min(form.due_day for form in self.forms)

    @property
    def issuers(self) -> list[str]:
        return list(dict.fromkeys(form.unit.name for form in self.forms))


def one_sheet(unit: Unit) -> list[Wanted]:
    """一表通: everything that the unit is asked in open forms, each fact once, the most urgent first."""
    collected = _Collected([unit])
    asked = [(one, form) for form in collected.forms for one in form.fields.all()]
    figures = collected.figures(collected.said)
    found: dict[int, tuple[DataField, list[DataForm]]] = {}
    first: dict[Words, int] = {}
    for one, form in asked:
        same = [match.key for match in collected.matches(one.words, unit.kind) if match.relation == SAME]
        place = next((first[words] for words in same if words in first), one.pk)
        first.setdefault(one.words, place)
        found.setdefault(place, (one, []))[1].append(form)
    wanted = [
        Wanted(one, tuple(dict.fromkeys(forms)), _given(one.words, unit, collected, figures))
        for one, forms in found.values()
    ]
    return sorted(wanted, key=lambda one: (one.due_day, one.field.pk))


def typed_over(wanted: Wanted, text: str) -> Wanted:
    """The same with what was typed in its cell: for a page that comes back."""
    return replace(wanted, cell=replace(wanted.cell, value=text))


def _given(words: Words, unit: Unit, collected: _Collected, figures: Mapping) -> Cell:
    same = [match.key for match in collected.matches(words, unit.kind) if match.relation == SAME]
    cell = _cell(words, unit, same, collected, figures)
    return cell if cell.state == KNOWN else Cell(ASK)


@dataclass(frozen=True)
class Sum:
    """What the dictionary has spared somebody: forms, cells not asked again, minutes by the tariff."""

    forms: int
    avoided: int
    minutes: int


def spared_by(unit: Unit, year: int) -> Sum:
    """What the forms that ``unit`` registered in a year did not have to ask."""
    rows = [row for row in DataForm.objects.filter(unit=unit, created_at__year=year) if _counts(row)]
    return Sum(len(rows), sum(row.avoided for row in rows), sum(row.saved for row in rows))


def spared_to(unit: Unit, year: int) -> Sum:
    """What ``unit`` did not have to fill in again in a year."""
    rows = DataForm.objects.filter(tally__has_key=str(unit.pk), created_at__year=year).select_related("ask")
    counts = [row.tally[str(unit.pk)] for row in rows if _counts(row)]
    return Sum(len(counts), sum(one[1] for one in counts), sum(one[2] for one in counts))


def _counts(form: DataForm) -> bool:
    return form.ask is None or form.ask.state == Ask.State.POSTED


def workdays(unit: Unit, today: date, due_day: date) -> tuple[int, bool]:
    """(working days from the day after ``today`` up to the due day, whether the due day is one)."""
    calendar = calendar_for(unit)
    between = [day for day in days_between(today, due_day) if day > today]
    return sum(calendar.day(day).is_workday for day in between), calendar.day(due_day).is_workday


def rules_on_repeats(bearers: Iterable[Unit], day: date) -> list[InForce]:
    """The rules in force against asking the same again, each once."""
    ids = [unit.pk for unit in bearers]
    found = {
        one.limit.id: one
        for unit_id, reckoned in reckoning.current(ids).items()
        for one in reckoned.rulebook.limits(KIND, reckoned.bearer(unit_id), day)
        if any(condition.key == "repeat" for condition in one.limit.where)
    }
    return list(found.values())


@dataclass(frozen=True)
class Collection:
    """A field that was collected: by whom, of how many units, for what time, and what the words looked up are to it."""

    words: Words
    issuers: tuple[str, ...]
    units: int
    relation: str
    reason: str


def look_up(words: Words, unit_ids: Sequence[int]) -> list[Collection]:
    """What has been collected of these units that is the same as, a part of or wider than ``words``."""
    units = list(Unit.objects.filter(pk__in=unit_ids))
    collected = _Collected(units)
    kinds = sorted({unit.kind for unit in units})
    matches = {one.key: one for kind in kinds for one in collected.matches(words, kind)}
    rows = Figure.objects.filter(unit_id__in=collected.ids, name__in={key[0] for key in matches})
    issuers, holders = defaultdict(dict), defaultdict(set)
    for row in rows.select_related("field__form__unit").order_by("id"):
        issuers[row.words][row.field.form.unit.name] = True
        holders[row.words].add(row.unit_id)
    return [
        Collection(key, tuple(issuers[key]), len(holders[key]), one.relation, one.reason)
        for key, one in matches.items() if key in holders
    ]  # fmt: skip

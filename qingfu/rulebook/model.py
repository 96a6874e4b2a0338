"""What the rulebook is made of: limits with dated, cited values; demands; what they take; what they break.

Everything here is frozen. A policy number never stands here: it comes from a pack (see `loader.py`).
Amounts are whole numbers in the unit of the limit's measure (minutes, times, characters …).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum
from functools import cached_property

from .words import GRADES, grade_names, stages_of, word

NATION = "nation"


class RulebookError(ValueError):
    """A pack that cannot be used. Names the file, the limit, the field, and what to do (in Chinese)."""

    def __init__(self, message: str, *, file: str = "", limit: str = "", field: str = ""):
        self.message, self.file, self.limit, self.field = message, file, limit, field
        where = "，".join(
            part
            for part in (file and f"文件 {file}", limit and f"规定 {limit}", field and f"字段 {field}")
            if part
        )
        super().__init__(f"{where}：{message}" if where else message)


class Verdict(IntEnum):
    """What becomes of a demand, from best to worst."""

    PASS = 0
    INFORM = 1
    WARN = 2
    NEEDS_WAIVER = 3
    REFUSE = 4

    @property
    def code(self) -> str:
        return self.name.lower()

    @property
    def text(self) -> str:
        return word("verdicts", self.code)


# The strength of the wording decides what a breach leads to (design, section 4).
VERDICT_OF_FORCE = {
    "must": Verdict.REFUSE,
    "ban": Verdict.REFUSE,
    "principle": Verdict.NEEDS_WAIVER,
    "general": Verdict.WARN,
    "encourage": Verdict.INFORM,
    "target": Verdict.INFORM,
    "report": Verdict.INFORM,
}


def verdict_of(force: str) -> Verdict:
    """The verdict that a breach of a limit with this force leads to."""
    return VERDICT_OF_FORCE[force]


@dataclass(frozen=True, slots=True)
class Form:
    """How limits of one form work: the keys of a value that say its bound, and when it is judged."""

    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    gate: bool = True  # judged at posting; else when its window or deadline ends
    accumulates: bool = False  # keeps a budget for each bearer and window


FORMS = {
    "at_most": Form(("cap",), accumulates=True),
    "count_at_most": Form(("cap",), accumulates=True),
    "share_at_most_last_year": Form(("share",), accumulates=True),
    "each_at_most": Form(("cap",)),
    "each_at_least": Form(("cap",)),
    "never": Form(()),
    "never_in": Form(("when",)),
    "not_before": Form(("time",), may=("on", "offset")),
    "not_after": Form(("time",), may=("on", "offset")),
    "must_exist": Form(("fact",)),
    "listed": Form(("list",)),
    "at_least": Form(("floor",), gate=False),
    "count_at_least": Form(("floor",), gate=False),
    "share_at_least_of_whole": Form(("share",), gate=False),
    "share_at_most_of_whole": Form(("share",), gate=False),
    "must_follow": Form(("fact", "within"), gate=False),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document that limits cite. Three dates apart; each may be unknown."""

    key: str
    title: str
    issuer: str = ""
    number: str = ""
    issued: date | None = None
    publicised: date | None = None
    in_force: date | None = None
    note: str = ""

    @property
    def starts(self) -> date | None:
        """The day it came into force; most notices name none and are in force on issue."""
        return self.in_force or self.issued or self.publicised

    @property
    def citation(self) -> str:
        """As it is cited: 《title》（number）."""
        return f"《{self.title}》（{self.number}）" if self.number else f"《{self.title}》"


@dataclass(frozen=True, slots=True)
class Condition:
    """One attribute must be (or, negated, must not be) one of some values. A missing one counts as false."""

    key: str
    any_of: tuple
    negated: bool = False

    def holds(self, attributes: Mapping) -> bool:
        found = attributes.get(self.key, False)
        if isinstance(found, list | tuple | set | frozenset):
            return any(one in self.any_of for one in found) != self.negated
        return (found in self.any_of) != self.negated


def all_hold(conditions: tuple[Condition, ...], attributes: Mapping) -> bool:
    """Whether every condition holds for these attributes."""
    for condition in conditions:  # noqa: SIM110 - the innermost step of every check
        if not condition.holds(attributes):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Applies:
    """Whom a limit is for; empty means everybody of its bearer kind."""

    grades: tuple[int, ...] = ()
    stages: tuple[str, ...] = ()
    unit_kinds: tuple[str, ...] = ()
    attributes: tuple[Condition, ...] = ()

    def to(self, bearer: "Bearer") -> bool:
        return (
            (not self.grades or bearer.grade in self.grades)
            and (not self.stages or not bearer.stages.isdisjoint(self.stages))
            and (not self.unit_kinds or not bearer.all_kinds.isdisjoint(self.unit_kinds))
            and all_hold(self.attributes, bearer.attributes)
        )

    @property
    def all_grades(self) -> frozenset[int]:
        """The grades it covers, by grade or by stage; all grades where neither is named."""
        if self.grades:
            return frozenset(self.grades)
        if self.stages:
            wanted = set(self.stages)
            return frozenset(grade for grade in GRADES if stages_of(None, grade) & wanted)
        return frozenset(GRADES)

    @property
    def text(self) -> str:
        """Whom it is for, in Chinese; empty for everybody."""
        if self.grades:
            return grade_names(self.grades)
        return "、".join(word("stages", stage) for stage in self.stages)


@dataclass(frozen=True, slots=True)
class Value:
    """What a limit demands from one date to another, and the clause that says so. Dates are inclusive."""

    start: date
    end: date | None
    document: str
    clause: str
    confidence: str
    cap: int | float | None = None
    floor: int | float | None = None
    share: float | None = None
    time: str | None = None  # "20:30", or the name of a local time such as "off_work"
    on: str = "start"
    offset: int = 0  # minutes after `time`
    when: Mapping | None = None
    fact: str | None = None
    within: Mapping | None = None
    list: str | None = None
    note: str = ""

    def holds_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)

    @property
    def bound(self) -> int | float | str | None:
        """The number or the time that it sets, whatever its form calls it."""
        for found in (self.cap, self.floor, self.share, self.time):
            if found is not None:
                return found
        return None


@dataclass(frozen=True, slots=True)
class Limit:
    """A dated, cited rule about demands of one kind."""

    id: str
    title: str
    kind: str
    bearers: tuple[str, ...]
    form: str
    measure: str
    window: str
    force: str
    values: tuple[Value, ...]
    rows: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    applies: Applies = Applies()
    purpose: str = ""
    split: str = "first_day"  # or "even": over the evenings up to the day it is due
    per: str = ""  # an attribute: one budget for each of its values (a subject, a competition)
    part: tuple[Condition, ...] = ()  # of a share of a whole: what is the part, where `where` is the whole

    @property
    def bearer(self) -> str:
        """The (first) kind of bearer that its budgets are kept for."""
        return self.bearers[0]

    @property
    def must_say(self) -> tuple[str, ...]:
        """The attributes that a record must say something about to answer this limit when a window ends: those of the
        part of a share, and those of ``where`` but for conditions that hold where nothing is said."""
        asked = [condition.key for condition in self.where if not condition.holds({})]
        return tuple(dict.fromkeys([*asked, *(condition.key for condition in self.part)]))

    @property
    def is_gate(self) -> bool:
        return FORMS[self.form].gate

    @property
    def accumulates(self) -> bool:
        return FORMS[self.form].accumulates

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.force)

    def value_on(self, day: date) -> Value | None:
        """The value in force on a day, or None on a day that the series leaves out."""
        return next((value for value in self.values if value.holds_on(day)), None)


@dataclass(frozen=True, slots=True)
class ListItem:
    """A line of a list with its dates of validity. Without a name it says when the whole list was valid."""

    name: str
    start: date | None = None
    end: date | None = None
    document: str = ""
    note: str = ""

    def holds_on(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A time of day that limits call by name, such as the local end of work, with its dates."""

    name: str
    time: str
    start: date | None = None
    end: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Practice:
    """Something that a local text does or allows, no limit; `check` judges it by the rules above it."""

    id: str
    title: str
    kind: str
    rows: tuple[str, ...] = ()
    bearer: str = "class"
    grades: tuple[int, ...] = ()
    stages: tuple[str, ...] = ()
    attributes: Mapping = field(default_factory=dict)
    amounts: Mapping = field(default_factory=dict)
    start: str | None = None
    end: str | None = None
    weekdays: tuple[int, ...] = ()
    day_kind: str = ""
    since: date | None = None
    text: str = ""
    note: str = ""


@dataclass(frozen=True)
class Pack:
    """The rules of one level on one subject. Immutable: a change is a new version."""

    id: str
    level: str
    title: str
    limits: tuple[Limit, ...] = ()
    documents: Mapping[str, Document] = field(default_factory=dict)
    lists: Mapping[str, tuple[ListItem, ...]] = field(default_factory=dict)
    times: tuple[LocalTime, ...] = ()
    practices: tuple[Practice, ...] = ()
    place: str = ""
    note: str = ""
    version: int = 1
    file: str = field(default="", compare=False)

    @classmethod
    def from_toml(cls, text: str, file: str = "") -> "Pack":
        """Reads a pack from TOML. Raises RulebookError."""
        from .loader import parse_pack

        return parse_pack(text, file)

    def to_toml(self) -> str:
        """The same pack as TOML; `Pack.from_toml` reads it back unchanged."""
        from .writer import pack_text

        return pack_text(self)

    def limit(self, limit_id: str) -> Limit:
        """The limit with this id. Raises KeyError."""
        return self.limits_by_id[limit_id]

    @cached_property
    def limits_by_id(self) -> dict[str, Limit]:
        return {limit.id: limit for limit in self.limits}

    def next_version(self, **changes) -> "Pack":
        """A copy with changes and the next version number; this one stays as it is."""
        return replace(self, **changes, version=self.version + 1)


@dataclass(frozen=True)
class Bearer:
    """Who carries a demand.

    `kind` is a bearer kind of the vocabulary; `grade` 1-12; `stage` overrides what the grade says (a
    nine-year school, 五四学制); `unit_kinds` are further kinds it counts as (boarding, village_point …).
    """

    id: int | str
    kind: str
    grade: int | None = None
    stage: str | None = None
    unit_kinds: tuple[str, ...] = ()
    attributes: Mapping = field(default_factory=dict, hash=False)
    profile: tuple = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        """`profile` is all that limits look at: bearers that share it share their limits."""
        seen = tuple(sorted((key, _frozen(value)) for key, value in self.attributes.items()))
        object.__setattr__(self, "profile", (self.kind, self.grade, self.stage, tuple(self.unit_kinds), seen))

    @property
    def stages(self) -> frozenset[str]:
        return stages_of(self.stage, self.grade)

    @property
    def all_kinds(self) -> frozenset[str]:
        return frozenset([self.kind, *self.unit_kinds])


def _frozen(value):
    return tuple(value) if isinstance(value, list | set | frozenset) else value


@dataclass(frozen=True)
class Demand:
    """One thing asked of one bearer, on the day (for homework: the evening) that it is to be done.

    `amounts` by measure, whole numbers; `times` is 1 unless said. `split` says how many minutes go to which
    day; `due` is the day it is handed in. `start` and `end` are times of day, "HH:MM".
    Raises ValueError where the split does not add up to the minutes.
    """

    kind: str
    bearer: Bearer
    day: date
    amounts: Mapping[str, int] = field(default_factory=dict)
    attributes: Mapping = field(default_factory=dict)
    start: str | None = None
    end: str | None = None
    split: Mapping[date, int] | None = None
    due: date | None = None

    def __post_init__(self):
        if self.split is not None and sum(self.split.values()) != self.amounts.get("minutes"):
            raise ValueError("split 各天之和必须等于 amounts 里的 minutes")

    @property
    def is_nothing(self) -> bool:
        """It states amounts and all of them are nought: nothing is asked."""
        return bool(self.amounts) and not any(self.amounts.values())

    def amount(self, measure: str) -> int | None:
        """How much of a measure it takes; None where it does not say."""
        if measure == "times":
            return self.amounts.get("times", 0 if self.is_nothing else 1)
        return self.amounts.get(measure)


@dataclass(frozen=True, slots=True)
class Window:
    """A span that a limit counts over; `end` is inclusive. Windows of one kind sort by time."""

    kind: str
    key: str
    start: date
    end: date

    def __lt__(self, other: "Window") -> bool:
        return (self.start, self.key) < (other.start, other.key)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class InForce:
    """A limit on a day: the value that holds, the document that says so, and the level it comes from."""

    limit: Limit
    value: Value
    document: Document
    level: str
    pack: Pack = field(repr=False, compare=False)

    @property
    def cap(self) -> int | float | str | None:
        """The number (or time) that the limit sets on this day, whatever its form calls it."""
        return self.value.bound

    @property
    def verdict(self) -> Verdict:
        return self.limit.verdict

    @property
    def citation(self) -> str:
        """Document and clause, as people cite them."""
        return self.document.citation + self.value.clause

    @property
    def waiver(self) -> str:
        """Who may lift it: "no" (national must and ban), "issuer" (a local must or ban), "named" (others)."""
        if self.verdict < Verdict.REFUSE:
            return "named"
        return "no" if self.level == NATION else "issuer"


@dataclass(frozen=True, slots=True)
class Charge:
    """What one demand takes from one budget: the limit, the bearer, the window, the amount."""

    limit_id: str
    bearer_id: int | str
    window: Window
    amount: int
    in_force: InForce


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that a demand would break, and why, in one Chinese sentence."""

    in_force: InForce
    verdict: Verdict
    reason_zh: str
    cap: int | float | str | None = None
    amount: int | float | str | None = None


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A limit that applies but cannot be judged, because something is not known (`missing`)."""

    in_force: InForce
    missing: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a close limit requires of a bearer by a deadline: a floor, a share of a whole, or a fact."""

    in_force: InForce
    bearer_id: int | str
    window: Window
    deadline: date
    floor: int | float | None = None
    share: float | None = None
    fact: str | None = None

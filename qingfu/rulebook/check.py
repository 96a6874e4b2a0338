"""Reads the packs of a chain together and reports what does not fit, in words that a headmaster understands.

- laxer: a lower level allows what a higher one does not (90 minutes under a national 60)
- conflict: a lower level demands what a higher one forbids, or caps what a higher one requires
- hole: grades 3, 5 and 6 but not 4
- parts: caps by subject that add up to more than the cap of all
- clash: a practice (not a limit) that breaks a limit above it (unit tests, service on Saturdays)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from .calendar import Calendar, load_calendar
from .model import Applies, Bearer, Condition, Demand, InForce, Limit, Pack, Practice, Verdict, all_hold
from .rulebook import Rulebook, in_force_in
from .sentences import TEMPLATES, quantity, rule_text
from .words import GRADES, KINDS, LEVELS, STAGES, grade_names, word

UPPER, LOWER = "upper", "lower"

# What a form bounds, and from which side. Two limits can be compared where they bound the same thing.
BOUNDS = {
    "at_most": ("sum", UPPER),
    "at_least": ("sum", LOWER),
    "count_at_most": ("count", UPPER),
    "count_at_least": ("count", LOWER),
    "each_at_most": ("each", UPPER),
    "each_at_least": ("each", LOWER),
    "not_before": ("clock", LOWER),
    "not_after": ("clock", UPPER),
    "share_at_most_last_year": ("last year", UPPER),
    "share_at_least_of_whole": ("whole", LOWER),
    "share_at_most_of_whole": ("whole", UPPER),
    "never": ("none", UPPER),
}
AMOUNTS = ("sum", "count", "each")  # what "never" bounds at nought
DAILY = ("day", "school_day")
LOOK_AHEAD = 400  # days in which a practice must find its day


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a pack that does not fit. `verdict` is how much the rule above it weighs."""

    kind: str
    limit_id: str
    superior_id: str
    text_zh: str
    verdict: Verdict
    pack_id: str


def check(
    packs: Mapping[str, Iterable[Pack]] | Iterable[Pack],
    on: date | None = None,
    calendar: Calendar | None = None,
) -> list[Problem]:
    """The problems of all packs of a chain (by level, or in any order), by the rules of a day (today)."""
    flat = [pack for some in packs.values() for pack in some] if isinstance(packs, Mapping) else list(packs)
    flat.sort(key=lambda pack: LEVELS.index(pack.level))
    on, calendar = on or date.today(), calendar or load_calendar()
    problems = []
    for pack in flat:
        above = [one for one in flat if LEVELS.index(one.level) < LEVELS.index(pack.level)]
        superiors = in_force_in(above, on)
        own = in_force_in([pack], on)
        problems += [found for one in own for found in _against_superiors(one, superiors)]
        problems += _holes(own, superiors) if above else []
        problems += _parts(own, superiors)
        problems += _clashes(pack, Rulebook(above), on, calendar)
    return problems


def _against_superiors(own: InForce, superiors: list[InForce]) -> list[Problem]:
    """One problem for each bound above that this limit loosens or contradicts."""
    problems = []
    for superior in superiors:
        grades = own.limit.applies.all_grades & superior.limit.applies.all_grades
        if grades and comparable(own, superior):
            kind = _relation(own, superior)
            if kind:
                problems.append(_problem(kind, own, superior, grades))
    return problems


def _relation(own: InForce, superior: InForce) -> str | None:
    """Whether a limit is laxer than, or in conflict with, one that bounds the same thing above it."""
    side, above = BOUNDS[own.limit.form][1], BOUNDS[superior.limit.form][1]
    mine, theirs = bound_of(own), bound_of(superior)
    if side == above == UPPER:
        return "laxer" if mine > theirs else None
    if side == above == LOWER:
        return "laxer" if mine < theirs else None
    return "conflict" if (mine < theirs if side == UPPER else mine > theirs) else None


def comparable(own: InForce, superior: InForce) -> bool:
    """Whether two limits bound the same thing of the same demands of the same bearers."""
    mine, theirs = own.limit, superior.limit
    return (
        mine.kind == theirs.kind
        and not set(mine.bearers).isdisjoint(theirs.bearers)
        and mine.form in BOUNDS
        and theirs.form in BOUNDS
        and mine.per == theirs.per
        and _same_quantity(own, superior)
        and _may_meet(mine.applies, theirs.applies)
        and _scopes_fit(mine, theirs)
    )


def _scopes_fit(mine: Limit, theirs: Limit) -> bool:
    """Whether the demands of one lie inside the other's the way that makes their bounds comparable.

    A floor on a part takes nothing from a floor on the whole; a cap on the whole takes nothing from one on a
    part.
    """
    (basis, side), (_, above) = BOUNDS[mine.form], BOUNDS[theirs.form]
    if side == LOWER == above and basis not in ("each", "clock"):
        return _inside(theirs, mine)
    return _inside(theirs, mine) if (side, above) == (UPPER, LOWER) else _inside(mine, theirs)


def _inside(part: Limit, whole: Limit) -> bool:
    """Whether what usually falls under one limit falls under the other."""
    return all(all_hold(whole.where, attributes) for attributes in typical_attributes(part))


def _same_quantity(own: InForce, superior: InForce) -> bool:
    mine, theirs = BOUNDS[own.limit.form][0], BOUNDS[superior.limit.form][0]
    if "none" in (mine, theirs):
        return {mine, theirs} <= {"none", *AMOUNTS}
    if mine != theirs:
        return False
    if mine == "clock":
        return own.value.on == superior.value.on and (":" in own.value.time) == (":" in superior.value.time)
    same_measure = mine == "count" or own.limit.measure == superior.limit.measure
    return same_measure and _same_window(own.limit.window, superior.limit.window)


def _same_window(mine: str, theirs: str) -> bool:
    return mine == theirs or (mine in DAILY and theirs in DAILY)


def _may_meet(mine: Applies, theirs: Applies) -> bool:
    """Whether some bearer can be under both."""
    kinds_meet = not (mine.unit_kinds and theirs.unit_kinds) or not set(mine.unit_kinds).isdisjoint(
        theirs.unit_kinds
    )
    stages_meet = bool(mine.all_grades & theirs.all_grades)
    return kinds_meet and stages_meet and not _contradict(mine.attributes, theirs.attributes)


def _contradict(mine: tuple[Condition, ...], theirs: tuple[Condition, ...]) -> bool:
    wanted = {condition.key: condition.any_of for condition in theirs if not condition.negated}
    return any(
        not condition.negated
        and condition.key in wanted
        and set(condition.any_of).isdisjoint(wanted[condition.key])
        for condition in mine
    )


def typical_attributes(limit: Limit) -> list[dict]:
    """What demands under a limit usually look like: what it asks for, over what its kind usually has."""
    usual = [dict(KINDS[limit.kind].get("assume", {}))]
    for condition in limit.where:
        if condition.negated:
            usual = [
                {
                    key: value
                    for key, value in one.items()
                    if key != condition.key or value not in condition.any_of
                }
                for one in usual
            ]
        else:
            usual = [{**one, condition.key: value} for one in usual for value in condition.any_of]
    return usual


def bound_of(in_force: InForce) -> float:
    """The bound as a number: minutes for times of day, 0 for never."""
    bound = in_force.value.bound
    if bound is None:
        return 0
    if isinstance(bound, str):
        hours, _, minutes = bound.partition(":")
        return (int(hours) * 60 + int(minutes) if minutes else 0) + in_force.value.offset
    return bound


def tightest(limits: list[InForce]) -> InForce:
    """Of limits that bound the same thing, the one that leaves least room; the higher level if equal."""
    form = limits[0].limit.form
    if form not in BOUNDS or len(limits) == 1:
        return limits[0]
    return min(limits, key=bound_of) if BOUNDS[form][1] == UPPER else max(limits, key=bound_of)


def _problem(kind: str, own: InForce, superior: InForce, grades: frozenset[int]) -> Problem:
    soft = "_soft" if kind == "laxer" and superior.verdict == Verdict.INFORM else ""
    text = TEMPLATES["check"][kind + soft].format(
        place=_place(own.pack),
        title=own.limit.title,
        who=_who(grades, own.limit.applies),
        rule=rule_text(own),
        level=word("levels", superior.level),
        weight=TEMPLATES["weight"][superior.limit.force],
        superior=rule_text(superior),
        citation=superior.citation,
    )
    return Problem(kind, own.limit.id, superior.limit.id, text, superior.verdict, own.pack.id)


def _holes(own: list[InForce], superiors: list[InForce]) -> list[Problem]:
    """Grades that a family of limits leaves out between others of the same stage."""
    problems = []
    for family in _families(own):
        if any(not one.limit.applies.grades and not one.limit.applies.stages for one in family):
            continue
        covered = frozenset().union(*(one.limit.applies.all_grades for one in family))
        missing = {
            grade for stage in STAGES.values() for grade in _inner_gap(stage.get("grades", []), covered)
        }
        if missing:
            problems.append(_hole(family[0], covered, missing, superiors))
    return problems


def _inner_gap(grades: list[int], covered: frozenset[int]) -> list[int]:
    present = [grade for grade in grades if grade in covered]
    if not present:
        return []
    return [grade for grade in grades if present[0] < grade < present[-1] and grade not in covered]


def _families(own: list[InForce]) -> list[list[InForce]]:
    """The limits of a pack that say the same of different grades; "none at all" belongs to them."""
    families: dict[tuple, list[InForce]] = {}
    bans = []
    for one in own:
        limit = one.limit
        if limit.form == "never":
            bans.append(one)
        elif limit.form in BOUNDS:
            daily = DAILY[0] if limit.window in DAILY else limit.window
            key = (limit.kind, limit.bearers, limit.form, limit.measure, daily, limit.where, limit.per)
            families.setdefault(key, []).append(one)
    return [
        [*family, *(ban for ban in bans if _bans_the_same(ban.limit, family[0].limit))]
        for family in families.values()
    ]


def _bans_the_same(ban: Limit, limit: Limit) -> bool:
    return ban.kind == limit.kind and any(
        all_hold(ban.where, attributes) for attributes in typical_attributes(limit)
    )


def _hole(first: InForce, covered: frozenset[int], missing: set[int], superiors: list[InForce]) -> Problem:
    above = [
        one
        for one in superiors
        if missing & one.limit.applies.all_grades
        and comparable(first, one)
        and BOUNDS[one.limit.form] == BOUNDS[first.limit.form]
    ]
    binding = tightest(above) if above else None
    instead = TEMPLATES["check"]["hole_free"]
    if binding:
        instead = TEMPLATES["check"]["hole_superior"].format(
            level=word("levels", binding.level),
            weight=TEMPLATES["weight"][binding.limit.force],
            superior=rule_text(binding),
            citation=binding.citation,
        )
    text = TEMPLATES["check"]["hole"].format(
        place=_place(first.pack),
        title=first.limit.title,
        covered=grade_names(covered),
        grades=grade_names(missing),
        instead=instead,
    )
    superior_id = binding.limit.id if binding else ""
    return Problem("hole", first.limit.id, superior_id, text, first.verdict, first.pack.id)


def _parts(own: list[InForce], superiors: list[InForce]) -> list[Problem]:
    """Caps by subject that add up to more than the tightest cap of all subjects."""
    sums = [one for one in own if one.limit.form == "at_most"]
    totals = [one for one in (*own, *superiors) if one.limit.form == "at_most"]
    found = {}
    for total in sorted(totals, key=bound_of):
        for key, parts in _parts_of(total, sums).items():
            for grade, few in _by_grade(total, parts):
                if len(few) > 1 and sum(map(bound_of, few)) > bound_of(total):
                    ids = tuple(one.limit.id for one in few)
                    found.setdefault((key, ids), (total, few, set()))[2].add(grade)
    return [_parts_problem(total, few, grades) for total, few, grades in found.values()]


def _parts_of(total: InForce, sums: list[InForce]) -> dict[str, list[InForce]]:
    """The limits that add one condition to a total's, by the attribute of that condition."""
    parts: dict[str, list[InForce]] = {}
    for one in sums:
        extra = [condition for condition in one.limit.where if condition not in total.limit.where]
        same = (one.limit.kind, one.limit.measure, one.limit.window) == (
            total.limit.kind,
            total.limit.measure,
            total.limit.window,
        )
        if (
            same
            and len(extra) == 1
            and extra[0].key not in {condition.key for condition in total.limit.where}
        ):
            parts.setdefault(extra[0].key, []).append(one)
    return parts


def _by_grade(total: InForce, parts: list[InForce]):
    for grade in sorted(total.limit.applies.all_grades):
        yield grade, [one for one in parts if grade in one.limit.applies.all_grades]


def _parts_problem(total: InForce, few: list[InForce], grades: set[int]) -> Problem:
    measure = total.limit.measure
    text = TEMPLATES["check"]["parts"].format(
        place=_place(few[0].pack),
        parts="、".join(f"{one.limit.title} {quantity(one.cap, measure)}" for one in few),
        sum=quantity(sum(one.cap for one in few), measure),
        cap=quantity(total.cap, measure),
        grades=grade_names(grades),
        citation=total.citation,
    )
    return Problem("parts", few[0].limit.id, total.limit.id, text, total.verdict, few[0].pack.id)


def _clashes(pack: Pack, above: Rulebook, on: date, calendar: Calendar) -> list[Problem]:
    """What the practices of a pack break of the rules above it."""
    problems = []
    for practice in pack.practices:
        day = _day_for(practice, on, calendar)
        breaches = [
            (breach, grade)
            for grade in _grades_of(practice)
            for breach in above.judge(_demand(practice, grade, day), calendar)
        ]
        breaches.sort(key=lambda pair: pair[0].in_force.limit.id)
        for limit_id, group in groupby(breaches, key=lambda pair: pair[0].in_force.limit.id):
            few = list(group)
            grades = frozenset(grade for _, grade in few if grade)
            problems.append(_clash(pack, practice, few[0][0], grades, limit_id))
    return problems


def _clash(pack: Pack, practice: Practice, breach, grades: frozenset[int], limit_id: str) -> Problem:
    text = TEMPLATES["check"]["clash"].format(
        place=_place(pack),
        title=practice.title,
        who=_who(grades, Applies(grades=practice.grades, stages=practice.stages)),
        reason=breach.reason_zh,
    )
    return Problem("clash", practice.id, limit_id, text, breach.verdict, pack.id)


def _grades_of(practice: Practice) -> list[int | None]:
    """The grades that a practice is for; all that a class may have where it names none."""
    if practice.grades:
        return list(practice.grades)
    if practice.stages and practice.bearer == "class":
        return [grade for stage in practice.stages for grade in STAGES[stage].get("grades", [])]
    return list(GRADES) if practice.bearer == "class" else [None]


def _demand(practice: Practice, grade: int | None, day: date) -> Demand:
    stage = practice.stages[0] if practice.stages and grade is None else None
    return Demand(
        practice.kind,
        Bearer("", practice.bearer, grade=grade, stage=stage),
        day,
        practice.amounts,
        {**KINDS[practice.kind].get("assume", {}), **practice.attributes},
        practice.start,
        practice.end,
    )


def _day_for(practice: Practice, on: date, calendar: Calendar) -> date:
    """The first day from now on when the practice takes place: as it says, else a school day."""
    first = practice.since or on
    for number in range(LOOK_AHEAD):
        d = first + timedelta(days=number)
        day = calendar.day(d)
        if practice.day_kind and day.kind != practice.day_kind:
            continue
        if practice.weekdays and (day.weekday not in practice.weekdays or not calendar.in_term(d)):
            continue
        if practice.day_kind or practice.weekdays or day.is_school_day:
            return d
    return first


def _place(pack: Pack) -> str:
    return TEMPLATES["check"]["place"].format(level=word("levels", pack.level), pack=pack.place or pack.title)


def _who(grades: frozenset[int], applies: Applies) -> str:
    named = applies.grades or applies.stages
    return f"（{grade_names(grades)}）" if named and grades else ""

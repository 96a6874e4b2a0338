"""The rulebook of a unit: the packs of its chain, from the nation down to the school."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from . import charges, judge
from .calendar import Calendar
from .model import (
    Bearer,
    Breach,
    Charge,
    Demand,
    InForce,
    Limit,
    ListItem,
    Pack,
    Requirement,
    RulebookError,
    Unjudged,
    Window,
    all_hold,
)
from .words import BEARERS, LEVELS

CACHED_ANSWERS = 100_000


class Sorted(NamedTuple):
    """The limits for one kind of bearer on one day, by how they are judged."""

    every: tuple[InForce, ...]
    totals: tuple[InForce, ...]
    singles: tuple[InForce, ...]

    @classmethod
    def of(cls, in_force: Iterable[InForce]) -> "Sorted":
        every = tuple(in_force)
        return cls(
            every,
            tuple(it for it in every if it.limit.accumulates),
            tuple(it for it in every if it.limit.form in judge.SINGLE),
        )


class Rulebook:
    """All limits in force for a unit on a day. Every one of them keeps its own budget.

    Raises RulebookError where two packs use the same limit id.
    """

    def __init__(self, packs: Iterable[Pack]):
        self.packs = tuple(sorted(packs, key=lambda pack: LEVELS.index(pack.level)))
        self._by_kind: dict[tuple[str, str], list] = {}
        self._closing: dict[str, dict[str, None]] = {}
        self._answers: dict[tuple, Sorted] = {}
        self._asked: dict[tuple, Sorted] = {}
        self._changes: dict[str, list[int]] = {}
        self._of_kind: dict[str, list[Limit]] = {}
        self._kept: dict[str, list[str]] = {}
        self._looked_at: dict[str, tuple[tuple[str, ...], tuple[bool, ...]]] = {}
        self._lists: dict[str, list[ListItem]] = {}
        self._words: dict[str, dict[str, set]] = {}
        self._measures: dict[str, set[str]] = {}
        seen: dict[str, Pack] = {}
        for pack in self.packs:
            for limit in pack.limits:
                _refuse_twin(limit.id, pack, seen)
                for bearer_kind in limit.bearers:
                    self._by_kind.setdefault((limit.kind, bearer_kind), []).append((limit, pack))
                    if not limit.is_gate:
                        self._closing.setdefault(bearer_kind, {})[limit.kind] = None
            for name, items in pack.lists.items():
                self._lists.setdefault(name, []).extend(items)

    def limits(self, kind: str, bearer: Bearer, day: date) -> tuple[InForce, ...]:
        """The limits on demands of a kind for this bearer that are in force on a day, the nation's first."""
        return self._sorted(kind, bearer, day).every

    def totals(self, kind: str, bearer: Bearer, day: date) -> tuple[InForce, ...]:
        """Those of them that keep a budget."""
        return self._sorted(kind, bearer, day).totals

    def closes(self, bearer: Bearer, day: date) -> list[InForce]:
        """The limits of every kind for this bearer that are in force on a day and judged when something ends."""
        kinds = self._closing.get(bearer.kind, ())
        return [one for kind in kinds for one in self.limits(kind, bearer, day) if not one.limit.is_gate]

    def asked(self, demand: Demand, day: date) -> Sorted:
        """The limits in force on a day for the demand's bearer that look at such a demand: their ``where`` holds.

        Found once for all demands that are alike in what any ``where`` looks at: a term's homework is of few sorts.
        """
        keys, nothing = self._keys(demand.kind)
        since = self._since(demand.kind, day)
        key = (demand.kind, demand.bearer.profile, since, *map(demand.attributes.get, keys, nothing))
        try:
            found = self._asked.get(key)
        except TypeError:  # a list among its attributes
            return self._looking_at(demand, day)
        if found is None:
            if len(self._asked) >= CACHED_ANSWERS:
                self._asked.clear()
            found = self._asked[key] = self._looking_at(demand, day)
        return found

    def _looking_at(self, demand: Demand, day: date) -> Sorted:
        every = self._sorted(demand.kind, demand.bearer, day).every
        return Sorted.of(it for it in every if all_hold(it.limit.where, demand.attributes))

    def _keys(self, kind: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
        """The attributes that some ``where`` of the limits on a kind of demand looks at, and what each is where it is
        missing."""
        found = self._looked_at.get(kind)
        if found is None:
            keys = {condition.key for limit in self._limits(kind) for condition in limit.where}
            found = self._looked_at[kind] = tuple(sorted(keys)), (False,) * len(keys)
        return found

    def _sorted(self, kind: str, bearer: Bearer, day: date) -> Sorted:
        key = (kind, bearer.profile, self._since(kind, day))
        found = self._answers.get(key)
        if found is None:
            if len(self._answers) >= CACHED_ANSWERS:
                self._answers.clear()
            found = self._answers[key] = Sorted.of(self._find(kind, bearer, day))
        return found

    def _since(self, kind: str, day: date) -> int:
        """The number of the stretch of days that a day lies in, between two changes of the limits on a kind of demand:
        on all of them the same limits are in force."""
        changes = self._changes.get(kind)
        if changes is None:
            values = [value for limit in self._limits(kind) for value in limit.values]
            starts = {value.start.toordinal() for value in values}
            changes = self._changes[kind] = sorted(starts | {it.end.toordinal() + 1 for it in values if it.end})
        return bisect_right(changes, day.toordinal())

    def _find(self, kind: str, bearer: Bearer, day: date):
        for limit, pack in self._by_kind.get((kind, bearer.kind), ()):
            value = limit.value_on(day)
            if value is not None and limit.applies.to(bearer):
                yield InForce(limit, value, pack.documents[value.document], pack.level, pack)

    def in_force(self, day: date) -> list[InForce]:
        """Every limit in force on a day, whomever it is for, the nation's first."""
        return in_force_in(self.packs, day)

    def rules(self, kind: str, bearers: Iterable[str], day: date) -> list[Limit]:
        """The limits on a kind of demand that are in force on a day for any bearers of these kinds."""
        found = (limit for bearer in bearers for limit, _ in self._by_kind.get((kind, bearer), ()))
        return [limit for limit in found if limit.value_on(day)]

    def bearer_kinds(self, kind: str) -> list[str]:
        """The kinds of bearer that limits on a kind of demand keep accounts for, classes first."""
        if kind not in self._kept:
            found = {bearer_kind for demand_kind, bearer_kind in self._by_kind if demand_kind == kind}
            self._kept[kind] = sorted(found, key=list(BEARERS).index)
        return self._kept[kind]

    def _limits(self, kind: str) -> list[Limit]:
        if kind not in self._of_kind:
            every = self._by_kind.items()
            self._of_kind[kind] = [limit for (own, _), found in every if own == kind for limit, _ in found]
        return self._of_kind[kind]

    def words(self, kind: str) -> Mapping[str, set]:
        """The attributes that limits on a kind of demand look at, whatever the day, with the words they look for."""
        if kind not in self._words:
            words = self._words[kind] = {}
            for limit in self._limits(kind):
                for condition in (*limit.where, *limit.part):
                    words.setdefault(condition.key, set()).update(condition.any_of)
                for key in (limit.per, *(value.fact for value in limit.values)):
                    words.setdefault(key, set())
        return self._words[kind]

    def words_of(self, kind: str, key: str) -> set:
        """The words that limits on a kind of demand look for in an attribute."""
        return self.words(kind).get(key, set())

    def measures(self, kind: str) -> set[str]:
        """The measures that limits on a kind of demand count; "share" for those on a part of a whole."""
        if kind not in self._measures:
            self._measures[kind] = {
                "share" if limit.form.endswith("_of_whole") else limit.measure for limit in self._limits(kind)
            }
        return self._measures[kind]

    def least_cap(self, kind: str, measure: str) -> int | float | None:
        """The least that any limit allows one demand of a kind, whatever the day and whoever carries it; None where
        none counts that measure. What is no more breaks no such limit."""
        capped = (it for it in self._limits(kind) if it.measure == measure and it.form in ("at_most", "each_at_most"))
        return min((value.cap for limit in capped for value in limit.values), default=None)

    def stages(self, kind: str, bearers: Iterable[str], day: date) -> set[str]:
        """The stages that limits in force for such bearers single out."""
        return {
            stage
            for limit in self._limits(kind)
            if not limit.applies.grades and limit.value_on(day) and not set(limit.bearers).isdisjoint(bearers)
            for stage in limit.applies.stages
        }

    def list_items(self, name: str, day: date) -> list[ListItem]:
        """The lines of a list, from all levels, that are valid on a day."""
        return [item for item in self._lists.get(name, ()) if item.holds_on(day)]

    def local_time(self, name: str, bearer: Bearer, day: date) -> str | None:
        """What a local time such as "off_work" is for this bearer, "HH:MM"; None where nobody says."""
        own = bearer.attributes.get(name)
        if own:
            return own
        for pack in reversed(self.packs):
            for time in pack.times:
                if time.name == name and time.holds_on(day):
                    return time.time
        return None

    def charges(self, demand: Demand, calendar: Calendar) -> list[Charge]:
        """What the demand takes from every budget of the accumulating limits in force. See `charges.py`."""
        return charges.charges(self, demand, calendar)

    def judge_single(self, demand: Demand, calendar: Calendar) -> list[Breach]:
        """The limits that this demand breaks by itself, whatever else was asked. See `judge.py`."""
        return judge.judge_single(self, demand, calendar)

    def judge_total(self, charge: Charge, used: int, baseline: int | None = None) -> Breach | None:
        """Whether a charge on top of what is used goes over. `baseline` is last year's figure."""
        return judge.judge_total(charge, used, baseline)

    def judge(
        self,
        demand: Demand,
        calendar: Calendar,
        used: Callable[[Charge], int] = lambda charge: 0,
        baseline: int | None = None,
    ) -> list[Breach]:
        """Every gate limit that the demand breaks; `used` says what is already taken from each budget."""
        totals = (judge.judge_total(charge, used(charge), baseline) for charge in self.charges(demand, calendar))
        return self.judge_single(demand, calendar) + [breach for breach in totals if breach]

    def judge_alone(
        self, demand: Demand, calendar: Calendar, baseline: int | None = None
    ) -> tuple[list[Breach], list[Unjudged]]:
        """What the demand breaks by itself, and what cannot be judged. See `judge.judge_alone`."""
        return judge.judge_alone(self, demand, calendar, baseline)

    def unjudged(self, demand: Demand, calendar: Calendar, baseline: int | None = None) -> list[Unjudged]:
        """The gate limits that apply but cannot be judged, and what would have to be known."""
        return judge.judge_alone(self, demand, calendar, baseline)[1]

    def close_due(self, in_force: InForce, bearer: Bearer, window: Window, calendar: Calendar) -> Requirement | None:
        """What a close limit requires of a bearer when a window ends. See `judge.close_due`."""
        return judge.close_due(in_force, bearer, window, calendar)


def in_force_in(packs: Iterable[Pack], day: date) -> list[InForce]:
    """Every limit of some packs that is in force on a day, in their order."""
    return [
        InForce(limit, value, pack.documents[value.document], pack.level, pack)
        for pack in packs
        for limit in pack.limits
        if (value := limit.value_on(day))
    ]


def _refuse_twin(limit_id: str, pack: Pack, seen: dict[str, Pack]) -> None:
    if limit_id in seen:
        raise RulebookError(
            f"规定编号 {limit_id} 在 {seen[limit_id].id} 里已经用过，请改成另一个",
            file=pack.file,
            limit=limit_id,
            field="id",
        )
    seen[limit_id] = pack

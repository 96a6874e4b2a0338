"""What would change if a new version of a pack were published, in words, before anybody publishes it."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta

from .model import InForce, Limit, LocalTime, Pack, Value
from .sentences import TEMPLATES, rule_text
from .words import word


@dataclass(frozen=True, slots=True)
class Change:
    """One changed limit or local time. `backdated`: the new value claims to hold from before the day of the preview."""

    kind: str  # added, removed, changed, wording; time
    limit_id: str  # of a time its name
    text_zh: str
    start: date | None = None
    backdated: bool = False


def preview(old: Pack | None, new: Pack, day: date) -> list[Change]:
    """The limits and local times that differ between two versions of a pack, seen from a day; `old` is None for a
    first."""
    before = old.limits_by_id if old else {}
    changes = [
        _removed(old, limit, day) for limit_id, limit in before.items() if limit_id not in new.limits_by_id
    ]
    for limit in new.limits:
        if limit.id not in before:
            changes.append(_added(new, limit, day))
        elif limit != before[limit.id]:
            changes += _changed(old, before[limit.id], new, limit, day)
    return changes + _changed_times(old.times if old else (), new.times, day)


def _changed_times(before: Iterable[LocalTime], after: Iterable[LocalTime], day: date) -> list[Change]:
    """One change for each day on which a time of day becomes another. One without a first day begins on ``day``."""
    changes = []
    for name in dict.fromkeys(time.name for time in (*before, *after)):
        old, new = ([time for time in times if time.name == name] for times in (before, after))
        first_days: dict[tuple[str, str], date] = {}
        for start in sorted(_first_days(old, day) | _first_days(new, day)):
            first_days.setdefault((_clock(old, start), _clock(new, start)), start)
        for (was, becomes), start in first_days.items():
            if was != becomes:
                words = {"title": word("times", name), "before": was, "after": becomes, "start": start}
                text = TEMPLATES["preview"]["time"].format(**words)
                changes.append(_dated("time", name, text, start, day))
    return changes


def _first_days(times: Iterable[LocalTime], day: date) -> set[date]:
    ends = {time.end + timedelta(days=1) for time in times if time.end}
    return {time.start or day for time in times} | ends


def _clock(times: Iterable[LocalTime], day: date) -> str:
    return next((time.time for time in times if time.holds_on(day)), TEMPLATES["preview"]["no_time"])


def _added(pack: Pack, limit: Limit, day: date) -> Change:
    value = limit.value_on(day) or limit.values[0]
    return _change("added", limit, value.start, day, rule=_rule(pack, limit, value))


def _removed(pack: Pack, limit: Limit, day: date) -> Change:
    rule = _rule(pack, limit, limit.value_on(day) or limit.values[-1])
    return _change("removed", limit, None, day, rule=rule)


def _changed(old: Pack, before: Limit, new: Pack, after: Limit, day: date) -> list[Change]:
    """One change for each day on which the rule becomes another; one for the wording if none does."""
    first_days: dict[tuple[str, str], date] = {}
    for start in _turning_days(before, after):
        was, becomes = before.value_on(start), after.value_on(start)
        first_days.setdefault((_rule(old, before, was), _rule(new, after, becomes)), start)
    changes = [
        _change("changed", after, start, day, before=was, after=becomes)
        for (was, becomes), start in first_days.items()
        if was != becomes
    ]
    return changes or [_change("wording", after, None, day, fields=_differing(before, after))]


def _turning_days(before: Limit, after: Limit) -> list[date]:
    """The days on which a value begins, or the day after one ends, in either version."""
    values = (*before.values, *after.values)
    ends = {date.fromordinal(value.end.toordinal() + 1) for value in values if value.end}
    return sorted({value.start for value in values} | ends)


def _rule(pack: Pack, limit: Limit, value: Value | None) -> str:
    if value is None:
        return TEMPLATES["preview"]["nothing"]
    return rule_text(InForce(limit, value, pack.documents[value.document], pack.level, pack))


def _differing(before: Limit, after: Limit) -> str:
    names = [
        field.name for field in fields(Limit) if getattr(before, field.name) != getattr(after, field.name)
    ]
    return "、".join(TEMPLATES["fields"][name] for name in names)


def _change(kind: str, limit: Limit, start: date | None, day: date, **words) -> Change:
    who = f"（{limit.applies.text}）" if limit.applies.text else ""
    text = TEMPLATES["preview"][kind].format(title=limit.title, who=who, start=start, **words)
    return _dated(kind, limit.id, text, start, day)


def _dated(kind: str, about: str, text: str, start: date | None, day: date) -> Change:
    backdated = start is not None and start < day
    return Change(kind, about, text + TEMPLATES["preview"]["backdated"] * backdated, start, backdated)

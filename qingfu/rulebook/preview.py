"""What would change if a new version of a pack were published, in words, before anybody publishes it."""

from dataclasses import dataclass, fields
from datetime import date

from .model import InForce, Limit, Pack, Value
from .sentences import TEMPLATES, rule_text


@dataclass(frozen=True, slots=True)
class Change:
    """One changed limit. `backdated`: the new value claims to hold from before the day of the preview."""

    kind: str  # added, removed, changed, wording
    limit_id: str
    text_zh: str
    start: date | None = None
    backdated: bool = False


def preview(old: Pack | None, new: Pack, day: date) -> list[Change]:
    """The limits that differ between two versions of a pack (`old` is None for a first), seen from a day."""
    before = old.limits_by_id if old else {}
    changes = [
        _removed(old, limit, day) for limit_id, limit in before.items() if limit_id not in new.limits_by_id
    ]
    for limit in new.limits:
        if limit.id not in before:
            changes.append(_added(new, limit, day))
        elif limit != before[limit.id]:
            changes += _changed(old, before[limit.id], new, limit, day)
    return changes


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
    backdated = start is not None and start < day
    return Change(kind, limit.id, text + TEMPLATES["preview"]["backdated"] * backdated, start, backdated)

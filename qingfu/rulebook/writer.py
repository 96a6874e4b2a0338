"""Writes a pack as TOML. `loader.parse_pack` reads it back to an equal pack."""

from dataclasses import fields

import tomli_w

from .model import Applies, Condition, Document, Limit, ListItem, LocalTime, Pack, Practice, Value

DATES = {"start": "from", "end": "to"}  # names of dates in TOML
DEFAULTS = {"on": "start", "offset": 0, "split": "first_day"}


def pack_text(pack: Pack) -> str:
    """The pack as TOML text."""
    head = {"id": pack.id, "level": pack.level, "title": pack.title, "version": pack.version}
    for key in ("place", "note"):
        if getattr(pack, key):
            head[key] = getattr(pack, key)
    tables = {
        "pack": head,
        "documents": {key: _document(document) for key, document in pack.documents.items()},
        "times": [_dated(time) for time in pack.times],
        "list": {name: [_list_item(item) for item in items] for name, items in pack.lists.items()},
        "limit": [_limit(limit) for limit in pack.limits],
        "practice": [_practice(practice) for practice in pack.practices],
    }
    return tomli_w.dumps({key: table for key, table in tables.items() if table})


def _plain(item, names: dict[str, str]) -> dict:
    """The fields of an item that say something, under their names in TOML."""
    table = {}
    for key in (field.name for field in fields(item)):
        found = getattr(item, key)
        if found is None or found in ("", ()) or found == {} or DEFAULTS.get(key) == found:
            continue
        table[names.get(key, key)] = list(found) if isinstance(found, tuple) else found
    return table


def _dated(item: LocalTime | Value | ListItem) -> dict:
    return _plain(item, DATES)


def _document(document: Document) -> dict:
    table = _plain(document, {})
    del table["key"]
    return table


def _list_item(item: ListItem) -> dict:
    return _dated(item) or {"name": ""}


def _practice(practice: Practice) -> dict:
    return _plain(practice, {"since": "from"})


def _limit(limit: Limit) -> dict:
    table = _plain(limit, {"bearers": "bearer", "values": "value"})
    if len(limit.bearers) == 1:
        table["bearer"] = limit.bearer
    for key, found in (
        ("where", _conditions(limit.where)),
        ("part", _conditions(limit.part)),
        ("applies", _applies(limit.applies)),
    ):
        table.pop(key, None)
        if found:
            table[key] = found
    table["value"] = [_dated(value) for value in limit.values]
    return table


def _applies(applies: Applies) -> dict:
    table = _plain(applies, {})
    if applies.attributes:
        table["attributes"] = _conditions(applies.attributes)
    return table


def _conditions(conditions: tuple[Condition, ...]) -> dict:
    return {condition.key: _condition(condition) for condition in conditions}


def _condition(condition: Condition):
    if condition.negated:
        return {"not": list(condition.any_of)}
    return condition.any_of[0] if len(condition.any_of) == 1 else list(condition.any_of)

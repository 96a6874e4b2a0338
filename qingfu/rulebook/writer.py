"""Writes a pack as TOML, laid out as people write it. `loader.parse_pack` reads it back to an equal pack."""

import json
import re
from collections.abc import Iterable
from dataclasses import fields
from datetime import date

from .model import Applies, Condition, Document, Limit, ListItem, LocalTime, Pack, Value

DATES = {"start": "from", "end": "to"}  # names of dates in TOML
DEFAULTS = {"on": "start", "offset": 0, "split": "first_day"}
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def pack_text(pack: Pack) -> str:
    """The pack as TOML text."""
    head = {"id": pack.id, "level": pack.level, "title": pack.title, "version": pack.version}
    blocks = [
        _block("[pack]", head | {key: getattr(pack, key) for key in ("place", "note") if getattr(pack, key)})
    ]
    blocks += [_block(f"[documents.{_key(key)}]", _document(it)) for key, it in pack.documents.items()]
    blocks += [_block("[[times]]", _dated(time)) for time in pack.times]
    for limit in pack.limits:
        blocks.append(_block("[[limit]]", _limit(limit)))
        blocks += [_block("[[limit.value]]", _dated(value)) for value in limit.values]
    for name, items in pack.lists.items():
        blocks += [_block(f"[[list.{_key(name)}]]", _dated(item)) for item in items]
    blocks += [_block("[[practice]]", _plain(practice, {"since": "from"})) for practice in pack.practices]
    return "\n".join(blocks)


def _block(header: str, table: dict) -> str:
    return "\n".join([header, *(f"{_key(key)} = {_text(value)}" for key, value in table.items()), ""])


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else _text(key)


def _text(value) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return "{ " + _joined(f"{_key(key)} = {_text(it)}" for key, it in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + _joined(map(_text, value)) + "]"
    return repr(value)


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)


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


def _limit(limit: Limit) -> dict:
    table = _plain(limit, {"bearers": "bearer"})
    del table["values"]
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

"""A pack in the making: one more limit, another value from a day, a limit that ends. Pure; packs are never changed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from qingfu.rulebook import Document, Limit, Pack, RulebookError, Value
from qingfu.rulebook.model import Applies, Condition, LocalTime

DATA = Path(__file__).parent / "data" / "common_limits.toml"
OLD_LIMIT = "这条规定已经从更晚的日子起有新的数，请先看它的各个日期"
OLD_TIME = "这个时间已经从更晚的日子起有新的，请先看它的各个日期"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Common:
    """A limit that schools and counties often set; the number, the grades and the document are theirs."""

    code: str
    title: str
    kind: str
    form: str
    measure: str
    window: str
    bound: str  # which key of a value holds the number: cap or floor
    where: Mapping
    bearer: str = "class"


@dataclass(frozen=True)
class Said:
    """What the form says of one limit. ``number`` is in the limit's measure."""

    number: int
    start: date
    document: Document
    clause: str = ""
    force: str = "must"
    grades: tuple[int, ...] = ()


@cache
def common_limits() -> dict[str, Common]:
    """The common limits by code, in the order of the form."""
    rows = tomllib.loads(DATA.read_text("utf-8"))["common"]
    return {row["code"]: Common(**row) for row in rows}


def empty_pack(pack_id: str, level: str, title: str, place: str) -> Pack:
    """A pack without limits: the first version starts from it."""
    return Pack(id=pack_id, level=level, title=title, place=place, version=0)


def with_limit(pack: Pack, common: Common, said: Said) -> Pack:
    """The next version of ``pack`` with one more limit. Raises RulebookError where it is there already."""
    limit = Limit(
        id=_limit_id(pack, common, said.grades),
        title=common.title,
        kind=common.kind,
        bearers=(common.bearer,),
        form=common.form,
        measure=common.measure,
        window=common.window,
        force=said.force,
        values=(_value(said, common.bound, _document_key(pack, said.document)),),
        where=tuple(Condition(key, (value,)) for key, value in common.where.items()),
        applies=Applies(grades=said.grades),
    )
    if limit.id in pack.limits_by_id:
        raise RulebookError("这些年级已经有这条规定，请改它的数，不要另加一条", limit=limit.id, field="id")
    return pack.next_version(limits=(*pack.limits, limit), documents=_documents(pack, said.document))


def with_value(pack: Pack, limit_id: str, said: Said) -> Pack:
    """The next version of ``pack`` in which a limit has another number from a day on; the old one ends the day before.

    Raises KeyError for an unknown limit, RulebookError where it has a value from that day or a later one.
    """
    limit = pack.limit(limit_id)
    if any(value.start >= said.start for value in limit.values):
        raise RulebookError(OLD_LIMIT, limit=limit_id, field="from")
    bound = "floor" if limit.values[-1].floor is not None else "cap"
    fresh = _value(said, bound, _document_key(pack, said.document))
    changed = replace(limit, values=(*_ended(limit, said.start - ONE_DAY), fresh))
    return _with_changed(pack, changed, _documents(pack, said.document))


def without_limit(pack: Pack, limit_id: str, last_day: date) -> Pack:
    """The next version of ``pack`` in which a limit holds for the last time on ``last_day``: it stays, dated.

    Raises KeyError, and RulebookError where it begins after that day.
    """
    limit = pack.limit(limit_id)
    if any(value.start > last_day for value in limit.values):
        raise RulebookError(OLD_LIMIT, limit=limit_id, field="to")
    return _with_changed(pack, replace(limit, values=_ended(limit, last_day)), pack.documents)


def with_time(pack: Pack, name: str, time: str, start: date) -> Pack:
    """The next version of ``pack`` in which a local time of day (such as ``lessons_end``) is "HH:MM" from a day on.

    The one before ends the day before; one from the same day is put right. Raises RulebookError where a later one
    is set.
    """
    if any(one.name == name and one.start and one.start > start for one in pack.times):
        raise RulebookError(OLD_TIME, field="times")
    kept = [_time_until(one, start) if one.name == name else one for one in pack.times]
    return pack.next_version(times=(*filter(None, kept), LocalTime(name, time, start)))


def _time_until(one: LocalTime, start: date) -> LocalTime | None:
    """What is left of a time when another takes over on ``start``."""
    if one.start == start:
        return None
    return one if one.end and one.end < start else replace(one, end=start - ONE_DAY)


def _with_changed(pack: Pack, changed: Limit, documents: Mapping[str, Document]) -> Pack:
    limits = tuple(changed if limit.id == changed.id else limit for limit in pack.limits)
    return pack.next_version(limits=limits, documents=documents)


def _ended(limit: Limit, last_day: date) -> tuple[Value, ...]:
    *before, last = limit.values
    ends = last_day if last.end is None else min(last.end, last_day)
    return (*before, replace(last, end=ends))


def _value(said: Said, bound: str, document: str) -> Value:
    return Value(said.start, None, document, said.clause, "local", **{bound: said.number})


def _limit_id(pack: Pack, common: Common, grades: tuple[int, ...]) -> str:
    whom = f"g{'-'.join(map(str, grades))}" if grades else "all"
    return f"{pack.id}.{common.code}.{whom}"


def _document_key(pack: Pack, document: Document) -> str:
    """The key under which the pack cites this document already, else a new one."""
    same = (one for one in pack.documents.values() if replace(one, key="") == replace(document, key=""))
    found = next(same, None)
    return found.key if found else f"d{len(pack.documents) + 1}"


def _documents(pack: Pack, document: Document) -> dict[str, Document]:
    key = _document_key(pack, document)
    return {**pack.documents, key: replace(document, key=key)}

"""Reads packs: one TOML file for each subject and level. What the schema does not know is refused.

    [pack]        id, level (nation|province|city|county|school), title, place, version, note
    [documents.KEY]  title, issuer, number, issued, publicised, in_force, note
    [[limit]]     id, rows, title, kind, where, bearer, applies, form, measure, window, force, purpose, split,
                  per, part
    [[limit.value]]  from, to, document, clause, confidence, note and what the form needs:
                  at_most, count_at_most, each_at_most, each_at_least: cap · at_least, count_at_least: floor
                  share_at_most_last_year, share_at_least_of_whole, share_at_most_of_whole: share
                  never: nothing · never_in: when = {week_of_month, weekday, day_kind, term}
                  not_before, not_after: time, on, offset · must_exist: fact
                  must_follow: fact, within = {days} or {school_days} · listed: list
    [[list.NAME]] name, from, to, document, note      a line without a name dates the whole list
    [[times]]     name, time, from, to                what off_work and other local names mean here
    [[practice]]  id, title, kind, rows, bearer, grades, stages, attributes, amounts, start, end,
                  weekdays, day_kind, from, text, note   something done or allowed here that is no limit

`where` and `applies.attributes` filter by equality (`form = "written"`), membership (`place = ["课内",
"家庭"]`) or exclusion (`type = {not = ["final"]}`); what a demand does not state is false.
docs/rulebook.md explains every key with examples.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

from .model import (
    FORMS,
    VERDICT_OF_FORCE,
    Applies,
    Condition,
    Document,
    Limit,
    ListItem,
    LocalTime,
    Pack,
    Practice,
    RulebookError,
    Value,
)
from .words import BEARERS, DATA, GRADES, KINDS, LEVELS, MEASURES, STAGES, VOCABULARY, WINDOWS

PACK_KEYS = {"id", "level", "title", "place", "version", "note"}
DOCUMENT_KEYS = {"title", "issuer", "number", "issued", "publicised", "in_force", "note"}
LIMIT_KEYS = {
    "id", "rows", "title", "kind", "where", "bearer", "applies", "form", "measure", "window", "force",
    "purpose", "split", "per", "part", "value",
}  # fmt: skip
APPLIES_KEYS = {"grades", "stages", "unit_kinds", "attributes"}
VALUE_KEYS = {"from", "to", "document", "clause", "confidence", "note"}
WHEN_KEYS = {"week_of_month", "weekday", "day_kind", "term"}
WITHIN_KEYS = {"days", "school_days"}
LIST_KEYS = {"name", "from", "to", "document", "note"}
TIMES_KEYS = {"name", "time", "from", "to"}
PRACTICE_KEYS = {
    "id", "title", "kind", "rows", "bearer", "grades", "stages", "attributes", "amounts", "start", "end",
    "weekdays", "day_kind", "from", "text", "note",
}  # fmt: skip
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
IDENTIFIER = re.compile(r"[\w.\-]+")
EACH_FORMS = {"each_at_most", "each_at_least", "never", "never_in", "not_before", "not_after", "must_exist",
              "must_follow", "listed"}  # fmt: skip


class Place:
    """Where in which file we are, so that every complaint can name it."""

    def __init__(self, file: str, limit: str = ""):
        self.file, self.limit = file, limit

    def fail(self, field: str, message: str):
        raise RulebookError(message, file=self.file, limit=self.limit, field=field)

    def only(self, table: Mapping, allowed: set[str], field: str) -> None:
        if not isinstance(table, Mapping):
            self.fail(field.rstrip("."), '这里应是一张表，如 {form = "written"}')
        for key in table:
            if key not in allowed:
                self.fail(
                    f"{field}{key}", f"不认识这个字段。请删去，或改成其中之一：{'、'.join(sorted(allowed))}"
                )

    def text(self, table: Mapping, key: str, *, needed: bool = True, field: str = "") -> str:
        found = table.get(key, "")
        if not isinstance(found, str) or (needed and not found.strip()):
            self.fail(field or key, "请写一段文字")
        return found

    def day(self, table: Mapping, key: str, *, needed: bool = False) -> date | None:
        found = table.get(key)
        if found is None and not needed:
            return None
        if not isinstance(found, date) or isinstance(found, datetime):
            self.fail(key, f"请写日期，不加引号，如 2021-07-24（现在是 {found!r}）")
        return found

    def tables(self, table: Mapping, key: str) -> list:
        found = table.get(key, [])
        if not isinstance(found, list):
            self.fail(key, f"请写成 [[{key}]]，可以有多个")
        return found

    def group(self, table: Mapping, key: str) -> Mapping:
        found = table.get(key, {})
        if not isinstance(found, Mapping):
            self.fail(key, f"请写成 [{key}.名称]")
        return found

    def one_of(self, found, allowed: Iterable, field: str):
        if not isinstance(found, str | int) or found not in allowed:
            choices = "、".join(str(one) for one in allowed if one != "")
            self.fail(field, f"“{found}”不在词表里。可以写：{choices}")
        return found

    def clock(self, found, field: str) -> str:
        if not isinstance(found, str) or not CLOCK.fullmatch(found):
            self.fail(field, f'请写时刻，如 "20:30"（现在是 {found!r}）')
        return found

    def number(self, table: Mapping, key: str, *, whole: bool) -> int | float:
        found = table.get(key)
        good = isinstance(found, int if whole else int | float) and not isinstance(found, bool) and found >= 0
        if not good:
            self.fail(key, f"请写{'整数' if whole else '数字'}，不小于 0（现在是 {found!r}）")
        return found

    def several(self, found, field: str) -> tuple:
        return tuple(found) if isinstance(found, list) else (found,)

    def subset(self, table: Mapping, key: str, allowed: Iterable) -> tuple:
        found = self.several(table[key], key) if key in table else ()
        for one in found:
            self.one_of(one, allowed, key)
        return found


def load_pack(path: str | Path) -> Pack:
    """Reads one pack from a TOML file. Raises RulebookError naming file, limit, field and what to do."""
    path = Path(path)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulebookError(f"读不出这个文件，请检查路径，并存为 UTF-8（{error}）", file=str(path)) from error
    return parse_pack(text, path.name)


@cache
def load_national() -> tuple[Pack, ...]:
    """The national packs that come with Qingfu, by name of file."""
    return tuple(load_pack(path) for path in sorted((DATA / "national").glob("*.toml")))


@cache
def load_examples() -> tuple[Pack, ...]:
    """The local packs that come with Qingfu as examples, by name of file."""
    return tuple(load_pack(path) for path in sorted((DATA / "examples").glob("*.toml")))


@cache
def load_not_checkable() -> dict[str, str]:
    """Rows of the fact sheet that no machine can check → the reason why."""
    raw = tomllib.loads((DATA / "not_checkable.toml").read_text("utf-8"))
    return {row["id"]: row["reason"] for row in raw["row"]}


@cache
def _no_record() -> list[dict]:
    return tomllib.loads((DATA / "no_record.toml").read_text("utf-8"))["record"]


def why_unrecorded(limit: Limit) -> str:
    """Why nobody enters what would answer a limit when its window ends; "" where somebody does, and for gate limits."""
    if limit.is_gate:
        return ""
    for row in _no_record():
        asked = "attributes" not in row or not set(row["attributes"]).isdisjoint(limit.must_say)
        if row["kind"] == limit.kind and asked:
            return row["reason"]
    return ""


def load_unrecorded() -> list[tuple[Limit, str]]:
    """The national limits that are judged when a window ends and of which nobody enters what was done, with the
    reason."""
    limits = [limit for pack in load_national() for limit in pack.limits]
    return [(limit, reason) for limit in limits if (reason := why_unrecorded(limit))]


def parse_pack(text: str, file: str = "") -> Pack:
    """Reads one pack from TOML text. Raises RulebookError."""
    at = Place(file)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at.fail("", f"不是合格的 TOML，请改正这一处：{error}")
    at.only(raw, {"pack", "documents", "limit", "list", "times", "practice"}, "")
    if "pack" not in raw:
        at.fail("pack", "缺少 [pack]，请写明 id、level、title")
    head = at.group(raw, "pack")
    at.only(head, PACK_KEYS, "pack.")
    documents = {key: _document(key, table, at) for key, table in at.group(raw, "documents").items()}
    named = at.group(raw, "list")
    lists = {
        name: tuple(_list_item(line, documents, at, name) for line in at.tables(named, name))
        for name in named
    }
    return Pack(
        id=_identifier(head, "pack.id", at),
        level=at.one_of(head.get("level"), LEVELS, "pack.level"),
        title=at.text(head, "title", field="pack.title"),
        place=at.text(head, "place", needed=False, field="pack.place"),
        note=at.text(head, "note", needed=False, field="pack.note"),
        version=at.number({"version": 1, **head}, "version", whole=True),
        documents=documents,
        limits=_unique([_limit(table, documents, file) for table in at.tables(raw, "limit")], at),
        lists=lists,
        times=tuple(_local_time(table, at) for table in at.tables(raw, "times")),
        practices=_unique([_practice(table, file) for table in at.tables(raw, "practice")], at),
        file=file,
    )


def _identifier(table: Mapping, field: str, at: Place) -> str:
    found = table.get("id")
    if not isinstance(found, str) or not IDENTIFIER.fullmatch(found):
        at.fail(field, "请写编号，只用字母、数字、点和短横，如 cn.homework.written.g3-6")
    return found


def _unique(items: list, at: Place) -> tuple:
    seen = set()
    for item in items:
        if item.id in seen:
            Place(at.file, item.id).fail("id", "同一文件里编号重复，请给其中一条改一个编号")
        seen.add(item.id)
    return tuple(items)


def _document(key: str, table: Mapping, at: Place) -> Document:
    at.only(table, DOCUMENT_KEYS, f"documents.{key}.")
    return Document(
        key=key,
        title=at.text(table, "title", field=f"documents.{key}.title"),
        issuer=at.text(table, "issuer", needed=False),
        number=at.text(table, "number", needed=False),
        issued=at.day(table, "issued"),
        publicised=at.day(table, "publicised"),
        in_force=at.day(table, "in_force"),
        note=at.text(table, "note", needed=False),
    )


def _list_item(table: Mapping, documents: Mapping, at: Place, name: str) -> ListItem:
    at.only(table, LIST_KEYS, f"list.{name}.")
    if table.get("document"):
        at.one_of(table["document"], documents, f"list.{name}.document")
    return ListItem(
        name=at.text(table, "name", needed=False),
        start=at.day(table, "from"),
        end=at.day(table, "to"),
        document=at.text(table, "document", needed=False),
        note=at.text(table, "note", needed=False),
    )


def _local_time(table: Mapping, at: Place) -> LocalTime:
    at.only(table, TIMES_KEYS, "times.")
    return LocalTime(
        name=at.one_of(table.get("name"), VOCABULARY["times"], "times.name"),
        time=at.clock(table.get("time"), "times.time"),
        start=at.day(table, "from"),
        end=at.day(table, "to"),
    )


def _practice(table: Mapping, file: str) -> Practice:
    name = _identifier(table, "practice.id", Place(file))
    at = Place(file, name)
    at.only(table, PRACTICE_KEYS, "practice.")
    clocks = {key: at.clock(table[key], key) for key in ("start", "end") if key in table}
    amounts = table.get("amounts", {})
    at.only(amounts, set(MEASURES), "amounts.")
    for measure in amounts:
        at.number(amounts, measure, whole=True)
    return Practice(
        id=name,
        title=at.text(table, "title"),
        kind=at.one_of(table.get("kind"), KINDS, "kind"),
        rows=at.several(table.get("rows", []), "rows"),
        bearer=at.one_of(table.get("bearer", "class"), BEARERS, "bearer"),
        grades=at.subset(table, "grades", GRADES),
        stages=at.subset(table, "stages", STAGES),
        attributes=table.get("attributes", {}),
        amounts=amounts,
        weekdays=at.subset(table, "weekdays", range(1, 8)),
        day_kind=at.one_of(table.get("day_kind", ""), ["", *VOCABULARY["day_kinds"]], "day_kind"),
        since=at.day(table, "from"),
        text=at.text(table, "text", needed=False),
        note=at.text(table, "note", needed=False),
        **clocks,
    )


def _limit(table: Mapping, documents: Mapping, file: str) -> Limit:
    name = _identifier(table, "limit.id", Place(file))
    at = Place(file, name)
    at.only(table, LIMIT_KEYS, "")
    form = at.one_of(table.get("form"), FORMS, "form")
    window = "each" if form in EACH_FORMS and "window" not in table else table.get("window")
    limit = Limit(
        id=name,
        rows=at.several(table.get("rows", []), "rows"),
        title=at.text(table, "title"),
        kind=at.one_of(table.get("kind"), KINDS, "kind"),
        where=_conditions(table.get("where", {}), "where", at),
        bearers=at.subset({"bearer": table.get("bearer")}, "bearer", BEARERS),
        applies=_applies(table.get("applies", {}), at),
        form=form,
        measure=at.one_of(table.get("measure", "times"), MEASURES, "measure"),
        window=at.one_of(window, WINDOWS, "window"),
        force=at.one_of(table.get("force"), VERDICT_OF_FORCE, "force"),
        purpose=at.text(table, "purpose", needed=False),
        split=at.one_of(table.get("split", "first_day"), ("first_day", "even"), "split"),
        per=at.text(table, "per", needed=False),
        part=_conditions(table.get("part", {}), "part", at),
        values=tuple(_value(value, form, documents, at) for value in at.tables(table, "value")),
    )
    if limit.part and not form.endswith("_of_whole"):
        at.fail("part", "part 只用于 share_at_least_of_whole 和 share_at_most_of_whole")
    if limit.accumulates and limit.window == "each":
        at.fail("window", "累计的规定要写周期（如 school_day、term），“each”只用于逐次判断的规定")
    if limit.window == "period" and any(value.end is None for value in limit.values):
        at.fail("value.to", "周期是“有效期内”（period）的规定，每个值都要写 to")
    _check_series(limit, at)
    return limit


def _check_series(limit: Limit, at: Place) -> None:
    if not limit.values:
        at.fail("value", "至少要有一个 [[limit.value]]，写明从哪天起、依据哪份文件")
    series = sorted(limit.values, key=lambda value: value.start)
    for earlier, later in zip(series, series[1:], strict=False):
        if earlier.end is None or earlier.end >= later.start:
            at.fail(
                "value.to",
                f"从 {earlier.start} 起的值和从 {later.start} 起的值日期重叠，"
                f"请给前一个写 to，早于 {later.start}",
            )


def _value(table: Mapping, form: str, documents: Mapping, at: Place) -> Value:
    rule = FORMS[form]
    at.only(table, VALUE_KEYS | {*rule.needs, *rule.may}, "value.")
    for key in rule.needs:
        if key not in table:
            at.fail(f"value.{key}", f"{form} 形式的规定要写 {key}")
    start, end = at.day(table, "from", needed=True), at.day(table, "to")
    if end is not None and end < start:
        at.fail("value.to", f"to（{end}）早于 from（{start}），请改正")
    document = at.one_of(table.get("document"), documents, "value.document")
    known = [day for day in (documents[document].issued, documents[document].in_force) if day]
    if known and start < min(known):
        at.fail("value.from", f"from（{start}）早于文件《{documents[document].title}》的日期 {min(known)}")
    return Value(
        start=start,
        end=end,
        document=document,
        clause=at.text(table, "clause", needed=False),
        confidence=at.one_of(table.get("confidence"), VOCABULARY["confidences"], "value.confidence"),
        note=at.text(table, "note", needed=False),
        **_bound(table, form, at),
    )


def _bound(table: Mapping, form: str, at: Place) -> dict:
    """The keys of a value that only its form has."""
    read = {
        "cap": lambda: at.number(table, "cap", whole=FORMS[form].accumulates),
        "floor": lambda: at.number(table, "floor", whole=False),
        "share": lambda: at.number(table, "share", whole=False),
        "time": lambda: _time(table["time"], at),
        "on": lambda: at.one_of(table["on"], ("start", "end"), "value.on"),
        "offset": lambda: at.number(table, "offset", whole=True),
        "when": lambda: _when(table["when"], at),
        "fact": lambda: at.text(table, "fact"),
        "within": lambda: _within(table["within"], at),
        "list": lambda: at.text(table, "list"),
    }
    rule = FORMS[form]
    return {key: read[key]() for key in (*rule.needs, *rule.may) if key in table}


def _time(found, at: Place) -> str:
    return found if found in VOCABULARY["times"] else at.clock(found, "value.time")


def _when(table: Mapping, at: Place) -> dict:
    at.only(table, WHEN_KEYS, "value.when.")
    if not table:
        at.fail("value.when", "请写明什么时候，如 {weekday = [6, 7]}")
    allowed = {
        "week_of_month": range(1, 7),
        "weekday": range(1, 8),
        "day_kind": VOCABULARY["day_kinds"],
        "term": range(1, 3),
    }
    return {key: at.subset(table, key, allowed[key]) for key in table}


def _within(table: Mapping, at: Place) -> dict:
    at.only(table, WITHIN_KEYS, "value.within.")
    if len(table) != 1:
        at.fail("value.within", "请写 {days = 天数} 或 {school_days = 上学日数}，只写一个")
    return {key: at.number(table, key, whole=True) for key in table}


def _applies(table: Mapping, at: Place) -> Applies:
    at.only(table, APPLIES_KEYS, "applies.")
    return Applies(
        grades=tuple(sorted(at.subset(table, "grades", GRADES))),
        stages=at.subset(table, "stages", STAGES),
        unit_kinds=at.several(table.get("unit_kinds", []), "applies.unit_kinds"),
        attributes=_conditions(table.get("attributes", {}), "applies.attributes", at),
    )


def _conditions(table: Mapping, field: str, at: Place) -> tuple[Condition, ...]:
    if not isinstance(table, Mapping):
        at.fail(field, '这里应是一张表，如 {form = "written"}')
    return tuple(_condition(key, wanted, f"{field}.{key}", at) for key, wanted in table.items())


def _condition(key: str, wanted, field: str, at: Place) -> Condition:
    negated = isinstance(wanted, dict)
    if negated and set(wanted) != {"not"}:
        at.fail(field, "可以写一个值、几个值的列表，或 {not = [...]}")
    values = at.several(wanted["not"] if negated else wanted, field)
    if not values or not all(isinstance(value, str | bool | int) for value in values):
        at.fail(field, "请写文字、整数或 true/false，一个或几个")
    return Condition(key, values, negated)

"""Reads questions about the rules, generously: they come from people and from other systems.

`kind` and `bearer` may be codes or Chinese names; `value` a number, an amount with its unit, a time of day,
or an object of amounts, times and attributes (docs/rulebook.md).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from .loader import CLOCK
from .model import Bearer, Demand, all_hold
from .rulebook import Rulebook
from .words import BEARERS, GRADES, KINDS, MEASURES, STAGES, VOCABULARY, grades_of

KNOWN_KEYS = {
    "id", "kind", "bearer", "on", "value", "unit", "grade", "stage", "attributes", "where", "start", "end",
    "due", "split", "last_year",
}  # fmt: skip
LONGEST = timedelta(days=366)
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
GRADE = re.compile(r"(?:^|\b)(?:grade|g)?[\s_]*(\d{1,2})(?:\s*年级.*)?$", re.IGNORECASE)
AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(\D+)")
SEVERAL = re.compile(r"[-–~至到、,]")
ALIASES = VOCABULARY["aliases"]
NAMES = {  # what people call things → codes
    group: {
        (found["name"] if isinstance(found, dict) else found): code
        for code, found in VOCABULARY[group].items()
    }
    for group in ("kinds", "bearers", "stages", "grades", "measures")
}


class QuestionError(ValueError):
    """A question that cannot be read; says in Chinese what to write."""


@dataclass
class Question:
    """A question as understood. `bearers` are the ways to read who carries it, the likeliest first."""

    kind: str
    bearers: list[Bearer]
    day: date
    amounts: dict = field(default_factory=dict)
    attributes: dict = field(default_factory=dict)
    start: str | None = None
    end: str | None = None
    due: date | None = None
    split: dict | None = None
    baseline: int | None = None
    assumed: dict = field(default_factory=dict)

    def demand(self, bearer: Bearer) -> Demand:
        own = {key: bearer.kind if value == "$bearer" else value for key, value in self.assumed.items()}
        return Demand(
            self.kind,
            bearer,
            self.day,
            self.amounts,
            {**own, **self.attributes},
            self.start,
            self.end,
            self.split,
            self.due,
        )


def read_question(question: Mapping, rulebook: Rulebook, today: date) -> Question:
    """A question as understood. Raises QuestionError."""
    if not isinstance(question, Mapping):
        raise QuestionError('每个问题应是一个 JSON 对象，如 {"kind": "homework", "bearer": "grade 4"}')
    kind = _code("kinds", question.get("kind"), KINDS, "kind")
    asked = Question(kind, [], _day(question.get("on", today.isoformat()), "on"))
    for key in ("attributes", "where"):
        if not isinstance(question.get(key, {}), Mapping):
            raise QuestionError(f'{key} 应是一个对象，如 {{"form": "written"}}')
        asked.attributes |= question.get(key, {})
    asked.attributes |= {key: value for key, value in question.items() if key not in KNOWN_KEYS}
    _read_times(question, asked)
    asked.bearers = _bearers(question, kind, rulebook)
    _need_grade(asked, rulebook)
    _read_value(question, asked, rulebook)
    asked.assumed = {
        key: value for key, value in KINDS[kind].get("assume", {}).items() if key not in asked.attributes
    }
    asked.baseline = _number(question["last_year"], "last_year") if "last_year" in question else None
    return asked


def _need_grade(asked: Question, rulebook: Rulebook) -> None:
    """Where all rules for such bearers go by grade, a question without a grade has no answer."""
    if any(bearer.grade or bearer.stage for bearer in asked.bearers):
        return
    kinds = {bearer.kind for bearer in asked.bearers}
    limits = (it.limit for it in rulebook.in_force(asked.day))
    rules = [limit for limit in limits if limit.kind == asked.kind and not kinds.isdisjoint(limit.bearers)]
    if rules and all(limit.applies.grades for limit in rules):
        raise QuestionError('这类规定按年级而定，请写明年级，如 {"grade": 4}')


def _read_times(question: Mapping, asked: Question) -> None:
    for key in ("start", "end"):
        if question.get(key) is not None:
            setattr(asked, key, _clock(question[key], key))
    if question.get("due") is not None:
        asked.due = _day(question["due"], "due")
        if asked.due - asked.day > LONGEST:
            raise QuestionError(f"due“{asked.due}”离 on 太远，应在 {LONGEST.days} 天以内")
    if question.get("split") is not None:
        if not isinstance(question["split"], Mapping):
            raise QuestionError('split 应是一个对象，如 {"2025-11-14": 20, "2025-11-15": 20}')
        asked.split = {_day(day, "split"): _number(it, "split") for day, it in question["split"].items()}


def _read_value(question: Mapping, asked: Question, rulebook: Rulebook) -> None:
    """A number, an amount with its unit, a time of day, true or false, or an object of all these."""
    value = question.get("value")
    if value is None or value is True:
        return
    if value is False:
        asked.amounts = {"times": 0}
    elif isinstance(value, Mapping):
        for key, part in value.items():
            _read_part(key, part, asked)
    elif isinstance(value, str):
        _read_text(value, asked, rulebook)
    else:
        measure = question.get("unit") or _bare_measure(asked, rulebook, value)
        _add_amount(asked, measure, value, "value")


def _read_part(key: str, part, asked: Question) -> None:
    if key in ("start", "end"):
        setattr(asked, key, _clock(part, key))
    elif key in ("time", "clock"):
        asked.start = asked.end = _clock(part, key)
    elif key in ("attributes", "where") and isinstance(part, Mapping):
        asked.attributes |= part
    elif _measure(key):
        _add_amount(asked, key, part, key)
    else:
        asked.attributes[key] = part


def _read_text(value: str, asked: Question, rulebook: Rulebook) -> None:
    value = value.strip()
    if CLOCK.fullmatch(value.zfill(5)):
        asked.start = asked.start or value.zfill(5)
        asked.end = asked.end or value.zfill(5)
        return
    found = AMOUNT.fullmatch(value)
    if found and _measure(found[2].strip()):
        _add_amount(asked, found[2].strip(), float(found[1]), "value")
    elif value.replace(".", "", 1).isdigit():
        _add_amount(asked, _bare_measure(asked, rulebook, float(value)), float(value), "value")
    else:
        raise QuestionError(f'value 看不懂：“{value}”。请写数字、"90分钟"、"20:30"，或写成对象')


def _measure(name: str) -> tuple[str, int] | None:
    """The measure and factor that a unit in a question stands for."""
    if name in MEASURES:
        return name, 1
    if name in VOCABULARY["units"]:
        unit = VOCABULARY["units"][name]
        return unit["measure"], unit["factor"]
    return (NAMES["measures"][name], 1) if name and name in NAMES["measures"] else None


def _add_amount(asked: Question, unit: str, amount, field: str) -> None:
    found = _measure(unit) if isinstance(unit, str) else None
    if found is None:
        raise QuestionError(f"不认识单位“{unit}”。可以写：{'、'.join(MEASURES)}、hours")
    number = _number(amount, field) * found[1]
    asked.amounts[found[0]] = int(number) if number == int(number) else number


def _bare_measure(asked: Question, rulebook: Rulebook, value) -> str:
    """What a bare number counts: the usual measure of the kind if some rule uses it, else what rules use."""
    kind = KINDS[asked.kind]
    if isinstance(value, int | float) and value <= kind.get("hours_up_to", 0):
        return "hours"
    attributes = {**kind.get("assume", {}), **asked.attributes}
    used = [
        "times" if it.limit.form.startswith("count_") else it.limit.measure
        for bearer in asked.bearers
        for it in rulebook.limits(asked.kind, bearer, asked.day)
        if it.value.bound is not None and all_hold(it.limit.where, attributes)
    ]
    if kind["measure"] in ("times", *used) or not used:
        return kind["measure"]
    return next((measure for measure in used if measure not in ("times", "clock")), "times")


def _bearers(question: Mapping, kind: str, rulebook: Rulebook) -> list[Bearer]:
    """The ways to read who carries it: as told, else every kind that the rules keep accounts for."""
    told = _read_bearer(question.get("bearer"))
    for key in ("grade", "stage"):
        if question.get(key) is not None:
            told[key] = question[key]
    grade = _grade(told["grade"]) if told.get("grade") is not None else None
    stage = _code("stages", told["stage"], STAGES, "stage") if told.get("stage") else None
    kept = rulebook.bearer_kinds(kind)
    kinds = [told["kind"]] if told.get("kind") and (told["kind"] in kept or not kept) else kept
    kinds = kinds or [told.get("kind") or "class"]
    unit_kinds, attributes = _bearer_kinds(told), _bearer_attributes(told)
    grades = [None, *grades_of(stage)] if stage and grade is None else [grade]
    return [
        Bearer(str(told.get("id", "")), kind, grade, stage, unit_kinds, attributes)
        for kind in kinds
        for grade in grades
    ]


def _bearer_kinds(told: Mapping) -> tuple[str, ...]:
    found = told.get("unit_kinds", [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise QuestionError("bearer.unit_kinds 应是文字的列表")
    return tuple(found)


def _bearer_attributes(told: Mapping) -> Mapping:
    found = told.get("attributes", {})
    if not isinstance(found, Mapping) or not all(isinstance(one, str | bool | int) for one in found.values()):
        raise QuestionError("bearer.attributes 应是一个对象，值是文字、整数或 true/false")
    for name in VOCABULARY["times"]:
        if name in found:
            _clock(found[name], f"bearer.attributes.{name}")
    return found


def _read_bearer(bearer) -> dict:
    if bearer is None:
        return {}
    if isinstance(bearer, Mapping):
        told = dict(bearer)
        if told.get("kind") is not None:
            told["kind"] = _code("bearers", told["kind"], BEARERS, "bearer.kind")
        return told
    if isinstance(bearer, bool) or not isinstance(bearer, int | str):
        raise QuestionError('bearer 看不懂。请写 "grade 4"、"class"、"township"，或 {"grade": 4}')
    text = str(bearer).strip()
    if _grade_in(text):
        return {"grade": text}
    if _known("stages", text, STAGES):
        return {"stage": text}
    return {"kind": _code("bearers", text, BEARERS, "bearer")}


def _grade_in(text: str) -> int | None:
    """The one grade that a text names: 4, grade 4, 四年级, 四年级2班."""
    if SEVERAL.search(text):
        return None
    named = [number for name, number in NAMES["grades"].items() if text.startswith(name)]
    matched = GRADE.search(text)
    number = int(named[0]) if named else int(matched[1]) if matched else None
    return number if number in GRADES else None


def _grade(found) -> int:
    grade = None if isinstance(found, bool) else _grade_in(str(found).strip())
    if grade is None:
        raise QuestionError(f"年级“{found}”看不懂。请写 1 到 {max(GRADES)} 的一个数字")
    return grade


def _known(group: str, text: str, known: Mapping) -> str | None:
    """The code that a word stands for: itself, its Chinese name, or another word for it."""
    plain = text.lower()
    codes = (text, plain, NAMES[group].get(text), ALIASES.get(group, {}).get(plain))
    return next((code for code in codes if code in known), None)


def _code(group: str, found, known: Mapping, field: str) -> str:
    code = _known(group, found.strip(), known) if isinstance(found, str) else None
    if code:
        return code
    choices = "、".join(known)
    if found is None:
        raise QuestionError(f"缺少 {field}。可以写：{choices}")
    raise QuestionError(f"{field}“{found}”不认识。可以写：{choices}")


def _day(found, field: str) -> date:
    try:
        day = date.fromisoformat(str(found).strip().replace("/", "-"))
    except ValueError:
        raise QuestionError(f"{field}“{found}”不是日期。请写成 2025-11-12") from None
    if not EARLIEST <= day <= LATEST:
        raise QuestionError(f"{field}“{found}”太早或太晚。请写 {EARLIEST.year} 到 {LATEST.year} 年之间的日期")
    return day


def _clock(found, field: str) -> str:
    text = str(found).strip().zfill(5)
    if not CLOCK.fullmatch(text):
        raise QuestionError(f'{field}“{found}”不是时刻。请写成 "20:30"')
    return text


def _number(found, field: str) -> int | float:
    number = found
    if isinstance(number, str) and number.replace(".", "", 1).isdigit():
        number = float(number)
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < 10**9:
        raise QuestionError(f"{field} 应是不小于 0 的数字（现在是 {found!r}）")
    return number

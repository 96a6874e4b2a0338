"""Reads questions about the rules, generously: they come from people and from other systems.

`kind` and `bearer` may be codes or Chinese names; `value` a number, an amount with its unit, a time of day,
or an object of amounts, times and attributes (docs/rulebook.md).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches

from .loader import CLOCK
from .model import Bearer, Demand
from .rulebook import Rulebook
from .words import ATTRIBUTES, BEARERS, GRADES, KINDS, MEASURES, STAGES, VOCABULARY, grades_of

KNOWN_KEYS = {
    "id", "kind", "bearer", "on", "value", "unit", "grade", "stage", "attributes", "where", "start", "end",
    "due", "split", "last_year",
}  # fmt: skip
LONGEST = timedelta(days=366)
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
GRADE = re.compile(r"(?:^|\b)(?:grade|g)?[\s_]*(\d{1,2})(?:\s*年级.*)?$", re.IGNORECASE)
CLASS = re.compile(r"(?P<stage>小学|初中|高中|初|高)?(?P<number>[一二三四五六七八九])(?:年级.*|\(\d+\)班?|\d+班)?")
AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(\D+)")
HOURS_AND_MINUTES = re.compile(r"(\d+)(?:个?小时|h)(\d+)(?:分钟?|min)?")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
SEVERAL = re.compile(r"[-–~至到、,]")
NUMBERS = "一二三四五六七八九"
STAGE_OF = {"小": "primary", "初": "junior", "高": "senior"}
ALIASES = VOCABULARY["aliases"]
NAMES = {  # what people call things → codes
    group: {(found["name"] if isinstance(found, dict) else found): code for code, found in VOCABULARY[group].items()}
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
        told = {"bearer": bearer.kind, **self.assumed, **self.attributes}
        own = {
            key: told.get(value[1:]) if isinstance(value, str) and value.startswith("$") else value
            for key, value in self.assumed.items()
        }
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
    kind = read_code("kinds", question.get("kind"), KINDS, "kind")
    asked = Question(kind, [], read_day(question.get("on", today.isoformat()), "on"))
    for key in ("attributes", "where"):
        if not isinstance(question.get(key, {}), Mapping):
            raise QuestionError(f'{key} 应是一个对象，如 {{"form": "written"}}')
        asked.attributes |= question.get(key, {})
    own_words = ATTRIBUTES.get(kind, {}).keys() & {"stage", "unit"}
    asked.attributes |= {
        key: value
        for key, value in question.items()
        if key not in KNOWN_KEYS or (key in own_words and _attribute_word(kind, key, value) is not None)
    }
    _read_times(question, asked)
    asked.attributes = _attributes(asked, rulebook)
    asked.bearers = _bearers(question, asked, rulebook)
    _need_grade(asked, rulebook)
    _read_value(question, asked, rulebook)
    asked.attributes = _attributes(asked, rulebook)
    if asked.start or asked.end:
        asked.kind = KINDS[kind].get("clock_kind", kind)
    asked.assumed = {
        key: value for key, value in KINDS[asked.kind].get("assume", {}).items() if key not in asked.attributes
    }
    asked.baseline = _number(question["last_year"], "last_year") if "last_year" in question else None
    return asked


def _attributes(asked: Question, rulebook: Rulebook) -> dict:
    """The attributes by their codes. A word that neither the list nor a rule knows would make rules silent: refused."""
    names = {found["name"]: code for code, found in ATTRIBUTES.get(asked.kind, {}).items()}
    read = {}
    for name, value in asked.attributes.items():
        key = names.get(name, name)
        several = isinstance(value, list | tuple)
        words = [_word(asked, key, one, rulebook) for one in (value if several else [value])]
        read[key] = words if several else words[0]
    return read


def _word(asked: Question, key: str, value, rulebook: Rulebook):
    listed = ATTRIBUTES.get(asked.kind, {}).get(key)
    if listed is None or not isinstance(value, str):
        return value
    code = _attribute_word(asked.kind, key, value)
    if code is None and not listed.get("open") and value not in rulebook.words_of(asked.kind, key):
        choices = "、".join(code if code == name else f"{code}（{name}）" for code, name in listed["words"].items())
        raise QuestionError(f"{key}（{listed['name']}）“{value}”不认识。可以写：{choices}")
    return code or value


def _attribute_word(kind: str, key: str, value) -> str | None:
    """The code that stands for a word of an attribute: itself or a Chinese name of it."""
    words = ATTRIBUTES[kind][key]["words"]
    if not isinstance(value, str):
        return None
    plain = unicodedata.normalize("NFKC", value).strip()
    if plain in words:
        return plain
    return next((code for code, names in words.items() if plain == names or plain in _listed(names)), None)


def _listed(names: str | list) -> list:
    return names if isinstance(names, list) else [names]


def _need_grade(asked: Question, rulebook: Rulebook) -> None:
    """Where all rules for such bearers go by grade, a question without a grade has no answer."""
    if any(bearer.grade or bearer.stage for bearer in asked.bearers):
        return
    kinds = {bearer.kind for bearer in asked.bearers}
    rules = rulebook.rules(asked.kind, kinds, asked.day)
    if rules and all(limit.applies.grades for limit in rules):
        raise QuestionError('这类规定按年级而定，请写明年级，如 {"grade": 4}')


def _read_times(question: Mapping, asked: Question) -> None:
    for key in ("start", "end"):
        if question.get(key) is not None:
            setattr(asked, key, _clock(question[key], key))
    if question.get("due") is not None:
        asked.due = read_day(question["due"], "due")
        if asked.due - asked.day > LONGEST:
            raise QuestionError(f"due“{asked.due}”离 on 太远，应在 {LONGEST.days} 天以内")
    if question.get("split") is not None:
        if not isinstance(question["split"], Mapping):
            raise QuestionError('split 应是一个对象，如 {"2025-11-14": 20, "2025-11-15": 20}')
        asked.split = {read_day(day, "split"): _number(it, "split") for day, it in question["split"].items()}


def _read_value(question: Mapping, asked: Question, rulebook: Rulebook) -> None:
    """A number, an amount with its unit, a time of day, true or false, or an object of all these."""
    value = question.get("value")
    if value is None or value is True:
        return
    if value is False:
        asked.amounts = {"times": 0}
    elif isinstance(value, Mapping):
        for key, part in value.items():
            _read_part(key, part, asked, rulebook)
    elif isinstance(value, str):
        _read_text(value, asked, rulebook)
    else:
        unit = None if "unit" in asked.attributes else question.get("unit")
        _add_amount(asked, unit or _bare_measure(asked, value), value, "value", rulebook)


def _read_part(key: str, part, asked: Question, rulebook: Rulebook) -> None:
    if key in ("start", "end"):
        setattr(asked, key, _clock(part, key))
    elif key in ("time", "clock"):
        asked.start = asked.end = _clock(part, key)
    elif key in ("attributes", "where") and isinstance(part, Mapping):
        asked.attributes |= part
    elif _measure(key):
        _add_amount(asked, key, part, key, rulebook)
    elif isinstance(part, int | float) and not isinstance(part, bool) and key not in rulebook.words(asked.kind):
        near = get_close_matches(key, MEASURES, 1)
        hint = f"是不是 {near[0]}？" if near else ""
        raise QuestionError(f"value 里的“{key}”不认识。{hint}计量可以写：{_choices(MEASURES)}")
    else:
        asked.attributes[key] = part


def _read_text(value: str, asked: Question, rulebook: Rulebook) -> None:
    value = _plain(value)
    if CLOCK.fullmatch(value.zfill(5)):
        asked.start = asked.start or value.zfill(5)
        asked.end = asked.end or value.zfill(5)
        return
    found = AMOUNT.fullmatch(value)
    long = HOURS_AND_MINUTES.fullmatch(value.replace(" ", ""))
    if long:
        _add_amount(asked, "minutes", int(long[1]) * 60 + int(long[2]), "value", rulebook)
    elif found and _measure(found[2].strip()):
        _add_amount(asked, found[2].strip(), float(found[1]), "value", rulebook)
    elif value.replace(".", "", 1).isdigit():
        _add_amount(asked, _bare_measure(asked, float(value)), float(value), "value", rulebook)
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


def _add_amount(asked: Question, unit: str, amount, field: str, rulebook: Rulebook) -> None:
    found = _measure(unit) if isinstance(unit, str) else None
    if found is None:
        raise QuestionError(f"不认识单位“{unit}”。可以写：{_choices(MEASURES)}、hours（小时）")
    measure, factor = found
    other = VOCABULARY["converts"].get(measure)
    counted = rulebook.measures(asked.kind)
    if other and measure not in counted and other["measure"] in counted:
        measure, factor = other["measure"], factor * other["factor"]
    number = _number(amount, field) * factor
    asked.amounts[measure] = int(number) if number == int(number) else number


def _bare_measure(asked: Question, value) -> str:
    """What a bare number counts: the usual measure of the kind; for sleep, a small one is hours."""
    kind = KINDS[asked.kind]
    if kind["measure"] == "clock":
        raise QuestionError(f'value 应是时刻，如 "20:30"（现在是 {value!r}）')
    if "hours_up_to" in kind and isinstance(value, int | float) and value <= kind["hours_up_to"]:
        return "hours"
    return kind["measure"]


def _bearers(question: Mapping, asked: Question, rulebook: Rulebook) -> list[Bearer]:
    """The ways to read who carries it: as told, else every kind that the rules keep accounts for.

    A stage is asked for each of its grades; a school of no stage, where rules go by stage, for each of them.
    """
    told = _read_bearer(question.get("bearer"))
    for key in {"grade", "stage"} - asked.attributes.keys():
        if question.get(key) is not None:
            told[key] = question[key]
    grade = read_grade(told["grade"]) if told.get("grade") is not None else None
    stage = read_code("stages", told["stage"], STAGES, "stage") if told.get("stage") else None
    kept = rulebook.bearer_kinds(asked.kind)
    kinds = [told["kind"]] if told.get("kind") and (told["kind"] in kept or not kept) else kept
    kinds = kinds or [told.get("kind") or "class"]
    unit_kinds, attributes = _bearer_kinds(told), _bearer_attributes(told)
    grades = [None, *grades_of(stage)] if stage and grade is None else [grade]
    stages = [stage]
    if stage is None and grade is None:
        stages += sorted(rulebook.stages(asked.kind, kinds, asked.day), key=list(STAGES).index)
    return [
        Bearer(str(told.get("id", "")), kind, grade, stage, unit_kinds, attributes)
        for kind in kinds
        for stage in stages
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
            told["kind"] = read_code("bearers", told["kind"], BEARERS, "bearer.kind")
        return told
    if isinstance(bearer, bool) or not isinstance(bearer, int | str):
        raise QuestionError('bearer 看不懂。请写 "grade 4"、"class"、"township"，或 {"grade": 4}')
    text = _plain(str(bearer))
    if grade_in(text):
        return {"grade": text}
    if _known("stages", text, STAGES):
        return {"stage": text}
    kind = _known("bearers", text, BEARERS)
    if kind is None:
        raise QuestionError(
            f"bearer“{bearer}”不认识。可以写年级（四年级、初二、grade 4）、学段（小学、初中、高中），"
            f"或承担的一方：{_choices(BEARERS)}"
        )
    return {"kind": kind}


def grade_in(text: str) -> int | None:
    """The one grade that a text names: 4, grade 4, 四年级, 四年级2班, 四(2)班, 小学四年级, 初二."""
    text = _plain(text)
    if SEVERAL.search(text):
        return None
    found = CLASS.fullmatch(text)
    if found and (found["stage"] or not text.endswith(found["number"])):
        place = NUMBERS.index(found["number"])
        grades = grades_of(STAGE_OF[found["stage"][0]]) if found["stage"] else list(GRADES)
        named = place + 1 in grades  # 初中八年级 is the eighth grade, 初中二年级 and 初二 too
        return place + 1 if named else grades[place] if place < len(grades) else None
    named = [number for name, number in NAMES["grades"].items() if text.startswith(name)]
    matched = GRADE.search(text)
    number = int(named[0]) if named else int(matched[1]) if matched else None
    return number if number in GRADES else None


def read_grade(found) -> int:
    """The grade that a number or a text names. Raises QuestionError."""
    grade = None if isinstance(found, bool) else grade_in(str(found))
    if grade is None:
        raise QuestionError(f"年级“{found}”看不懂。请写 1 到 {max(GRADES)} 的一个数字，或四年级、初二这样的写法")
    return grade


def _known(group: str, text: str, known: Mapping) -> str | None:
    """The code that a word stands for: itself, its Chinese name, or another word for it."""
    plain = text.lower()
    codes = (text, plain, NAMES[group].get(text), ALIASES.get(group, {}).get(plain))
    return next((code for code in codes if code in known), None)


def read_code(group: str, found, known: Mapping, field: str) -> str:
    """The code that a word of a group stands for. Raises QuestionError with what may be written."""
    code = _known(group, found.strip(), known) if isinstance(found, str) else None
    if code:
        return code
    choices = _choices(known)
    if found is None:
        raise QuestionError(f"缺少 {field}。可以写：{choices}")
    near = get_close_matches(str(found).lower(), [*known, *NAMES[group]], 1)
    hint = f"是不是 {near[0]}？" if near else ""
    raise QuestionError(f"{field}“{found}”不认识。{hint}可以写：{choices}")


def _choices(known: Mapping) -> str:
    """Codes with their Chinese names, for a message."""
    names = {code: found["name"] if isinstance(found, dict) else found for code, found in known.items()}
    return "、".join(f"{code}（{name}）" if name else code for code, name in names.items())


def _plain(text: str) -> str:
    """Full-width digits, letters and signs as everybody else writes them."""
    return unicodedata.normalize("NFKC", text).strip()


def read_day(found, field: str) -> date:
    """A day as people write it. Raises QuestionError."""
    try:
        parts = DAY.fullmatch(_plain(str(found)))
        day = date(*(int(part) for part in parts.groups() if part))
    except (ValueError, AttributeError):
        raise QuestionError(f"{field}“{found}”不是日期。请写成 2025-11-12") from None
    if not EARLIEST <= day <= LATEST:
        raise QuestionError(f"{field}“{found}”太早或太晚。请写 {EARLIEST.year} 到 {LATEST.year} 年之间的日期")
    return day


def _clock(found, field: str) -> str:
    text = _plain(str(found)).zfill(5)
    if not CLOCK.fullmatch(text):
        raise QuestionError(f'{field}“{found}”不是时刻。请写成 "20:30"')
    return text


def _number(found, field: str) -> int | float:
    number = _plain(found) if isinstance(found, str) else found
    if isinstance(number, str) and number.replace(".", "", 1).isdigit():
        number = float(number)
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < 10**9:
        raise QuestionError(f"{field} 应是不小于 0 的数字（现在是 {found!r}）")
    return number

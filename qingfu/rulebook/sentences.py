"""The Chinese sentences of the rulebook, filled from `data/sentences.toml`."""

import tomllib
from collections.abc import Mapping
from datetime import date

from .model import NATION, InForce
from .words import DATA, MEASURES, VOCABULARY, word

MINUTES_OF_AN_HOUR = 60
TEMPLATES = tomllib.loads((DATA / "sentences.toml").read_text("utf-8"))


def breach_sentence(in_force: InForce, **words) -> str:
    """Why a limit is broken, with its document. `words` fill the template of its form (or of `template`)."""
    limit = in_force.limit
    template = TEMPLATES["breach"][words.pop("template", limit.form)]
    said = template.format(
        title=limit.title,
        kind=word("kinds", limit.kind),
        window=word("windows", limit.window),
        force=TEMPLATES["force"][limit.force],
        **{key: quantity(value, limit.measure) for key, value in words.items()},
    )
    return said + citation(in_force)


def citation(in_force: InForce) -> str:
    """Level, document and clause in brackets. A pack for the whole nation that names a place is not the state's: then
    whose it is stands in the level's stead."""
    parts, level = TEMPLATES["parts"], in_force.level
    whose = (level == NATION and in_force.pack.place) or parts["whose"].format(level=word("levels", level))
    return parts["citation"].format(whose=whose, citation=in_force.citation)


def rule_text(in_force: InForce) -> str:
    """What a limit asks for, in a few words."""
    limit, value = in_force.limit, in_force.value
    return TEMPLATES["rule"][limit.form].format(
        window=word("windows", limit.window),
        bound=_bound_text(in_force),
        force=TEMPLATES["force"][limit.force],
        event=TEMPLATES["when"][value.on],
        fact=word("facts", value.fact or ""),
        when=_when_text(value.when or {}),
        within=_within_text(value.within or {}),
    )


def _bound_text(in_force: InForce) -> str:
    value = in_force.value
    if value.share is not None:
        return percent(value.share)
    if value.time is None:
        return quantity(value.bound, in_force.limit.measure)
    time = word("times", value.time)
    return TEMPLATES["when"]["offset"].format(time=time, offset=value.offset) if value.offset else time


def _when_text(when: Mapping) -> str:
    names = {
        "week_of_month": str,
        "weekday": lambda day: TEMPLATES["weekdays"][str(day)],
        "day_kind": lambda kind: word("day_kinds", kind),
        "term": lambda term: TEMPLATES["terms"][str(term)],
    }
    return "，".join(
        TEMPLATES["when"][key].format(few="、".join(map(names[key], few))) for key, few in when.items()
    )


def _within_text(within: Mapping) -> str:
    return "".join(TEMPLATES["when"][key].format(number=number) for key, number in within.items())


def missing(what: str) -> str:
    """What is not known, as a sentence: a measure, "start", "last_year", a local time, or a fact."""
    templates = TEMPLATES["missing"]
    if what in templates:
        return templates[what]
    if what in VOCABULARY["times"]:
        return templates["local_time"].format(name=word("times", what))
    return templates["fact"].format(name=word("facts", what), code=what)


def weekday(day: date) -> str:
    return TEMPLATES["weekdays"][str(day.isoweekday())]


def percent(share: float) -> str:
    return f"{share:.4g}" if share > 1 else f"{share * 100:.4g}%"


def quantity(amount, measure: str):
    """An amount with its unit: 60 分钟, 9 小时, 2.5 元. What is no number stays as it is."""
    if not isinstance(amount, int | float) or isinstance(amount, bool):
        return amount
    hours, minutes = divmod(amount, MINUTES_OF_AN_HOUR)
    if measure == "minutes" and hours > 1 and minutes == 0:
        return TEMPLATES["parts"]["hours"].format(hours=plain(hours))
    return f"{plain(amount)} {MEASURES[measure]}".rstrip()


def plain(number: int | float) -> str:
    """A number without needless decimals."""
    return f"{number:g}" if isinstance(number, float) else str(number)

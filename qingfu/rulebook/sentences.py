"""The Chinese sentences of the rulebook, filled from `data/sentences.toml`."""

import tomllib
from datetime import date

from .model import InForce
from .words import DATA, MEASURES, word

TEMPLATES = tomllib.loads((DATA / "sentences.toml").read_text("utf-8"))


def breach_sentence(in_force: InForce, **words) -> str:
    """Why a limit is broken, with its document. `words` fill the template of its form (or of `template`)."""
    limit = in_force.limit
    template = TEMPLATES["breach"][words.pop("template", limit.form)]
    unit = MEASURES[limit.measure]
    said = template.format(
        title=limit.title,
        kind=word("kinds", limit.kind),
        window=word("windows", limit.window),
        unit=f" {unit}" if unit else "",
        force=TEMPLATES["force"][limit.force],
        **{key: plain(value) for key, value in words.items()},
    )
    return said + citation(in_force)


def citation(in_force: InForce) -> str:
    """Level, document and clause in brackets."""
    return TEMPLATES["parts"]["citation"].format(
        level=word("levels", in_force.level), citation=in_force.citation
    )


def missing(what: str) -> str:
    """What is not known, as a sentence: a measure, "start", "last_year", or the name of a local time."""
    template = TEMPLATES["missing"].get(what)
    return template or TEMPLATES["missing"]["local_time"].format(name=word("times", what))


def weekday(day: date) -> str:
    return TEMPLATES["weekdays"][str(day.isoweekday())]


def percent(share: float) -> str:
    return f"{share:.4g}" if share > 1 else f"{share * 100:.4g}%"


def plain(value):
    """Numbers without needless decimals."""
    return f"{value:g}" if isinstance(value, float) else value

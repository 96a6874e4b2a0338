"""The words of data/*.toml, each with what it stands for, and what lies within what."""

import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple
from unicodedata import normalize

from ..plain import plain


class Word(NamedTuple):
    """One word of a field name.

    `role`: fact, mark, form, measure, level, filler, denied, apart, so_far, ever, year, month. `means`: the facts and
    marks it stands for, or the one name of the form, measure or level. The rest: of a fact (facts.toml).
    """

    role: str
    means: tuple[str, ...] = ()
    sort: str = ""
    unit: str = ""
    form: str = ""
    flow: bool = False
    level: str = ""


def load(name: str) -> dict:
    """One data file of this room."""
    return tomllib.loads((files("qingfu.text.fields") / "data" / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Half-width, Simplified, lower case, without blanks."""
    return "".join(plain(normalize("NFKC", text)).text.split())


FACTS, MARKS = load("facts.toml"), load("marks.toml")
COMPOUNDS, MEASURES = load("words.toml")["word"], load("measures.toml")
UNITS = {fold(name): (unit["kind"], unit["size"]) for unit in MEASURES["unit"] for name in unit["names"]}
PER = {fold(unit): form for form, units in MEASURES["per"].items() for unit in units}


def _words() -> Iterable[tuple[str, Word]]:
    """Every word, those that win over an equal one last."""
    for role in ("fillers", "denied", "apart"):
        yield from ((word, Word(role.removesuffix("s"))) for word in MEASURES[role]["words"])
    for level, words in MEASURES["levels"].items():
        yield from ((word, Word("level", (level,))) for word in words)
    for kind, words in MEASURES["measure_words"].items():
        yield from ((word, Word("measure", (kind,))) for word in words)
    for form, words in MEASURES["forms"].items():
        yield from ((word, Word("form", (form,))) for word in words)
    for role in ("so_far", "shifted"):
        yield from ((word, Word(name)) for name, words in MEASURES[role].items() for word in words)
    for name, mark in MARKS.items():
        yield from ((word, Word("mark", (name,), flow=mark.get("flow", False))) for word in mark["names"])
    for name, fact in FACTS.items():
        yield from ((word, _fact((name,), fact, {})) for word in fact["names"])
    for compound in COMPOUNDS:
        of = next((FACTS[name] for name in compound["means"] if name in FACTS), None)
        means = (*compound["means"], *(f"{compound['least']['kind']}>={compound['least']['value']}",)) \
            if "least" in compound else tuple(compound["means"])
        yield from ((word, _fact(means, of or {}, compound)) for word in compound["names"])


def _fact(means: tuple[str, ...], fact: dict, compound: dict) -> Word:
    sort = fact.get("sort", "person")
    unit = compound.get("unit") or fact.get("unit") or MEASURES["default_units"].get(sort, "")
    flow = fact.get("flow", False) or any(MARKS[name].get("flow") for name in means if name in MARKS)
    return Word("fact", means, sort, unit, compound.get("form", ""), flow, fact.get("level", ""))


WORDS = {fold(word): meaning for word, meaning in _words()}
LONGEST = max(map(len, WORDS))
LEVELS = tuple(MEASURES["levels"])
_RANGES = {"age": 120, "size": 120}
_STAGES = {"primary": range(1, 7), "junior": range(7, 10), "senior": range(10, 13)}


@cache
def wider(atom: str) -> frozenset[str]:
    """The atom and everything that it lies within: primary lies in compulsory, 80 years and more in 60 and more."""
    if atom.startswith("of:"):
        return frozenset("of:" + one for one in wider(atom.removeprefix("of:")))
    if atom.startswith("?"):
        return frozenset("?" + atom[start:] for start in range(1, max(2, len(atom) - 1)))
    for sign in (">=", "<="):
        if sign in atom:
            kind, _, value = atom.partition(sign)
            inside = range(1, int(value) + 1) if sign == ">=" else range(int(value), _RANGES[kind] + 1)
            return frozenset({atom}).union(f"{kind}{sign}{one}" for one in inside)
    if atom.startswith("grade="):
        stage = next((name for name, grades in _STAGES.items() if int(atom[6:]) in grades), None)
        return frozenset({atom}) | (wider(stage) if stage else frozenset())
    parts = (FACTS.get(atom) or MARKS.get(atom) or {}).get("part_of", ())
    return frozenset({atom}).union(*(wider(part) for part in parts))


def within(atoms: Iterable[str]) -> frozenset[str]:
    """Everything that a field with these atoms lies within."""
    return frozenset().union(*(wider(atom) for atom in atoms))

"""Inspections before anything is stored: what the rulebook is told, what planning/merge is asked, the pack of caps."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import gettext

from qingfu.offices.asking import Asking, Bearer
from qingfu.offices.models import Listed, QuietDays, Visit
from qingfu.units.models import Unit

DATA = Path(__file__).parent / "data" / "inspections.toml"
EDUCATION = "education"
RISKS = ("low", "middle", "high")


@cache
def settings() -> dict:
    """``merging``, ``notice``, ``anonymity`` and ``not_to_ask`` of data/inspections.toml."""
    return tomllib.loads(DATA.read_text("utf-8"))


def not_to_ask() -> dict[str, dict]:
    """What visitors may not ask for: code → text and the id of the limit that says so."""
    return {row["code"]: row for row in settings()["not_to_ask"]}


def asking_of(listed: Listed, day: date, places: Iterable[Unit], reason: str = "") -> Asking:
    """What the ledger is asked: one visit of ``listed`` to each of ``places`` on ``day``.

    That it is planned, approved and listed is the filing, for the year of the list alone.
    """
    filed = listed.state == Listed.State.FILED and listed.year == day.year
    attributes = {
        "visit_type": listed.visit_type, "issuer": listed.unit.name,
        "issuer_sector": EDUCATION if listed.unit.attributes.get("sector") == EDUCATION else "other",
        **dict.fromkeys(("planned", "approved", "listed_this_year"), filed),
        "lawful_body": bool(listed.basis),
    }  # fmt: skip
    if listed.own_item:
        attributes["own_item"] = True
    amounts = {"minutes": listed.minutes, "months_ahead": months_between(listed.announced_on, day)}
    return Asking(
        "visit", day, tuple(Bearer(place) for place in places), amounts, attributes, title=listed.title, reason=reason
    )


def months_between(announced: date | None, day: date) -> int:
    """Whole months from the notice to the day; 0 where there was none."""
    if announced is None or announced > day:
        return 0
    return (day.year - announced.year) * 12 + day.month - announced.month - (day.day < announced.day)


def merge_request(
    visits: Sequence[Visit], quiet: Iterable[QuietDays], days: Sequence[date], title: str
) -> dict:
    """The request of docs/merge.md for ``visits`` on working ``days``. What is asked already keeps its day."""
    rules = settings()["merging"]
    places = {visit.place_id: visit.place for visit in visits}
    units = {visit.listed.unit_id: visit.listed.unit for visit in visits}
    teams = {
        unit_id: max(visit.listed.teams for visit in visits if visit.listed.unit_id == unit_id) for unit_id in units
    }
    blocked = []
    for one in quiet:
        names = [name_of(place) for place in places.values() if place.kind in one.kinds]
        if names:
            blocked.append({"why": one.why, "first": str(one.first), "last": str(one.last), "places": names})
    return {
        "title": title,
        "days": [str(day) for day in days],
        "blocked": blocked,
        "authorities": [
            {"id": name_of(unit), "inspectors": teams[pk] + rules["reserve"], "reserve": rules["reserve"]}
            for pk, unit in units.items()
        ],
        "places": [{"id": name_of(place), "per_day": rules["per_day"]} for place in places.values()],
        "visits": [_row(visit) for visit in visits],
        "effort": rules["effort"],
    }


def _row(visit: Visit) -> dict:
    first, last = (visit.day, visit.day) if visit.is_asked else (visit.first, visit.last)
    return {
        "id": visit_name(visit), "authority": name_of(visit.listed.unit), "place": name_of(visit.place),
        "first": str(first), "last": str(last),
    }  # fmt: skip


def name_of(unit: Unit) -> str:
    """A unit in a published plan: its name, and its number since names repeat."""
    return f"{unit.name.replace('|', '')} #{unit.pk}"


def visit_name(visit: Visit) -> str:
    """A visit in a published plan."""
    return f"{visit.listed.title.replace('|', '')} #{visit.pk}"


def number_in(name: str) -> int:
    """The number of ``name_of`` and ``visit_name``."""
    return int(name.rpartition("#")[2])


def sealed_content(listed_id: int, place: Unit, day: date) -> dict:
    """What is sealed: nothing of it is stored before the visit is made."""
    return {"listed": listed_id, "place": place.pk, "day": str(day)}


def pack_id_of(unit: Unit) -> str:
    """The pack that holds an authority's caps on inspections of one enterprise."""
    return f"county.enterprise-visits.{unit.pk}"


def caps_pack(unit: Unit, caps: Mapping[str, int], since: date) -> str:
    """涉企检查年度频次上限 of ``unit`` as a pack: at most so many visits to one enterprise in a year, by its risk."""
    title = gettext("%(unit)s涉企检查年度频次上限") % {"unit": unit.name}
    head = f"[pack]\nid = {_text(pack_id_of(unit))}\nlevel = \"county\"\ntitle = {_text(title)}\n\n"
    document = f"[documents.own]\ntitle = {_text(title)}\nissued = {since}\n"
    return head + document + "".join(_cap(unit, title, risk, cap, since) for risk, cap in caps.items())


def _cap(unit: Unit, title: str, risk: str, cap: int, since: date) -> str:
    return f"""
[[limit]]
id = {_text(f"{pack_id_of(unit)}.{risk}")}
title = {_text(title)}
kind = "visit"
where = {{ issuer = {_text(unit.name)} }}
bearer = "enterprise"
applies = {{ attributes = {{ risk = {_text(risk)} }} }}
form = "count_at_most"
window = "year"
force = "must"
[[limit.value]]
from = {since}
cap = {cap}
document = "own"
confidence = "verbatim"
"""


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # a JSON string is a TOML string

"""Six indicators of a county a third time, from the rows of the database as they are, in plain Python.

It knows neither the lake nor ``recount_a``: bands, places and amounts are read where the rooms keep them.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from qingfu.ledger.models import Demand
from qingfu.notices.models import FamilyCount
from qingfu.offices.models import Meeting
from qingfu.units.models import Unit
from qingfu.units.tenancy import as_tenant


def recount(tenant_id: int, first: date, last: date, today: date) -> dict[str, str]:
    """The figures of the whole county between two days, as text with all their decimals."""
    with as_tenant(tenant_id):
        demands = list(Demand.objects.exclude(state="withdrawn").exclude(emergency=True))
        meetings = list(Meeting.objects.select_related("ask").filter(ask__state="posted"))
        answers = list(FamilyCount.objects.filter(kind="time"))
        paths = dict(Unit.objects.filter(tenant_id=tenant_id).values_list("pk", "path"))
    heavy = _heavy(demands, first, last)
    demands = [one for one in demands if first <= one.day <= last]
    by_day: dict = {}
    for one in demands:
        if one.kind == "homework":
            by_day.setdefault((one.bearer_id, one.day), []).append(one)
    broken = sum(
        bool({each["how"] for one in several for each in one.over or ()} - {"waived"}) for several in by_day.values()
    )
    minutes, at_school = 0, 0
    for several in by_day.values():
        written = [one for one in several if one.attributes["form"] == "written"]
        minutes += sum(one.charged_minutes for one in written)
        at_school += sum(one.charged_minutes for one in written if one.attributes["place"] != "家庭")
    carried = [
        one.attributes["estimated_minutes"] for one in demands
        if "estimated_minutes" in one.attributes and "account" not in one.attributes
    ]  # fmt: skip
    timed = [one for one in meetings if first <= one.ask.day <= last and one.actual_minutes is not None]
    return {
        "homework_days_over": _rounded(100 * broken, len(by_day), "0.01"),
        "homework_minutes_p90": str(_at(heavy, Decimal("0.9"))),
        "homework_in_school": _rounded(100 * at_school, minutes, "0.1"),
        "real_minutes_median": str(_at(_kept(answers, paths, first, last, today), Decimal("0.5"))),
        "burden_minutes": str(sum(carried)) if carried else "None",
        "meetings_overran": _rounded(100 * sum(one.overran > 0 for one in timed), len(timed), "0.1"),
    }


def _heavy(demands: list[Demand], first: date, last: date) -> list[int]:
    """Minutes of written homework of the classes on their days; what is done on several days has its part on each."""
    found: dict = {}
    for one in demands:
        if one.kind == "homework" and one.attributes["form"] == "written":
            parts = one.split or {one.day.isoformat(): one.charged_minutes}
            for day, minutes in parts.items():
                if first.isoformat() <= day <= last.isoformat():
                    found[one.bearer_id, day] = found.get((one.bearer_id, day), 0) + minutes
    return list(found.values())


def _kept(answers: list, paths: dict[int, str], first: date, last: date, today: date) -> list[int]:
    """The lower ends of the bands that may be counted: of a week that is over and has its Thursday in the span, those
    of a class if they are five; else together with the rest of its grade, of its school, of the county."""
    found: list[int] = []
    by_week: dict[date, dict[str, list[int]]] = {}
    for one in answers:
        thursday = one.day + timedelta(days=3 - one.day.weekday())
        low = 0 if one.band == "none" else int(one.band.split("-")[0])
        if first <= thursday <= last and thursday + timedelta(days=3) < today:
            by_week.setdefault(thursday, {}).setdefault(paths[one.unit_id], []).extend([low] * one.count)
    for pools in by_week.values():
        while pools:
            path = max(pools, key=len)
            pool = pools.pop(path)
            if len(pool) >= 5:
                found += pool
            elif path[:-4] in paths.values():
                pools.setdefault(path[:-4], []).extend(pool)
    return found


def _at(values: list[int], share: Decimal) -> int | None:
    """The value at a share of the ordered values: the first that at least so many reach or stay below."""
    if not values:
        return None
    place = (share * len(values)).to_integral_value(rounding="ROUND_CEILING")
    return sorted(values)[int(place) - 1]


def _rounded(part: int, whole: int, step: str) -> str:
    return "None" if not whole else str((Decimal(part) / whole).quantize(Decimal(step), ROUND_HALF_UP))

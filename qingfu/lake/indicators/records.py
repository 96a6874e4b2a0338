"""The records behind a figure, and which lake it was taken from."""

from __future__ import annotations

import hashlib
from datetime import date

from qingfu.lake.indicators.figures import Asking, indicator_of, is_anonymous
from qingfu.lake.indicators.ground import Ground, Place
from qingfu.lake.reading import Lake
from qingfu.lake.tables import tables

NOT_SHOWN = {"county", "month", "issuer_id", "attempt_id", "minute_of_day", "attributes", "amounts"}
"""Columns that say nothing more to a reader, the number of a person, and when she sat at it."""


def records(
    lake: Lake, indicator_id: str, unit_id: int, first: date, last: date, limit: int = 200
) -> list[dict]:
    """At most ``limit`` rows behind one figure: the columns of its table that say anything, ``unit_name``, and
    ``counted``, whether the row is of the part that the figure is about. Those come first, the latest before others.

    Of anonymous answers these are the cells that may be shown (``pools``): unit, first and last day, answers, and how
    many of the kind in question where the figure tells that. Raises LakeError.
    """
    one = indicator_of(indicator_id)
    asking = Asking.of(lake, unit_id, first, last)
    rows = asking.cells_behind(one) if is_anonymous(one) else asking.rows_behind(one, limit)
    (ground,) = asking.grounds
    names = {place.id: _called(place, ground) for place in ground.places.values()}
    bearer = "unit_id" if is_anonymous(one) else tables()[one.expression.whole.table].bearer
    named = [{"unit_name": names[row[bearer]], **row} for row in rows[:limit]]
    said = {name for row in named for name, value in row.items() if value is not None} - NOT_SHOWN
    return [{name: value for name, value in row.items() if name in said} for row in named]


def _called(place: Place, ground: Ground) -> str:
    """A unit by its name, behind that of its school or office where that lies below the unit in question."""
    home = ground.places.get(place.institution_id)
    inside = home is not None and home.id not in (place.id, ground.unit.id)
    return f"{home.name}{place.name}" if inside else place.name


def digest(lake: Lake) -> str:
    """Which manifests a lake stands at: for each county its code, when it was written, and a hash of its files."""
    return "；".join(_stand(lake, code) for code in lake.codes)


def _stand(lake: Lake, code: str) -> str:
    found = lake.manifests[code]
    files = hashlib.sha256("\n".join(sorted(piece.sha256 for piece in found.pieces)).encode()).hexdigest()
    return f"{code} {found.exported_at} {files[:12]}"

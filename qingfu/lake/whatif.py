"""What a proposed rule would have done to the real past, before anybody signs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from qingfu.lake.audit.limits import audit
from qingfu.lake.reading import Lake
from qingfu.rulebook import Pack

QUANTILES = (0.5, 0.9, 1.0)  # the median, the heavy and the heaviest day of a class


@dataclass(frozen=True)
class Load:
    """Minutes of homework of a class on a day that had some: median, 90th percentile and most."""

    median: float
    heavy: float
    heaviest: float


@dataclass(frozen=True)
class WhatIf:
    """What would not have passed (rows of the audit's schema), whom that touches, and the load before and after.

    ``short`` are rows of the same schema: what would have been found when a window or a deadline ended, and was not
    before. It stops nothing.
    """

    stopped: pa.Table
    short: pa.Table
    institutions: int
    issuers: int
    before: Load | None
    after: Load | None


def what_if(lake: Lake, proposed: Iterable[Pack], first: date, last: date) -> WhatIf:
    """Run the ``proposed`` packs over what was asked from ``first`` to ``last``.

    A demand is stopped if it goes over a limit of the proposed packs, in the order in which it was asked, that it did
    not go over under the packs in force. What is stopped no longer weighs on its class that day; nothing is moved to
    another day and nothing is shortened, so the relief shown is the most that the rule brings by refusing alone.
    """
    proposed = list(proposed)
    limits = {limit.id: limit for pack in proposed for limit in pack.limits}
    was = {_key(row) for row in audit(lake, first, last, only=limits).rows.to_pylist()}
    would = audit(lake, first, last, proposed, limits).rows
    fresh = would.filter(pa.array([_key(row) not in was for row in would.to_pylist()], pa.bool_()))
    is_gate = pa.array([limits[one].is_gate for one in fresh["limit_id"].to_pylist()], pa.bool_())
    stopped, short = fresh.filter(is_gate), fresh.filter(pc.invert(is_gate))
    homework = lake.table("demands").filter(
        _.kind == "homework", _.stands, ~_.emergency, _.day.between(first, last), _.minutes > 0
    )
    gone = ibis.memtable(stopped.select(["county", "demand_id"]))
    after = homework.anti_join(gone, ["county", "demand_id"])
    touched = (
        lake.table("demands")
        .semi_join(gone, ["county", "demand_id"])
        .join(lake.table("bearers").select("county", "bearer_id", "institution_id"), ["county", "bearer_id"])
    )
    whom = touched.agg(
        institutions=(_.county + ":" + _.institution_id.cast("string")).nunique(),
        issuers=(_.county + ":" + _.issuer_id.cast("string")).nunique(),
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    return WhatIf(stopped, short, whom["institutions"], whom["issuers"], _load(homework), _load(after))


def _key(row: dict) -> tuple:
    what = row["window"] if row["demand_id"] is None else row["demand_id"]
    return row["county"], row["limit_id"], row["bearer_id"], what


def _load(homework) -> Load | None:
    by_day = homework.group_by("county", "bearer_id", "day").agg(minutes=_.minutes.sum())
    asked = by_day.agg(**{f"q{n}": by_day.minutes.quantile(share) for n, share in enumerate(QUANTILES)})
    found = asked.to_pyarrow().to_pylist()[0]
    return None if found["q0"] is None else Load(*(float(found[f"q{n}"]) for n in range(len(QUANTILES))))

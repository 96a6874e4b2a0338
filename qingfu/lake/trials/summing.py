"""What a trial found, in figures: by school, subject and week, and a class's day before and after. No person."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date

import ibis
from ibis import _

from qingfu.lake.reading import Lake
from qingfu.lake.whatif import QUANTILES, what_if
from qingfu.rulebook import Pack

MOST_POSTS = 1000  # that a trial keeps one by one; the command writes all


@dataclass(frozen=True)
class Summary:
    """Demands that would not have passed, whom that touches, and minutes of homework of a class on a day: median, 90th
    percentile and most (none where the limit is not about homework). Lists are in the order of names and weeks."""

    asked: int
    stopped: int
    schools: int
    issuers: int
    before: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    by_school: list[list] = field(default_factory=list)  # name, how many
    by_subject: list[list] = field(default_factory=list)
    by_week: list[list] = field(default_factory=list)  # first day, how many, 90th percentile before, after
    posts: list[list] = field(default_factory=list)  # day, of whom, subject, by how much over: the first of them

    def to_json(self) -> dict:
        return asdict(self)


def summary(lake: Lake, proposed: Pack, first: date, last: date, path: str) -> Summary:
    """Run a proposed pack over the past of a county and sum up what lies below ``path`` in the tree of units."""
    found = what_if(lake, [proposed], first, last)
    [limit] = proposed.limits
    bearers = lake.table("bearers").filter(_.path.startswith(path)).select("county", "bearer_id", "institution_id")
    asked = lake.table("demands").filter(
        _.kind == limit.kind, _.stands, ~_.emergency, _.day.between(first, last)
    ).inner_join(bearers, ["county", "bearer_id"])
    gone = ibis.memtable(found.stopped.select(["county", "demand_id"])).distinct()
    stopped = asked.semi_join(gone, ["county", "demand_id"])
    names = lake.table("bearers").select("county", institution_id=_.bearer_id, school=_.name)
    by_school = stopped.join(names, ["county", "institution_id"]).group_by("school").agg(n=_.count()).order_by("school")
    by_subject = stopped.filter(_.subject.notnull()).group_by("subject").agg(n=_.count()).order_by("subject")
    whole = stopped.agg(
        n=_.count(), issuers=_.issuer_id.nunique(), schools=_.institution_id.nunique()
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    before, after, weeks = _loads(asked, gone) if limit.kind == "homework" else ([], [], {})
    return Summary(
        asked.count().to_pyarrow().as_py(), whole["n"], whole["schools"], whole["issuers"], before, after,
        _pairs(by_school, "school"), _pairs(by_subject, "subject"), _by_week(stopped, weeks),
        _posts(lake, stopped, found.stopped),
    )  # fmt: skip


def _posts(lake: Lake, stopped, rows) -> list[list]:
    """The first that would not have passed, by day and in the order of the tree: of whom, not by whom."""
    over = ibis.memtable(rows.select(["county", "demand_id", "over"])).group_by("county", "demand_id").agg(
        over=_.over.max()
    )  # fmt: skip
    several = stopped.select("county", "demand_id", "bearer_id", "day", "subject")
    several = several.join(over, ["county", "demand_id"]).join(lake.whom, ["county", "bearer_id"])
    first = several.order_by("day", "path", "demand_id").limit(MOST_POSTS).select("day", "whom", "subject", "over")
    return [[str(row["day"]), row["whom"], row["subject"] or "", row["over"]] for row in first.to_pyarrow().to_pylist()]


def _pairs(counted, name: str) -> list[list]:
    return [[row[name], row["n"]] for row in counted.to_pyarrow().to_pylist() if row[name]]


def _loads(homework, gone) -> tuple[list[float], list[float], dict[str, list[float]]]:
    """The three figures before and after, and the 90th percentile of each week before and after."""
    marked = homework.left_join(gone.mutate(gone=True), ["county", "demand_id"])
    by_day = marked.group_by("bearer_id", "day", "week_id").agg(
        before=_.minutes.fill_null(0).sum(), after=ibis.ifelse(_.gone.fill_null(False), 0, _.minutes.fill_null(0)).sum()
    ).filter(_.before > 0)  # fmt: skip
    asked = {f"{side}{n}": by_day[side].quantile(q, where=by_day[side] > 0)
             for side in ("before", "after") for n, q in enumerate(QUANTILES)}  # fmt: skip
    whole = by_day.agg(**asked).to_pyarrow().to_pylist()[0]
    sides = [
        [] if whole[f"{side}0"] is None else [float(whole[f"{side}{n}"]) for n in range(len(QUANTILES))]
        for side in ("before", "after")
    ]  # fmt: skip
    heavy = by_day.group_by("week_id").agg(
        first=_.day.min(), before=_.before.quantile(QUANTILES[1], where=_.before > 0),
        after=_.after.quantile(QUANTILES[1], where=_.after > 0),
    )  # fmt: skip
    weeks = {
        row["week_id"]: [str(row["first"]), float(row["before"] or 0), float(row["after"] or 0)]
        for row in heavy.to_pyarrow().to_pylist()
    }  # fmt: skip
    return sides[0], sides[1], weeks


def _by_week(stopped, weeks: dict[str, list[float]]) -> list[list]:
    rows = stopped.group_by("week_id").agg(n=_.count(), first=_.day.min()).to_pyarrow().to_pylist()
    found = {row["week_id"]: [str(row["first"]), row["n"], None, None] for row in rows}
    for week, (first, before, after) in weeks.items():
        found[week] = [first, found.get(week, [first, 0])[1], before, after]
    return [found[week] for week in sorted(found)]

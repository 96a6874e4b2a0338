"""Random close limits and streams of demands around windows that end: no database."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from qingfu.rulebook import Bearer, Demand, Document, Limit, Pack, Value
from qingfu.rulebook.model import Condition

from .making import Asked, Made

YEAR = date(2025, 9, 1), date(2026, 8, 31)
EVER = date(2020, 1, 1)
CLASSES = (Bearer(1, "class", grade=3), Bearer(2, "class", grade=8))
days = st.dates(date(2025, 9, 22), date(2025, 11, 2))
WINDOWS = ("day", "school_day", "week", "month", "term", "school_year")


@st.composite
def limits(draw, number: int) -> Limit:
    form = draw(st.sampled_from(["at_least", "count_at_least", "must_follow"]))
    kind = "homework" if form == "must_follow" else draw(st.sampled_from(["homework", "sport", "homework_free_day"]))
    if kind == "homework_free_day":
        form = "count_at_least"
    measure = "minutes" if form == "at_least" else "times"
    turn = draw(days)
    follows = [{"days": 7}, {"school_days": 3}, {"school_days": 0}]

    def value(start: date, end: date | None) -> Value:
        if form == "must_follow":
            fact = draw(st.sampled_from(["published", "published", "marked"]))
            return Value(start, end, "doc", "一", "verbatim", fact=fact, within=draw(st.sampled_from(follows)))
        return Value(start, end, "doc", "一", "verbatim", floor=draw(st.integers(1, 60 if measure == "minutes" else 4)))

    spans = draw(st.sampled_from([[(EVER, None)], [(EVER, turn), (turn + timedelta(days=3), None)]]))
    where = draw(st.sampled_from([(), (Condition("form", ("written",)),)])) if kind == "homework" else ()
    return Limit(
        id=f"test.{number}", title=f"规定{number}", kind=kind, bearers=("class",), form=form, measure=measure,
        window="each" if form == "must_follow" else draw(st.sampled_from(WINDOWS)),
        force=draw(st.sampled_from(["must", "general", "encourage"])),
        values=tuple(value(start, end) for start, end in spans), where=where,
    )  # fmt: skip


@st.composite
def lakes(draw) -> Made:
    several = tuple(draw(limits(number)) for number in range(draw(st.integers(2, 4))))
    demand = st.builds(
        Demand, st.sampled_from(["homework", "homework", "sport"]), st.sampled_from(CLASSES), days,
        st.fixed_dictionaries({"minutes": st.integers(0, 40), "times": st.just(1)}),
        st.fixed_dictionaries({"form": st.sampled_from(["written", "oral"])}),
    )  # fmt: skip
    late = st.sampled_from([0, 0, 3, 7, 8, 12])
    asked = draw(st.lists(st.tuples(demand, late, st.sampled_from([True] * 5 + [False])), min_size=10, max_size=30))
    # Somebody enters sport, so a class without any is short of it.
    asked.append((Demand("sport", CLASSES[0], date(2025, 10, 9), {"minutes": 10, "times": 1}, {}), 0, True))
    return Made(
        [Pack("test", "county", "试验", several, {"doc": Document("doc", "通知")})], CLASSES,
        [Asked(one, n, stands, posted=one.day + timedelta(days=lag)) for n, (one, lag, stands) in enumerate(asked)],
        span=YEAR,
    )  # fmt: skip

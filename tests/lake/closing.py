"""Random close limits and streams of demands around windows that end: no database."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from qingfu.rulebook import Bearer, Demand, Document, Limit, Pack, Value
from qingfu.rulebook.judge import SHARES
from qingfu.rulebook.model import Condition

from .making import Asked, Made

YEAR = date(2025, 9, 1), date(2026, 8, 31)
CALENDAR_SPAN = date(2025, 1, 1), date(2026, 12, 31)
EVER = date(2020, 1, 1)
CLASSES = (Bearer(1, "class", grade=3), Bearer(2, "class", grade=8), Bearer(3, "class", grade=3))
SCHOOLS = {1: 10, 2: 10, 3: 11}
TOWNSHIP, DEPARTMENT = Bearer(4, "township"), Bearer(4, "department")  # what it is asked, and what it asks
BEARERS = (*CLASSES, TOWNSHIP, DEPARTMENT)
days = st.dates(date(2025, 9, 22), date(2025, 11, 2))
WINDOWS = ("day", "school_day", "rest_day", "week", "month", "term", "school_year", "year")
FORMS = ("at_least", "count_at_least", "must_follow", *SHARES)
WRITTEN = Condition("form", ("written",))
WHERE = ((), (WRITTEN,), (Condition("form", ("oral",), negated=True),))
PARTS = ((Condition("marked", (True,)),), (Condition("marked", (True,)), WRITTEN))


@st.composite
def limits(draw, number: int) -> Limit:
    form = draw(st.sampled_from(FORMS))
    kind = "homework" if form == "must_follow" else draw(st.sampled_from(["homework", "sport", "document"]))
    if form == "count_at_least" and draw(st.booleans()):
        kind = "homework_free_day"
    of_whole = form in SHARES
    measure = "minutes" if form == "at_least" or (of_whole and draw(st.booleans())) else "times"
    turn = draw(days)
    follows = [{"days": 7}, {"school_days": 3}, {"school_days": 0}]

    def value(start: date, end: date | None) -> Value:
        if form == "must_follow":
            fact = draw(st.sampled_from(["published", "published", "marked"]))
            return Value(start, end, "doc", "一", "verbatim", fact=fact, within=draw(st.sampled_from(follows)))
        if of_whole:
            return Value(
                start, end, "doc", "一", "verbatim", share=draw(st.sampled_from([0.3, 0.3333, 0.5, 0.85, 1.0]))
            )
        return Value(start, end, "doc", "一", "verbatim", floor=draw(st.integers(1, 60 if measure == "minutes" else 4)))

    spans = draw(st.sampled_from([[(EVER, None)], [(EVER, turn), (turn + timedelta(days=3), None)]]))
    return Limit(
        id=f"test.{number}", title=f"规定{number}", kind=kind,
        bearers=(draw(st.sampled_from(["township", "department"])),) if kind == "document" else ("class",), form=form,
        measure=measure, window="each" if form == "must_follow" else draw(st.sampled_from(WINDOWS)),
        force=draw(st.sampled_from(["must", "general", "encourage"])),
        values=tuple(value(start, end) for start, end in spans), where=draw(st.sampled_from(WHERE)),
        part=draw(st.sampled_from(PARTS)) if of_whole else (),
    )  # fmt: skip


@st.composite
def demands(draw) -> Demand:
    kind = draw(st.sampled_from(["homework", "homework", "homework", "sport", "document", "document"]))
    bearer = draw(st.sampled_from([TOWNSHIP, DEPARTMENT] if kind == "document" else CLASSES))
    said = draw(st.fixed_dictionaries(
        {}, optional={"form": st.sampled_from(["written", "oral"]), "marked": st.booleans()}
    ))  # fmt: skip
    account = {"account": "department"} if bearer is DEPARTMENT else {}
    amounts = draw(st.fixed_dictionaries({"minutes": st.integers(0, 40), "times": st.just(1)}))
    return Demand(kind, bearer, draw(days), amounts, {**said, **account})


@st.composite
def lakes(draw) -> Made:
    several = tuple(draw(limits(number)) for number in range(draw(st.integers(3, 6))))
    late = st.sampled_from([0, 0, 3, 7, 8, 12])
    stands = st.sampled_from([True] * 5 + [False])
    asked = draw(st.lists(st.tuples(demands(), late, stands), min_size=20, max_size=50))
    return Made(
        [Pack("test", "county", "试验", several, {"doc": Document("doc", "通知")})], (*CLASSES, TOWNSHIP),
        [Asked(one, n, stands, posted=one.day + timedelta(days=lag)) for n, (one, lag, stands) in enumerate(asked)],
        span=CALENDAR_SPAN, schools=SCHOOLS,
    )  # fmt: skip

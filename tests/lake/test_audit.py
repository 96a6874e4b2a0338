"""The audit over many records says what the rulebook says of each: on random rules and random streams of demands."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingfu.lake.audit.limits import audit
from qingfu.lake.reading import open_lake
from qingfu.rulebook import Bearer, Demand, Document, Limit, ListItem, Pack, Rulebook, Value
from qingfu.rulebook.model import Applies, Condition, LocalTime
from tests.lake.making import Asked, Made, write_lake

FIRST, LAST = date(2025, 9, 22), date(2025, 10, 26)
EXAMPLES = 400 if os.environ.get("QINGFU_SOAK") else 8
CLASSES = (Bearer(1, "class", grade=3, attributes={"off_work": "18:00"}), Bearer(2, "class", grade=8))
SCHOOL = Bearer(3, "school", stage="primary", unit_kinds=("boarding",))
OFFICE = Bearer(4, "bureau")
DEPARTMENT = Bearer(4, "department")
BEARERS = (*CLASSES, SCHOOL, OFFICE)
MEASURES = ("minutes", "times", "characters")
WINDOWS = ("school_day", "rest_day", "day", "week", "month", "term", "school_year", "year", "standing", "period")
days = st.dates(FIRST, LAST)
small = st.integers(0, 90)
kinds = st.sampled_from(["homework", "homework", "homework", "document"])


def expected(made: Made) -> set[tuple]:
    """(demand, limit) that are over, asking the rulebook one demand after the other."""
    rulebook, used, found = Rulebook(made.packs), Counter(), set()
    numbered = [(n, one) for n, one in enumerate(made.asked) if one.stands and not one.emergency]
    for _, several in groupby(sorted(numbered, key=lambda pair: pair[1].attempt), key=lambda pair: pair[1].attempt):
        costs = []
        for n, one in several:
            found |= {(n, it.in_force.limit.id) for it in rulebook.judge_single(one.demand, made.calendar)}
            for charge in rulebook.charges(one.demand, made.calendar):
                used[charge.bearer_id, charge.limit_id, charge.window.key] += charge.amount
                costs.append((n, one.demand.day.year, charge))
        for n, year, charge in costs:
            total = used[charge.bearer_id, charge.limit_id, charge.window.key]
            last = made.baselines.get((charge.bearer_id, charge.limit_id, year))  # of the day, as the ledger takes it
            if rulebook.judge_total(charge, total - charge.amount, last):
                found.add((n, charge.limit_id))
    return found


def found(made: Made) -> set[tuple]:
    with tempfile.TemporaryDirectory() as folder:
        write_lake(Path(folder), made)
        rows = audit(open_lake(Path(folder)), FIRST - timedelta(days=1), LAST + timedelta(days=60)).rows
    return {(row["demand_id"], row["limit_id"]) for row in rows.to_pylist()}


# ---- random rules and demands ----

conditions = st.lists(
    st.sampled_from([
        Condition("form", ("written",)), Condition("form", ("written", "oral")), Condition("required", (True,)),
        Condition("required", (False,)), Condition("place", ("家庭",), negated=True), Condition("size", (2, 3)),
        Condition("subject", ("数学",)),
    ]),
    max_size=1, unique_by=lambda condition: condition.key,
).map(tuple)  # fmt: skip
applies = st.sampled_from([
    Applies(), Applies(grades=(3, 4)), Applies(stages=("primary",)), Applies(unit_kinds=("boarding",)),
    Applies(attributes=(Condition("off_work", ("18:00",)),)),
])  # fmt: skip
WHENS = (
    {"weekday": [3]}, {"week_of_month": [1]}, {"day_kind": ["rest_day", "holiday"]},
    {"weekday": [1, 2], "week_of_month": [2]}, {"term": [2]},
)  # fmt: skip
TURN = date(2025, 10, 15)
TIMES = (
    (),
    (LocalTime("lessons_end", "16:30"),),
    (LocalTime("lessons_end", "16:30", None, TURN), LocalTime("lessons_end", "17:00", TURN + timedelta(days=1))),
)
TIMES_OF_DAY = ("08:19", "08:20", "08:21", "16:59", "18:10", "20:29", "20:31", "00:30", "05:00")
CLOCKS = ("20:30", "08:20", "off_work", "lessons_end")


@st.composite
def values(draw, form: str) -> tuple[Value, ...]:
    """One value for the whole span, or two with a gap of some days between them."""
    turn, gap = draw(days), draw(st.integers(0, 6))
    spans = draw(st.sampled_from([
        [(date(2020, 1, 1), None)],
        [(date(2020, 1, 1), turn), (turn + timedelta(days=1 + gap), None)],
    ]))  # fmt: skip
    more = {
        "share_at_most_last_year": lambda: {"share": draw(st.sampled_from([0.5, 0.8, 1.0]))},
        "never": dict,
        "never_in": lambda: {"when": draw(st.sampled_from(WHENS))},
        "not_before": lambda: draw(clocks),
        "not_after": lambda: draw(clocks),
        "must_exist": lambda: {"fact": draw(st.sampled_from(["approved", "published"]))},
        "listed": lambda: {"list": "competitions"},
    }.get(form, lambda: {"cap": draw(small)})
    return tuple(Value(start, end, "doc", "一", "verbatim", **more()) for start, end in spans)


clocks = st.fixed_dictionaries({
    "time": st.sampled_from(CLOCKS), "on": st.sampled_from(["start", "end"]), "offset": st.sampled_from([0, 10]),
})  # fmt: skip
FORMS = (
    "at_most", "count_at_most", "share_at_most_last_year", "each_at_most", "each_at_least", "never", "never_in",
    "not_before", "not_after", "must_exist", "listed",
)  # fmt: skip


@st.composite
def limits(draw, number: int) -> Limit:
    form = draw(st.sampled_from(FORMS))
    keeps = form in FORMS[:3]
    measure = "times" if form == "count_at_most" else draw(st.sampled_from(MEASURES))
    dated = draw(values(form))
    window = draw(st.sampled_from(WINDOWS)) if keeps else "each"
    if window == "period" and dated[-1].end is None:  # such a limit must say until when
        window = "month"
    return Limit(
        id=f"test.{number}", title=f"规定{number}", kind=draw(kinds),
        bearers=draw(st.sampled_from([("class",), ("class", "school"), ("class", "department"), ("bureau", "school")])),
        form=form, measure=measure, window=window, force="must", values=dated, where=draw(conditions),
        applies=draw(applies),
        split=draw(st.sampled_from(["first_day", "even"])) if keeps and measure == "minutes" else "first_day",
        per=draw(st.sampled_from(["", "", "subject", "form"])) if keeps else "",
    )  # fmt: skip


@st.composite
def packs(draw, level: str, numbers: range) -> Pack:
    several = tuple(draw(limits(number)) for number in numbers[: draw(st.integers(2, 4))])
    items = draw(st.lists(st.builds(
        ListItem, st.sampled_from(["", "创新大赛", "书法展"]), st.none() | days, st.none() | days,
    ), max_size=3))  # fmt: skip
    documents, lists = {"doc": Document("doc", "通知")}, {"competitions": tuple(items)}
    return Pack(f"test.{level}", level, "试验", several, documents, lists, draw(st.sampled_from(TIMES)))


STATED = {
    "form": st.sampled_from(["written", "oral", ["oral", "written"]]), "required": st.booleans(),
    "place": st.sampled_from(["家庭", "课后服务"]), "size": st.integers(1, 4), "approved": st.booleans(),
    "published": st.sampled_from([True, False, "", 0, 1]), "listed": st.booleans(),
    "name": st.sampled_from(["创新大赛", "书法展", "歌唱赛"]), "subject": st.sampled_from(["语文", "数学"]),
}  # fmt: skip


@st.composite
def demands(draw) -> Demand:
    bearer, day = draw(st.sampled_from([*CLASSES, *CLASSES, *BEARERS, DEPARTMENT])), draw(days)
    attributes = draw(st.fixed_dictionaries({}, optional=STATED))
    if bearer is DEPARTMENT:
        attributes["account"] = "department"
    amounts = {"times": draw(st.sampled_from([1, 1, 2, 0])), "minutes": draw(small)}
    if draw(st.booleans()):
        amounts["characters"] = draw(small)
    split = None
    if amounts["minutes"] and draw(st.booleans()):
        first = draw(st.integers(0, amounts["minutes"]))
        split = {day: first, day + timedelta(days=draw(st.integers(1, 9))): amounts["minutes"] - first}
    clock = st.none() | st.sampled_from(TIMES_OF_DAY)
    return Demand(
        draw(kinds), bearer, day, amounts, attributes, draw(clock), draw(clock),
        split, draw(st.none() | st.integers(0, 6).map(lambda n: day + timedelta(days=n))),
    )  # fmt: skip


@st.composite
def lakes(draw) -> Made:
    several = [draw(packs("county", range(4))), draw(packs("school", range(4, 8)))]
    stands, emergency = st.sampled_from([True] * 5 + [False]), st.sampled_from([False] * 7 + [True])
    one_asked = st.builds(Asked, demands(), st.integers(1, 12), stands, emergency)
    asked = draw(st.lists(one_asked, min_size=20, max_size=50))
    known = [(one.id, limit.id, 2025) for one in BEARERS for pack in several for limit in pack.limits]
    baselines = {key: draw(small) for key in known if draw(st.booleans())}
    return Made(several, BEARERS, asked, baselines)


@given(lakes())
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_the_audit_finds_what_the_rulebook_finds_one_by_one(made):
    assert found(made) == expected(made)


def test_what_was_asked_meets_the_baseline_that_was_frozen_then():
    """One document before anything was frozen, two under the figure 2, then the figure 9, then 3."""
    document = Document("d", "规定", in_force=date(2024, 1, 1))
    limit = Limit(
        "x.count", "发文数量", "document", ("department",), "share_at_most_last_year", "times", "year", "must",
        (Value(date(2024, 1, 1), None, "d", "", "verbatim", share=1.0),),
    )  # fmt: skip
    pack = Pack("x", "county", "规定", (limit,), {"d": document})
    attributes = {"account": "department"}
    asked = [
        Asked(Demand("document", DEPARTMENT, FIRST, {"times": 1}, attributes), attempt, True, False)
        for attempt in (1, 2, 3, 4, 5, 6)
    ]
    same = {"bearer_id": 4, "limit_id": "x.count", "year": FIRST.year}
    versions = [
        {**same, "version": 1, "amount": 2, "after_attempt": 1, "until_attempt": 3},
        {**same, "version": 2, "amount": 9, "after_attempt": 3, "until_attempt": 5},
        {**same, "version": 3, "amount": 3, "after_attempt": 5},
    ]
    assert found(Made([pack], BEARERS, asked, versions=versions)) == {(2, "x.count"), (5, "x.count")}


def test_a_class_is_judged_in_the_grade_that_it_had_then():
    """It moves up in August; what it was asked in May stays with grade 3."""
    third = Limit(
        id="test.g3", title="三年级", kind="homework", bearers=("class",), form="at_most", measure="minutes",
        window="school_day", force="must", values=(Value(date(2020, 1, 1), None, "doc", "一", "verbatim", cap=10),),
        applies=Applies(grades=(3,)),
    )  # fmt: skip
    class_ = Bearer(1, "class", grade=4)
    asked = [
        Asked(Demand("homework", class_, day, {"minutes": 20}), number)
        for number, day in enumerate([date(2025, 5, 12), date(2025, 10, 13)])
    ]
    made = Made([Pack("test", "county", "试验", (third,), {"doc": Document("doc", "通知")})], [class_], asked,
                entered={1: (2022, 1)})  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        write_lake(Path(folder), made)
        rows = audit(open_lake(Path(folder)), date(2025, 1, 1), date(2025, 12, 31)).rows.to_pylist()
    assert [row["day"] for row in rows] == [date(2025, 5, 12)]

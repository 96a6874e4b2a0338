"""Each form of the nine: the audit finds the stream that breaks it, and nothing in the stream that keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from qingfu.lake.audit.limits import audit
from qingfu.lake.reading import open_lake
from qingfu.rulebook import FORMS, Bearer, Demand, Document, Limit, ListItem, Pack, Value
from qingfu.rulebook.model import Condition
from tests.lake.making import Asked, Made, write_lake
from tests.rulebook.test_national_data import NINE_FORMS

MONDAY = date(2025, 11, 3)  # of a full week
FIRST, LAST = MONDAY, MONDAY + timedelta(days=6)
CLASS = Bearer(1, "class", grade=4)
OFFICE, DEPARTMENT = Bearer(2, "bureau"), Bearer(2, "department")


@dataclass(frozen=True)
class Case:
    """A limit of a form with a stream that breaks it and one that keeps it: (days after Monday, what is asked)."""

    form: str
    value: Mapping
    breaks: list[tuple[int, dict]]
    keeps: list[tuple[int, dict]]
    kind: str = "homework"
    measure: str = "times"
    window: str = "each"
    where: tuple = ()
    part: tuple = ()
    lists: Mapping = field(default_factory=dict)
    baseline: int | None = None
    bearer: Bearer = CLASS


def minutes(number: int) -> dict:
    return {"minutes": number}


def marked(is_marked: bool | None) -> dict:
    return {} if is_marked is None else {"marked": is_marked}


CASES = [
    Case("at_most", {"cap": 60}, [(0, minutes(40)), (0, minutes(21))], [(0, minutes(40)), (0, minutes(20)),
         (1, minutes(60))], measure="minutes", window="school_day"),
    Case("count_at_most", {"cap": 1}, [(0, {}), (4, {})], [(0, {})], window="week"),
    Case("share_at_most_last_year", {"share": 0.8}, [(0, {}), (1, {}), (2, {})], [(0, {}), (1, {})], kind="document",
         window="year", baseline=3, bearer=DEPARTMENT),
    Case("each_at_most", {"cap": 5000}, [(0, {"characters": 5001})], [(0, {"characters": 5000})], kind="document",
         measure="characters", bearer=DEPARTMENT),
    Case("each_at_least", {"cap": 10}, [(0, minutes(9))], [(0, minutes(10))], kind="break", measure="minutes"),
    Case("never", {}, [(0, {"flag": "punitive"})], [(0, {}), (1, {"flag": "check_in"})],
         where=(Condition("flag", ("punitive",)),)),
    Case("never_in", {"when": {"weekday": [3]}}, [(2, {})], [(1, {}), (3, {})]),
    Case("not_before", {"time": "08:20"}, [(0, {"start": "08:19"})], [(0, {"start": "08:20"})], kind="lesson"),
    Case("not_after", {"time": "20:30", "on": "end"}, [(0, {"end": "20:31"}), (1, {"end": "00:10"})],
         [(0, {"end": "20:30"})], kind="training"),
    Case("must_exist", {"fact": "reviewed"}, [(0, {"reviewed": False}), (0, {})], [(0, {"reviewed": True})],
         kind="exam"),
    Case("listed", {"list": "competitions"}, [(0, {"name": "某杯赛"})], [(0, {"name": "某联赛"})], kind="competition",
         lists={"competitions": (ListItem("某联赛"), ListItem("某杯赛", None, MONDAY - timedelta(days=1)))}),
    Case("at_least", {"floor": 30}, [(0, minutes(10)), (3, minutes(19))], [(0, minutes(10)), (3, minutes(20))],
         kind="sport", measure="minutes", window="week"),
    Case("count_at_least", {"floor": 2}, [(0, {})], [(0, {}), (6, {})], kind="circular", window="week",
         bearer=DEPARTMENT),
    Case("share_at_least_of_whole", {"share": 0.9}, [(0, marked(True)), (1, marked(False)), (2, marked(None))],
         [(0, marked(True)), (1, marked(None))], window="week", part=(Condition("marked", (True,)),)),
    Case("share_at_most_of_whole", {"share": 0.3}, [(0, {"screen": True, "minutes": 13}), (1, {"screen": False,
         "minutes": 27})], [(0, {"screen": True, "minutes": 12}), (1, {"screen": False, "minutes": 28})], kind="lesson",
         measure="minutes", window="week", part=(Condition("screen", (True,)),)),
    Case("must_follow", {"fact": "published", "within": {"days": 2}}, [(0, {"posted": 3})], [(0, {"posted": 2})]),
]  # fmt: skip


def stream(case: Case, asked: list[tuple[int, dict]]) -> list[Asked]:
    made = []
    for number, (after, said) in enumerate(asked):
        said, day = dict(said), MONDAY + timedelta(days=after)
        amounts = {name: said.pop(name) for name in ("minutes", "characters") if name in said}
        start, end, posted = said.pop("start", None), said.pop("end", None), said.pop("posted", 0)
        account = {"account": "department"} if case.bearer is DEPARTMENT else {}
        demand = Demand(case.kind, case.bearer, day, {"times": 1, **amounts}, {**said, **account}, start, end)
        made.append(Asked(demand, number, posted=day + timedelta(days=posted)))
    return made


def found(folder, case: Case, asked: list[tuple[int, dict]]) -> list[dict]:
    value = Value(date(2024, 1, 1), None, "doc", "一", "verbatim", **case.value)
    limit = Limit(
        "test.one", "规定", case.kind, (case.bearer.kind,), case.form, case.measure, case.window, "must", (value,),
        where=case.where, part=case.part,
    )  # fmt: skip
    pack = Pack("test", "county", "试验", (limit,), {"doc": Document("doc", "通知")}, case.lists)
    baselines = {} if case.baseline is None else {(case.bearer.id, limit.id, MONDAY.year): case.baseline}
    write_lake(folder, Made([pack], (CLASS, OFFICE), stream(case, asked), baselines))
    return audit(open_lake(folder), FIRST, LAST).rows.to_pylist()


@pytest.mark.parametrize("case", CASES, ids=[case.form for case in CASES])
def test_a_stream_that_breaks_it_is_found_and_one_that_keeps_it_passes(case, tmp_path):
    broken = found(tmp_path / "breaks", case, case.breaks)
    assert {(row["limit_id"], row["bearer_id"]) for row in broken} == {("test.one", case.bearer.id)}
    assert found(tmp_path / "keeps", case, case.keeps) == []


def test_what_is_missing_of_a_share_is_told_in_whole_things(tmp_path):
    cases = {case.form: case for case in CASES}
    (short,) = found(tmp_path / "short", cases["share_at_least_of_whole"], cases["share_at_least_of_whole"].breaks)
    assert (short["amount"], short["cap"], short["over"], short["day"]) == (1, 2, 1, LAST)
    (much,) = found(tmp_path / "much", cases["share_at_most_of_whole"], cases["share_at_most_of_whole"].breaks)
    assert (much["amount"], much["cap"], much["over"]) == (13, 12, 1)


def test_every_form_has_its_case():
    assert {case.form for case in CASES} == set(FORMS) == set().union(*NINE_FORMS.values())

"""Merging visits: fewest days for those visited, every cap and blocked week kept, sealed visits untouched."""

import copy
import itertools
import json
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingfu.cli import main
from qingfu.planning.merge import merge, routes, seal
from qingfu.planning.merge.bound import fewest_days
from qingfu.planning.merge.check import check
from qingfu.planning.request import PlanError, sha256

DAYS = [f"2026-03-{day:02d}" for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)]
NONCE = "5f" * 16


def visit(name: str, authority: str, place: str, first: int, last: int, people: int = 1) -> dict:
    return {
        "id": name, "authority": authority, "place": place,
        "first": DAYS[first], "last": DAYS[last], "people": people,
    }  # fmt: skip


def request(visits: list[dict], inspectors: int = 2, **more) -> dict:
    return {
        "days": DAYS,
        "authorities": [{"id": name, "inspectors": inspectors} for name in ("教育局", "卫健局", "消防队")],
        "places": [{"id": name, "x": 1000, "y": 500} for name in ("青禾一小", "柳河小学", "三中")],
        "visits": visits,
        **more,
    }


def published(asked: dict, seed: str = "1") -> dict:
    return json.loads(json.dumps({"request": asked, **merge(asked, seed)._asdict()}))


def stays(asked: dict) -> list[tuple[str, str, list[str]]]:
    return [(day["day"], there["place"], there["visits"]) for day in merge(asked, "1").days for there in day["places"]]


@st.composite
def small_requests(draw) -> dict:
    number, where = draw(st.integers(1, 6)), st.sampled_from(("青禾一小", "柳河小学", "三中"))
    visits = []
    for n in range(number):
        first = draw(st.integers(0, 4))
        last = min(4, first + draw(st.integers(0, 3)))
        authority = draw(st.sampled_from(("教育局", "卫健局")))
        visits.append(visit(f"查{n}", authority, draw(where), first, last, draw(st.integers(1, 2))))
    asked = request(visits, inspectors=draw(st.integers(2, 3)), effort=40)
    for place in asked["places"]:
        place["per_day"], place["most_days"] = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    if draw(st.booleans()):
        asked["blocked"] = [{"why": "期中考试", "first": DAYS[draw(st.integers(0, 4))], "last": DAYS[4]}]
        asked["blocked"][0]["places"] = ["青禾一小"]
    return asked


def best_by_trying_all(asked: dict) -> tuple[int, int, int]:
    """Visits left out, visit-days, travel-days of the best of all plans."""
    room = {row["id"]: row["inspectors"] for row in asked["authorities"]}
    rules = {row["id"]: row for row in asked["places"]}
    blocks = asked.get("blocked", [])
    choices = []
    for row in asked["visits"]:
        free = [b for b in blocks if row["place"] in b["places"]]
        window = [day for day in DAYS if row["first"] <= day <= row["last"]]
        choices.append([None, *(d for d in window if not any(b["first"] <= d <= b["last"] for b in free))])
    best = (len(choices) + 1, 0, 0)
    for chosen in itertools.product(*choices):
        placed = [(row, day) for row, day in zip(asked["visits"], chosen, strict=True) if day]
        there = Counter((row["place"], day) for row, day in placed)
        out: Counter = Counter()
        for row, day in placed:
            out[row["authority"], day] += row["people"]
        often = Counter(place for place, _ in there)
        if (
            all(n <= rules[place]["per_day"] for (place, _), n in there.items())
            and all(n <= rules[place]["most_days"] for place, n in often.items())
            and all(n <= room[authority] for (authority, _), n in out.items())
        ):
            best = min(best, (chosen.count(None), len(there), len(out)))
    return best


@settings(max_examples=40, deadline=None)
@given(small_requests())
def test_small_cases_are_optimal_and_the_checker_agrees(asked):
    done = published(asked)
    counts = done["certificate"]
    assert (len(done["unplaced"]), counts["visit_days"], counts["travel_days"]) == best_by_trying_all(asked)
    assert check(done) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=7), st.integers(1, 3))
def test_the_bound_is_the_optimum_of_one_place(starts, cap):
    windows = [(first, min(6, first + more), 1) for first, more in starts]

    def holds(days) -> bool:
        left = sorted(windows, key=lambda window: window[1])
        for day in days:
            served = [window for window in left if window[0] <= day <= window[1]][:cap]
            for window in served:
                left.remove(window)
        return not left

    sizes = [n for n in range(1, 8) if any(holds(days) for days in itertools.combinations(range(7), n))]
    bound, runs = fewest_days(windows, cap)
    assert bound == (sizes[0] if sizes else 0)
    inside = [sum(1 for first, last, _ in windows if a <= first and last <= b) for a, b in runs]
    twice = Counter(day for a, b in runs for day in range(a, b + 1))
    assert bound == sum(-(-n // cap) for n in inside) - sum(n - 1 for n in twice.values())


def test_three_authorities_in_the_same_weeks_come_on_one_day():
    asked = request(
        [
            visit("督导", "教育局", "青禾一小", 0, 6),
            visit("食堂", "卫健局", "青禾一小", 2, 9),
            visit("消防", "消防队", "青禾一小", 4, 5),
        ]
    )
    assert [names for _, _, names in stays(asked)] == [["督导", "食堂", "消防"]]


def test_an_exam_week_and_a_week_without_visits_stay_empty():
    visits = [visit(f"查{n}", "教育局", place, 0, 9) for n, place in enumerate(("青禾一小", "柳河小学", "三中"))]
    blocked = [
        {"why": "期末考试", "first": DAYS[0], "last": DAYS[4]},
        {"why": "运动会", "first": DAYS[5], "last": DAYS[8], "places": ["三中"]},
    ]
    days = {place: day for day, place, _ in stays(request(visits, blocked=blocked))}
    assert min(days.values()) > DAYS[4] and days["三中"] == DAYS[9]


def test_a_visit_without_an_open_day_is_told_and_not_squeezed_in():
    exams = {"why": "考试", "first": DAYS[0], "last": DAYS[2]}
    asked = request([visit("督导", "教育局", "三中", 0, 1)], blocked=[exams])
    assert merge(asked, "1").unplaced == [{"visit": "督导", "why": "closed"}]
    crowded = request([visit(f"查{n}", "教育局", "三中", 0, 0) for n in range(3)], inspectors=2)
    assert [row["why"] for row in merge(crowded, "1").unplaced] == ["full"]


def middling(seed: int, schools: int = 24) -> dict:
    chance = random.Random(seed)
    visits = []
    for name in ("教育局", "卫健局", "消防队"):
        for school in range(schools):
            first = chance.randrange(6)
            row = visit(f"{name}{school}", name, f"校{school}", first, min(9, first + 3))
            visits.append(row)
    places = [{"id": f"校{n}", "x": 700 * (n % 7), "y": 900 * (n // 7), "per_day": 3} for n in range(schools)]
    return {**request(visits, inspectors=5), "places": places, "effort": 150, "start": {"x": 0, "y": 0}, "stops": 3}


@pytest.fixture(scope="module")
def county() -> dict:
    asked = middling(3)
    asked["sealed"] = [{"id": "暗访一", "authority": "教育局", "sha256": seal({"place": "校9", "day": DAYS[3]}, NONCE)}]
    return published(asked)


def test_a_county_reaches_the_bound(county):
    counts = county["certificate"]
    assert county["unplaced"] == [] and counts["visit_days"] == counts["visit_days_bound"] < 0.6 * counts["visits"]
    assert check(county) == []


def test_the_same_request_and_seed_give_the_same_plan():
    asked = middling(4, schools=10)
    assert merge(asked, "1") == merge(copy.deepcopy(asked), "1")


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 9), st.sampled_from(["校1", "校2"]))
def test_a_sealed_visit_changes_nothing_and_is_told_to_nobody(day, place):
    """Whatever is sealed, wherever and whenever: the plan is the same to the byte."""
    plain = middling(5, schools=9)
    plain["effort"] = 5
    hidden = {"place": place, "day": DAYS[day]}
    asked = {**plain, "sealed": [{"id": "暗访", "authority": "教育局", "sha256": seal(hidden, NONCE)}]}
    assert (merge(asked, "1").days, merge(asked, "1").unplaced) == (merge(plain, "1").days, merge(plain, "1").unplaced)
    done = published(asked)
    assert check({**done, "opened": {"暗访": {"visit": hidden, "nonce": NONCE}}}) == []
    moved = {"place": place, "day": DAYS[day - 1]}
    assert check({**done, "opened": {"暗访": {"visit": moved, "nonce": NONCE}}})


def test_inspectors_kept_back_for_sealed_visits_are_never_sent():
    asked = request([visit(f"查{n}", "教育局", "三中", 0, 2) for n in range(3)], inspectors=3)
    asked["authorities"][0]["reserve"] = 2
    assert len(stays(asked)) == 3


def _rehash(done: dict) -> None:
    plan = {"days": done["days"], "unplaced": done["unplaced"]}
    done["certificate"].update(result_sha256=sha256(plan), request_sha256=sha256(done["request"]))


FAULTS = {
    "a visit left out": lambda d: d["days"][0]["places"][0]["visits"].pop(),
    "a visit twice": lambda d: d["days"][0]["places"][0]["visits"].append(d["days"][1]["places"][0]["visits"][0]),
    "another place": lambda d: d["days"][0]["places"][0].update(place=d["days"][0]["places"][1]["place"]),
    "another day": lambda d: d["days"][0].update(day=DAYS[9]),
    "a blocked day": lambda d: d["request"].update(
        blocked=[{"why": "考试", "first": d["days"][0]["day"], "last": d["days"][0]["day"]}]
    ),
    "too few inspectors": lambda d: d["request"]["authorities"][0].update(inspectors=1),
    "too many in a place": lambda d: [row.update(per_day=1) for row in d["request"]["places"]],
    "too many days in a place": lambda d: [row.update(most_days=1) for row in d["request"]["places"]],
    "a visit said not to fit": lambda d: d["unplaced"].append(
        {"visit": d["days"][0]["places"][0]["visits"].pop(), "why": "full"}
    ),
    "a bound too high": lambda d: d["certificate"].update(visit_days_bound=d["certificate"]["visit_days_bound"] + 1),
    "a run left out": lambda d: d["certificate"]["runs"]["places"].popitem(),
    "fewer days told": lambda d: d["certificate"].update(visit_days=d["certificate"]["visit_days"] - 1),
    "fewer travel-days told": lambda d: d["certificate"].update(travel_days=1),
    "a route without a place": lambda d: d["days"][0]["routes"][0].pop(),
    "a route too long": lambda d: d["request"].update(stops=1),
    "metres made up": lambda d: d["days"][0].update(metres=1),
    "another list": lambda d: d["request"]["visits"][0].update(last=DAYS[9]) or d["request"].update(title="改过"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_checker_rejects_a_planted_fault(county, fault):
    bad = copy.deepcopy(county)
    FAULTS[fault](bad)
    if fault != "another list":
        _rehash(bad)
    assert check(bad)


def test_the_checker_rejects_a_plan_changed_after_its_hash(county):
    bad = copy.deepcopy(county)
    bad["days"].reverse()
    assert check(bad) and check({"request": {}})


def test_short_days_are_routed_exactly_and_long_ones_by_pyvrp():
    chance, start = random.Random(2), {"x": 0, "y": 0}
    rows = [{"id": f"村{n}", "x": chance.randrange(20000), "y": chance.randrange(20000)} for n in range(12)]
    few = routes.plan_routes(rows[:6], start, 3, seed=1)
    assert routes.length(few, start) == min(
        routes.length([list(order[:3]), list(order[3:])], start) for order in itertools.permutations(rows[:6])
    )
    many = routes.plan_routes(rows, start, 4, seed=1, iterations=200)
    assert sorted(row["id"] for route in many for row in route) == sorted(row["id"] for row in rows)
    assert max(map(len, many)) <= 4


def test_without_pyvrp_long_days_have_no_routes_and_the_command_says_what_to_install(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(__import__("sys").modules, "pyvrp", None)
    asked = request([visit("督导", "教育局", "三中", 0, 0)], start={"x": 0, "y": 0}, stops=3)
    asked["places"] += [{"id": f"村{n}", "x": n, "y": n} for n in range(9)]
    asked["authorities"][0]["inspectors"] = 10
    asked["visits"] += [visit(f"查{n}", "教育局", f"村{n}", 0, 0) for n in range(9)]
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"request": asked, "seed": "1"}))
    assert main(["merge", str(file)]) == 0
    assert "qingfu[planning]" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change, words",
    [
        ({"days": ["2026-03-03", "2026-03-02"]}, "从早到晚"),
        ({"days": ["3月2日"]}, "days"),
        ({"visits": [visit("督导", "教育局", "四中", 0, 1)]}, "四中"),
        ({"visits": [visit("督导", "财政局", "三中", 0, 1)]}, "财政局"),
        ({"visits": [visit("督导", "教育局", "三中", 2, 1)]}, "first"),
        ({"visits": [visit("督导", "教育局", "三中", 0, 1, people=5)]}, "5 人"),
        ({"visits": [visit("督导", "教育局", "三中", 0, 1)] * 2}, "两次"),
        ({"sealed": [{"id": "暗访", "authority": "教育局", "place": "三中"}]}, "place"),
        ({"start": {"x": 0, "y": 0}}, "stops"),
        ({"blocked": [{"why": "考试", "first": DAYS[0], "last": DAYS[1], "places": ["四中"]}]}, "考试"),
        ({"efort": 3}, "efort"),
    ],
)
def test_a_bad_request_says_in_chinese_what_to_do(change, words):
    with pytest.raises(PlanError, match=words):
        merge({**request([visit("督导", "教育局", "三中", 0, 1)]), **change}, "1")


def test_a_seal_needs_a_number_that_nobody_guesses():
    with pytest.raises(PlanError, match="nonce"):
        seal({"place": "三中"}, "12")


def test_the_command_merges_and_checks(tmp_path, capsys, county):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"request": middling(4, schools=6), "seed": "1"}))
    assert main(["merge", str(file), "--json"]) == 0
    file.write_text(capsys.readouterr().out)
    assert main(["merge", "check", str(file)]) == 0
    file.write_text(file.read_text().replace(DAYS[9], DAYS[8]))
    assert main(["merge", "check", str(file)]) == 1
    file.write_text(json.dumps({"request": middling(4, schools=6)}))
    assert main(["merge", str(file)]) == 2
    assert "seed" in capsys.readouterr().err

"""The draw: fair, stable, inside its limits, and replayed by others."""

import copy
import hashlib
import json
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingfu.cli import main
from qingfu.planning.check import check
from qingfu.planning.draw import commitment, draw, ticket
from qingfu.planning.request import PlanError, canonical

ROOT = Path(__file__).parents[2]
SEED = {"value": "3 1 4 1 5 2 6 5"}
# cjerdonek/rivest-sampler-tests (BSD-3-Clause): count, seed, total, expected
VECTORS = [
    (3, "1", 1000, [97, 89, 163]),
    (3, "0", 2, [1, 1, 2]),
    (3, "0", 1000, [905, 573, 160]),
    (3, "0000000000", 1000, [978, 359, 132]),
    (3, "999999999999999999999999", 1000, [544, 800, 654]),
    (5, "3546311556112163624615351222", 876, [740, 180, 264, 789, 238]),
    (3, "abcde", 1000, [247, 427, 157]),
    (3, "abc123", 1000, [455, 764, 629]),
    (3, "snowman: ☃", 1000, [634, 56, 46]),
    (5, "😀", 1000, [596, 415, 303, 11, 141]),
]


def request(units, **more) -> dict:
    return {"units": units, "source": {"kind": "dice", "event": "三月第一次"}, **more}


def villages(number: int, strata: int = 3, **more) -> list[dict]:
    return [{"id": f"村{n}", "stratum": f"镇{n % strata}", **more} for n in range(number)]


def chosen(asked: dict, seed: dict = SEED) -> set[str]:
    return {pick["unit"] for pick in draw(asked, seed).picks}


def published(asked: dict, seed: dict = SEED) -> dict:
    return json.loads(json.dumps({"request": asked, "committed": commitment(asked), **draw(asked, seed)._asdict()}))


def full_request() -> dict:
    units = [{**unit, "last": 2020 + n % 6, "weight": 1 + n % 3} for n, unit in enumerate(villages(60))]
    people = [{"id": f"督{n}", "unit": f"村{n}"} for n in range(12)]
    rules = {"floors": {"镇0": 5, "镇1": 9}, "year": 2026, "certain_after": 6, "reserve": 3, "load": 3}
    return request(units, size=24, inspectors=people, relatives=[["督1", "村5"], ["督2", "村0"]], **rules)


@pytest.mark.parametrize("count, seed, total, expected", VECTORS)
def test_the_public_vectors_match_the_peer(count, seed, total, expected):
    """Rivest's sampler draws with replacement, so it is the bench's peer and not our scheme."""
    digests = (hashlib.sha256(f"{seed},{n}".encode()).hexdigest() for n in range(1, count + 1))
    assert [int(digest, 16) % total + 1 for digest in digests] == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(4, 40), st.integers(1, 4), st.randoms(use_true_random=False), st.text("123456", min_size=1))
def test_the_order_of_the_list_changes_nothing(number, size, shuffler, value):
    units = villages(number)
    shuffled = shuffler.sample(units, number)
    asked = (request(units, size=size), request(shuffled, size=size))
    assert draw(asked[0], {"value": value}).picks == draw(asked[1], {"value": value}).picks


@settings(max_examples=60, deadline=None)
@given(st.integers(9, 40), st.integers(6, 9), st.sampled_from(["镇0", "镇1", "镇2"]), st.text("123456", min_size=1))
def test_one_more_unit_moves_at_most_one_pick(number, size, stratum, value):
    units, floors = villages(number), {"镇0": 2, "镇1": 1, "镇2": 3}
    before = chosen(request(units, size=size, floors=floors), {"value": value})
    after = chosen(request([*units, {"id": "新村", "stratum": stratum}], size=size, floors=floors), {"value": value})
    assert len(before - after) <= 1


@settings(max_examples=40, deadline=None)
@given(st.text("123456", min_size=1))
def test_limits_and_recusal_hold_and_the_checker_agrees(value):
    asked = full_request()
    done = published(asked, {"value": value})
    strata = Counter(pick["stratum"] for pick in done["picks"])
    assert strata["镇0"] >= 5 and strata["镇1"] >= 9 and len(done["picks"]) == 24
    never = {unit["id"] for unit in asked["units"] if unit["last"] == 2020}
    assert never <= {pick["unit"] for pick in done["picks"]}
    pairs = {(visit["inspector"], visit["unit"]) for visit in done["visits"]}
    own = {(person["id"], person["unit"]) for person in asked["inspectors"]}
    assert not pairs & (own | {("督1", "村5"), ("督2", "村0")})
    assert max(Counter(person for person, _ in pairs).values()) <= 3
    assert check(done) == []


def test_a_choice_that_leaves_another_unit_without_anybody_is_skipped():
    people = [{"id": "甲"}, {"id": "乙"}]
    skipped = 0
    for value in range(40):
        asked = request(villages(2, 1), size=2, inspectors=people, relatives=[["甲", "村0"]])
        visits = draw(asked, {"value": str(value)}).visits
        assert {visit["unit"]: visit["inspector"] for visit in visits} == {"村0": "乙", "村1": "甲"}
        skipped += sum(len(visit["skipped"]) for visit in visits)
    assert skipped


def test_shares_are_met_exactly():
    picks = draw(request(villages(30), shares={"镇0": 2, "镇2": 5}), SEED).picks
    assert Counter(pick["stratum"] for pick in picks) == {"镇0": 2, "镇2": 5}


def test_every_unit_is_drawn_about_as_often_and_a_weight_counts():
    """1,000 fixed seeds; 3 of 12 each: 250 ± 4 standard deviations. Weight 3 beside weight 1: 3 of 4."""
    asked = request(villages(12), size=3)
    times = Counter(unit for seed in range(1000) for unit in chosen(asked, {"value": str(seed)}))
    assert all(195 <= times[f"村{n}"] <= 305 for n in range(12))
    wins = sum(ticket(b"%d" % n, "镇", "重", 3) < ticket(b"%d" % n, "镇", "轻") for n in range(2000))
    assert 1423 <= wins <= 1577


def test_after_one_percent_of_new_units_nearly_all_picks_stay():
    units = villages(10_000)
    more = [*units, *({"id": f"新{n}", "stratum": f"镇{n % 3}"} for n in range(100))]
    stayed = chosen(request(units, size=1000)) & chosen(request(more, size=1000))
    assert len(stayed) >= 980


@pytest.mark.parametrize("change", ["seed", "list", "round", "pick", "inspector"])
def test_the_checker_rejects_what_was_changed(change):
    done = published(full_request())
    bad = copy.deepcopy(done)
    if change == "seed":
        bad["certificate"]["seed"]["value"] = "6"
    elif change == "list":
        bad["request"]["units"].pop()
    elif change == "round":
        bad["request"]["source"]["event"] = "三月第二次"
        bad["committed"] = bad["certificate"]["request_sha256"] = commitment(bad["request"])
    elif change == "pick":
        bad["picks"].pop()
    else:
        bad["visits"][0]["inspector"] = bad["visits"][1]["inspector"]
    if change in ("pick", "inspector"):  # with a hash that fits
        content = canonical({"picks": bad["picks"], "visits": bad["visits"]})
        bad["certificate"]["result_sha256"] = hashlib.sha256(content).hexdigest()
    assert check(done) == [] and check(bad)


def test_a_drand_value_must_be_the_hash_of_its_signature():
    asked = request(villages(5), size=2)
    asked["source"] = {"kind": "drand", "event": "1000"}
    good = {"value": hashlib.sha256(b"\x01\x02").hexdigest(), "signature": "0102"}
    assert check(published(asked, good)) == []
    with pytest.raises(PlanError, match="签名"):
        draw(asked, {**good, "signature": "0103"})


@pytest.mark.parametrize(
    "change, words",
    [
        ({"size": 99}, "size"),
        ({"size": 1.5}, "整数"),
        ({"size": 2, "floors": {"镇9": 1}}, "镇9"),
        ({"size": 2, "certain_after": 2}, "year"),
        ({"size": 2, "year": 2026, "reserve": 1}, "reserve"),
        ({"size": 2, "inspectors": [{"id": "甲"}]}, "无人可派"),
        ({"size": 2, "inspectors": [{"id": "甲"}], "relatives": [["乙", "村0"]]}, "回避"),
        ({"size": 2, "flors": {}}, "flors"),
    ],
)
def test_an_impossible_draw_says_in_chinese_what_to_do(change, words):
    with pytest.raises(PlanError, match=words):
        draw(request(villages(5), **change), SEED)


@pytest.mark.parametrize("asked", [full_request(), request(villages(30), shares={"镇0": 2, "镇2": 5})])
def test_the_script_in_the_docs_replays_a_draw(tmp_path, asked):
    script = re.search(r"```python\n(.*?)```", (ROOT / "docs/draw.md").read_text(), re.S)[1]
    assert len(script.splitlines()) <= 34
    (tmp_path / "replay.py").write_text(script)
    done = published(asked)
    for picks, status in ((done["picks"], 0), (done["picks"][1:], 1)):
        (tmp_path / "draw.json").write_text(json.dumps({**done, "picks": picks}))
        assert subprocess.run([sys.executable, "replay.py", "draw.json"], cwd=tmp_path).returncode == status


def test_the_command_commits_draws_and_checks(tmp_path, capsys):
    file = tmp_path / "draw.json"
    asked = full_request()
    random.Random(1).shuffle(asked["units"])
    file.write_text(json.dumps({"request": asked}))
    assert main(["draw", str(file), "--json"]) == 0
    committed = json.loads(capsys.readouterr().out)["committed"]
    file.write_text(json.dumps({"request": asked, "committed": committed, "seed": SEED}))
    assert main(["draw", str(file), "--json"]) == 0
    file.write_text(capsys.readouterr().out)
    assert main(["draw", "check", str(file)]) == 0
    file.write_text(file.read_text().replace(SEED["value"], "1 1 1"))
    assert main(["draw", "check", str(file)]) == 1
    file.write_text(json.dumps({"request": asked, "committed": "0", "seed": SEED}))
    assert main(["draw", str(file)]) == 2
    assert "committed" in capsys.readouterr().err

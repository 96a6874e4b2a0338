"""A proposed cap over two days of two classes, reckoned by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qingfu.cli import main
from qingfu.lake.reading import open_lake
from qingfu.lake.whatif import Load, what_if
from qingfu.rulebook import Bearer, Demand, Pack
from tests.lake.making import Asked, Made, write_lake
from tests.ledger.packs import county_pack

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)
CLASSES = [Bearer(1, "class", grade=3), Bearer(2, "class", grade=4)]
WRITTEN = {"form": "written", "required": True}


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Path:
    """Class 1 has 30 + 20 minutes on Monday and 40 on Tuesday, class 2 has 25 + 30 on Monday, the 30 asked first."""
    asked = [
        (1, MONDAY, 30, 1), (1, MONDAY, 20, 2), (1, TUESDAY, 40, 3), (2, MONDAY, 25, 5), (2, MONDAY, 30, 4),
    ]  # fmt: skip
    several = [
        Asked(Demand("homework", CLASSES[bearer - 1], day, {"times": 1, "minutes": minutes}, WRITTEN), attempt)
        for bearer, day, minutes, attempt in asked
    ]
    folder = tmp_path_factory.mktemp("lake")
    write_lake(folder, Made([Pack.from_toml(county_pack(60))], CLASSES, several))
    return folder


def test_who_asked_last_would_not_have_passed(lake):
    found = what_if(open_lake(lake), [Pack.from_toml(county_pack(45))], MONDAY, TUESDAY)
    assert sorted(row["demand_id"] for row in found.stopped.to_pylist()) == [1, 3]  # 30 + 20 and 30 + 25
    assert (found.before, found.after) == (Load(50, 54, 55), Load(30, 38, 40))


def test_what_was_over_before_is_not_the_new_rules_doing(lake):
    stricter = what_if(open_lake(lake), [Pack.from_toml(county_pack(60))], MONDAY, TUESDAY)
    assert stricter.stopped.num_rows == 0 and stricter.before == stricter.after


def test_a_floor_stops_nothing_and_says_where_too_little_would_have_been_done(lake):
    floor = county_pack(50).replace("at_most", "at_least").replace("cap =", "floor =")
    found = what_if(open_lake(lake), [Pack.from_toml(floor)], MONDAY, TUESDAY)
    (row,) = found.short.to_pylist()
    assert (row["bearer_id"], row["day"], row["amount"], row["over"]) == (1, TUESDAY, 40, 10)
    assert found.stopped.num_rows == 0 and found.before == found.after


CUT = """
[pack]
id = "x.documents"
level = "county"
title = "拟定：发文比上年减两成"
[documents.own]
title = "拟定"
issued = 2026-01-01
[[limit]]
id = "x.documents.cut"
title = "发文件数"
kind = "document"
bearer = "department"
form = "share_at_most_last_year"
measure = "times"
window = "year"
force = "must"
[[limit.value]]
from = 2026-01-01
share = {share}
document = "own"
clause = "一"
confidence = "verbatim"
"""


def test_documents_that_had_to_fall_by_a_fifth(tmp_path):
    """Ten last year, nine asked this year: with a fifth less the ninth would not have passed."""
    office = Bearer(9, "department")
    asked = [
        Asked(Demand("document", office, MONDAY, {"times": 1}, {"account": "department"}), number)
        for number in range(1, 10)
    ]
    now = [Pack.from_toml(CUT.format(share=1.0))]
    write_lake(tmp_path, Made(now, [Bearer(9, "bureau")], asked, {(9, "x.documents.cut", 2026): 10}))
    found = what_if(open_lake(tmp_path), [Pack.from_toml(CUT.format(share=0.8))], MONDAY, TUESDAY)
    assert [row["demand_id"] for row in found.stopped.to_pylist()] == [8] and found.before is None


def test_the_command_says_it_in_sentences(lake, tmp_path, capsys):
    rule = tmp_path / "county.toml"
    rule.write_text(county_pack(45), "utf-8")
    span = ["--from", MONDAY.isoformat(), "--to", TUESDAY.isoformat()]
    out = tmp_path / "放不下.csv"
    assert main(["whatif", str(lake), "--rules", str(rule), *span, "--out", str(out)]) == 0
    assert len(out.read_text("utf-8").splitlines()) == 1 + 2
    said = capsys.readouterr().out
    assert "2 项" in said and "50" in said and "30" in said
    assert main(["whatif", str(lake), "--rules", str(tmp_path / "没有.toml"), *span]) == 2

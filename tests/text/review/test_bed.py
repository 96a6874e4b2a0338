"""The test bed itself: clean reports are clean in form, defects stand where they are said to, counts are right."""

import random
import re
from itertools import combinations

import pytest

from tests.text.review.mutate import KINDS, LEGAL, identity_number, inject, legal, of_school
from tests.text.review.prose import kinds as prose_kinds
from tests.text.review.reports import clean_reports, traditional_ones
from tests.text.review.score import alarms, score

REPORTS = clean_reports()


def row(line=1, start=0, end=2, kind="placeholder", sub="year", fix="", **more) -> dict:
    place = {"file": "a", "line": line, "start": start, "end": end, "text": "某某"}
    return {**place, "kind": kind, "sub": sub, "fix": fix, **more}


@pytest.mark.parametrize("name", REPORTS)
def test_a_clean_report_has_its_length_a_day_and_no_blank_to_fill(name):
    text = REPORTS[name]
    assert 600 <= len(text.replace("\n", "")) <= 3000
    years = [int(year) for year in re.findall(r"(20\d\d)年\d{1,2}月\d{1,2}日$", text, flags=re.M)]
    assert years and 2021 <= years[-1] <= 2025
    assert not re.search(r"[xX×*＊]{2}|某某|__|\ufffd|[\u4e00-\u9fff][,;:!?]", text)
    assert all(line and line == line.strip() for line in text.rstrip("\n").split("\n"))


def test_no_two_clean_reports_share_twenty_characters():
    grams = {name: {text[i : i + 20] for i in range(len(text) - 19)} for name, text in REPORTS.items()}
    assert [(a, b, grams[a] & grams[b]) for a, b in combinations(grams, 2) if grams[a] & grams[b]] == []


def test_twelve_reports_are_read_in_traditional_script():
    other = traditional_ones(REPORTS)
    assert len(other) == 12
    assert all(re.search("業|會|學|課|個", text) for text in other.values())


@pytest.mark.parametrize(("kind", "sub"), KINDS)
def test_what_is_planted_stands_where_it_is_said_and_its_repair_leads_back(kind, sub):
    somewhere = False
    for place, text in enumerate(REPORTS.values()):
        damaged, planted = inject(text, kind, sub, random.Random(place))
        lines = damaged.split("\n")
        for one in planted:
            assert one.text and lines[one.line - 1][one.start : one.end] == one.text
            if kind in ("encoding_damage", "mixed_script"):
                mended = lines[one.line - 1][: one.start] + one.fix + lines[one.line - 1][one.end :]
                assert re.sub(r"\W", "", mended) in re.sub(r"\W", "", _same_script(text, damaged))
        somewhere = somewhere or bool(planted)
        assert (damaged, planted) == inject(text, kind, sub, random.Random(place))
    assert somewhere


def _same_script(text: str, damaged: str) -> str:
    (converted,) = traditional_ones({"one": text}, 1).values()
    return text + converted


@pytest.mark.parametrize("sub", LEGAL)
def test_a_legal_counterpart_is_one_sentence_more(sub):
    text = next(iter(REPORTS.values()))
    assert LEGAL[sub] in legal(text, sub, random.Random(1))


def test_a_school_is_told_from_an_office_by_its_signature():
    schools = {name for name, text in REPORTS.items() if of_school(text.rstrip("\n").split("\n"))}
    assert {name for name in REPORTS if name.startswith(("primary", "junior", "nineyear", "boarding"))} <= schools
    assert not {name for name in schools if name.startswith(("county", "township_gov", "village_committee"))}


def test_a_planted_identity_number_has_a_right_check_digit():
    number = identity_number(random.Random(3))
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False)) % 11
    assert len(number) == 18 and number[-1] == "10X98765432"[rest]


def test_prose_comes_in_the_length_asked_for():
    prose = prose_kinds(30_000)
    assert set(prose) == {"news", "traditional", "reviews"}
    assert all(9_000 < len(text) < 12_000 for text in prose.values())
    assert "/" not in prose["news"]


def test_a_finding_is_matched_once_and_the_largest_overlap_first():
    result = score([row(start=0, end=4), row(start=3, end=9)], [row(start=3, end=5), row(start=2, end=4)])
    assert (result.kinds["placeholder"].hit, result.kinds["placeholder"].false) == (2, 0)
    result = score([row()], [row(), row(start=1)])
    assert (result.kinds["placeholder"].hit, result.kinds["placeholder"].false) == (1, 1)


def test_a_finding_of_another_kind_line_or_place_is_no_hit():
    for other in (row(kind="privacy"), row(line=2), row(start=2, end=3)):
        result = score([row()], [other])
        assert result.kinds["placeholder"].hit == 0 and len(result.missed) == 1


def test_a_repair_counts_when_it_leads_to_the_same_text():
    narrow = row(start=2, end=3, fix="重", text="生")
    wide = row(start=2, end=4, fix="重点", text="生点")
    assert score([wide], [narrow]).kinds["placeholder"].fixed == 1
    assert score([narrow], [wide]).kinds["placeholder"].fixed == 1
    assert score([narrow], [{**wide, "fix": "要点"}]).kinds["placeholder"].fixed == 0
    assert score([narrow], [{**wide, "fix": "", "known": False}]).kinds["placeholder"].fixed == 0


def test_a_span_over_a_line_end_is_hit_on_either_line():
    assert score([row(line=2, start=0, end=3)], [row(line=1, start=5, end_line=2, end=2)]).kinds["placeholder"].hit == 1


def test_alarms_leave_hints_out():
    assert [one["severity"] for one in alarms([row(severity=s) for s in ("hint", "warning", "error")])] == [
        "warning",
        "error",
    ]

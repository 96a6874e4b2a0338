"""Drafts written for the test: too long, disguised, repeating, of the wrong kind, secret, fine. Every verdict."""

from datetime import date

import pytest

from qingfu.text.files import open_file
from qingfu.text.official import MarkedSecret, check_draft

from .making import EXPECTED, read, text_of, word_of

DAY = date(2026, 11, 1)
READ = [row for row in EXPECTED if "refused" not in row]
REFUSED = [row for row in EXPECTED if "refused" in row]


def check_of(row):
    source = open_file(word_of(text_of(row["name"])), f"{row['name']}.docx")
    superior = open_file(word_of(read(row["against"])), "市局通知.docx") if "against" in row else None
    return check_draft(source, on=row.get("on", DAY), superior=superior)


def test_there_are_more_than_twenty():
    assert len({row["name"] for row in EXPECTED}) >= 20


@pytest.mark.parametrize("row", READ, ids=lambda row: row["says"])
def test_the_verdict_of_a_draft_is_right(row):
    found = check_of(row)
    assert found.verdict.code == row["verdict"]
    assert [it.limit for it in found.judged if it.state == "broken"] == row.get("broken", [])
    assert {it.code for it in found.signs} == set(row.get("signs", []))
    assert [it.code for it in found.disguises] == row.get("disguises", [])
    assert [it.code for it in found.wrong_kinds] == row.get("wrong", [])
    assert (found.kind.form, found.kind.carrier) == (row["form"], row["carrier"])
    assert set(row["types"]) <= set(found.kind.types)
    assert found.size.characters > row.get("longer_than", 0)


@pytest.mark.parametrize("row", [row for row in READ if "against" in row], ids=lambda row: row["says"])
def test_what_a_draft_repeats_stands_beside_its_source(row):
    found = check_of(row).comparison
    assert found.new_share == pytest.approx(row["new"], abs=0.01)
    superior = read(row["against"])
    for pair in found.pairs:
        assert superior[pair.superior_start : pair.superior_end] == pair.superior_text
        assert text_of(row["name"])[pair.start : pair.end] == pair.text


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row["says"])
def test_a_marked_draft_is_refused_unread(row, monkeypatch):
    monkeypatch.setattr("qingfu.text.official.check.draft_of", lambda source: pytest.fail("it was read"))
    with pytest.raises(MarkedSecret, match=row["refused"]) as refused:
        check_of(row)
    assert "涉密不上网" in str(refused.value)

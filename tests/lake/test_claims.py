"""Claims of reports: how well their figures are matched to indicators, and the command that sets them beside a lake."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.cli import main
from qingfu.lake.actions import export_lake
from qingfu.lake.indicators.claims import matters
from qingfu.rulebook import load_calendar
from qingfu.text.review.claims import Setting, claims, named_first, period_of
from qingfu.text.review.layers import read_document
from qingfu.units.queries import operator_actor
from tests.lake.claiming import counted, labelled

SPAN = timezone.localdate(), timezone.localdate() + timedelta(days=100)
PERIOD = f"{SPAN[0]}..{SPAN[1]}"
REPORT = """青禾县教育局关于作业管理情况的汇报
全县书面作业平均每天用时{mean}分钟，用时的中位数为{median}分钟。超过规定的班日占33.3%。
一年来，全县发文120件，投入资金30万元。
"""


@pytest.fixture(scope="module")
def folder(county, tmp_path_factory):
    found = tmp_path_factory.mktemp("lake")
    export_lake(operator_actor(county.unit), county.unit, found)
    return found


@pytest.fixture
def review(county, folder, tmp_path, capsys):
    """What ``qingfu review`` says and answers of REPORT with some figures in it."""

    def run(*more: str, mean: str = "41.7", median: str = "35", name: str = "青禾县"):
        path = tmp_path / "汇报.txt"
        path.write_text(REPORT.format(mean=mean, median=median), "utf-8")
        code = main(["review", str(path), *more])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.mark.parametrize(("part", "precision", "recall"), [("seen", 0.98, 0.98), ("held", 0.95, 0.9)])
def test_figures_of_labelled_sentences_are_matched_to_their_indicators(part, precision, recall):
    assert len(labelled(part)) == 40
    counts, _wrong = counted(part)
    assert counts["right"] >= precision * counts["told"] and counts["right"] >= recall * counts["meant"]


def test_the_command_tells_in_json_what_agrees_what_differs_and_what_cannot_be_checked(review, county, folder):
    beside = ["--unit", county.unit.code, "--period", PERIOD, "--lake", str(folder), "--json"]
    code, out, _ = review(*beside, median="40")
    rows = [row for row in map(json.loads, out.splitlines()) if row["kind"] == "ledger_claim"]
    told = {row["text"]: (row["sub"], row["claim"]["indicator"], row["fix"]) for row in rows}
    assert told == {
        "41.7分钟": ("agrees", "homework_minutes_mean", ""), "40分钟": ("differs", "homework_minutes_median", "35分钟"),
        "33.3%": ("agrees", "homework_days_over", ""), "120件": ("unchecked", "documents_issued", ""),
        "30万元": ("unchecked", "", ""),
    }  # fmt: skip
    assert code == 1 and {row["severity"] for row in rows if row["sub"] != "differs"} == {"hint"}
    assert [row["claim"]["why"] for row in rows if row["sub"] == "unchecked"] == ["这段时间没有记录", "没有对应的指标"]
    assert review(*beside)[0] == 0


def test_on_the_terminal_only_what_asks_for_a_look_is_told(review, county, folder):
    beside = ["--unit", county.unit.code, "--period", PERIOD, "--lake", str(folder)]
    code, out, _ = review(*beside, median="40")
    assert code == 1 and "汇报.txt（青禾县）：相符 2，不符 1，不能核对 2。" in out
    assert "比文中少 5 分钟" in out and "41.7分钟" not in out


@pytest.fixture
def files(tmp_path):
    """Reports of the county and of a school of it, and one that names nobody, with the same figures."""
    text = REPORT.format(mean="41.7", median="35")
    names = {"县.txt": "青禾县", "校.txt": "青禾县实验小学", "谁.txt": "某某"}
    for file, name in names.items():
        (tmp_path / file).write_text(text.replace("青禾县教育局", name).replace("全县", "全部"), "utf-8")
    return [str(tmp_path / file) for file in names]


def test_of_several_reports_each_is_held_against_the_unit_that_it_names_first(files, folder, capsys):
    code = main(["review", *files, "--period", PERIOD, "--lake", str(folder), "--unit"])
    out, err = capsys.readouterr()
    assert "县.txt（青禾县）：相符 3" in out and "校.txt（青禾县实验小学）：" in out and "谁.txt（" not in out
    assert code == 2 and "没有核对" in err and "谁.txt" in err and "--unit" in err and "校.txt" not in err


def test_json_says_which_unit_each_claim_was_held_against(files, folder, capsys):
    main(["review", *files[:2], "--period", PERIOD, "--lake", str(folder), "--json", "--unit"])
    rows = [row for row in map(json.loads, capsys.readouterr().out.splitlines()) if row["kind"] == "ledger_claim"]
    assert {(row["file"], row["claim"]["unit"]) for row in rows} == {(files[0], "青禾县"), (files[1], "青禾县实验小学")}


def test_one_unit_that_is_written_is_that_of_all_reports(files, county, folder, capsys):
    main(["review", *files, "--unit", county.unit.code, "--period", PERIOD, "--lake", str(folder)])
    out, err = capsys.readouterr()
    assert out.count("（青禾县）：") == 3 and not err


def test_the_longer_of_two_names_at_one_place_is_meant():
    document = read_document("青禾县实验小学工作总结\n送青禾县教育局。\n")
    assert named_first(document, ["青禾县", "青禾县教育局", "青禾县实验小学"]) == "青禾县实验小学"
    assert named_first(document, ["实验小学"]) == "实验小学" and named_first(document, ["松江市"]) is None


@pytest.mark.parametrize(
    ("more", "said"),
    [(["--unit", "火星"], "火星"), (["--period", "那时候"], "看不懂期间"),
     (["--lake", "nowhere"], "qingfu lake export"), (["--unit"], "--unit")],
)  # fmt: skip
def test_the_command_says_what_is_wrong(review, county, folder, more, said):
    given = {"--unit": county.unit.code, "--period": PERIOD, "--lake": str(folder)}
    given |= {more[0]: more[1]} if len(more) == 2 else {}
    if more == ["--unit"]:
        del given["--unit"]
    code, _, err = review(*(one for pair in given.items() for one in pair))
    assert code == 2 and said in err


@pytest.mark.parametrize(
    ("title", "first", "last"),
    [("青禾县实验小学2025-2026学年第一学期工作总结", "2025-09-01", "2026-01-30"),
     ("关于2025年减负工作情况的报告", "2025-01-01", "2025-12-31"), ("上半年减负工作汇报", "2026-01-01", "2026-06-30"),
     ("9月份作业管理情况", "2026-09-01", "2026-09-30"), ("2026年1至10月情况报告", "2026-01-01", "2026-10-31"),
     ("2026年11月19日至11月27日情况", "2026-11-19", "2026-11-27"), ("第三季度督查检查情况", "2026-07-01", "2026-09-30"),
     ("2026年春季学期作业管理情况", "2026-03-02", "2026-07-10"), ("作业管理情况", None, None)],
)  # fmt: skip
def test_the_period_is_read_from_title_and_day(title, first, last):
    document = read_document(f"{title}\n各校作业公示情况较好。\n青禾县教育局\n2026年11月28日\n")
    found = period_of(document, load_calendar(), timezone.localdate())
    assert found is None if first is None else (str(found.first), str(found.last)) == (first, last)


def test_days_in_the_opening_say_more_than_a_term_in_the_title():
    opening = "现将青禾县教育局2026年9月1日至2026年11月1日作业管理情况报告如下。"
    document = read_document(f"关于2026年秋季学期\n作业管理情况的报告\n松江市教育局：\n{opening}\n")
    found = period_of(document, load_calendar(), timezone.localdate())
    assert (str(found.first), str(found.last)) == ("2026-09-01", "2026-11-01")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("三至六年级书面作业平均用时42分钟，作业公示率98.6%。", ""),
        ("三年级书面作业平均用时42分钟，作业公示率98.6%。", "part"),
        ("书面作业平均用时42分钟，三至六年级作业公示率98.6%。", "part"),
    ],
)
def test_a_clause_on_all_grades_with_written_homework_speaks_of_the_whole_school(text, why):
    school = Setting(whole="校", grades=frozenset(range(1, 7)))
    *_, share = claims(read_document(text), matters(), school)
    assert (share.matter, share.why) == ("homework_on_time", why)

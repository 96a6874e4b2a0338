"""`qingfu rulebook …` as it is typed."""

import io
import json

import pytest

from qingfu.cli import main
from qingfu.rulebook import load_not_checkable, load_unrecorded

from .conftest import PACKS

NOVEMBER = ["--on", "2025-11-12"]
COUNTY, SCHOOL = ["--pack", str(PACKS / "school.toml")], ["--pack", str(PACKS / "county.toml")]


def run(capsys, *arguments):
    status = main(["rulebook", *arguments])
    return status, capsys.readouterr()


def records(captured):
    return [json.loads(line) for line in captured.out.splitlines()]


def test_show_lists_what_is_in_force(capsys):
    status, captured = run(capsys, "show", "homework", "--grade", "4", *NOVEMBER)
    assert status == 0
    assert "国家｜作业｜每天书面作业总时长（三至六年级）｜每个上学日不超过 60 分钟｜应当｜" in captured.out


def test_show_writes_json_lines(capsys):
    _, captured = run(capsys, "show", "--json", *NOVEMBER)
    limits = {record["limit"]: record for record in records(captured)}
    assert limits["cn.homework.written.g3-6"]["cap"] == 60
    assert len(limits) > 100


def test_what_is_left_to_people_is_listed_with_the_reason(capsys):
    _, captured = run(capsys, "show", "--people")
    assert "HW-07｜难度是否超出课程标准，要教研人员看题目" in captured.out.splitlines()
    _, captured = run(capsys, "show", "--people", "--json")
    listed = {it["row"]: it["reason"] for it in records(captured) if "limit" not in it}
    assert listed == load_not_checkable()


def test_what_nobody_enters_is_listed_with_the_reason(capsys):
    _, captured = run(capsys, "show", "--people")
    assert any(line.startswith("HW-09｜书面作业全批全改（cn.homework.marked）：批改不逐日登记") for line in
               captured.out.splitlines())  # fmt: skip
    _, captured = run(capsys, "show", "--people", "--json")
    listed = {(it["row"], it["limit"]) for it in records(captured) if "limit" in it}
    assert listed == {(row, limit.id) for limit, _ in load_unrecorded() for row in limit.rows}
    assert {"TR-17", "PH-05", "AS-02", "SL-01"} <= {row for row, _ in listed}


def test_explain_shows_the_chain_and_what_binds(capsys):
    status, captured = run(capsys, "explain", "homework", "--grade", "4", *NOVEMBER, *COUNTY, *SCHOOL)
    lines = captured.out.splitlines()
    assert status == 0
    assert lines[0].startswith("　 国家｜每天书面作业总时长：每个上学日不超过 60 分钟")
    assert lines[1].startswith("→ 县｜每天书面作业总时长：每个上学日不超过 50 分钟")


def test_explain_as_json(capsys):
    _, captured = run(capsys, "explain", "homework", "--grade", "4", "--json", *NOVEMBER, *SCHOOL)
    assert [(it["level"], it["binds"]) for it in records(captured) if it["chain"] == 1] == [
        ("nation", False),
        ("county", True),
    ]


def test_a_school_may_be_named_where_there_is_a_database(nation, county, capsys):
    """The site gives `find_school`; here it is a dictionary."""
    from argparse import ArgumentParser

    from qingfu.rulebook import load_calendar
    from qingfu.rulebook.commands import SchoolRules, add_parser

    parser = ArgumentParser()
    add_parser(parser.add_subparsers(), find_school={"城关小学": SchoolRules([county], load_calendar())}.get)
    parsed = parser.parse_args(
        ["rulebook", "explain", "homework", "--school", "城关小学", "--grade", "4", *NOVEMBER]
    )
    assert parsed.run(parsed) == 0
    assert "→ 县｜" in capsys.readouterr().out


def test_an_example_may_be_named_where_there_is_none(capsys):
    status, captured = run(capsys, "check", "--school", "ls-37", *NOVEMBER)
    assert status == 1
    assert "漏了四年级" in captured.out


def test_a_school_that_nobody_knows(capsys):
    status, captured = run(capsys, "explain", "homework", "--school", "不存在小学", "--grade", "4")
    assert status == 2
    assert "找不到学校“不存在小学”" in captured.err


def test_check_tells_problems_and_their_number(capsys):
    status, captured = run(capsys, "check", *NOVEMBER, *COUNTY, *SCHOOL)
    assert status == 1
    assert "漏了四年级" in captured.out
    assert captured.out.splitlines()[-1].startswith("共 ")


def test_check_of_a_sound_pack(capsys):
    status, captured = run(capsys, "check", *NOVEMBER, *SCHOOL)
    assert (status, captured.out) == (0, "共 0 处\n")


def test_check_as_json(capsys):
    _, captured = run(capsys, "check", "--json", *NOVEMBER, *COUNTY, *SCHOOL)
    assert {"laxer", "hole", "conflict", "parts", "clash"} == {record["kind"] for record in records(captured)}


def test_a_bad_pack_is_told_on_one_line(tmp_path, capsys):
    bad = tmp_path / "坏.toml"
    bad.write_text("[pack]\nid = 'x'\nlevel = 'village'\ntitle = 'x'\n", "utf-8")
    status, captured = run(capsys, "check", "--pack", str(bad))
    assert status == 2
    assert captured.err.count("\n") == 1
    assert "坏.toml" in captured.err and "pack.level" in captured.err


QUESTIONS = """\
{"kind": "homework", "bearer": "grade 4", "on": "2025-11-12", "value": 70}
not json

{"kind": "homework", "bearer": {"grade": 4}, "on": "2025-11-12", "value": 60}
"""


def test_ask_answers_line_by_line_and_goes_on_after_a_bad_one(tmp_path, capsys):
    file = tmp_path / "questions.jsonl"
    file.write_text(QUESTIONS, "utf-8")
    status, captured = run(capsys, "ask", str(file))
    first, second, third = records(captured)
    assert status == 2
    assert (first["line"], first["verdict"]) == (1, "refuse")
    assert (second["line"], "JSON" in second["error"]) == (2, True)
    assert (third["line"], third["verdict"]) == (4, "pass")


def test_ask_reads_an_array_and_a_byte_order_mark(tmp_path, capsys):
    question = QUESTIONS.splitlines()[0]
    array, marked = tmp_path / "array.json", tmp_path / "marked.jsonl"
    array.write_text(f"[\n{question},\n3\n]\r\n", "utf-8")
    marked.write_text(f"{question}\r\n", "utf-8-sig")
    status, captured = run(capsys, "ask", str(array))
    assert status == 2
    assert [(it["line"], it.get("verdict")) for it in records(captured)] == [(1, "refuse"), (2, None)]
    assert records(run(capsys, "ask", str(marked))[1])[0]["verdict"] == "refuse"


def test_ask_reads_standard_input(monkeypatch, capsys):
    question = QUESTIONS.splitlines()[0].encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(question)))
    status, captured = run(capsys, "ask")
    assert (status, records(captured)[0]["verdict"]) == (0, "refuse")


def test_a_line_that_is_not_utf8_is_answered_with_its_error(tmp_path, capsys):
    file = tmp_path / "gbk.jsonl"
    file.write_bytes('{"kind": "作业"}\n'.encode("gbk") + QUESTIONS.splitlines()[0].encode())
    status, captured = run(capsys, "ask", str(file))
    first, second = records(captured)
    assert (status, "error" in first, second["verdict"]) == (2, True, "refuse")


def test_ask_of_a_file_that_is_not_there(capsys):
    status, captured = run(capsys, "ask", "没有这个文件.jsonl")
    assert status == 2
    assert "没有这个文件.jsonl" in captured.err


@pytest.mark.parametrize("arguments", [["explain", "homewrok"], ["show", "--on", "2025-02-30"]])
def test_a_mistyped_argument_is_refused(arguments, capsys):
    with pytest.raises(SystemExit):
        main(["rulebook", *arguments])
    assert capsys.readouterr().err

"""`qingfu homework lint FILE`: what goes in, what comes out, how bad input is answered."""

import io
import json
import sys

import pytest

from qingfu.cli import main

MESSAGE = {"grade": 4, "text": "语文：抄写生字10遍，家长签字 数学：练习册P23，约20分钟，下周一交"}


@pytest.fixture
def lint(tmp_path, capsys):
    def run(content, *options):
        path = tmp_path / "messages.jsonl"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        status = main(["homework", "lint", str(path), "--on", "2025-11-12", *options])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def answers(out):
    return [json.loads(line) for line in out.splitlines()]


def test_json_lines_answer_items_and_forbidden_kinds(lint):
    status, out, _ = lint(json.dumps(MESSAGE), "--json")
    (answer,) = answers(out)
    assert status == 0
    assert [(item["subject"], item["form"], item["minutes"], item["due"]) for item in answer["items"]] == [
        ("语文", "written", None, None), ("数学", "written", 20, "2025-11-17"),
    ]
    assert answer["items"][0]["proposed_minutes"] > 0
    assert {flag["code"] for flag in answer["forbidden"]} == {"mechanical", "parent_work"}
    for flag in answer["forbidden"]:
        start, end = flag["span"]
        assert MESSAGE["text"][start:end] == flag["text"]


def test_a_json_array_is_read_too(lint):
    status, out, _ = lint(json.dumps([MESSAGE, MESSAGE]), "--json")
    assert status == 0 and len(answers(out)) == 2


def test_listed_materials_are_allowed(lint):
    message = {"grade": 4, "text": "《53天天练》第8页", "materials": ["53天天练"]}
    _, out, _ = lint(json.dumps(message), "--json")
    assert answers(out)[0]["forbidden"] == []


def test_standard_input(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(MESSAGE).encode())))
    assert main(["homework", "lint", "-", "--json"]) == 0
    assert len(answers(capsys.readouterr().out)) == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("not json", "不是 JSON"),
        ("[1", "不是 JSON"),
        ("3", "应是一个对象"),
        ('{"grade": 4}', "缺 text"),
        ('{"grade": 4, "text": 5}', "缺 text"),
        ('{"text": "抄写"}', "缺 grade"),
        ('{"grade": "大班", "text": "抄写"}', "三年级、初二这样的写法（现在是 '大班'）"),
        ('{"grade": "高一", "text": "抄写"}', "grade 应是"),
        ('{"grade": 12, "text": "抄写"}', "grade 应是"),
        ('{"grade": true, "text": "抄写"}', "grade 应是"),
        ('{"grade": 4, "text": "抄写", "materials": "练习册"}', "materials 应是"),
        ('{"grade": 4, "text": "抄写", "subject": 1}', "subject 应是"),
        (json.dumps({"grade": 4, "text": "字" * 34_000}), "一次最多读"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_answered(lint, line, says):
    status, out, err = lint(f"{json.dumps(MESSAGE)}\n{line}\n{json.dumps(MESSAGE)}\n", "--json")
    good, bad, also_good = answers(out)
    assert status == 2
    assert bad["error"].startswith("第 2 行") and says in bad["error"]
    assert "第 2 行" in err
    assert good == also_good


def test_a_broken_array_and_a_missing_file_are_answered(lint, capsys):
    assert lint('[{"grade": 4', "--json")[0] == 2
    assert main(["homework", "lint", "/nowhere/messages.jsonl"]) == 2
    assert "读不了文件" in capsys.readouterr().err
    assert lint(b"\xff\xfe", "--json")[0] == 2


@pytest.mark.parametrize("grade", ["4", "四年级", "小学四年级", "四（2）班", "４"])
def test_a_grade_may_be_written_as_people_do(lint, grade):
    status, out, _ = lint(json.dumps({**MESSAGE, "grade": grade}), "--json")
    assert (status, answers(out)) == (0, answers(lint(json.dumps({**MESSAGE, "grade": 4}), "--json")[1]))


def test_one_message_over_several_lines_and_files_of_odd_make(lint):
    status, out, _ = lint(json.dumps(MESSAGE, indent=2), "--json")
    assert status == 0 and len(answers(out)) == 1
    assert "没有读到作业" in lint(json.dumps({"grade": 4, "text": " "}))[1]
    assert "没有作业消息" in lint("\n")[2]
    status, _, err = lint(json.dumps(MESSAGE, ensure_ascii=False).encode("gbk"))
    assert status == 2 and "请另存为 UTF-8" in err


def test_for_people_it_is_written_out(lint):
    status, out, _ = lint(json.dumps(MESSAGE))
    assert status == 0
    assert "第 1 行" in out and "语文，抄写生字10遍，书面" in out and "parent_work" in out


def test_a_half_surrogate_does_not_break_the_output(lint):
    status, out, _ = lint('{"grade": 4, "text": "抄写\\ud800生字"}', "--json")
    assert status == 0 and answers(out)[0]["items"]

"""`qingfu document check`: what goes in, what comes out, how it ends."""

import json

import pytest

from qingfu.cli import main
from qingfu.text.files import open_file

from .making import read, text_of, word_of


@pytest.fixture
def check(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("qingfu.text.official.sizes.office", lambda: None)  # the pages are another test's

    def run(name: str, *arguments: str):
        path = tmp_path / f"{name}.docx"
        path.write_bytes(word_of(text_of(name)))
        status = main(["document", "check", str(path), "--on", "2026-11-01", *arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_json_tells_size_kind_limits_and_signs(check):
    status, out, _ = check("demands_report", "--json")
    found = json.loads(out)
    assert status == 1
    assert found["verdict"] == "refuse"
    assert found["kind"]["form"] == "notice"
    assert found["signs"][0]["text"] == "报送收购进度统计表"
    broken = [it for it in found["limits"] if it["state"] == "broken"]
    assert [(it["limit"], it["document"]) for it in broken] == [
        ("cn.documents.reports", "《整治形式主义为基层减负若干规定》")
    ]
    assert len(found["sha256"]) == 64


def test_against_a_superior_s_document(check, tmp_path):
    superior = tmp_path / "市局通知.docx"
    superior.write_bytes(word_of(read("superior_notice")))
    status, out, _ = check("repeats_superior", "--against", str(superior), "--json")
    found = json.loads(out)["against"]
    assert status == 1
    assert found["mostly_repeats"] and found["new_share"] < 0.5
    assert found["pairs"][0]["superior_text"].startswith("小学一二年级")


def test_text_for_people_names_rule_document_and_clause(check):
    _, out, _ = check("too_long_special", "--issued", "40", "--last-year", "40")
    assert "专项文件字数" in out and "《整治形式主义为基层减负若干规定》" in out
    assert "发文数量" in out and "（5.2.1）" in out


def test_a_marked_file_is_refused(check):
    status, out, err = check("secret")
    assert (status, out) == (2, "")
    assert "涉密不上网" in err and "报送" not in err


def test_a_corrected_copy_is_written(check, tmp_path):
    copy = tmp_path / "改.docx"
    check("fine_special_notice", "--corrected", str(copy))
    assert main(["document", "check", str(copy), "--on", "2026-11-01"]) == 0
    assert open_file(copy).text.startswith("云溪县教育局文件")


def test_a_missing_file_and_a_wrong_one_are_told(tmp_path, capsys):
    picture = tmp_path / "图.docx"
    picture.write_bytes(b"\x89PNG....")
    assert main(["document", "check", str(tmp_path / "没有.docx")]) == 2
    assert main(["document", "check", str(picture)]) == 2
    assert "图片" in capsys.readouterr().err

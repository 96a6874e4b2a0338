"""`qingfu review FILE…`: what goes in, what comes out, how a file that cannot be read is answered."""

import io
import json
import sys
from pathlib import Path

import pytest

from qingfu.cli import main
from qingfu.text.files import open_file, to_docx
from qingfu.text.files.decode import width
from qingfu.text.review.reader import review_text
from qingfu.text.review.secrecy import why_secret
from qingfu.text.review.summary import _on_terminal, counts, show, told

CLEAN = Path(__file__).parent / "clean"
KEYS = {
    "file", "report", "line", "start", "end", "text", "kind", "sub", "fix", "known", "note", "conf", "severity", "safe",
}  # fmt: skip


def text_of(name: str) -> str:
    return (CLEAN / f"{name}.txt").read_text("utf-8")


@pytest.fixture
def report(tmp_path):
    """A clean report, with defects put in: ``report("a.txt", ("和", "和(hé)"), …)`` changes the first place of each."""

    def make(name: str, *changes: tuple[str, str], source: str = "primary_01") -> str:
        text = text_of(source)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return str(path)

    return make


@pytest.fixture
def review(capsys):
    def run(*arguments: str):
        status = main(["review", *arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def rows_of(out: str) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def sentence_end(text: str) -> str:
    """The last letters of the second paragraph, where a placeholder sentence is put behind."""
    return text.split("\n")[2][-6:]


@pytest.fixture
def unfilled(report):
    end = sentence_end(text_of("primary_01"))
    return report("unfilled.txt", (end, f"{end}20xx年，我校(xiào)共有教师xx人。"))


def test_json_lines_have_the_keys_of_the_annotated_collections_and_point_at_the_text(review, unfilled):
    status, out, _ = review(unfilled, "--json")
    rows = rows_of(out)
    lines = Path(unfilled).read_text("utf-8").split("\n")
    assert status == 1 and {"placeholder", "pinyin_annotation"} <= {row["kind"] for row in rows}
    for row in rows:
        assert set(row) >= KEYS
        if "end_line" not in row:
            assert lines[row["line"] - 1][row["start"] : row["end"]] == row["text"]


def test_a_clean_report_ends_with_nothing_to_change(review, report):
    status, _, err = review(report("clean.txt"))
    assert (status, err) == (0, "")


def test_the_summary_tells_the_worst_first_with_line_span_reason_and_suggestion(review, unfilled):
    status, out, _ = review(unfilled)
    lines = out.splitlines()
    said = [line.split()[1] for line in lines if line.startswith("  ") and "行" in line]
    assert status == 1 and said == sorted(said, key=["必须改", "要核对", "可斟酌"].index)
    at = next(place for place, line in enumerate(lines) if "夹杂拼音" in line and "行" in line)
    assert "(xiào)" in lines[at] and "→ 删去（稳妥）" in lines[at + 1]
    assert "\x1b" not in out


def test_a_narrow_terminal_cuts_nothing_off():
    text = text_of("primary_02") + "20xx年，我校共有教师xx人。\n"
    narrow = io.StringIO()
    write = _on_terminal(narrow, width=32, force_terminal=True, color_system=None)
    for row in told(review_text(text)):
        write(row)
    shown = narrow.getvalue()
    assert all(width(line) <= 32 for line in shown.splitlines())
    assert "年份没有填写" in "".join(line.strip() for line in shown.splitlines())


def test_a_terminal_without_rich_gets_plain_lines(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    show(told(review_text("20xx年，全校共有教师四十二人。\n")), terminal)
    assert "✖ 必须改 第 1 行 年份未填" in terminal.getvalue() and "\x1b" not in terminal.getvalue()


def test_what_would_steer_the_terminal_is_not_passed_on(review, tmp_path):
    path = tmp_path / "steered.txt"
    path.write_text(text_of("primary_03") + "20xx年\x1b[2J，全校共有教师xx人。\n", "utf-8")
    _, out, _ = review(str(path))
    assert "\x1b" not in out


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(review, unfilled, tmp_path):
    picture = tmp_path / "photo.txt"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n0000")
    status, out, err = review(str(picture), unfilled, str(tmp_path / "none.txt"), "--json")
    assert status == 2 and {row["file"] for row in rows_of(out)} == {unfilled}
    told = [line.split("：")[0] for line in err.splitlines()]
    assert told == [f"读不了 {picture}", f"读不了 {tmp_path / 'none.txt'}"]


def test_a_file_marked_secret_is_not_read(review, tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("机密★1年\n" + text_of("primary_01") + "20xx年。\n", "utf-8")
    status, out, err = review(str(path), "--json")
    assert (status, out) == (2, "") and "机密★" in err


@pytest.mark.parametrize(
    "head", ["秘密★6个月", "绝密", "密级：机密", "★秘密", "（内部资料，注意保存）", "内部文件  不得外传"]
)
def test_marks_of_secrecy_are_known(head):
    assert why_secret(f"青禾县教育局文件\n{head}\n关于课后服务的通知\n正文。")


@pytest.mark.parametrize("line", ["要做好保密工作，防止机密外泄。", "内部管理规范，制度健全。", "秘密花园里的种植课"])
def test_ordinary_lines_are_no_marks_of_secrecy(line):
    assert not why_secret(f"工作汇报\n{line}\n正文。")


def test_copies_between_two_files_are_found_with_their_place_in_the_other(review, report):
    paragraph = max(text_of("primary_02").split("\n"), key=len)
    end = sentence_end(text_of("primary_01"))
    copy, source = report("copy.txt", (end, f"{end}\n{paragraph}")), report("source.txt", source="primary_02")
    _, out, _ = review(source, copy, "--json")
    (found,) = (row for row in rows_of(out) if row["kind"] == "near_duplicate_passage" and row["file"] == copy)
    pair = found["pair"]
    line = Path(source).read_text("utf-8").split("\n")[pair["line"] - 1]
    assert pair["file"] == source and line[pair["start"] : pair["end"]].strip("。") in paragraph
    status, out, _ = review(copy, "--json")
    assert not any(row["kind"] == "near_duplicate_passage" for row in rows_of(out))


def test_what_a_new_report_took_from_the_corpus_is_found(review, report, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "2024.txt").write_text(text_of("primary_02"), "utf-8")
    (tmp_path / "old" / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n0000")
    _, out, err = review(report("new.txt", source="primary_02"), "--corpus", str(tmp_path / "old"), "--json")
    pairs = {row["pair"]["file"] for row in rows_of(out) if row["kind"] == "near_duplicate_passage"}
    assert pairs == {str(tmp_path / "old" / "2024.txt")} and "photo.png" in err


def test_a_folder_is_compared_by_its_index(review, tmp_path):
    for name, source in (("a", "primary_01"), ("b", "primary_02"), ("c", "primary_01")):
        (tmp_path / f"{name}.txt").write_text(text_of(source), "utf-8")
    status, out, err = review("--corpus", str(tmp_path))
    assert (status, err) == (1, "") and "收进索引 3 份，去掉 0 份。" in out and "a.txt 和 c.txt：" in out
    page = tmp_path / "雷同.html"
    assert review("--corpus", str(tmp_path), "--html", str(page))[0] == 1
    html = page.read_text("utf-8")
    assert html.count("<circle") == 2 and html.count("<line") == 1 and "1 a.txt" in html and "2 c.txt" in html
    page.unlink()
    (tmp_path / "c.txt").unlink()
    status, out, _ = review("--corpus", str(tmp_path))
    assert status == 0 and out.splitlines() == ["收进索引 0 份，去掉 1 份。", "没有雷同。"]


def test_a_folder_that_is_not_there_and_no_file_at_all_are_told(review, unfilled, tmp_path):
    for arguments in (["--corpus", str(tmp_path / "none")], [unfilled, "--corpus", str(tmp_path / "none")], []):
        status, out, err = review(*arguments)
        assert (status, out) == (2, "") and err
    assert not (tmp_path / "none").exists()


def test_word_files_are_written_with_comments_and_with_safe_repairs(review, unfilled, tmp_path):
    source = tmp_path / "report.docx"
    source.write_bytes(to_docx(Path(unfilled).read_text("utf-8")))
    commented, cleaned = tmp_path / "commented.docx", tmp_path / "cleaned.docx"
    status, _, err = review(str(source), "--word", str(commented), "--clean", str(cleaned))
    before = open_file(source).text
    assert (status, err) == (1, "")
    assert open_file(commented).text == before
    assert open_file(cleaned).text == before.replace("(xiào)", "")


def test_word_files_are_for_one_file_at_a_time(review, unfilled, report, tmp_path):
    status, _, err = review(unfilled, report("b.txt"), "--word", str(tmp_path / "x.docx"))
    assert status == 2 and "一次只对一个文件" in err


def test_a_file_that_cannot_be_written_is_told(review, unfilled, tmp_path):
    status, _, err = review(unfilled, "--html", str(tmp_path / "none" / "x.html"))
    assert status == 2 and "写不出" in err


def test_the_html_file_has_marks_and_notes_and_escapes_what_it_quotes(review, tmp_path):
    path, page = tmp_path / "a.txt", tmp_path / "a.html"
    path.write_text(text_of("primary_03") + "20xx年，<script>全校</script>共有教师xx人。\n", "utf-8")
    review(str(path), "--html", str(page))
    shown = page.read_text("utf-8")
    assert '<mark class="error">20xx</mark>' in shown and "必须改 · 年份未填" in shown
    assert "<script>" not in shown.rpartition("<script>")[0] and "http" not in shown  # the last one is the file's own


def test_kinds_are_counted_the_worst_first():
    rows = counts(review_text(text_of("primary_03") + "20xx年，我校(xiào)共有教师xx人。\n").findings)
    assert rows[0].kind == "placeholder" and rows[0].by_severity == {"error": 2, "warning": 0, "hint": 0}
    assert [row.kind for row in rows].index("pinyin_annotation") > 0

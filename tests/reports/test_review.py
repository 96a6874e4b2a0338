"""The page of the report reader: what goes in, what it shows, what it gives back, and that it keeps nothing."""

import json
import re
from html import unescape
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qingfu.reports.drafts import Draft, fitting
from qingfu.text.files import open_file, to_docx
from qingfu.units import uploads
from tests.reports.conftest import CLEAN, FAULTY, clean, faulty
from tests.units.browser import signed_in_as

PAGE, DOWNLOAD = "/reports/review/", "/reports/review/download/"


@pytest.fixture
def teacher(county):
    return signed_in_as(county, "王丽")


def put_in(client, text: str = "", *files: tuple[str, bytes], **more):
    """What the page answers, and the hidden fields that it would send back."""
    data = {"text": text, "files": [SimpleUploadedFile(name, content) for name, content in files], **more}
    answer = client.post(PAGE, data)
    return answer, hidden(answer)


def hidden(answer) -> dict:
    html = answer.content.decode()
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html)}


def shown(answer) -> str:
    return re.sub(r"<[^>]+>", "", answer.content.decode())


def plain(answer) -> str:
    """The repaired text on the page."""
    return unescape(re.search(r'id="repaired-text"[^>]*>([^<]*)<', answer.content.decode())[1])


def test_the_empty_page_says_what_to_do_what_it_reads_and_that_it_keeps_nothing(teacher):
    answer = teacher.get(PAGE)
    said = shown(answer)
    assert answer.status_code == 200
    for words in ("粘贴报告的文字", "每个最多 5 MB", "200,000", "服务器上不保存", "涉密不上网"):
        assert words in said


def test_nothing_put_in_is_told_at_the_form(teacher):
    answer, _ = put_in(teacher, "  \n")
    assert answer.status_code == 422 and "请粘贴一份报告，或选一个文件" in shown(answer)


def test_the_text_comes_back_with_marks_and_notes_whose_severity_is_told_in_words(teacher):
    answer, _ = put_in(teacher, faulty())
    html = answer.content.decode()
    assert '<mark class="review-error">20xx</mark><sup>' in html
    assert "必须改 · 年份未填" in shown(answer) and "要核对 · 夹杂拼音" in shown(answer)
    assert answer.headers["Cache-Control"].startswith("max-age=0") and "no-store" in answer.headers["Cache-Control"]


def test_what_was_put_in_is_escaped(teacher):
    answer, _ = put_in(teacher, "<script>alert(1)</script>20xx年。")
    assert "<script>alert" not in answer.content.decode()


def test_all_safe_repairs_are_accepted_at_once_and_one_can_be_taken_back(teacher):
    _, state = put_in(teacher, faulty())
    made = teacher.post(PAGE, {**state, "accept_safe": "1"})
    assert plain(made) == faulty().replace("(xiào)", "").replace("(xué)", "").lstrip("\n")
    undo = re.search(r'name="undo" value="([\d.,]+)"', made.content.decode())[1]
    back = teacher.post(PAGE, {**hidden(made), "undo": undo})
    assert "repaired-text" not in back.content.decode()


def test_a_repair_is_accepted_by_itself(teacher):
    _, state = put_in(teacher, "全校(xiào)共有教师四十二人。\n学(xué)生七百人。")
    first = teacher.post(PAGE, {**state, "accept": "0.0"})
    assert plain(first) == "全校共有教师四十二人。\n学(xué)生七百人。"
    both = teacher.post(PAGE, {**hidden(first), "accept": "0.1"})
    assert plain(both) == "全校共有教师四十二人。\n学生七百人。"


def test_keys_that_are_none_change_nothing(teacher):
    _, state = put_in(teacher, faulty())
    for keys in ("0.99999", "9.0", "x", "0.-1", "0.²", ",,"):
        answer = teacher.post(PAGE, {**state, "accept": keys})
        assert answer.status_code == 200 and "repaired-text" not in answer.content.decode()


def test_the_repaired_text_is_reviewed_again(teacher):
    _, state = put_in(teacher, faulty())
    made = teacher.post(PAGE, {**state, "accept_safe": "1"})
    again = teacher.post(PAGE, {**hidden(made), "again": "1"})
    assert "夹杂拼音" not in shown(again) and "年份未填" in shown(again)


def test_what_is_seen_is_narrowed_by_kind_and_severity_without_script(teacher):
    _, state = put_in(teacher, faulty())
    errors = teacher.post(PAGE, {**state, "severity": ["error"], "kind": ["placeholder", "pinyin_annotation"]})
    assert "年份未填" in shown(errors) and "要核对 · 夹杂拼音" not in shown(errors)
    readings = teacher.post(PAGE, {**state, "severity": ["error", "warning"], "kind": ["pinyin_annotation"]})
    assert "必须改 · 年份未填" not in shown(readings) and "要核对 · 夹杂拼音" in shown(readings)


def test_a_text_without_findings_is_good_news(teacher):
    answer, _ = put_in(teacher, "二〇二五年春季学期，全校共有教师四十二人。")
    assert "没有发现问题" in shown(answer) and "发出前请再读一遍" in shown(answer)


def test_a_word_file_comes_back_with_comments_and_with_the_accepted_repairs_tracked(teacher):
    answer, state = put_in(teacher, "", ("汇报.docx", to_docx(faulty())))
    assert "汇报.docx" in shown(answer)
    commented = teacher.post(DOWNLOAD, {**state, "what": "word"})
    assert open_file(commented.content).text.strip() == faulty().strip()
    assert "%E6%B1%87%E6%8A%A5" in commented.headers["Content-Disposition"]
    made = hidden(teacher.post(PAGE, {**state, "accept_safe": "1"}))
    changed = open_file(teacher.post(DOWNLOAD, {**made, "what": "changes"}).content)
    assert changed.text.strip() == faulty().replace("(xiào)", "").replace("(xué)", "").strip()


def test_findings_are_given_as_json_lines(teacher):
    _, state = put_in(teacher, faulty())
    rows = [json.loads(line) for line in teacher.post(DOWNLOAD, {**state, "what": "lines"}).content.splitlines()]
    assert {"placeholder", "pinyin_annotation"} <= {row["kind"] for row in rows}
    assert all(row["file"] == "粘贴的文字" for row in rows)


@pytest.mark.parametrize("name, content, words", [
    ("图.png", b"\x89PNG\r\n\x1a\n00", "这是图片"),
    ("空.txt", b"   ", "文件是空的"),
    ("大.txt", b"a" * (uploads.MOST_BYTES + 1), "一个文件最多 5 MB"),
    ("密.txt", "机密★3年\n关于某事的报告\n20xx年。".encode(), "标有密级或内部的文件"),
])  # fmt: skip
def test_a_file_that_is_not_read_is_named_with_the_reason(teacher, name, content, words):
    answer, _ = put_in(teacher, "", (name, content))
    assert answer.status_code == 422 and name in shown(answer) and words in shown(answer)
    assert shown(answer).index(words) < shown(answer).index("粘贴报告的文字")  # a phone shows it without scrolling


def test_a_pasted_text_that_is_marked_internal_is_not_read(teacher):
    answer, _ = put_in(teacher, "内部资料 注意保存\n" + faulty())
    assert answer.status_code == 422 and "内部资料" in shown(answer) and "年份未填" not in shown(answer)


def test_more_files_than_fit_are_refused_whole(teacher):
    answer, _ = put_in(teacher, "", *[(f"{number}.txt", b"abc") for number in range(9)])
    assert answer.status_code == 422 and "一次最多 8 个文件，您选了 9 个" in shown(answer)


def test_copies_between_files_are_a_table_a_graph_and_passages_side_by_side(teacher):
    copied = clean("primary_02") + max(clean("primary_01").split("\n"), key=len) + "\n"
    files = [("甲.txt", clean("primary_01").encode()), ("乙.txt", copied.encode()), ("丙.txt", b"abc")]
    answer, _ = put_in(teacher, "", *files)
    html = answer.content.decode()
    assert html.count('href="#shared-1-2"') == 3 and 'id="shared-1-2"' in html  # two cells, a line of the graph
    assert "shared-1-3" not in html and html.count("<circle") == 3
    assert "没有发现问题" not in html  # the file is copied from, which is nothing to be glad of
    beside = re.search(r'id="shared-1-2".*?</details>', html, re.S)[0]
    assert beside.count("<blockquote") == 2


def test_each_of_several_files_is_looked_at(teacher):
    _, state = put_in(teacher, "", ("甲.txt", clean("primary_02").encode()), ("乙.txt", faulty().encode()))
    second = teacher.post(PAGE, {**state, "show": "1"})
    assert "<h1>乙.txt</h1>" in second.content.decode() and "年份未填" in shown(second)
    made = teacher.post(PAGE, {**hidden(second), "accept_safe": "1"})
    assert "(xiào)" not in plain(made)


def test_files_of_one_name_are_told_apart(teacher):
    answer, _ = put_in(teacher, "", ("汇报.txt", clean().encode()), ("汇报.txt", clean("primary_02").encode()))
    assert "汇报.txt (2)" in shown(answer)


def test_word_files_that_are_too_large_to_travel_leave_their_text():
    small, large = Draft("小", "甲", b"x" * 400_000), Draft("大", "乙", b"x" * 700_000)
    assert fitting([large, small]) == [Draft("大", "乙"), small]


def test_the_state_of_another_person_or_a_changed_one_is_not_taken(teacher, county):
    _, state = put_in(teacher, faulty())
    another, signed = signed_in_as(county, "李强"), state["state"]
    for client, said in ((another, signed), (teacher, signed + "x"), (teacher, "")):
        for address in (PAGE, DOWNLOAD):
            answer = client.post(address, {"state": said, "what": "word"})
            assert answer.status_code == 422 and "已经过时" in shown(answer)


def test_a_token_is_asked_for(teacher):
    teacher.handler.enforce_csrf_checks = True
    answer, _ = put_in(teacher, faulty())
    assert answer.status_code == 403


def test_nothing_that_is_uploaded_touches_the_disk(teacher, monkeypatch):
    def never(*_, **__):
        raise AssertionError("a temporary file")

    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryUploadedFile", never)
    padding = BytesIO(b"\n" * 3_000_000).getvalue()  # larger than what Django keeps in memory by itself
    answer, _ = put_in(teacher, "", ("汇报.txt", faulty().encode() + padding))
    assert answer.status_code == 422 and "最多 200,000 字" in shown(answer)


def test_a_long_text_with_many_findings_is_shown_whole(teacher):
    reports = [path.read_text("utf-8") for path in sorted(CLEAN.glob("*.txt"))[:24]]
    text = "\n".join([*reports, *(f"{FAULTY}{number}" for number in range(130))])
    answer, state = put_in(teacher, text)
    rows = teacher.post(DOWNLOAD, {**state, "what": "lines"}).content.splitlines()
    assert len(text) > 20_000 and len(rows) >= 500
    assert answer.content.decode().count('class="review-note ') > 120


def test_the_page_is_in_the_navigation(teacher, county):
    assert PAGE in teacher.get(PAGE).content.decode()
    head = signed_in_as(county, "孙校长").get(PAGE).content.decode()
    assert PAGE in head

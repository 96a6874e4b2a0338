"""A draft cut into its elements."""

from datetime import date

import pytest

from qingfu.text.files import open_file, pasted
from qingfu.text.official import check_draft
from qingfu.text.official.parts import draft_of

from .making import text_of, word_of


def parts_of(name: str) -> dict[str, str]:
    draft = draft_of(pasted(text_of(name)))
    return {role: draft.text_of(role) for role in set(draft.roles.values())}


def test_a_notice_with_all_its_elements():
    found = parts_of("fine_special_notice")
    assert found["organ_mark"] == "云溪县教育局文件"
    assert found["number"] == "云教发〔2026〕31号"
    assert found["title"] == "云溪县教育局关于做好2026年秋季学期\n校园周边交通疏导工作的通知"
    assert found["addressee"] == "各乡镇中心小学、县直各学校："
    assert (found["signature"], found["date"]) == ("云溪县教育局", "2026年8月20日")
    assert found["annotation"].startswith("（联系人")
    assert found["record"].startswith("抄送：县公安局") and found["record"].endswith("印发")


def test_a_letter_and_minutes_bear_a_name_without_the_word_for_document():
    assert parts_of("fine_letter")["organ_mark"] == "云溪县水利局"
    minutes = parts_of("fine_minutes")
    assert minutes["organ_mark"] == "云溪县人民政府办公室\n专题会议纪要"
    assert minutes["title"].startswith("关于城南片区")


def test_what_is_issued_stands_behind_the_date_under_its_own_title():
    found = parts_of("fine_policy")
    assert found["enclosed_title"] == "云溪县村级公益性岗位管理办法"
    assert found["enclosed"].startswith("第一条")
    assert found["body"].endswith("现印发给你们。")


def test_attachments_have_marks_and_titles():
    found = parts_of("long_attachment")
    assert found["attachment_note"].startswith("附件：农村自建房")
    assert (found["attachment_mark"], found["attachment_title"]) == ("附件", "农村自建房安全排查分乡镇任务")


@pytest.mark.parametrize(
    "text", ["", "\n\n", "通知", "：", "2026年3月1日", "附件", "（）\n（）\n", "一、\n二、\n", "抄送：\n", "〔2026〕号"]
)
def test_scraps_are_cut_without_complaint(text):
    draft = draft_of(pasted(text))
    assert set(draft.roles) == {line.index for line in draft.lines}


def test_an_empty_word_file_is_checked_too():
    empty = check_draft(open_file(word_of("")), on=date(2026, 11, 1))
    assert (empty.size.characters, empty.verdict.code, empty.draft.title) == (0, "pass", "")

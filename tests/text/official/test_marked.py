"""Files marked secret or internal are refused before anything of them is read."""

from io import BytesIO

import docx
import pytest

from qingfu.text.files import open_file, pasted
from qingfu.text.official import MarkedSecret, corrected, must_be_open


@pytest.mark.parametrize(
    "head",
    [
        "机密★1年",
        "秘密★长期",
        "绝　密",
        "机  密",
        "内部资料",
        "内部",
        "内部文件",
        "密级：秘密",
        "工作秘密",
        "000123\n特急\n秘密★6个月",
        "【机密】",
    ],
)
def test_a_mark_at_the_head_is_seen(head):
    with pytest.raises(MarkedSecret, match="涉密不上网"):
        must_be_open(pasted(f"{head}\n云溪县人民政府文件\n云政发〔2026〕1号\n"))


@pytest.mark.parametrize(
    "head", ["保密宣传教育月活动的通知", "内部控制规范实施办法", "内部审计工作安排", "秘密花园征文启事", "绝密档案展"]
)
def test_words_that_only_sound_so_are_no_mark(head):
    must_be_open(pasted(f"{head}\n各乡镇：\n"))


def test_a_mark_in_the_header_or_in_the_name_is_seen():
    document = docx.Document()
    document.add_paragraph("云溪县人民政府文件")
    document.sections[0].header.paragraphs[0].text = "内部资料 注意保存"
    held = BytesIO()
    document.save(held)
    with pytest.raises(MarkedSecret):
        must_be_open(open_file(held.getvalue()))
    with pytest.raises(MarkedSecret):
        must_be_open(pasted("云溪县人民政府文件\n", "（机密）关于某事的通知.docx"))


def test_no_corrected_copy_of_a_marked_file():
    with pytest.raises(MarkedSecret):
        corrected(pasted("秘密★1年\n关于某事的通知\n"))

"""Any text at all: never an exception, every place inside the text and true to it, and a copy that can be opened."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from qingfu.text.files import CannotRead, open_file, pasted
from qingfu.text.official import MarkedSecret, check_draft, corrected

LINES = """
云溪县教育局文件|云教发〔2026〕3号|[2026]第03号|关于做好某项工作的通知|会议纪要|各乡镇：
各学校:|一、|（一）|(一)|1、|(1)|附件|附件：名单。|抄送：|2026年3月1日
二〇二六年三月〇一日|年　月　日|《|》|“|。|；|　　|\t|报送工作总结|制定具体实施方案|责任状
请各乡镇抓紧落实|1234|abc|😀|\ufffd|（|）|机密|第一条 |妥否，请批示
"""
PIECES = st.sampled_from([*LINES.strip().replace("\n", "|").split("|"), "\n", "\n\n"])


@settings(max_examples=30, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_checked_and_laid_out(text):
    source = pasted(text)
    try:
        found = check_draft(source, on=date(2026, 11, 1))
        copy = corrected(source)
    except (MarkedSecret, CannotRead):
        return
    for sign in (*found.signs, *found.wrong_kinds):
        assert 0 <= sign.start <= sign.end <= len(source.text)
        assert sign.quote in text
    assert open_file(copy).word

"""Plain text: what a pasted message becomes, and the way back to the raw offsets."""

import pytest

from qingfu.text.plain import LONGEST, TextTooLong, plain


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("第５课　Ｐ２３－２４", "第5课 p23-24"),
        ("1️⃣抄写2️⃣背诵", "1.抄写2.背诵"),
        ("⑴抄写⒉背诵❸朗读", "①抄写②背诵③朗读"),
        ("打\u200b卡\u202e\u2066", "打卡"),
        ("語文：聽寫第３課", "语文:听写第3课"),
        ("📖语文🎈", " 语文 "),
        ("<p>语文&nbsp;</p>", "\n  语文      \n   "),
        ("3<5，7>2", "3<5,7>2"),
        ("「打卡」", "“打卡”"),
        ('写"打卡"，"\n说"好"', "写“打卡”,“\n说“好”"),
    ],
)
def test_what_is_pasted_is_made_plain(raw, text):
    assert plain(raw).text == text


def test_every_plain_character_knows_its_raw_place():
    raw = "語\u200b文：<b>抄写</b>２遍"
    source = plain(raw)
    start = source.text.index("抄写")
    assert source.raw_text(start, start + 2) == "抄写"
    assert source.raw_text(0, 2) == "語\u200b文"
    assert all(raw[at] for at in source.at) and source.at == sorted(source.at)


def test_a_text_that_is_too_long_is_refused_with_a_sentence():
    assert plain("字" * LONGEST).text
    with pytest.raises(TextTooLong, match="一次最多读"):
        plain("字" * (LONGEST + 1))

"""Copies between paragraphs: found with edits, told once, never outside the text."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingfu.text.review.detectors.copies import across
from qingfu.text.review.layers import read_document
from qingfu.text.review.passages import Part, copies, letters, muted, places

SENTENCE = "学校严格控制学生作业总量各年级组每周公示作业内容与时长由教导处抽查并向家长反馈不得用增加作业的办法惩罚学生"
OTHER = "全镇十二个行政村实行会议审批制度凡能合并召开的一律合并村干部每月参加会议不超过两次节省的时间用来走访群众"
FAR = "食堂食材由县里统一招标配送价格每旬公布一次陪餐教师与学生同桌同菜并在留样柜保存样品以备查验"
COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动"
words = st.text(alphabet=COMMON, max_size=60)


def drawn(length: int, seed: int) -> str:
    """Letters without meaning, in which nothing repeats by itself."""
    draw = random.Random(seed)
    return "".join(chr(draw.randrange(0x4E00, 0x9000)) for _ in range(length))


def edited(text: str, edits: int, seed: int) -> str:
    """``text`` with so many single letters inserted, taken out or replaced."""
    draw, kept = random.Random(seed), list(text)
    for _ in range(edits):
        place, letter = draw.randrange(len(kept)), chr(draw.randrange(0x4E00, 0x9000))
        how = draw.choice(("insert", "take out", "replace"))
        kept[place : place + (how != "insert")] = [] if how == "take out" else [letter]
    return "".join(kept)


def test_a_whole_paragraph_copied_is_a_paragraph():
    (found,) = copies([SENTENCE, OTHER, SENTENCE], [1, 1, 2])
    assert (found.a, found.b) == (Part(0, 0, len(SENTENCE)), Part(2, 0, len(SENTENCE)))
    assert (found.identity, found.sub) == (1.0, "paragraph")


def test_a_sentence_inside_other_text_is_a_passage_with_its_borders():
    (found,) = copies([OTHER + SENTENCE, FAR + SENTENCE + drawn(40, 1)], [1, 2])
    assert found.b == Part(1, len(FAR), len(FAR) + len(SENTENCE))
    assert found.sub == "passage"


def test_clauses_that_changed_places_are_one_passage():
    swapped = SENTENCE[27:] + SENTENCE[:27]
    (found,) = copies([SENTENCE, swapped], [1, 2])
    assert found.b == Part(1, 0, len(SENTENCE))


def test_a_clause_put_in_does_not_break_the_passage():
    longer = SENTENCE[:25] + "以及校外托管机构" + SENTENCE[25:]
    (found,) = copies([SENTENCE, longer], [1, 2])
    assert found.b == Part(1, 0, len(longer))


def test_short_common_wording_is_no_copy():
    assert not copies([OTHER + "有效解决了学生放学无人管的难题", FAR + "有效解决了学生放学无人管的难题"], [1, 2])


def test_inside_one_report_a_list_of_names_may_come_again():
    names = "指导各级青少年活动中心少年宫少科站和乡村学校少年宫"
    texts = [OTHER + names, FAR + names]
    assert copies(texts, [1, 2])
    assert not copies(texts, [1, 1])


def test_a_title_in_both_is_no_copy_and_is_no_part_of_one():
    title = "《关于在全县中小学开展作业管理与课后服务专项督导检查工作的通知》"
    texts = [f"{OTHER}根据{title}{FAR}", f"按照{title}要求{SENTENCE}"]
    simple = [letters(text) for text in texts]
    mutes = [muted(*pair) for pair in zip(texts, simple, strict=True)]
    assert copies(simple, [1, 2])
    assert not copies(simple, [1, 2], mutes)


def test_a_copy_of_a_copy_is_told_once_with_the_first_source():
    found = copies([SENTENCE] * 4, [1, 2, 3, 4])
    assert [(copy.a.paragraph, copy.b.paragraph) for copy in found] == [(0, 1), (0, 2), (0, 3)]


def test_letters_know_where_they_stood():
    text = "一、作业:不超过60分钟。"
    assert letters(text) == "一作业不超过分钟"
    assert [text[place] for place in places(text)] == list(letters(text))


@pytest.mark.parametrize("rate", [0, 5, 10, 15])
def test_edits_of_up_to_fifteen_in_a_hundred_letters_hide_nothing(rate):
    for seed in range(40):
        passage = drawn(80, seed)
        copy = edited(passage, 80 * rate // 100, seed)
        found = copies([drawn(30, -seed - 1) + passage, drawn(50, seed + 99) + copy], [1, 2])
        covered = sum(min(one.b.end, 50 + len(copy)) - max(one.b.start, 50) for one in found)
        assert covered >= 0.6 * len(copy)


@given(st.lists(words, max_size=6), st.data())
@settings(max_examples=150, deadline=None)
def test_spans_lie_inside_and_in_order_whatever_the_text(texts, data):
    texts = [text + data.draw(st.sampled_from([SENTENCE, OTHER, FAR, ""])) for text in texts]
    for copy in copies(texts, list(range(len(texts)))):
        assert copy.a.paragraph < copy.b.paragraph
        for part in (copy.a, copy.b):
            assert 0 <= part.start < part.end <= len(texts[part.paragraph])
        assert 0.8 <= copy.identity <= 1


@given(words, words, st.integers(0, 8), st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_who_stands_first_does_not_matter(before, after, edits, seed):
    one, other = before + SENTENCE + OTHER, edited(SENTENCE + OTHER, edits, seed) + after
    assert bool(copies([one, other], [1, 2])) is bool(copies([other, one], [1, 2])) is True


def test_a_copy_in_traditional_script_is_found_across_two_files():
    first = read_document(f"作业管理情况汇报\n{SENTENCE}。\n{OTHER}。", file="a.txt")
    second = read_document("減負工作報告\n學校嚴格控制學生作業總量，各年級組每周公示作業內容與時長。", file="b.txt")
    ((document, finding),) = across([first, second])
    assert document is second
    assert finding.pair.file == "a.txt"
    assert document.raw[finding.start : finding.end] == "學校嚴格控制學生作業總量，各年級組每周公示作業內容與時長"
    assert first.raw[finding.pair.start : finding.pair.end] == SENTENCE[:27]


def test_short_sentences_of_one_mould_in_one_report_are_no_copies_and_the_same_twice_is():
    mould = "“{}”方面有{}个问题待整改，涉及{}所学校。"
    about = (("上午要有大课间", 2, 2), ("下午要有大课间", 1, 1), ("就寝时间", 5, 3))
    several = [letters(mould.format(*one)) for one in about]
    assert copies(several, [1, 1, 1]) == []
    [told] = copies([*several, several[1]], [1] * 4)
    assert (told.a.paragraph, told.b.paragraph, told.identity, told.sub) == (1, 3, 1, "paragraph")
    assert copies(several[:2], [1, 2])  # of two reports one was made from the other

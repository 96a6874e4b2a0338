"""Comments and tracked changes: read again, the text is the same, or the text with the repairs; rejected, the old
text.
"""

import os
from datetime import datetime
from io import BytesIO

import docx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from qingfu.text.files import (
    CannotRepair,
    Mark,
    Repair,
    open_file,
    pasted,
    to_docx,
    why_not,
    with_comments,
    with_repairs,
)  # fmt: skip
from qingfu.text.files.names import w
from qingfu.text.files.word import read
from tests.text.files import build
from tests.text.files.build import BY, box, control, deleted, field, inserted, p, run, table, word

SOAK = bool(os.environ.get("QINGFU_SOAK"))
WHEN = datetime(2026, 3, 2, 9, 30)
BLOCKS = (
    p("一、严控", run("作业", "<w:b/>"), "总量"),
    p("共", field("NUMPAGES", "12"), "页，", control(run("第一小学")), deleted("旧"), inserted("新的一句")),
    p("<w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t></w:r>"),
    table(["学校", "人数"], ["一小", p("128") + p("其中女生60")]),
    p("旁边有框", box(p("框里的话"), p("第二行"))),
    p("上半", properties=f'<w:rPr><w:del w:id="8" {BY}/></w:rPr>'),
    p("下半"),
    p(),
    control(p("控件里一段")),
    p("脚注在此", build.NOTE),
)


WHOLE = open_file(build.with_footnote(build.bare(*BLOCKS), "脚注的话"), "报告.docx")


def opened(*blocks: str):
    return open_file(word(*blocks), "报告.docx")


def reading(content: bytes) -> str:
    return read(content).text


def repaired(text: str, repairs: list[Repair]) -> str:
    for repair in sorted(repairs, key=lambda repair: (repair.start, repair.end), reverse=True):
        text = text[: repair.start] + repair.replacement + text[repair.end :]
    return text


def rejected(content: bytes) -> bytes:
    """The file with every change by 轻负 rejected."""
    for name in ("word/document.xml", "word/footnotes.xml"):
        if name in read(content).package.names:
            content = build.with_part(content, name, reject_in)
    return content


def reject_in(part: bytes) -> bytes:
    root = etree.fromstring(part)
    for change in root.xpath("//w:ins[@w:author='轻负'] | //w:del[@w:author='轻负']", namespaces=build.PREFIXES):
        if change.tag == w("del"):
            for text in change.iter(w("delText")):
                text.tag = w("t")
            for child in list(change):
                change.addprevious(child)
        change.getparent().remove(change)
    return etree.tostring(root)


def commented(content: bytes) -> dict[str, str]:
    """For each comment what lies between its two ends in the body."""
    root = etree.fromstring(build.part(content, "word/document.xml"))
    opened, spans = set(), {}
    for element in root.iter():
        if element.tag == w("commentRangeStart"):
            opened.add(element.get(w("id")))
            spans[element.get(w("id"))] = ""
        elif element.tag == w("commentRangeEnd"):
            opened.discard(element.get(w("id")))
        elif element.tag == w("t"):
            for number in opened:
                spans[number] += element.text or ""
    return spans


def comment_texts(content: bytes) -> dict[str, str]:
    root = etree.fromstring(build.part(content, "word/comments.xml"))
    return {c.get(w("id")): "\n".join("".join(q.itertext()) for q in c) for c in root}


# Comments


def test_a_comment_stands_at_its_span_and_the_bold_stays_bold():
    source = opened(p("一、严控", run("作业总量", "<w:b/>"), "和考试"))
    content = with_comments(source, [Mark(3, 6, "控到多少？\n请写明")], when=WHEN)
    assert commented(content) == {"0": "控作业"}
    assert comment_texts(content) == {"0": "控到多少？\n请写明"}
    document = docx.Document(BytesIO(content))
    bold = [r.text for r in document.paragraphs[0].runs if r.bold]
    assert bold == ["作业", "总量"]
    (comment,) = document.comments
    assert (comment.author, comment.initials, comment.timestamp.strftime("%F %H:%M")) == (
        "轻负",
        "轻",
        "2026-03-02 09:30",
    )


def test_comments_may_overlap_nest_touch_and_stand_at_a_point():
    source = opened(p("严控作业总量"), p("不留作业"))
    marks = [Mark(0, 4, "一"), Mark(2, 6, "二"), Mark(2, 4, "三"), Mark(4, 6, "四"), Mark(3, 3, "五"), Mark(5, 9, "六")]
    content = with_comments(source, marks)
    spans = {number: commented(content)[number] for number in sorted(commented(content))}
    assert list(spans.values()) == ["严控作业", "作业总量", "作业", "总量", "", "量不留"]
    assert reading(content) == source.text


def test_comments_that_are_there_stay():
    source = opened(p("严控作业总量"))
    once = open_file(with_comments(source, [Mark(0, 2, "先")]), "报告.docx")
    twice = with_comments(once, [Mark(2, 4, "后")])
    assert comment_texts(twice) == {"0": "先", "1": "后"}
    assert commented(twice) == {"0": "严控", "1": "作业"}
    assert twice.count(b"comments.xml") == once.word.count(b"comments.xml")


def test_a_comment_ends_with_its_table_cell():
    start = WHOLE.text.index("学校")
    content = with_comments(WHOLE, [Mark(start, start + 5, "表头")])
    assert commented(content) == {"0": "学校"}


@pytest.mark.parametrize(
    ("spot", "told", "around"),
    [
        ("框里的话", "文本框“框里的话”：请核实", "框里的话第二行框里的话第二行"),
        ("脚注的话", "脚注“脚注的话”：请核实", ""),
    ],
)
def test_a_comment_on_a_box_or_note_stands_where_it_hangs_and_quotes_it(spot, told, around):
    start = WHOLE.text.index(spot)
    content = with_comments(WHOLE, [Mark(start, start + 4, "请核实")])
    assert comment_texts(content) == {"0": told}
    assert commented(content) == {"0": around}
    assert reading(content) == WHOLE.text


def test_a_comment_on_a_header_stands_at_the_first_paragraph():
    def header(document):
        document.sections[0].header.paragraphs[0].text = "青禾县教育局"

    source = open_file(word(p("正文"), p("下段"), change=header), "报告.docx")
    content = with_comments(source, [Mark(source.text.index("青禾"), len(source.text) - 1, "单位名称有变")])
    assert comment_texts(content) == {"0": "页眉“青禾县教育局”：单位名称有变"}
    assert "commentReference" in build.part(content, "word/document.xml").decode().split("下段")[0]


def test_text_becomes_word_before_it_is_marked():
    source = pasted("一、严控作业\r\n\t二、不留作业")
    assert reading(with_comments(source, [Mark(0, 4, "好")])) == source.text + "\n"
    assert commented(with_comments(source, [Mark(2, 6, "好")])) == {"0": "严控作业"}
    assert reading(with_repairs(source, [Repair(2, 4, "减少")])) == "一、减少作业\n\t二、不留作业\n"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_made_word_reads_the_same(text):
    tidy = pasted(text).text
    assert reading(to_docx(text)) == tidy.removesuffix("\n") + "\n"


@pytest.mark.parametrize("span", [(-1, 2), (3, 2), (0, 99)])
def test_a_mark_outside_the_text_is_refused(span):
    source = opened(p("严控作业"))
    with pytest.raises(ValueError, match="不在正文里"):
        with_comments(source, [Mark(*span, "")])
    with pytest.raises(ValueError, match="不在正文里"):
        with_repairs(source, [Repair(*span, "")])


@given(st.data())
@settings(max_examples=2_000 if SOAK else 40, deadline=None)
def test_comments_anywhere_leave_the_text_as_it_was(data):
    ends = st.integers(0, len(WHOLE.text))
    spans = data.draw(st.lists(st.tuples(ends, ends).map(sorted), max_size=5))
    content = with_comments(WHOLE, [Mark(*span, "请核实") for span in spans])
    assert reading(content) == WHOLE.text
    assert len(commented(content)) == len(spans)
    every_part_is_sound(content)


# Repairs


def test_a_repair_is_a_tracked_deletion_and_insertion_of_what_differs():
    source = opened(p("一、", run("L严控作业总量", "<w:b/>")))
    content = with_repairs(source, [Repair(2, 9, "1.严控作业总量")], when=WHEN)
    root = etree.fromstring(build.part(content, "word/document.xml"))
    (gone,) = root.iter(w("del"))
    (come,) = root.iter(w("ins"))
    assert "".join(gone.itertext()) == "L" and "".join(come.itertext()) == "1."
    assert gone.get(w("author")) == come.get(w("author")) == "轻负"
    assert gone.get(w("date")) == "2026-03-02T09:30:00Z"
    assert gone.find(f".//{w('b')}") is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("严控作业总", "减少"),  # over three runs
        ("量\n共12", "量，共有12"),  # over a paragraph's end and up to a field
        ("共12", "共约12"),
        ("12页", "12余页"),
        ("第一小", "第二小"),  # in a content control
        ("一句\n甲", "一句。甲"),  # out of another's insertion
        ("新的一句", "新一句"),  # within it
        ("乙\n丙", "乙、丙"),  # a line break
        ("甲\t乙", "甲乙"),  # a tab
        ("128\n其中", "128，其中"),  # two paragraphs of a cell
        ("框里的话\n第", "框里的话，第"),  # in a text box
        ("半下", "半、下"),  # paragraphs that another joined
        ("脚注的", "附注的"),
        ("\n控件", None),
        ("学校\t人", None),
        ("60\n旁", None),
    ],
)
def test_a_repair_that_crosses_something_is_made_or_clearly_refused(old, new):
    assert WHOLE.text.count(old) == 1
    start = WHOLE.text.index(old)
    repair = Repair(start, start + len(old), new or "改")
    if new is None:
        assert "手工改" in why_not(WHOLE, repair)
        with pytest.raises(CannotRepair, match="边界") as caught:
            with_repairs(WHOLE, [repair])
        assert [each for each, _why in caught.value.refused] == [repair]
        return
    assert why_not(WHOLE, repair) == ""
    content = with_repairs(WHOLE, [repair])
    assert reading(content) == repaired(WHOLE.text, [repair])
    assert reading(rejected(content)) == WHOLE.text


def test_both_forms_of_a_text_box_are_repaired():
    start = WHOLE.text.index("框里")
    content = with_repairs(WHOLE, [Repair(start, start + 2, "框中")])
    assert build.part(content, "word/document.xml").decode().count("框中") == 0  # only 中 is new
    assert build.part(content, "word/document.xml").decode().count(">中<") == 2


def test_the_formatting_of_the_neighbour_goes_to_what_is_inserted():
    content = with_repairs(opened(p("严控", run("作业", "<w:i/>"))), [Repair(4, 4, "总量")])
    (come,) = etree.fromstring(build.part(content, "word/document.xml")).iter(w("ins"))
    assert come.find(f".//{w('i')}") is not None


def test_a_control_bound_to_data_is_set_free_when_it_is_repaired():
    bound = control(run("第一小学")).replace("<w:alias", "<w:dataBinding w:xpath='/a' w:storeItemID='{0}'/><w:alias")
    content = with_repairs(opened(p("由", bound)), [Repair(2, 3, "二")])
    assert b"dataBinding" not in build.part(content, "word/document.xml")


def test_formulas_are_left_to_the_hand():
    source = opened(p("设", "<m:oMath><m:r><m:t>abc</m:t></m:r></m:oMath>", "为数"))
    with pytest.raises(CannotRepair, match="公式"):
        with_repairs(source, [Repair(2, 3, "y")])
    assert reading(with_comments(source, [Mark(2, 3, "b 是什么")])) == source.text


def test_what_word_computes_is_left_to_word_and_what_a_person_writes_in_a_field_is_not():
    source = opened(p(field("NUMPAGES", "12")), p(field('HYPERLINK "a"', "见附件")))
    for within in (Repair(0, 2, "13"), Repair(1, 1, "0")):
        with pytest.raises(CannotRepair, match="域"):
            with_repairs(source, [within])
    content = with_repairs(source, [Repair(0, 0, "共"), Repair(2, 2, "页"), Repair(4, 6, "附录")])
    assert reading(content) == "共12页\n见附录\n"
    assert build.part(content, "word/document.xml").index("共".encode()) < build.part(
        content, "word/document.xml"
    ).index(b"fldChar")


def test_two_repairs_of_one_place_are_refused():
    source = opened(p("严控作业"))
    for one, other in ((Repair(0, 3, "甲"), Repair(2, 4, "乙")), (Repair(1, 1, "甲"), Repair(1, 1, "乙"))):
        with pytest.raises(ValueError, match="重叠"):
            with_repairs(source, [one, other])


def test_a_repair_of_a_repair_is_read_as_the_last():
    once = open_file(with_repairs(opened(p("严控作业")), [Repair(0, 2, "减少")]), "报告.docx")
    assert reading(with_repairs(once, [Repair(0, 2, "压减")])) == "压减作业\n"


@given(st.data())
@settings(max_examples=10_000 if SOAK else 100, deadline=None)
def test_repairs_anywhere_give_the_repaired_text_and_rejected_the_old(data):
    ends = sorted(data.draw(st.lists(st.integers(0, len(WHOLE.text)), max_size=8)))
    news = st.text("改正一二 \n\t，A&<�", max_size=4)
    repairs = [Repair(*span, data.draw(news)) for span in zip(ends[::2], ends[1::2], strict=False)]
    repairs = list({(repair.start, repair.end): repair for repair in repairs}.values())
    repairs = [repair for repair in repairs if not why_not(WHOLE, repair)]
    assume(repairs)
    content = with_repairs(WHOLE, repairs)
    assert reading(content) == repaired(WHOLE.text, repairs)
    assert reading(rejected(content)) == WHOLE.text
    every_part_is_sound(content)


def every_part_is_sound(content: bytes) -> None:
    """python-docx opens the file, which parses every XML part, and nothing stands where the schema has no place for
    it.
    """
    document = docx.Document(BytesIO(content))
    for change in document.element.body.iter(w("ins"), w("del")):
        inside = {child.tag for child in change}
        assert inside <= {w("r"), w("del"), *(w(f"commentRange{end}") for end in ("Start", "End"))}
        assert not (change.tag == w("ins") and any(above.tag == w("ins") for above in change.iterancestors()))
        if change.tag == w("del"):
            assert next(change.iter(w("t")), None) is None
    numbers = [c.get(w("id")) for c in document.element.body.iter(w("ins"), w("del")) if c.get(w("author")) == "轻负"]
    boxes = sum(1 for _ in document.element.body.iter(w("txbxContent")))
    assert boxes or len(numbers) == len(set(numbers))

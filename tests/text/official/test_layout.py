"""GB/T 9704-2012: what departs from it is told with its clause, and the corrected copy departs no more."""

from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from qingfu.text.files import open_file, pasted
from qingfu.text.official import corrected
from qingfu.text.official.kinds import kind_of
from qingfu.text.official.layout import flaws_of
from qingfu.text.official.parts import draft_of

from .making import text_of, word_of

CLAUSES = {
    "paper": "5.1", "margin_top": "5.2.1", "area": "5.2.1", "lines": "5.2.3", "font_title": "7.3.1",
    "space_below_title": "7.3.2", "size_body": "7.3.3", "indent_body": "7.3.3", "font_heading1": "7.3.3",
    "align_date": "7.3.5.1", "page_number": "7.5",
}  # fmt: skip
NOTICE = (
    "云溪县水利局文件\n云水发[2026]第07号\n云溪县水利局关于冬修水利的通知\n各乡镇人民政府:\n现通知如下。\n一. 清淤\n"
    "(一)干渠。由县里清。\n1、先放水。\n(1)关闸门。\n二、维修\n附件:渠系分段表。\n云溪县水利局\n二〇二六年十一月〇二日\n附件\n渠系分段表\n"
)


def flaws(source) -> dict:
    draft = draft_of(source)
    return {flaw.code: flaw for flaw in flaws_of(draft, kind_of(draft))}


@pytest.fixture(scope="module")
def typed():
    """A draft as Word makes it when nobody sets anything."""
    return open_file(word_of(text_of("fine_special_notice")), "草稿.docx")


@pytest.fixture(scope="module")
def mended(typed):
    return corrected(typed)


def test_every_departure_names_its_clause(typed):
    found = flaws(typed)
    assert {code: found[code].clause for code in CLAUSES} == CLAUSES
    assert found["paper"].found == "216×279 毫米"


def test_the_corrected_copy_departs_no_more_and_says_the_same(typed, mended):
    again = open_file(mended, "草稿.docx")
    assert flaws(again) == {}
    assert again.text[: len(typed.text)] == typed.text


def test_the_corrected_copy_opens_in_word_libraries(mended):
    document = docx.Document(BytesIO(mended))
    section = document.sections[0]
    assert round(section.page_width.mm) == 210 and round(section.top_margin.mm) == 37
    assert round(section.page_width.mm - section.left_margin.mm - section.right_margin.mm) == 156
    assert document.settings.odd_and_even_pages_header_footer
    title = next(paragraph for paragraph in document.paragraphs if "校园周边" in paragraph.text)
    assert title.runs[0].font.size == Pt(22)
    assert title.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"


def test_a_copy_corrected_twice_stays_as_it_is(mended):
    assert flaws(open_file(corrected(open_file(mended)))) == {}


def test_numbers_dates_and_colons_are_put_right_as_tracked_changes():
    found = flaws(pasted(NOTICE))
    assert found["document_number"].due == "云水发〔2026〕7号"
    assert found["addressee_colon"].clause == "7.3.2"
    assert {found[f"number_level{level}"].due for level in (1, 2, 3, 4)} == {"一、", "（一）", "1.", "（1）"}
    assert found["attachment_note"].clause == "7.3.4"
    assert found["date_figures"].due == "2026年11月2日"
    again = open_file(corrected(pasted(NOTICE)))
    for written in (
        "云水发〔2026〕7号",
        "各乡镇人民政府：",
        "一、清淤",
        "（一）干渠。",
        "1.先放水。",
        "（1）关闸门。",
        "附件：渠系分段表\n",
        "2026年11月2日",
    ):
        assert written in again.text
    assert again.runs.roots[again.runs.main].findall(f".//{qn('w:ins')}")
    assert flaws(again) == {}


def test_a_jump_in_the_numbers_is_told_and_left_to_people():
    flaw = flaws(pasted(NOTICE.replace("二、维修", "三、维修")))["number_order"]
    assert not flaw.mended and "缺第2" in flaw.due


def test_a_missing_signature_date_and_addressee_are_told():
    bare = pasted("云水发〔2026〕7号\n云溪县水利局关于冬修水利的通知\n现就冬修水利通知如下，请照此办理，不另行文。\n")
    found = flaws(bare)
    assert {"signature", "date", "addressee"} <= set(found)
    assert not any(found[code].mended for code in ("signature", "date", "addressee"))


def test_a_number_and_a_day_left_blank_are_no_departure():
    blank = NOTICE.replace("[2026]第07号", "〔2026〕　号").replace("二〇二六年十一月〇二日", "2026年　月　日")
    assert not {"document_number", "date_figures", "date"} & set(flaws(pasted(blank)))


def test_a_heading_may_go_on_as_text_in_the_typeface_of_text():
    document = docx.Document(BytesIO(corrected(pasted(NOTICE))))
    paragraph = next(it for it in document.paragraphs if it.text.endswith("由县里清。"))
    fonts = {run.text: run._r.rPr.rFonts.get(qn("w:eastAsia")) for run in paragraph.runs if run.text}
    assert fonts["由县里清。"] == "仿宋"
    assert "楷体" in fonts.values()


def test_coloured_text_and_a_wrong_size_are_told_with_their_lines():
    document = docx.Document(BytesIO(corrected(pasted(NOTICE))))
    run = next(it for it in document.paragraphs if "现通知" in it.text).runs[0]
    run.font.color.rgb, run.font.size = RGBColor(0xC0, 0, 0), Pt(14)
    document.sections[0].left_margin = Mm(25)
    held = BytesIO()
    document.save(held)
    found = flaws(open_file(held.getvalue()))
    assert set(found) == {"colour", "size_body", "margin_left", "area"}
    assert found["size_body"].lines == (5,)


def test_tables_stay_as_they_are():
    document = docx.Document()
    for line in NOTICE.split("\n")[:5]:
        document.add_paragraph(line)
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "干渠"
    held = BytesIO()
    document.save(held)
    again = docx.Document(BytesIO(corrected(open_file(held.getvalue()))))
    assert again.tables[0].cell(0, 0).paragraphs[0].runs[0].font.size is None

"""LibreOffice opens what we write, and sees comments and changes where we put them; and it reads old files for us."""

import re
import subprocess
import zipfile
from io import BytesIO

import pypdf
import pytest
from lxml import etree

from qingfu.text.files import Mark, Repair, office, open_file, with_comments, with_repairs
from tests.text.files import build
from tests.text.files.build import box, control, deleted, inserted, p, run, table, word

BLOCKS = (
    p(
        "一、L严控",
        run("作业总量", "<w:b/>"),
        "，由",
        control(run("第一小学")),
        deleted("去年"),
        inserted("今年"),
        "统计。",
    ),
    p("二、课后服务覆盖率"),
    p("达到百分之九十八。"),
    table(["学校", "人数"], ["一小", p("128") + p("其中女生60")]),
    p("旁边有框", box(p("框里的话有错字。"))),
    p("脚注在此", build.NOTE, "，完。"),
)
PDF_WITH_NOTES = 'pdf:writer_pdf_Export:{"ExportNotes":{"type":"boolean","value":"true"}}'
ODF = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
}


@pytest.fixture(scope="module")
def source():
    return open_file(build.with_footnote(word(*BLOCKS), "脚注的话"), "报告.docx")


def at(source, words: str) -> tuple[int, int]:
    start = source.text.index(words)
    return start, start + len(words)


def shown(pdf: bytes) -> str:
    """The text of the pages as poppler reads it, without blanks."""
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"\s", "", done.stdout.decode())


def odf(content: bytes) -> etree._Element:
    """What LibreOffice understood, in its own format."""
    with zipfile.ZipFile(BytesIO(office.converted(content, "docx", "odt"))) as made:
        return etree.fromstring(made.read("content.xml"))


def between_ends(root: etree._Element) -> dict[str, str]:
    """For each comment its words → the text between its two ends; "" for one at a point."""
    found, opened = {}, {}
    annotation, end = (f"{{{ODF['office']}}}{name}" for name in ("annotation", "annotation-end"))
    name = f"{{{ODF['office']}}}name"
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start" and element.tag == annotation:
            words = "".join(element.itertext(f"{{{ODF['text']}}}p", f"{{{ODF['text']}}}span"))
            opened[element.get(name)] = words
            found[words] = ""
        elif event == "start" and element.tag == end:
            opened.pop(element.get(name), None)
        inside = element.tag == annotation or any(above.tag == annotation for above in element.iterancestors())
        piece = element.text if event == "start" and not inside else element.tail if event == "end" else ""
        if element.tag != annotation and inside:
            continue
        for words in opened.values():
            found[words] += (piece or "").strip("\n")
    return found


def test_comments_stand_where_they_were_put(source):
    content = with_comments(
        source,
        [
            Mark(*at(source, "控作业"), "跨两种格式"),
            Mark(*at(source, "年统"), "从修订里出来"),
            Mark(*at(source, "覆盖率\n达到"), "断成两段"),
            Mark(*at(source, "128"), "人数不符"),
            Mark(*at(source, "错字"), "框里的批注"),
            Mark(*at(source, "脚注的话"), "脚注的批注"),
        ],
    )
    spans = between_ends(odf(content))
    assert {words: spans[words] for words in ("跨两种格式", "从修订里出来", "断成两段", "人数不符")} == {
        "跨两种格式": "控作业", "从修订里出来": "年统", "断成两段": "覆盖率达到", "人数不符": "128",
    }  # fmt: skip
    assert {"文本框“错字”：框里的批注", "脚注“脚注的话”：脚注的批注"} <= spans.keys()


def test_a_commented_file_shows_the_same_pages_with_its_notes(source):
    marks = [Mark(*at(source, "128"), "人数不符"), Mark(*at(source, "一、L严控"), "编号")]
    pdf = office.converted(with_comments(source, marks), "docx", PDF_WITH_NOTES)
    for words in ("一、L严控作业总量，由第一小学去年今年统计。", "128", "框里的话有错字。", "脚注的话"):
        assert words in shown(pdf)
    notes = [note.get_object() for note in pypdf.PdfReader(BytesIO(pdf)).pages[0].get("/Annots", [])]
    by_words = {note["/Contents"]: note["/Rect"] for note in notes if note.get("/Subtype") == "/Text"}
    assert set(by_words) == {"人数不符", "编号"}
    assert by_words["编号"][1] > by_words["人数不符"][1], "the note on the first line stands above the one in the table"


def test_repairs_are_tracked_changes(source):
    repairs = [
        Repair(*at(source, "L严"), "1.严"),
        Repair(*at(source, "覆盖率\n达到"), "覆盖率达到"),
        Repair(*at(source, "128"), "126"),
        Repair(*at(source, "错字"), "对字"),
    ]
    content = with_repairs(source, repairs)
    changes = odf(content).findall(".//text:changed-region", ODF)
    ours = [change for change in changes if change.findtext(".//dc:creator", "", ODF) == "轻负"]
    gone = {"".join(change.itertext(f"{{{ODF['text']}}}p", f"{{{ODF['text']}}}span")).strip() for change in ours}
    assert {"L", "8", "错"} <= gone
    assert sum(change.find("text:insertion", ODF) is not None for change in ours) == 3
    assert "1.L严控" in shown(office.converted(content, "docx", "pdf")), "the page shows both, the old one struck"


@pytest.mark.parametrize("kind", ["doc", "rtf"])
def test_old_files_are_read_and_given_back_as_word(source, kind):
    old = office.converted(word(p("一、严控作业总量"), table(["一小", "128"]), p("完")), "docx", kind)
    read = open_file(old, f"报告.{kind}")
    assert (read.kind, read.text) == (kind, "一、严控作业总量\n一小\t128\n完\n")
    assert "已由 LibreOffice 转成 .docx" in read.warnings[0]
    assert open_file(with_comments(read, [Mark(2, 4, "好")]), "报告.docx").text == read.text

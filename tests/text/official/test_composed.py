"""What the program writes is laid out as the standard says, and its marks lead somewhere."""

from __future__ import annotations

import struct
import zlib
from datetime import date

from lxml import etree

from qingfu.text.files import open_file
from qingfu.text.files.names import w
from qingfu.text.official import Paper, Paragraph, Picture, Said, Table, check_draft, composed


def png(width: int = 2, height: int = 1) -> bytes:
    """A white picture."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = zlib.compress(b"".join(b"\0" + b"\xff" * 3 * width for _ in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def paper() -> Paper:
    said = Paragraph((Said("全县发文"), Said("35件", 1), Said("，开会"), Said("12次", 2), Said("。")))
    blocks = [Paragraph((Said("做法与成效"),), 1), Paragraph((Said("精简文件"),), 2), said, Picture(png(), "图")]
    blocks += [Paragraph((Said("存在问题"),), 1), Paragraph((Said("本期没有待整改的问题。"),))]
    table = Table(("序号", "数据"), (1, 5), (("1", "发文件数"), ("2", "会议次数")))
    return Paper(
        "青禾县教育局关于2026年秋季学期\n减负工作情况的报告", "临江市教育局", blocks, "数据来源", ["范围：青禾县。"],
        table, "青禾县教育局", "2026年11月28日",
    )  # fmt: skip


def test_the_layout_check_finds_no_flaw_in_it():
    found = check_draft(open_file(composed(paper()), "报告.docx"), on=date(2026, 11, 28))
    assert found.layout == ()
    assert found.draft.title == "青禾县教育局关于2026年秋季学期减负工作情况的报告"
    assert (found.draft.signature, found.draft.attachment_count) == ("青禾县教育局", 1)


def test_headings_are_numbered_and_figures_marked():
    text = open_file(composed(paper()), "报告.docx").text.replace("\u2060", "")
    assert "一、做法与成效\n（一）精简文件\n全县发文35件[1]，开会12次[2]。" in text and "二、存在问题" in text


def test_every_mark_leads_to_a_row_and_the_picture_keeps_its_shape():
    runs = open_file(composed(paper()), "报告.docx").runs
    root = runs.roots[runs.main]
    leads = {link.get(w("anchor")) for link in root.iter(w("hyperlink"))}
    assert leads == {one.get(w("name")) for one in root.iter(w("bookmarkStart"))} == {"source_1", "source_2"}
    assert not list(root.iter(w("ins"), w("del")))  # the words needed no repair
    size = next(one for one in root.iter() if etree.QName(one).localname == "extent")
    assert int(size.get("cx")) == 2 * int(size.get("cy"))


def test_no_heading_ends_a_page_and_no_signature_stands_without_text():
    runs = open_file(composed(paper()), "报告.docx").runs
    paragraphs = list(runs.roots[runs.main].iter(w("p")))
    words = ["".join(one.itertext()) for one in paragraphs]
    kept = [one.find(f"{w('pPr')}/{w('keepNext')}") is not None for one in paragraphs]
    date_at = words.index("2026年11月28日")
    assert all(kept[date_at - 5 : date_at]) and not kept[date_at]
    assert kept[words.index("一、做法与成效")] and kept[words.index("（一）精简文件")]


def test_the_number_of_a_page_is_none_of_its_words():
    source = open_file(composed(paper()), "报告.docx")
    footers = [source.text[one.start : one.end] for one in source.sections if one.kind == "footers"]
    assert footers and not any(char.isdigit() for one in footers for char in one)

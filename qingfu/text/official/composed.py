"""A document that the program writes, laid out by GB/T 9704-2012 as ``corrected`` lays out any other.

    composed(Paper(title=…, addressee=…, blocks=[Paragraph((Said("超过的班 "), Said("3 个", mark=1)), …], …)) -> bytes

What is said from a source bears its number as a small raised mark, [1], which leads to the row of that number in the
attachment (7.3.7). Headings are numbered here (7.3.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from struct import unpack

from lxml import etree

from ..files import open_file
from ..files.making import packed, text_run
from ..files.names import PARAGRAPH, PARAGRAPH_PROPERTIES, RUN_PROPERTIES, w
from ..review.words import NUMERALS
from .corrected import EMU_PER_MM, corrected, put, set_run, twips
from .words import data

_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_PIC = "http://schemas.openxmlformats.org/drawingml/2006/picture"
_WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_JOINER = "\u2060"  # no line begins with a mark
_PNG_SIZE = slice(16, 24)  # width and height in pixels (ISO/IEC 15948, 11.2.2)


@dataclass(frozen=True)
class Said:
    """A piece of a sentence. ``mark``: the row of the attachment that it is taken from; 0: from none."""

    text: str
    mark: int = 0


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the text, or a heading of level 1 or 2, which gets its number here."""

    pieces: tuple[Said, ...]
    level: int = 0


@dataclass(frozen=True)
class Picture:
    """A PNG in the width of the text, and what it shows in words."""

    png: bytes = field(repr=False)
    words: str


@dataclass(frozen=True)
class Table:
    """Rows of texts under heads; ``widths`` are shares of the type area. Row n is what the mark [n] leads to."""

    heads: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Paper:
    """The elements of the document, in their order. ``date``: as it is printed, 2026年11月28日; ``notes`` stand above
    the table of the attachment. A title breaks where it has a line end."""

    title: str
    addressee: str
    blocks: Sequence[Paragraph | Picture]
    attachment: str
    notes: Sequence[str]
    table: Table
    signature: str
    date: str


def composed(paper: Paper) -> bytes:
    """The .docx of a paper."""
    pictures = {f"picture{n}": it.png for n, it in enumerate(_pictures(paper), 1)}
    return corrected(open_file(packed(_body(paper), pictures), f"{paper.title}.docx"))


def numbered(blocks: Sequence) -> Iterator[tuple[str, object]]:
    """Each block with the number of its heading, 一、 or （一）, "" for what is none: its ``level`` says what it is."""
    counts = [0, 0, 0]
    for block in blocks:
        level = getattr(block, "level", 0)
        if level:
            counts[level] += 1
            counts[level + 1 :] = [0] * len(counts[level + 1 :])
        shown = _numeral(counts[level]) if level else ""
        yield ("", f"{shown}、", f"（{shown}）")[level], block


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    whole = NUMERALS[tens - 1] if tens > 1 else ""
    return whole + ("十" if tens else "") + (NUMERALS[ones - 1] if ones else "")


def _pictures(paper: Paper) -> list[Picture]:
    return [block for block in paper.blocks if isinstance(block, Picture)]


def _body(paper: Paper) -> Iterator[etree._Element]:
    yield _line(paper.title)
    yield _line(f"{paper.addressee}：")
    *blocks, last = _blocks(paper)
    yield from blocks
    ending = [_line(""), _line(f"附件：{paper.attachment}"), _line(""), _line(paper.signature)]
    yield from map(_with_next, [last, *ending])  # the signature never stands on a page without text (7.3.5)
    yield _line(paper.date)
    mark = _line("附件")
    put(_properties(mark), "pageBreakBefore", {"val": "1"})
    yield mark
    yield _line(paper.attachment)
    for note in paper.notes:
        yield _line(note)
    yield from _table(paper.table)


def _blocks(paper: Paper) -> Iterator[etree._Element]:
    pictures = 0
    for number, block in numbered(paper.blocks):
        if isinstance(block, Picture):
            pictures += 1
            yield _drawn(block, f"picture{pictures}", pictures)
        else:
            paragraph = _paragraph((Said(number), *block.pieces))
            yield _with_next(paragraph) if block.level else paragraph


def _with_next(paragraph: etree._Element) -> etree._Element:
    """The paragraph, kept on the page of the one that follows."""
    put(_properties(paragraph), "keepNext", {"val": "1"})
    return paragraph


def _line(text: str) -> etree._Element:
    return _paragraph((Said(text),) if text else ())


def _properties(paragraph: etree._Element) -> etree._Element:
    properties = paragraph.find(PARAGRAPH_PROPERTIES)
    if properties is None:
        properties = etree.Element(PARAGRAPH_PROPERTIES)
        paragraph.insert(0, properties)
    return properties


def _paragraph(pieces: Sequence[Said]) -> etree._Element:
    paragraph = etree.Element(PARAGRAPH)
    for piece in pieces:
        if piece.text:
            paragraph.append(text_run(piece.text))
        if piece.mark:
            paragraph.append(_mark(piece.mark))
    return paragraph


def _mark(number: int) -> etree._Element:
    """[1], raised, a link to its row."""
    link = etree.Element(w("hyperlink"))
    link.set(w("anchor"), f"source_{number}")
    link.set(w("history"), "1")
    properties = etree.Element(RUN_PROPERTIES)
    put(properties, "vertAlign", {"val": "superscript"})
    link.append(text_run(f"{_JOINER}[{number}]", properties))
    return link


# Pictures


def _drawn(picture: Picture, relation: str, number: int) -> etree._Element:
    """A paragraph with the picture in the width of the layout, its height as its pixels are."""
    across, down = unpack(">II", picture.png[_PNG_SIZE])
    width = data("layout")["picture"]["width"] * EMU_PER_MM
    size = {"cx": str(round(width)), "cy": str(round(width * down / across))}
    paragraph = etree.Element(PARAGRAPH)
    put(_properties(paragraph), "jc", {"val": "center"})
    run = etree.SubElement(paragraph, w("r"))
    inline = etree.SubElement(
        etree.SubElement(run, w("drawing")), f"{{{_WP}}}inline", nsmap={"wp": _WP, "a": _A, "pic": _PIC, "r": _R},
        distT="0", distB="0", distL="0", distR="0",
    )  # fmt: skip
    etree.SubElement(inline, f"{{{_WP}}}extent", size)
    named = {"id": str(number), "name": relation, "descr": picture.words}
    etree.SubElement(inline, f"{{{_WP}}}docPr", named)
    graphic = etree.SubElement(etree.SubElement(inline, f"{{{_A}}}graphic"), f"{{{_A}}}graphicData", uri=_PIC)
    held = etree.SubElement(graphic, f"{{{_PIC}}}pic")
    about = etree.SubElement(held, f"{{{_PIC}}}nvPicPr")
    etree.SubElement(about, f"{{{_PIC}}}cNvPr", named)
    etree.SubElement(about, f"{{{_PIC}}}cNvPicPr")
    filled = etree.SubElement(held, f"{{{_PIC}}}blipFill")
    etree.SubElement(filled, f"{{{_A}}}blip", {f"{{{_R}}}embed": relation})
    etree.SubElement(etree.SubElement(filled, f"{{{_A}}}stretch"), f"{{{_A}}}fillRect")
    shape = etree.SubElement(held, f"{{{_PIC}}}spPr")
    placed = etree.SubElement(shape, f"{{{_A}}}xfrm")
    etree.SubElement(placed, f"{{{_A}}}off", x="0", y="0")
    etree.SubElement(placed, f"{{{_A}}}ext", size)
    rectangle = etree.SubElement(shape, f"{{{_A}}}prstGeom", prst="rect")
    etree.SubElement(rectangle, f"{{{_A}}}avLst")
    return paragraph


# The table of the attachment


def _table(table: Table) -> Iterator[etree._Element]:
    area = twips(data("layout")["area"]["width"])
    widths = [round(area * share / sum(table.widths)) for share in table.widths]
    made = etree.Element(w("tbl"))
    properties = etree.SubElement(made, w("tblPr"))
    etree.SubElement(properties, w("tblW"), {w("w"): str(sum(widths)), w("type"): "dxa"})
    etree.SubElement(properties, w("jc"), {w("val"): "center"})
    borders = etree.SubElement(properties, w("tblBorders"))
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        etree.SubElement(borders, w(side), {w("val"): "single", w("sz"): "4", w("space"): "0", w("color"): "000000"})
    etree.SubElement(properties, w("tblLayout"), {w("type"): "fixed"})
    padding = etree.SubElement(properties, w("tblCellMar"))
    for side in ("left", "right"):
        gap = {w("w"): str(twips(data("layout")["table"]["padding"])), w("type"): "dxa"}
        etree.SubElement(padding, w(side), gap)
    grid = etree.SubElement(made, w("tblGrid"))
    for width in widths:
        etree.SubElement(grid, w("gridCol"), {w("w"): str(width)})
    made.append(_row(table.heads, widths, head=True))
    for number, row in enumerate(table.rows, 1):
        made.append(_row(row, widths, number=number))
    yield made
    yield _end()


def _end() -> etree._Element:
    """Word wants a paragraph behind a table: one so low that it opens no page of its own."""
    paragraph = _line("")
    put(_properties(paragraph), "spacing", {"before": 0, "after": 0, "line": 20, "lineRule": "exact"})
    return paragraph


def _row(texts: Sequence[str], widths: Sequence[int], *, head: bool = False, number: int = 0) -> etree._Element:
    row = etree.Element(w("tr"))
    properties = etree.SubElement(row, w("trPr"))
    etree.SubElement(properties, w("cantSplit"))
    if head:
        etree.SubElement(properties, w("tblHeader"))
    for place, (text, width) in enumerate(zip(texts, widths, strict=True)):
        cell = etree.SubElement(row, w("tc"))
        etree.SubElement(etree.SubElement(cell, w("tcPr")), w("tcW"), {w("w"): str(width), w("type"): "dxa"})
        paragraph = _line(text)
        if not (head or place):
            _bookmark(paragraph, number)
        below = _properties(paragraph)
        put(below, "snapToGrid", {"val": "0"})
        put(below, "jc", {"val": "center" if head or not place else "left"})
        for run in paragraph.iter(w("r")):
            set_run(run, data("layout")["table"] | ({"font": "黑体"} if head else {}))
        cell.append(paragraph)
    return row


def _bookmark(paragraph: etree._Element, number: int) -> None:
    start = etree.Element(w("bookmarkStart"), {w("id"): str(number), w("name"): f"source_{number}"})
    paragraph.insert(0, start)
    paragraph.append(etree.Element(w("bookmarkEnd"), {w("id"): str(number)}))

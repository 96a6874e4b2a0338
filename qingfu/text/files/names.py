"""Names of WordprocessingML (ECMA-376, part 1, 17) and the few questions that every module asks of an element."""

from functools import cache

from lxml import etree

W_NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MC_NS = "http://schemas.openxmlformats.org/markup-compatibility/2006"
MATH_NS = "http://schemas.openxmlformats.org/officeDocument/2006/math"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@cache
def w(name: str) -> str:
    """The full name of an element or attribute of the main namespace."""
    return f"{{{W_NS}}}{name}"


ALTERNATE = f"{{{MC_NS}}}AlternateContent"
CHOICE = f"{{{MC_NS}}}Choice"
FALLBACK = f"{{{MC_NS}}}Fallback"
MATH_TEXT = f"{{{MATH_NS}}}t"
MATHS = {f"{{{MATH_NS}}}oMath", f"{{{MATH_NS}}}oMathPara"}

BODY, PARAGRAPH, RUN, TEXT, TABLE, ROW, CELL, BOX = (
    w(name) for name in ("body", "p", "r", "t", "tbl", "tr", "tc", "txbxContent")
)
PARAGRAPH_PROPERTIES, RUN_PROPERTIES = w("pPr"), w("rPr")
INSERTED, DELETED, MOVED_TO, MOVED_FROM = w("ins"), w("del"), w("moveTo"), w("moveFrom")
CONTROL, CONTROL_CONTENT = w("sdt"), w("sdtContent")

# What stands between paragraphs and runs and holds nothing: bookmarks, ends of ranges, proofing marks.
RANGE_MARKS = {
    w(name)
    for name in (
        "bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "moveFromRangeStart",
        "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd", "permStart", "permEnd", "proofErr",
    )
}  # fmt: skip


def val(element: etree._Element | None) -> str:
    """The w:val of an element; "" where either is missing."""
    return "" if element is None else element.get(w("val"), "")


def is_on(element: etree._Element | None) -> bool:
    """Whether a switch such as w:vanish is there and on."""
    return element is not None and val(element) not in ("0", "false", "off")


def branch(alternate: etree._Element) -> etree._Element | None:
    """Of the ways in which mc:AlternateContent says one thing, the first that holds text: a text box is given twice."""
    for way in alternate:
        if way.tag in (CHOICE, FALLBACK) and (
            next(way.iter(BOX), None) is not None or next(way.iter(TEXT), None) is not None
        ):
            return way
    return None

"""A simple Word document made from plain text, so that what came as text or PDF can be given back with comments."""

import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO

from lxml import etree

from .decode import tidy
from .names import W_NS, XML_SPACE, w
from .package import CONTENT_TYPES, OFFICE_RELS, RELS_NS, TYPES_NS, as_bytes

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_FONTS = {"ascii": "Times New Roman", "hAnsi": "Times New Roman", "eastAsia": "仿宋"}
# GB/T 9704: A4, margins 37 mm above, 35 below, 28 left, 26 right, in twentieths of a point; size three is 16 pt.
_PAGE = {"w": "11906", "h": "16838"}
_MARGINS = {
    "top": "2098", "bottom": "1984", "left": "1588", "right": "1474", "header": "851", "footer": "992", "gutter": "0",
}  # fmt: skip
_HALF_POINTS = "32"


def to_docx(text: str) -> bytes:
    """A .docx with one paragraph for each line of `text`. Read again, it gives the text, with a line end at its end."""
    return packed(_paragraph(line) for line in tidy(text).removesuffix("\n").split("\n"))


def packed(blocks: Iterable[etree._Element], pictures: Mapping[str, bytes] | None = None) -> bytes:
    """A .docx whose body is these paragraphs and tables. Pictures are PNG by the relation that a drawing names."""
    root = etree.Element(w("document"), nsmap={"w": W_NS})
    body = etree.SubElement(root, w("body"))
    body.extend(blocks)
    section = etree.SubElement(body, w("sectPr"))
    _with(section, "pgSz", _PAGE)
    _with(section, "pgMar", _MARGINS)
    return _zipped(root, pictures or {})


def text_run(text: str, properties: etree._Element | None = None, name: str = "t") -> etree._Element:
    """A run with `text`: "\\t" as a tab, "\\n" as a line break; `name` is delText in a deletion."""
    run = etree.Element(w("r"))
    if properties is not None:
        run.append(properties)
    for position, line in enumerate(tidy(text).split("\n")):
        if position:
            etree.SubElement(run, w("br"))
        for place, between in enumerate(line.split("\t")):
            if place:
                etree.SubElement(run, w("tab"))
            if between:
                content = etree.SubElement(run, w(name))
                content.text = between
                content.set(XML_SPACE, "preserve")
    return run


def _paragraph(line: str) -> etree._Element:
    paragraph = etree.Element(w("p"))
    if line:
        properties = etree.Element(w("rPr"))
        _with(properties, "rFonts", _FONTS)
        _with(properties, "sz", {"val": _HALF_POINTS})
        paragraph.append(text_run(line, properties))
    return paragraph


def _with(parent: etree._Element, name: str, values: dict[str, str]) -> None:
    etree.SubElement(parent, w(name), {w(key): value for key, value in values.items()})


def _zipped(document: etree._Element, pictures: Mapping[str, bytes]) -> bytes:
    types = etree.Element(f"{{{TYPES_NS}}}Types", nsmap={None: TYPES_NS})
    for suffix, kind in (
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("xml", "application/xml"),
        *([("png", "image/png")] if pictures else []),
    ):
        etree.SubElement(types, f"{{{TYPES_NS}}}Default", Extension=suffix, ContentType=kind)
    etree.SubElement(types, f"{{{TYPES_NS}}}Override", PartName="/word/document.xml", ContentType=_MAIN)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr(CONTENT_TYPES, as_bytes(types))
        target.writestr("_rels/.rels", as_bytes(_relations({"rId1": ("officeDocument", "word/document.xml")})))
        target.writestr("word/document.xml", as_bytes(document))
        for name, content in pictures.items():
            target.writestr(f"word/media/{name}.png", content)
        if pictures:
            inside = {name: ("image", f"media/{name}.png") for name in pictures}
            target.writestr("word/_rels/document.xml.rels", as_bytes(_relations(inside)))
    return out.getvalue()


def _relations(named: Mapping[str, tuple[str, str]]) -> etree._Element:
    """Relations by their name: (kind, target)."""
    root = etree.Element(f"{{{RELS_NS}}}Relationships", nsmap={None: RELS_NS})
    for name, (kind, target) in named.items():
        etree.SubElement(root, f"{{{RELS_NS}}}Relationship", Id=name, Type=f"{OFFICE_RELS}/{kind}", Target=target)
    return root

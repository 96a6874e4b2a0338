"""A copy of a draft laid out by GB/T 9704-2012. Its words stay, but for numbers, dates and colons that the standard
writes otherwise: those are tracked changes, which whoever drafts accepts or not.

Page, type area, lines, typefaces, sizes, places and page numbers are set; tables and text boxes are left as they are.
"""

from __future__ import annotations

import unicodedata
from copy import deepcopy
from math import floor

from lxml import etree

from ..files import Source, open_file, to_docx, why_not, with_repairs
from ..files.cutting import Cut
from ..files.names import BODY, PARAGRAPH_PROPERTIES, RUN, RUN_PROPERTIES, W_NS, w
from ..files.package import (
    CONTENT_TYPES,
    OFFICE_RELS,
    RELS_NS,
    add_content_type,
    as_bytes,
    rels_name,
)  # fmt: skip
from ..files.word import Runs
from .kinds import kind_of
from .layout import MM_PER_INCH, POINTS_PER_INCH, TWIPS_PER_INCH, element_of, flaws_of, heading_end, section_of
from .marked import must_be_open
from .parts import Draft, Line, draft_of
from .words import data

EMU_PER_MM = 36_000  # of DrawingML
_TWENTIETHS, _HALVES = 20, 2  # of a point: w:ind, w:sz
_FOOTER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"
_SETTINGS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"
_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# The children of w:pPr, w:rPr and w:sectPr stand in an order (ECMA-376, part 1, A.1).
_ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd "
    "tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd "
    "snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment "
    "textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid "
    "vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em "
    "lang eastAsianLayout specVanish oMath rPrChange",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType "
    "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings "
    "sectPrChange",
}
_ORDER = {name: {w(child): n for n, child in enumerate(children.split())} for name, children in _ORDER.items()}


def corrected(source: Source) -> bytes:
    """The copy, a .docx. Raises MarkedSecret, CannotRead."""
    must_be_open(source)
    repaired = _with_words_repaired(source)
    draft = draft_of(repaired)
    runs = repaired.runs
    _set_elements(draft)
    _set_section(runs)
    parts = {runs.main: as_bytes(runs.roots[runs.main]), **_page_numbers(runs)}
    parts[runs.main] = as_bytes(runs.roots[runs.main])
    return runs.package.written(parts)


def _with_words_repaired(source: Source) -> Source:
    """The file, or what a text makes as one, with the words put right as tracked changes."""
    base = source if source.word is not None else open_file(to_docx(source.text), source.name)
    draft = draft_of(base)
    repairs = [repair for flaw in flaws_of(draft, kind_of(draft)) for repair in flaw.repairs]
    repairs = [repair for repair in repairs if not why_not(base, repair)]
    return open_file(with_repairs(base, repairs) if repairs else base.word, source.name)


# Paragraphs and runs


def _set_elements(draft: Draft) -> None:
    runs = draft.source.runs
    splits = {line.index: line.start + heading_end(line) for line in draft.lines}
    cut = Cut(runs, [at for line in draft.lines if (at := splits[line.index]) < line.end])
    date_width = max((_width(line.text) for line in draft.of("date")), default=0)
    last_of_title = next(reversed(draft.of("title", "subtitle")), None)
    for line in draft.lines:
        paragraph = runs.pieces[runs.index(line.start)].paragraph
        element = element_of(draft.roles[line.index], line)
        if element is None or next(paragraph.iterancestors(w("tc"), w("txbxContent")), None) is not None:
            continue
        _set_paragraph(paragraph, element, line, date_width)
        if line is last_of_title and not runs.text[line.end :].startswith("\n\n"):
            put(paragraph.find(PARAGRAPH_PROPERTIES), "spacing", {"before": 0, "after": _line_pitch()})
        is_heading = element["role"].startswith("heading")
        split = splits[line.index] if is_heading else line.end
        for start, end, part in ((line.start, split, element), (split, line.end, element_of("body"))):
            if start < end:
                for atom in cut.atoms(start, end):
                    if atom.element is not None:
                        set_run(atom.element, part)


def _set_paragraph(paragraph, element: dict, line: Line, date_width: float) -> None:
    properties = _child(paragraph, PARAGRAPH_PROPERTIES, first=True)
    blanks = len(line.raw) - len(line.raw.lstrip())
    put(properties, "jc", {"val": element["align"]})
    size = element["points"] * _TWENTIETHS
    if element["align"] == "right":
        right = _right(element, line, date_width)
        indent = {"rightChars": round(right * 100), "right": round(right * size), "firstLineChars": 0, "firstLine": 0}
    else:
        first = element["indent"] - (blanks if blanks == element["indent"] and line.raw.startswith("\u3000") else 0)
        indent = {"firstLineChars": first * 100, "firstLine": first * size}
    put(properties, "ind", {"leftChars": 0, "left": 0, **indent})
    put(properties, "snapToGrid", {"val": "1"})
    put(properties, "spacing", {"before": 0, "after": 0, "line": 240, "lineRule": "auto"})
    if element["align"] == "right" or blanks > element["indent"]:
        _without_leading_blanks(paragraph)


def _right(element: dict, line: Line, date_width: float) -> float:
    """Characters from the right: the date as the standard says, the signature centred over it (7.3.5.1)."""
    rows = {it["role"]: it for it in data("layout")["element"]}
    date_right = rows["date"]["right"]
    if element["role"] == "date":
        return date_right
    return max(0.0, date_right + (date_width - _width(line.text)) / 2)


def _width(text: str) -> float:
    return sum(1 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in text.strip())


def _without_leading_blanks(paragraph) -> None:
    """What had been pushed to its place with blanks stands there by its indent now."""
    for text in paragraph.iter(w("t")):
        text.text = (text.text or "").lstrip(" \u3000\t")
        if text.text:
            return


def set_run(element: etree._Element, row: dict) -> None:
    """Give what lies there the look of a row of data/layout.toml; each run, for an insertion holds several."""
    for run in [element] if element.tag == RUN else element.iter(RUN):
        properties = _child(run, RUN_PROPERTIES, first=True)
        name = data("layout")["written"][row["font"]]
        fonts = properties.find(w("rFonts"))
        if fonts is not None:
            properties.remove(fonts)
        latin = "Times New Roman"
        put(properties, "rFonts", {"ascii": latin, "hAnsi": latin, "eastAsia": name, "cs": latin})
        for sized in ("sz", "szCs"):
            put(properties, sized, {"val": round(row["points"] * _HALVES)})
        for unwanted in ("color", "spacing", "w", *(("b", "bCs") if row["role"] == "title" else ())):
            found = properties.find(w(unwanted))
            if found is not None:
                properties.remove(found)
        put(properties, "color", {"val": "000000"})
        if row["points"] == element_of("body")["points"]:
            put(properties, "spacing", {"val": _closer(row["points"])})


def _child(parent, name: str, *, first: bool = False):
    found = parent.find(name)
    if found is None:
        found = etree.SubElement(parent, name)
        if first:
            parent.insert(0, found)
    return found


def put(parent: etree._Element, name: str, values: dict) -> etree._Element:
    """The child with these attributes, in its place in the order of the schema; what it had is replaced."""
    order = _ORDER[etree.QName(parent).localname]
    child = etree.Element(w(name))
    for key, value in values.items():
        child.set(w(key), str(value))
    old = parent.find(w(name))
    if old is not None:
        parent.remove(old)
    place = sum(1 for it in parent if order.get(it.tag, len(order)) <= order[w(name)])
    parent.insert(place, child)
    return child


# The page


def twips(millimetres: float) -> int:
    """A length in twentieths of a point."""
    return round(millimetres / MM_PER_INCH * TWIPS_PER_INCH)


def _set_section(runs: Runs) -> None:
    rows = data("layout")
    paper, margins, area, number = (rows[it] for it in ("paper", "margins", "area", "page_number"))
    body = runs.roots[runs.main].find(BODY)
    section = section_of(body)
    if section is None:
        section = etree.SubElement(body, w("sectPr"))
    put(section, "pgSz", {"w": twips(paper["width"]), "h": twips(paper["height"])})
    bottom = paper["height"] - margins["top"] - area["height"]
    footer = bottom - number["below"] - number["points"] / POINTS_PER_INCH * MM_PER_INCH
    put(section, "pgMar", {
        "top": twips(margins["top"]), "bottom": twips(bottom), "left": twips(margins["left"]),
        "right": twips(paper["width"] - margins["left"] - area["width"]), "header": twips(margins["top"] / 2),
        "footer": twips(footer), "gutter": 0,
    })  # fmt: skip
    put(section, "docGrid", {"type": "lines", "linePitch": _line_pitch()})


def _line_pitch() -> int:
    """The height of a line in twentieths of a point: 22 of them fill the type area (5.2.3)."""
    area, grid = data("layout")["area"], data("layout")["grid"]
    return int(area["height"] / MM_PER_INCH * TWIPS_PER_INCH / grid["lines"])


def _closer(points: float) -> int:
    """How much closer characters of a size stand (twentieths of a point) so that a full line holds 28 (5.2.3). Set on
    the runs: a grid of characters is drawn differently by Word, WPS and LibreOffice.
    """
    area, grid = data("layout")["area"], data("layout")["grid"]
    width = area["width"] / MM_PER_INCH * POINTS_PER_INCH / grid["characters"]
    return floor((width - points) * _TWENTIETHS)


def _page_numbers(runs: Runs) -> dict[str, bytes]:
    """New footers for odd and even pages and the parts that must know of them; those that were there are let go."""
    section = section_of(runs.roots[runs.main].find(BODY))
    for old in section.findall(w("footerReference")) + section.findall(w("titlePg")):
        section.remove(old)
    package = runs.package
    types = package.xml(package.find(CONTENT_TYPES))
    relations_part = rels_name(runs.main)
    found = package.find(relations_part)
    relations = package.xml(found) if found else etree.Element(f"{{{RELS_NS}}}Relationships", nsmap={None: RELS_NS})
    folder = runs.main.rpartition("/")[0]
    parts = {}
    for which, side in (("default", "odd"), ("even", "even")):
        name = _free(package, f"{folder}/footer-qf-{side}.xml")
        parts[name] = as_bytes(_footer(data("layout")["page_number"][side]))
        add_content_type(types, name, _FOOTER_TYPE)
        number = _relate(relations, "footer", name.rpartition("/")[2])
        reference = etree.Element(w("footerReference"))
        reference.set(w("type"), which)
        reference.set(_R_ID, number)
        section.insert(0, reference)
    parts |= _odd_and_even(runs, types, relations, folder)
    return {**parts, package.find(CONTENT_TYPES): as_bytes(types), found or relations_part: as_bytes(relations)}


def _free(package, name: str) -> str:
    while package.find(name):
        name = name.replace(".xml", "x.xml")
    return name


def _relate(relations, kind: str, target: str) -> str:
    number = f"rIdQf{len(relations)}{kind}"
    etree.SubElement(relations, f"{{{RELS_NS}}}Relationship", Id=number, Type=f"{OFFICE_RELS}/{kind}", Target=target)
    return number


def _odd_and_even(runs: Runs, types, relations, folder: str) -> dict[str, bytes]:
    part = next((part for kind, part in runs.package.relations(runs.main) if kind == "settings"), None)
    if part is None:
        root = etree.Element(w("settings"), nsmap={"w": W_NS})
        part = _free(runs.package, f"{folder}/settings-qf.xml")
        add_content_type(types, part, _SETTINGS_TYPE)
        _relate(relations, "settings", part.rpartition("/")[2])
    else:
        root = deepcopy(runs.package.xml(part))
    if root.find(w("evenAndOddHeaders")) is None:
        mark = etree.Element(w("evenAndOddHeaders"))
        before = {w(it) for it in _BEFORE_EVEN_AND_ODD.split()}
        root.insert(sum(1 for it in root if it.tag in before), mark)
    return {part: as_bytes(root)}


# Children of w:settings that stand before w:evenAndOddHeaders.
_BEFORE_EVEN_AND_ODD = (
    "writeProtection view zoom removePersonalInformation removeDateAndTime doNotDisplayPageBoundaries "
    "displayBackgroundShape printPostScriptOverText printFractionalCharacterWidth printFormsData embedTrueTypeFonts "
    "embedSystemFonts saveSubsetFonts saveFormsData mirrorMargins alignBordersAndEdges bordersDoNotSurroundHeader "
    "bordersDoNotSurroundFooter gutterAtTop hideSpellingErrors hideGrammaticalErrors activeWritingStyle proofState "
    "formsDesign attachedTemplate linkStyles stylePaneFormatFilter stylePaneSortMethod documentType mailMerge "
    "revisionView trackRevisions doNotTrackMoves doNotTrackFormatting documentProtection autoFormatOverride "
    "styleLockTheme styleLockQFSet defaultTabStop autoHyphenation consecutiveHyphenLimit hyphenationZone "
    "doNotHyphenateCaps showEnvelope summaryLength clickAndTypeStyle defaultTableStyle"
)


def _footer(side: str) -> etree._Element:
    """— 1 —, in the size of the standard, a character from the side."""
    row = data("layout")["page_number"]
    root = etree.Element(w("ftr"), nsmap={"w": W_NS})
    paragraph = etree.SubElement(root, w("p"))
    properties = etree.SubElement(paragraph, PARAGRAPH_PROPERTIES)
    gap = row["gap"] * row["points"] * _TWENTIETHS
    put(properties, "ind", {side: gap, f"{side}Chars": row["gap"] * 100})
    put(properties, "jc", {"val": side})
    for piece in (f"{row['around']} ", None, f" {row['around']}"):
        if piece is None:
            for kind in ("begin", "instr", "separate", "shown", "end"):
                _field_run(paragraph, kind)
        else:
            _plain_run(paragraph).text = piece
    return root


def _run_of_number(paragraph) -> etree._Element:
    row = data("layout")["page_number"]
    run = etree.SubElement(paragraph, RUN)
    properties = etree.SubElement(run, RUN_PROPERTIES)
    font = data("layout")["written"][row["font"]]
    put(properties, "rFonts", {"ascii": font, "hAnsi": font, "eastAsia": font})
    put(properties, "sz", {"val": row["points"] * _HALVES})
    return run


def _plain_run(paragraph) -> etree._Element:
    text = etree.SubElement(_run_of_number(paragraph), w("t"))
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return text


def _field_run(paragraph, kind: str) -> None:
    if kind == "shown":
        _plain_run(paragraph).text = "1"
        return
    run = _run_of_number(paragraph)
    if kind == "instr":
        instruction = etree.SubElement(run, w("instrText"))
        instruction.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        instruction.text = " PAGE "
    else:
        etree.SubElement(run, w("fldChar")).set(w("fldCharType"), kind)

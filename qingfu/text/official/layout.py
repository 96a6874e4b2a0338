"""A draft compared with GB/T 9704-2012: page, type area, typefaces and sizes, indents, numbers, date, page numbers.

Only what a Word file holds can be compared; of a text file the words are looked at (numbers, date, colons). Everything
else of the standard (printing, binding, the seal) is made after the draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from ..files.marking import Repair
from ..files.names import BODY, RUN, w
from ..files.word import TEXT_KIND
from ..review.detectors import numbering
from ..review.layers import read_document
from ..review.words import NUMERALS, chinese_number
from .kinds import Kind
from .parts import Draft, Line
from .styles import RunLook, Styles
from .words import CHINESE_DIGITS, data, squeezed

MM_PER_INCH, TWIPS_PER_INCH = 25.4, 1440
POINTS_PER_INCH = 72
_HALF_CHARACTER = 0.5  # a size in points and an indent differ by so little where Word rounds
_HEADING = (
    ("heading1", re.compile(f"[{NUMERALS}]{{1,3}}[、.．，,:：]")),
    ("heading2", re.compile(f"[（(][{NUMERALS}]{{1,3}}[）)]")),
)
_BLANKS = re.compile(r"[\s　]*")


@dataclass(frozen=True)
class Flaw:
    """One departure: code, clause of the standard, what is meant, what was found and what is due, in Chinese; the
    lines (from 1, blank ones not counted) where; whether the corrected copy mends it; the repairs of the words.
    """

    code: str
    clause: str
    name: str
    found: str
    due: str
    lines: tuple[int, ...] = ()
    mended: bool = True
    repairs: tuple[Repair, ...] = field(default=(), repr=False)


def flaws_of(draft: Draft, kind: Kind) -> list[Flaw]:
    """Every departure, the page's first."""
    found = list(_of_page(draft)) if draft.source.runs is not None else []
    return [*found, *_of_words(draft, kind)]


def element_of(role: str, line: Line | None = None) -> dict | None:
    """The element of data/layout.toml that a line of this role is laid out as; headings by their number."""
    rows = data("layout")
    role = rows["same_as"].get(role, role)
    if role == "body" and line is not None:
        role = next((name for name, pattern in _HEADING if pattern.match(line.text)), role)
    return next((it for it in rows["element"] if it["role"] == role), None)


def heading_end(line: Line) -> int:
    """Where in the raw line its heading ends: at the first stop, if words follow it; the rest is text."""
    stop = line.raw.find("。")
    return stop + 1 if stop >= 0 and line.raw[stop + 1 :].strip() else len(line.raw)


# The page


def section_of(body: etree._Element) -> etree._Element | None:
    """The properties of the last section, which most documents have as their only one."""
    return next(reversed(list(body.iter(w("sectPr")))), None)


def _of_page(draft: Draft) -> Iterator[Flaw]:
    runs = draft.source.runs
    body = runs.roots[runs.main].find(BODY)
    section = section_of(body)
    styles = Styles(runs)
    yield from _of_paper(section)
    yield from _of_grid(draft, section, styles)
    yield from _of_elements(draft, styles)
    yield from _of_space_below_title(draft, styles)
    yield from _of_page_numbers(draft)


def _mm(section, name: str, key: str) -> float | None:
    element = None if section is None else section.find(w(name))
    said = None if element is None else element.get(w(key))
    return None if said is None else round(int(float(said)) / TWIPS_PER_INCH * MM_PER_INCH, 1)


def _of_paper(section) -> Iterator[Flaw]:
    rows = data("layout")
    paper, margins, area = rows["paper"], rows["margins"], rows["area"]
    width, height = _mm(section, "pgSz", "w"), _mm(section, "pgSz", "h")
    if not (_near(width, paper["width"], paper) and _near(height, paper["height"], paper)):
        yield Flaw(
            "paper", paper["clause"], "纸张", _size(width, height), f"A4（{paper['width']}×{paper['height']} 毫米）"
        )  # fmt: skip
    names = {"top": "天头（上白边）", "left": "订口（左白边）"}
    for key, name in names.items():
        there = _mm(section, "pgMar", key)
        if not _near(there, margins[key], margins):
            yield Flaw(f"margin_{key}", margins["clause"], name, _millimetres(there), _millimetres(margins[key]))
    sides = [(width, "left", "right"), (height, "top", "bottom")]
    inner = [
        None if whole is None or None in (a := [_mm(section, "pgMar", key) for key in keys]) else whole - sum(a)
        for whole, *keys in sides
    ]
    if not (_near(inner[0], area["width"], area) and _near(inner[1], area["height"], area)):
        yield Flaw("area", area["clause"], "版心", _size(*inner), f"{area['width']}×{area['height']} 毫米")


def _near(found: float | None, due: float, row: dict) -> bool:
    return found is not None and abs(found - due) <= row["tolerance"]


def _millimetres(length: float | None) -> str:
    return "没有设置" if length is None else f"{length:g} 毫米"


def _size(width: float | None, height: float | None) -> str:
    return "没有设置" if width is None or height is None else f"{width:.0f}×{height:.0f} 毫米"


def _of_grid(draft: Draft, section, styles: Styles) -> Iterator[Flaw]:
    """Lines of a page: what most paragraphs of the text set, else the grid of the page."""
    row, area = data("layout")["grid"], data("layout")["area"]
    height = area["height"] / MM_PER_INCH * POINTS_PER_INCH
    pitches = [styles.line_pitch(paragraph) for _, paragraph in _paragraphs(draft, "body", "enclosed")]
    exact = [pitch for pitch in pitches if pitch]
    if 2 * len(exact) > len(pitches):
        pitch = max(set(exact), key=exact.count)
    else:
        grid = None if section is None else section.find(w("docGrid"))
        on = grid is not None and grid.get(w("type")) in ("lines", "linesAndChars", "snapToChars")
        pitch = int(float(grid.get(w("linePitch"), "0"))) / 20 if on else 0
    lines = round(height / pitch) if pitch else None
    if pitches and lines != row["lines"]:
        found = f"每面 {lines} 行" if lines else "没有定行数（行距随字体而变）"
        yield Flaw("lines", row["clause"], "行数", found, f"每面 {row['lines']} 行，每行 {row['characters']} 字")


# The elements


def _paragraphs(draft: Draft, *roles: str) -> list[tuple[Line, etree._Element]]:
    """Lines of some roles (all, where none is given) with their paragraphs in the body; cells of tables left out."""
    runs = draft.source.runs
    found = []
    for line in draft.of(*roles) if roles else draft.lines:
        paragraph = runs.pieces[runs.index(line.start)].paragraph
        if next(paragraph.iterancestors(w("tc"), w("txbxContent")), None) is None:
            found.append((line, paragraph))
    return found


def looks_of(draft: Draft, styles: Styles, line: Line, start: int, end: int) -> Iterator[tuple[int, RunLook]]:
    """(characters, look) of each run with Chinese letters in ``start:end`` of the raw line."""
    runs = draft.source.runs
    if start >= end:
        return
    for index in range(*runs.between(line.start + start, line.start + end)):
        piece = runs.pieces[index]
        if piece.kind == TEXT_KIND and piece.run is not None and piece.run.tag == RUN:
            text = runs.text[max(piece.start, line.start + start) : min(piece.end, line.start + end)]
            letters = sum("一" <= char <= "鿿" for char in text)
            if letters:
                yield letters, styles.of_run(piece.run, piece.paragraph)


def _of_elements(draft: Draft, styles: Styles) -> Iterator[Flaw]:
    found: dict[tuple, list[int]] = {}
    for line, paragraph in _paragraphs(draft):
        element = element_of(draft.roles[line.index], line)
        if element is None:
            continue
        for flaw in _of_paragraph(draft, styles, line, paragraph, element):
            found.setdefault(flaw, []).append(line.index + 1)
    for (code, clause, name, was, due), lines in found.items():
        yield Flaw(code, clause, name, was, due, tuple(dict.fromkeys(lines)))


def _of_paragraph(draft, styles, line, paragraph, element) -> Iterator[tuple]:
    """(code, clause, name, found, due) of one paragraph."""
    role, clause, name = element["role"], element["clause"], element["name"]
    split = heading_end(line) if role.startswith("heading") else len(line.raw)
    spans = [(element, 0, split), (element_of("body"), split, len(line.raw))]
    for part, start, end in spans:
        for _, look in looks_of(draft, styles, line, start, end):
            if look.font not in data("layout")["fonts"][part["font"]]:
                was = look.font or "没有指定"
                yield f"font_{part['role']}", part["clause"], f"{part['name']}的字体", was, part["font"]
            if abs(look.points - part["points"]) > _HALF_CHARACTER:
                yield (
                    f"size_{part['role']}", part["clause"], f"{part['name']}的字号",
                    f"{look.points:g} 磅", f"{part['points']} 磅（{_size_name(part['points'])}）",
                )  # fmt: skip
            if look.colour not in data("layout")["colour"]["allowed"]:
                yield "colour", data("layout")["colour"]["clause"], "文字颜色", f"#{look.colour}", "黑色"
    align = styles.align(paragraph)
    if element["align"] in ("center", "right") and align != element["align"] and not _set_by_blanks(line, element):
        yield f"align_{role}", clause, f"{name}的位置", _ALIGNS[align], _ALIGNS[element["align"]]
    if element["align"] in ("left", "both"):
        indent = sum(styles.indent(paragraph, side, element["points"]) for side in ("first", "left"))
        indent += _blanks_before(line)
        if abs(indent - element["indent"]) > _HALF_CHARACTER or align in ("center", "right"):
            due = f"左空 {element['indent']} 字" if element["indent"] else "顶格"
            yield f"indent_{role}", clause, f"{name}的位置", _place(align, indent), due


def _of_space_below_title(draft: Draft, styles: Styles) -> Iterator[Flaw]:
    """A blank line stands below the title (7.3.2): a blank paragraph, or the space of one."""
    titles = _paragraphs(draft, "title", "subtitle")
    if not titles:
        return
    line, paragraph = titles[-1]
    blank = draft.source.text[line.end :].startswith("\n\n")
    if not blank and styles.space_below(paragraph) < element_of("body")["points"]:
        clause = data("layout")["addressee"]["clause"]
        yield Flaw("space_below_title", clause, "标题下的空行", "没有空行", "空一行", (line.index + 1,))


_ALIGNS = {"left": "居左", "center": "居中", "right": "居右", "both": "居左（两端对齐）"}


def _place(align: str, indent: float) -> str:
    return _ALIGNS[align] if align in ("center", "right") else f"左空 {indent:.1f} 字".replace(".0 ", " ")


def _blanks_before(line: Line) -> float:
    blanks = _BLANKS.match(line.raw)[0]
    return sum(1 if char == "\u3000" else 0.5 for char in blanks)


def _set_by_blanks(line: Line, element: dict) -> bool:
    """A signature or date that was pushed to its place with blanks is near enough; the corrected copy sets it."""
    return element["align"] == "right" and _blanks_before(line) >= 4


def _size_name(points: float) -> str:
    return {22: "2号", 16: "3号", 14: "4号"}.get(points, f"{points:g} 磅")


# Page numbers


def _of_page_numbers(draft: Draft) -> Iterator[Flaw]:
    row = data("layout")["page_number"]
    runs = draft.source.runs
    footers = [part for kind, part in runs.package.relations(runs.main) if kind == "footer"]
    numbered = [part for part in footers if _has_page_field(runs.roots.get(part))]
    due = f"{_size_name(row['points'])}半角宋体，{row['around']} 1 {row['around']}，单页居右、双页居左"
    if not numbered:
        yield Flaw("page_number", row["clause"], "页码", "没有页码", due)
        return
    styles = Styles(runs)
    sizes = {
        styles.of_run(run, paragraph).points
        for part in numbered
        for paragraph in runs.roots[part].iter(w("p"))
        for run in paragraph.iter(w("r"))
        if _is_field_run(run)
    }
    if any(abs(size - row["points"]) > _HALF_CHARACTER for size in sizes):
        found = "、".join(f"{size:g} 磅" for size in sorted(sizes))
        size = f"{row['points']} 磅（{_size_name(row['points'])}）"
        yield Flaw("page_number_size", row["clause"], "页码的字号", found, size)
    if row["around"] not in "".join("".join(runs.roots[part].itertext()) for part in numbered):
        yield Flaw("page_number_line", row["clause"], "页码两边的一字线", "没有", due)
    if len(numbered) < 2 or not _odd_and_even(runs):
        yield Flaw("page_number_side", row["clause"], "页码的位置", "单双页一样", due)


def _has_page_field(root) -> bool:
    return root is not None and any(
        "PAGE" in (it.text or it.get(w("instr"), "")).split() for it in root.iter(w("instrText"), w("fldSimple"))
    )


def _is_field_run(run) -> bool:
    return run.find(w("instrText")) is not None or run.getparent().tag == w("fldSimple")


def _odd_and_even(runs) -> bool:
    part = next((part for kind, part in runs.package.relations(runs.main) if kind == "settings"), None)
    return part is not None and runs.package.xml(part).find(w("evenAndOddHeaders")) is not None


# The words


def _of_words(draft: Draft, kind: Kind) -> Iterator[Flaw]:
    yield from _of_document_number(draft)
    yield from _of_addressee(draft, kind)
    yield from _of_numbers(draft)
    yield from _of_attachment_note(draft)
    yield from _of_signature(draft, kind)
    yield from _of_date(draft)


def _replaced(line: Line, start: int, end: int, by: str) -> Repair:
    return Repair(line.start + start, line.start + end, by)


def _of_document_number(draft: Draft) -> Iterator[Flaw]:
    """The year stands in 〔〕; the number has no 第 and no leading zero (7.2.5)."""
    row, found = data("layout")["document_number"], draft.number
    if not found:
        return
    place = found["place"].strip()
    due = f"{found['word']}〔{found['year']}〕{place.removeprefix('第').strip().lstrip('0') or place}号"
    if squeezed(found[0]) != squeezed(due):
        line = draft.of("number")[0]
        repairs = (_replaced(line, found.start(), found.end(), due),)
        yield Flaw("document_number", row["clause"], row["name"], found[0], due, (line.index + 1,), True, repairs)


def _of_addressee(draft: Draft, kind: Kind) -> Iterator[Flaw]:
    row = data("layout")["addressee"]
    lines = draft.of("addressee")
    if not lines:
        if kind.form not in data("layout")["signature"]["addressee_not_for"]:
            yield Flaw("addressee", row["clause"], row["name"], "没有", "标题下空一行，顶格写主送机关", mended=False)
        return
    line = lines[-1]
    at = len(line.raw.rstrip()) - 1
    if line.raw[at] == ":":
        repairs = (_replaced(line, at, at + 1, "："),)
        yield Flaw(
            "addressee_colon", row["clause"], "主送机关后的冒号", ":", "全角冒号", (line.index + 1,), True, repairs
        )


def _of_numbers(draft: Draft) -> Iterator[Flaw]:
    """How structure numbers are written, and whether they count on (7.3.3)."""
    lines = draft.of("body", "enclosed", "attachment")
    for row in data("layout")["number"]:
        repairs, places, found = [], [], ""
        for line in lines:
            lead = len(_BLANKS.match(line.raw)[0])
            match = None if line.number else re.match(row["wrong"], line.raw[lead:])
            if not match:
                continue
            kept = next(value for name, value in match.groupdict().items() if name.startswith("keep") and value)
            repairs.append(_replaced(line, lead, lead + match.end(), row["right"].format(keep=kept)))
            places.append(line.index + 1)
            found = found or match[0].strip()
        if places:
            yield Flaw(
                f"number_level{row['level']}", "7.3.3", "结构层次序数", found, row["shown"], tuple(places), True,
                tuple(repairs),
            )  # fmt: skip
    yield from _of_counting(lines)


def _of_counting(lines: list[Line]) -> Iterator[Flaw]:
    document = read_document("\n".join(line.text for line in lines))
    for finding in numbering.find(document):
        line = lines[document.line_of(finding.start)]
        yield Flaw(
            "number_order", "7.3.3", "结构层次序数", line.text[:12], finding.note, (line.index + 1,), mended=False
        )  # fmt: skip


def _of_attachment_note(draft: Draft) -> Iterator[Flaw]:
    """A full-width colon behind 附件, no mark behind its name (7.3.4)."""
    row = data("layout")["attachment_note"]
    for line in draft.of("attachment_note"):
        colon = re.match(r"\s*附\s*件\s*(:)", line.raw)
        repairs = [_replaced(line, *colon.span(1), "：")] if colon else []
        tail = re.search(r"[。；;，,、.]\s*$", line.raw)
        if tail:
            repairs.append(_replaced(line, tail.start(), tail.end(), ""))
        if repairs:
            yield Flaw(
                "attachment_note", row["clause"], row["name"], line.text[:20], "附件后全角冒号，名称后不加标点",
                (line.index + 1,), True, tuple(repairs),
            )  # fmt: skip


def _of_signature(draft: Draft, kind: Kind) -> Iterator[Flaw]:
    row = data("layout")["signature"]
    if kind.form in row["not_for"]:
        return
    if not draft.signature:
        yield Flaw("signature", row["clause"], row["name"], "没有", "正文下署发文机关全称或规范化简称", mended=False)
    if not draft.of("date"):
        yield Flaw("date", row["clause"], "成文日期", "没有", "署名下写成文日期", mended=False)


def _of_date(draft: Draft) -> Iterator[Flaw]:
    """Arabic figures, the year in full, no leading zero (7.3.5.4). A day left blank is still to be filled in."""
    row, found = data("layout")["date"], draft.date
    if not found or not (found["month"].strip() and found["day"].strip()):
        return
    due = f"{_figures(found['year'], digits=True)}年{_figures(found['month'])}月{_figures(found['day'])}日"
    if squeezed(found[0]) != due:
        line = draft.of("date")[0]
        lead = len(_BLANKS.match(line.raw)[0])
        repairs = (_replaced(line, lead, len(line.raw.rstrip()), due),)
        yield Flaw("date_figures", row["clause"], row["name"], found[0], due, (line.index + 1,), True, repairs)


def _figures(text: str, *, digits: bool = False) -> str:
    """二〇二六 or 2026 → 2026; 十一, 09 → 11, 9."""
    text = squeezed(text)
    if text.isascii():
        return str(int(text))
    if digits:
        return "".join(str(CHINESE_DIGITS.index({"○": "〇", "零": "〇"}.get(char, char))) for char in text)
    return str(chinese_number(text.lstrip("〇")) or text)

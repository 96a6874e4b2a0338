"""A .docx given back with comments at the spots, or with repairs as tracked changes (ECMA-376, part 1, 17.13).

Both take the source as it was read and offsets in its text; the formatting of the runs stays. Text and PDF are made a
simple Word document first. Read again, the commented copy gives the same text, the repaired copy the text with the
repairs.
"""

import posixpath
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from lxml import etree

from .cutting import Atom, Cut, plain_properties
from .limits import CannotRead
from .making import text_run, to_docx
from .names import (
    ALTERNATE,
    BODY,
    BOX,
    CELL,
    CONTROL,
    DELETED,
    FALLBACK,
    INSERTED,
    MOVED_TO,
    PARAGRAPH,
    PARAGRAPH_PROPERTIES,
    RUN,
    RUN_PROPERTIES,
    TEXT,
    W_NS,
    XML_SPACE,
    branch,
    w,
)  # fmt: skip
from .opening import Source
from .package import CONTENT_TYPES, RELS_NS, add_content_type, add_relation, as_bytes, rels_name
from .word import BODY_SECTION, END_KIND, Piece, Runs, read

AUTHOR, INITIALS = "轻负", "轻"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_HOLDERS = {BODY, CELL, BOX, *(w(name) for name in ("footnote", "endnote", "hdr", "ftr"))}
_TRACKED = {INSERTED, MOVED_TO}
_SECTION_NAMES = {"footnotes": "脚注", "endnotes": "尾注", "headers": "页眉", "footers": "页脚"}
_NOTE_REFERENCES = {w("footnote"): w("footnoteReference"), w("endnote"): w("endnoteReference")}
_LONGEST_QUOTE = 60
_NUMBERED = tuple(
    w(name)
    for name in (
        "ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange", "bookmarkStart", "commentRangeStart",
        "moveFromRangeStart", "moveToRangeStart",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """A comment on characters start..end of the text; at a point where they are equal."""

    start: int
    end: int
    comment: str


@dataclass(frozen=True)
class Repair:
    """Characters start..end of the text replaced. A line end in `replacement` becomes a line break."""

    start: int
    end: int
    replacement: str


class CannotRepair(ValueError):
    """Some repairs cannot be made as tracked changes; its text says in Chinese which and why. `refused`: [(repair,
    why)].
    """

    def __init__(self, refused: list[tuple[Repair, str]]):
        super().__init__("；".join(f"第 {repair.start}–{repair.end} 字：{why}" for repair, why in refused))
        self.refused = refused


# Comments


def with_comments(source: Source, marks: Iterable[Mark], *, when: datetime | None = None) -> bytes:
    """The .docx with a Word comment for each mark, by 轻负.

    Word takes no comments in text boxes, notes, headers and footers: those stand where the box or the note hangs in the
    body, and quote the spot. A mark that leaves its table cell ends with the cell. Raises ValueError for a mark outside
    the text, CannotRead where another part of the file is broken.
    """
    runs = _fresh(source)
    marks = list(marks)
    for mark in marks:
        _must_be_inside(mark.start, mark.end, source.text)
    if marks and not runs.text:
        raise CannotRead("文件里没有文字，无处可批注。")
    comments = _Comments(runs, when or datetime.now())
    spans = [(mark, *_clipped(runs, mark.start, mark.end)) for mark in marks]
    inside = [(mark, start, end) for mark, start, end in spans if _takes_comments(runs, start)]
    cut = Cut(runs, (at for _mark, *span in inside for at in span))
    for mark, start, end in spans:
        number = comments.add(mark, runs, start, end, quoted=not _takes_comments(runs, start))
        if _takes_comments(runs, start):
            _set_range(cut, start, end, number)
        else:
            _set_around(_hook(runs, runs.pieces[_at(runs, start)]), number)
    return runs.package.written({runs.main: as_bytes(runs.roots[runs.main]), **comments.parts()} if marks else {})


def _fresh(source: Source) -> Runs:
    """A tree of our own to change."""
    return read(source.word if source.word is not None else to_docx(source.text))


def _must_be_inside(start: int, end: int, text: str) -> None:
    if not 0 <= start <= end <= len(text):
        raise ValueError(f"第 {start}–{end} 字不在正文里（正文有 {len(text)} 个字符）。")


def _at(runs: Runs, offset: int) -> int:
    return runs.index(min(offset, len(runs.text) - 1))


def _holder(piece: Piece) -> etree._Element:
    """The body, cell, text box, note or header in which a piece stands."""
    return next(above for above in piece.paragraph.iterancestors() if above.tag in _HOLDERS)


def _clipped(runs: Runs, start: int, end: int) -> tuple[int, int]:
    """The span up to its last character in the cell, box or note in which it begins."""
    if start == end:
        return start, end
    first, last = runs.between(start, end)
    holder = _holder(runs.pieces[first])
    while _holder(runs.pieces[last - 1]) is not holder:
        last -= 1
    return start, min(end, runs.pieces[last - 1].end)


def _takes_comments(runs: Runs, offset: int) -> bool:
    piece = runs.pieces[_at(runs, offset)]
    return piece.part == runs.main and next(piece.paragraph.iterancestors(BOX), None) is None


def _set_range(cut: Cut, start: int, end: int, number: str) -> None:
    """The start, the end and the reference of a comment around a span of whole runs."""
    begin = etree.Element(w("commentRangeStart"), {w("id"): number})
    finish = etree.Element(w("commentRangeEnd"), {w("id"): number})
    reference = _reference(number)
    if start == end:
        atom = cut.after(start) or cut.before(start)
        for element in (begin, finish, reference):
            _put_before(atom, element) if atom.start == start else _put_after(atom, element)
        return
    atoms = cut.atoms(start, end)
    _put_before(atoms[0], begin)
    _put_after(atoms[-1], reference)
    reference.addprevious(finish)


def _put_before(atom: Atom, element: etree._Element) -> None:
    if atom.element is None:
        atom.piece.paragraph.append(element)
    else:
        atom.element.addprevious(element)


def _put_after(atom: Atom, element: etree._Element) -> None:
    if atom.element is None:
        atom.piece.paragraph.append(element)
    else:
        atom.element.addnext(element)


def _reference(number: str) -> etree._Element:
    run = etree.Element(RUN)
    etree.SubElement(run, w("commentReference"), {w("id"): number})
    return run


def _set_around(hook: etree._Element, number: str) -> None:
    """A comment around one element of a paragraph, or at the end of a whole paragraph."""
    begin = etree.Element(w("commentRangeStart"), {w("id"): number})
    finish = etree.Element(w("commentRangeEnd"), {w("id"): number})
    if hook.tag == PARAGRAPH:
        hook.extend([begin, finish, _reference(number)])
        return
    hook.addprevious(begin)
    hook.addnext(_reference(number))
    hook.addnext(finish)


def _hook(runs: Runs, piece: Piece) -> etree._Element:
    """The run of the body from which the text box or the note of a piece hangs; for a header the first paragraph."""
    element = piece.paragraph
    if piece.part != runs.main:
        holder = _outermost(element, _HOLDERS)
        element = _note_reference(runs, holder) if holder.tag in _NOTE_REFERENCES else None
        if element is None:
            return runs.pieces[0].paragraph
    box = _outermost(element, {BOX})
    return element if box is None else next(box.iterancestors(RUN))


def _outermost(element: etree._Element, tags: set[str]) -> etree._Element | None:
    found = [above for above in element.iterancestors() if above.tag in tags]
    return found[-1] if found else None


def _note_reference(runs: Runs, note: etree._Element) -> etree._Element | None:
    for reference in runs.roots[runs.main].iter(_NOTE_REFERENCES[note.tag]):
        if reference.get(w("id")) == note.get(w("id")):
            return next(reference.iterancestors(RUN), None)
    return None


class _Comments:
    """The part with the comments: the one that the document has, or a new one."""

    def __init__(self, runs: Runs, when: datetime):
        self.package, self.main = runs.package, runs.main
        self.date = _date(when)
        self.name = next((part for kind, part in self.package.relations(self.main) if kind == "comments"), None)
        self.root = self.package.xml(self.name) if self.name else etree.Element(w("comments"), nsmap={"w": W_NS})
        taken = [int(comment.get(w("id"))) for comment in self.root if (comment.get(w("id")) or "").isdecimal()]
        self.next = max(taken, default=-1) + 1

    def add(self, mark: Mark, runs: Runs, start: int, end: int, quoted: bool) -> str:
        """Writes a comment and answers its number."""
        number = str(self.next)
        self.next += 1
        comment = etree.SubElement(
            self.root, w("comment"),
            {w("id"): number, w("author"): AUTHOR, w("date"): self.date, w("initials"): INITIALS},
        )  # fmt: skip
        text = (_quoted(runs, start, end) if quoted else "") + mark.comment
        for line in text.split("\n"):
            etree.SubElement(comment, PARAGRAPH).append(text_run(line))
        return number

    def parts(self) -> dict[str, bytes]:
        """The parts of the package that change, by name."""
        if self.name:
            return {self.name: as_bytes(self.root)}
        folder = posixpath.dirname(self.main)
        names = (
            posixpath.join(folder, f"comments{suffix}.xml") for suffix in ("", *range(1, len(self.package.names) + 2))
        )
        self.name = next(name for name in names if not self.package.find(name))
        types_name = self.package.find(CONTENT_TYPES)
        if types_name is None:
            raise CannotRead("文件缺少内容类型表（[Content_Types].xml），不能加批注。请用 Word 打开，另存后再试。")
        types = self.package.xml(types_name)
        add_content_type(types, self.name, _COMMENTS_TYPE)
        rels = self.package.find(rels_name(self.main)) or rels_name(self.main)
        relations = self.package.xml(rels) if rels in self.package.names else _no_relations()
        add_relation(relations, "comments", posixpath.basename(self.name))
        return {self.name: as_bytes(self.root), types_name: as_bytes(types), rels: as_bytes(relations)}


def _no_relations() -> etree._Element:
    return etree.Element(f"{{{RELS_NS}}}Relationships", nsmap={None: RELS_NS})


def _quoted(runs: Runs, start: int, end: int) -> str:
    kind = next((section.kind for section in runs.sections if section.start <= start < section.end), BODY_SECTION)
    text = runs.text[start:end].strip()
    short = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
    return f"{_SECTION_NAMES.get(kind, '文本框')}“{short}”：".replace("\n", " ")


def _date(when: datetime) -> str:
    """Word writes the local time and calls it Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


# Repairs


def why_not(source: Source, repair: Repair) -> str:
    """Why a repair cannot be a tracked change, in Chinese; "" where it can. Raises ValueError outside the text."""
    _must_be_inside(repair.start, repair.end, source.text)
    return _why_not(source.runs or _fresh(source), *_smallest(source.text, repair))


def _why_not(runs: Runs, start: int, end: int, new: str) -> str:
    pieces = runs.pieces[slice(*runs.between(start, end))]
    if any(piece.kind == END_KIND and not piece.joins for piece in pieces):
        return "跨过了表格单元格、文本框、分节或文件末尾的边界，要在 Word 里手工改"
    if any(piece.field is not None for piece in pieces) or (new and _is_in_field(runs, start)):
        return "在自动更新的域（页码、目录、日期、合计等）里，要在 Word 里改域本身"
    if any(piece.whole for piece in pieces):
        return "公式、拼音指南或特殊符号里的字，要在 Word 里手工改"
    if new and start == len(runs.text):
        return "在最后一段之后，要在 Word 里手工加"
    return ""


def _is_in_field(runs: Runs, offset: int) -> bool:
    """Whether what stands before and after the offset belongs to one computed field."""
    sides = [runs.pieces[index].field for index in runs.touching(offset)]
    return 0 < offset < len(runs.text) and sides[0] is not None and sides[0] is sides[-1]


def with_repairs(source: Source, repairs: Iterable[Repair], *, when: datetime | None = None) -> bytes:
    """The .docx with each repair as a tracked deletion and insertion by 轻负; only the characters that differ are
    touched.

    Raises CannotRepair where a repair cannot be tracked (`why_not` tells before), ValueError for spans that overlap
    or lie outside the text.
    """
    ordered = sorted(repairs, key=lambda repair: (repair.start, repair.end))
    for repair in ordered:
        _must_be_inside(repair.start, repair.end, source.text)
    _must_be_apart(ordered)
    runs = _fresh(source)
    smallest = [_smallest(source.text, repair) for repair in ordered]
    refused = [(repair, why) for repair, span in zip(ordered, smallest, strict=True) if (why := _why_not(runs, *span))]
    if refused:
        raise CannotRepair(refused)
    changes = _Changes(runs, Cut(runs, (at for start, end, _new in smallest for at in (start, end))), when)
    new_at: dict[int, str] = {}
    for start, _end, new in smallest:
        new_at[start] = new_at.get(start, "") + new
    for start, new in new_at.items():
        if new:
            changes.insert(start, new)
    for start, end, _new in smallest:
        changes.delete(start, end)
    return runs.package.written({part: as_bytes(runs.roots[part]) for part in changes.parts()})


def _must_be_apart(ordered: list[Repair]) -> None:
    for before, after in pairwise(ordered):
        if after.start < before.end or (before.start, before.end) == (after.start, after.end):
            raise ValueError(
                f"两处修改重叠：第 {before.start}–{before.end} 字和第 {after.start}–{after.end} 字。请分两次修改。"
            )


def _smallest(text: str, repair: Repair) -> tuple[int, int, str]:
    """The repair without what its old and its new text have in common at both ends."""
    old, new = text[repair.start : repair.end], repair.replacement
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    tail = next((n for n in range(most - head) if old[-1 - n] != new[-1 - n]), most - head)
    return repair.start + head, repair.end - tail, new[head : len(new) - tail]


class _Changes:
    """Tracked changes in one document."""

    def __init__(self, runs: Runs, cut: Cut, when: datetime | None):
        self.runs, self.cut = runs, cut
        self.date = _date(when or datetime.now())
        self.touched: list[Atom] = []
        numbers = [e.get(w("id"), "") for root in runs.roots.values() for e in root.iter(*_NUMBERED)]
        self.next = max((int(number) for number in numbers if number.isdecimal() and len(number) < 10), default=0) + 1

    def insert(self, start: int, new: str) -> None:
        """After what stands before in the same paragraph, else before what follows; never into a computed field."""
        before, after = self.cut.before(start), self.cut.after(start)
        inserted = self._shell(INSERTED)
        beside = before if before and before.element is not None and before.piece.field is None else after
        if beside.element is None:
            inserted.append(text_run(new))
            beside.piece.paragraph.append(inserted)
        else:
            inserted.append(text_run(new, plain_properties(beside.element)))
            start_of_field = _start_of_field(beside.piece.field)
            self._put(inserted, beside.element if start_of_field is None else start_of_field, after_it=beside is before)
        self.touched.append(beside)

    def delete(self, start: int, end: int) -> None:
        """Strikes whole runs and takes paragraphs' ends away."""
        for atom in self.cut.atoms(start, end):
            if atom.element is None:
                self._delete_end(atom.piece.paragraph)
            else:
                self._delete_run(atom.element)
            self.touched.append(atom)

    def parts(self) -> set[str]:
        """The parts that changed, when all is done."""
        for atom in self.touched:
            _unbind(atom)
        for paragraph in {atom.piece.paragraph for atom in self.touched}:
            _renew_fallback(paragraph)
        return {atom.piece.part for atom in self.touched}

    def _shell(self, name: str) -> etree._Element:
        element = etree.Element(name, {w("id"): str(self.next), w("author"): AUTHOR, w("date"): self.date})
        self.next += 1
        return element

    def _put(self, inserted: etree._Element, beside: etree._Element, after_it: bool) -> None:
        """Beside a run. Where that stands in another's insertion, this is cut in two: insertions do not nest."""
        parent = beside.getparent()
        if parent.tag not in _TRACKED:
            beside.addnext(inserted) if after_it else beside.addprevious(inserted)
            return
        rest = etree.Element(parent.tag, dict(parent.attrib))
        rest.set(w("id"), str(self.next))
        self.next += 1
        following = list(beside.itersiblings())
        rest.extend(following if after_it else [beside, *following])
        self._put(inserted, parent, after_it=True)
        if len(rest):
            inserted.addnext(rest)
        if not len(parent):
            parent.getparent().remove(parent)

    def _delete_run(self, run: etree._Element) -> None:
        beside = run.getprevious()
        if (
            beside is not None
            and beside.tag == DELETED
            and beside.get(w("author")) == AUTHOR
            and beside.get(w("date")) == self.date
        ):
            beside.append(run)
        else:
            deleted = self._shell(DELETED)
            run.addprevious(deleted)
            deleted.append(run)
        for text in run.iter(TEXT):
            text.tag = w("delText")
            text.set(XML_SPACE, "preserve")

    def _delete_end(self, paragraph: etree._Element) -> None:
        properties = paragraph.find(PARAGRAPH_PROPERTIES)
        if properties is None:
            properties = etree.Element(PARAGRAPH_PROPERTIES)
            paragraph.insert(0, properties)
        of_end = properties.find(RUN_PROPERTIES)
        if of_end is None:
            of_end = etree.Element(RUN_PROPERTIES)
            last = next((child for child in properties if child.tag in (w("sectPr"), w("pPrChange"))), None)
            properties.append(of_end) if last is None else last.addprevious(of_end)
        first = of_end.find(INSERTED)
        of_end.insert(0 if first is None else 1, self._shell(DELETED))


def _start_of_field(field: etree._Element | None) -> etree._Element | None:
    """What holds the beginning of a field: its run, or the field itself."""
    return field.getparent() if field is not None and field.getparent().tag == RUN else field


def _unbind(atom: Atom) -> None:
    """A content control bound to data outside the text would show those again: the bond of a repaired one is
    dropped.
    """
    for control in (
        atom.piece.paragraph.iterancestors(CONTROL) if atom.element is None else atom.element.iterancestors(CONTROL)
    ):
        for bond in control.iterfind(f"{w('sdtPr')}/*"):
            if etree.QName(bond).localname == "dataBinding":
                bond.getparent().remove(bond)


def _renew_fallback(paragraph: etree._Element) -> None:
    """A text box is given twice, for newer and older programs: the second becomes a copy of the repaired first."""
    for alternate in paragraph.iterancestors(ALTERNATE):
        way, second = branch(alternate), alternate.find(FALLBACK)
        if second is None or second is way:
            continue
        for old, new in zip(second.iter(BOX), way.iter(BOX), strict=False):
            old[:] = [deepcopy(child) for child in new]

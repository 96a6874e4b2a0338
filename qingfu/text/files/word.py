"""The text of a .docx in document order, and for each character its place in the XML (ECMA-376, part 1, 17).

What a reader sees when all tracked changes are accepted: insertions, results of fields, content controls, text boxes;
no deletions, no instructions of fields, no page numbers in headers and footers, no hidden text. A paragraph ends with
"\\n". A row of a table is a line: the last paragraph of a cell ends with "\\t", that of a row with "\\n". Text boxes
follow the paragraph that holds them. Footnotes, endnotes, headers and footers stand at the end, each kind as a section
of its own. Automatic numbers are no text: `Paragraph.number` has them.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from lxml import etree

from .limits import MOST_PIECES, CannotRead
from .names import (
    ALTERNATE,
    BODY,
    BOX,
    CELL,
    CONTROL,
    CONTROL_CONTENT,
    DELETED,
    INSERTED,
    MATH_TEXT,
    MATHS,
    MOVED_FROM,
    MOVED_TO,
    PARAGRAPH,
    PARAGRAPH_PROPERTIES,
    RANGE_MARKS,
    ROW,
    RUN,
    RUN_PROPERTIES,
    TABLE,
    TEXT,
    XML_SPACE,
    branch,
    is_on,
    val,
    w,
)  # fmt: skip
from .numbering import Numbering, read_numbering
from .package import SAVE_AGAIN, STRICT_RELS, Package

TEXT_KIND, MARK_KIND, END_KIND = "text", "mark", "end"
BODY_SECTION = "body"
# The sections after the body: (kind of the relation, section, element that holds one of them; None the part itself).
_AFTER_BODY = (
    ("footnotes", "footnotes", w("footnote")),
    ("endnotes", "endnotes", w("endnote")),
    ("header", "headers", None),
    ("footer", "footers", None),
)
_MARGINS, _PAGE_FIELDS = {w("hdr"), w("ftr")}, {"PAGE", "NUMPAGES"}
_INLINE = {INSERTED, MOVED_TO, *(w(name) for name in ("hyperlink", "smartTag", "customXml", "bdo", "dir"))}
_AROUND_BLOCKS = {INSERTED, MOVED_TO, w("customXml"), w("smartTag")}
_SIGNS = {w("tab"): "\t", w("ptab"): "\t", w("br"): "\n", w("cr"): "\n", w("noBreakHyphen"): "-"}
_GONE_MARKS = (DELETED, MOVED_FROM)
_SIMPLE_FIELD, _INSTRUCTION = w("fldSimple"), w("instrText")
# Fields whose result a person writes; Word computes that of any other anew.
_WRITTEN_FIELDS = {"HYPERLINK", "FORMTEXT", "FORMDROPDOWN", "FORMCHECKBOX", "MACROBUTTON", "ADDIN", "QUOTE"}
_FIELD, _SYMBOL, _RUBY, _RUBY_BASE = w("fldChar"), w("sym"), w("ruby"), w("rubyBase")
_HOLDS_BOXES = {w("drawing"), w("pict"), w("object")}
_NO_NOTES = {"separator", "continuationSeparator", "continuationNotice"}
# Inside w:t Word shows any of these as a blank.
_BLANKS = str.maketrans(dict.fromkeys("\n\t\r\u0085\u2028\u2029", " "))
UNKNOWN_SYMBOL = "\ufffc"


@dataclass(slots=True)
class Piece:
    """Characters start..end of the text and the element that they come from: a w:t ("text"), a tab or break of one
    character ("mark"), or a paragraph's end ("end").
    """

    start: int
    end: int
    kind: str
    node: etree._Element
    part: str
    paragraph: etree._Element
    run: etree._Element | None  # the run, or the formula, ruby or symbol around it that cannot be cut
    field: etree._Element | None = None  # the w:fldChar or w:fldSimple of the outermost field that Word computes anew
    whole: bool = False  # `run` cannot be cut inside
    joins: bool = False  # an end that can be taken away: the next paragraph follows directly


@dataclass(frozen=True)
class Place:
    """Where a character stands: the part, the XPath of its w:t, tab, break or paragraph, and the character in its
    text.
    """

    part: str
    path: str
    char: int


@dataclass(frozen=True)
class Paragraph:
    """Characters start..end of one paragraph, without its end; its automatic number and the name of its style."""

    start: int
    end: int
    number: str
    style: str


@dataclass(frozen=True)
class Section:
    """Characters start..end that are the body, or the footnotes, endnotes, headers or footers."""

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class _Field:
    """A field that has begun: where, whether its instruction is over, and the instruction."""

    begin: etree._Element
    in_instruction: bool = True
    code: str = ""

    @property
    def name(self) -> str:
        return next(iter(self.code.upper().split()), "")

    @property
    def computed(self) -> bool:
        return not self.in_instruction and bool(self.name) and self.name not in _WRITTEN_FIELDS


@dataclass
class Runs:
    """A .docx that was read: its text, and the way from each offset to the XML."""

    package: Package
    main: str
    roots: dict[str, etree._Element]
    text: str = ""
    pieces: list[Piece] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)

    def index(self, offset: int) -> int:
        """The index in `pieces` of the piece that holds the character at `offset`."""
        if not 0 <= offset < len(self.text):
            raise ValueError(f"位置 {offset} 不在正文里（正文有 {len(self.text)} 个字符）。")
        if not self._starts:
            self._starts = [piece.start for piece in self.pieces]
        return bisect_right(self._starts, offset) - 1

    def between(self, start: int, end: int) -> tuple[int, int]:
        """The range of indexes in `pieces` of those with a character in start..end; empty where the span is."""
        return (self.index(start), self.index(end - 1) + 1) if start < end else (0, 0)

    def touching(self, offset: int) -> list[int]:
        """The indexes of the pieces on both sides of an offset: one and the same inside a piece."""
        sides = (at for at in (offset - 1, offset) if 0 <= at < len(self.text))
        return list(dict.fromkeys(self.index(at) for at in sides))

    def place(self, offset: int) -> Place:
        """The place in the XML of the character at `offset`. Raises ValueError outside the text."""
        piece = self.pieces[self.index(offset)]
        return Place(piece.part, piece.node.getroottree().getpath(piece.node), offset - piece.start)


def read(content: bytes) -> Runs:
    """The text of a .docx. Raises CannotRead in Chinese where it is no sound Word document."""
    package = Package(content)
    main = main_part(package)
    relations = package.relations(main)
    root = package.xml(main)
    _must_be_word(root, main)
    runs = Runs(package, main, {main: root})
    styles = _part(package, relations, "styles")
    reader = _Reader(runs, read_numbering(_part(package, relations, "numbering"), styles), _style_names(styles))
    with reader.section(BODY_SECTION):
        reader.story(main, root.find(BODY))
    for relation, kind, holder in _AFTER_BODY:
        parts = dict.fromkeys(part for found, part in relations if found == relation)
        if parts:
            with reader.section(kind):
                for part in parts:
                    runs.roots[part] = package.xml(part)
                    for story in _stories(runs.roots[part], holder):
                        reader.story(part, story)
    reader.finish()
    return runs


def main_part(package: Package) -> str:
    """The name of the part that holds the body, wherever its producer put it."""
    for kind, part in package.relations(""):
        if kind == "officeDocument":
            return part
    part = package.find("word/document.xml")
    if part is None:
        raise CannotRead(f"这不是 Word 文件，或者已经损坏：里面没有正文（word/document.xml）。{SAVE_AGAIN}。")
    return part


def _must_be_word(root: etree._Element, main: str) -> None:
    if etree.QName(root).namespace == STRICT_RELS.replace("officeDocument/relationships", "wordprocessingml/main"):
        raise CannotRead(
            "这是“严格 Open XML”格式的 Word 文件，读不了。请在 Word 里另存为普通的“Word 文档 (.docx)”后再试。"
        )
    if root.tag != w("document") or root.find(BODY) is None:
        raise CannotRead(f"这不是 Word 文件，或者已经损坏：{main} 里没有正文。{SAVE_AGAIN}。")


def _part(package: Package, relations: list[tuple[str, str]], kind: str) -> etree._Element | None:
    for found, part in relations:
        if found == kind:
            return package.xml(part)
    return None


def _style_names(styles: etree._Element | None) -> dict[str, str]:
    found = styles.iterchildren(w("style")) if styles is not None else ()
    return {style.get(w("styleId"), ""): val(style.find(w("name"))) for style in found}


def _stories(root: etree._Element, holder: str | None) -> Iterator[etree._Element]:
    if holder is None:
        yield root
        return
    for note in root.iterchildren(holder):
        if note.get(w("type")) not in _NO_NOTES:
            yield note


@cache
def _symbols() -> dict:
    return tomllib.loads((files("qingfu.text.files") / "data" / "symbols.toml").read_text(encoding="utf-8"))


def symbol(element: etree._Element) -> str:
    """The character that a w:sym shows, U+FFFC where its shape is not known."""
    code = element.get(w("char"), "")[-2:].upper()
    return _symbols().get(element.get(w("font"), ""), {}).get(code, UNKNOWN_SYMBOL)


def end_is_gone(paragraph: etree._Element) -> bool:
    """Whether a tracked change took the paragraph's end away."""
    properties = paragraph.find(f"{PARAGRAPH_PROPERTIES}/{RUN_PROPERTIES}")
    return properties is not None and any(properties.find(mark) is not None for mark in _GONE_MARKS)


def next_joins(paragraph: etree._Element) -> bool:
    """Whether the paragraph can be joined with what follows: a paragraph beside it, and no section ends here."""
    if paragraph.find(f"{PARAGRAPH_PROPERTIES}/{w('sectPr')}") is not None:
        return False
    following = paragraph.getnext()
    while following is not None and following.tag in RANGE_MARKS:
        following = following.getnext()
    return following is not None and following.tag == PARAGRAPH


class _Reader:
    """Walks one document. Depth is bounded by the parser (256), so that recursion is."""

    def __init__(self, runs: Runs, numbering: Numbering, styles: dict[str, str]):
        self.runs, self.numbering, self.styles = runs, numbering, styles
        self.chunks: list[str] = []
        self.length = 0
        self.part = ""
        self.trimmed = True
        self.paragraph: etree._Element | None = None
        self.begun: int | None = None  # where the paragraph began that has not ended
        self.boxes: list[etree._Element] = []
        self.fields: list[_Field] | None = []  # those that are open; None where they are not minded
        self.whole: etree._Element | None = None
        self.hidden = False
        self.in_margin = False  # in a header or footer: the number of the page is none of its words
        self.hidden_runs = 0
        self.chunk_files = 0

    # sections and stories

    def section(self, kind: str) -> "_Section":
        return _Section(self, kind)

    def story(self, part: str, holder: etree._Element) -> None:
        """The body, a note, a header: read whole. A field that never ends hides nothing: then the story is read
        again.
        """
        self.part = part
        self.trimmed = part_trims(holder)
        self.in_margin = holder.tag in _MARGINS
        before = (len(self.chunks), self.length, len(self.runs.pieces), len(self.runs.paragraphs))
        self.fields = []
        self.blocks(holder)
        if any(field.in_instruction for field in self.fields):
            chunks, self.length, pieces, paragraphs = before
            del self.chunks[chunks:], self.runs.pieces[pieces:], self.runs.paragraphs[paragraphs:]
            self.fields, self.boxes, self.begun = None, [], None
            self.numbering.count_anew()
            self.blocks(holder)
            self.runs.warnings.append("文件里有没有结束的域代码，其后的文字按正文读了。")

    def finish(self) -> None:
        self.runs.text = "".join(self.chunks)
        if self.hidden_runs:
            self.runs.warnings.append(f"文件里有 {self.hidden_runs} 处隐藏文字，没有读。")
        if self.chunk_files:
            self.runs.warnings.append(
                f"文件里嵌入了 {self.chunk_files} 个别的文件，没有读；请在 Word 里打开后重新保存，它们就成为正文。"
            )

    # blocks

    def blocks(self, holder: etree._Element) -> None:
        for child in holder:
            if child.tag == PARAGRAPH:
                self.one_paragraph(child)
            elif child.tag == TABLE:
                self.table(child)
            elif child.tag == CONTROL:
                self.blocks_in(child.find(CONTROL_CONTENT))
            elif child.tag in _AROUND_BLOCKS:
                self.blocks(child)
            elif child.tag == ALTERNATE:
                self.blocks_in(branch(child))
            elif child.tag == w("altChunk"):
                self.chunk_files += 1

    def blocks_in(self, holder: etree._Element | None) -> None:
        if holder is not None:
            self.blocks(holder)

    def table(self, table: etree._Element) -> None:
        for row in _rows_or_cells(table, ROW):
            if any(row.find(f"{w('trPr')}/{mark}") is not None for mark in _GONE_MARKS):
                continue
            cells = [cell for cell in _rows_or_cells(row, CELL) if cell.find(f"{w('tcPr')}/{w('cellDel')}") is None]
            for cell in cells:
                before = len(self.chunks)
                self.blocks(cell)
                if cell is not cells[-1] and len(self.chunks) > before and self.chunks[-1] == "\n":
                    self.chunks[-1] = "\t"

    def one_paragraph(self, paragraph: etree._Element) -> None:
        outer = self.paragraph
        self.paragraph = paragraph
        if self.begun is None:
            self.begun = self.length
        self.inline(paragraph)
        joins = next_joins(paragraph)
        if not (joins and end_is_gone(paragraph)):
            self.end_of_paragraph(paragraph, joins and not self.boxes)
        self.paragraph = outer

    def end_of_paragraph(self, paragraph: etree._Element, joins: bool) -> None:
        properties = paragraph.find(PARAGRAPH_PROPERTIES)
        style = val(properties.find(w("pStyle"))) if properties is not None else ""
        number = self.numbering.number(properties)
        self.runs.paragraphs.append(Paragraph(self.begun, self.length, number, self.styles.get(style, style)))
        self.begun = None
        self.add("\n", END_KIND, paragraph, None, joins=joins)
        boxes, self.boxes = self.boxes, []
        for box in boxes:
            fields, self.fields = self.fields, None if self.fields is None else []
            self.blocks(box)
            self.fields = fields

    # runs

    def inline(self, holder: etree._Element) -> None:
        for child in holder:
            if child.tag == RUN:
                self.one_run(child)
            elif child.tag in _INLINE:
                self.inline(child)
            elif child.tag == _SIMPLE_FIELD:
                self.simple_field(child)
            elif child.tag == CONTROL:
                self.inline_in(child.find(CONTROL_CONTENT))
            elif child.tag == ALTERNATE:
                self.inline_in(branch(child))
            elif child.tag in MATHS:
                for text in child.iter(MATH_TEXT):
                    self.text_of(text, child)

    def inline_in(self, holder: etree._Element | None) -> None:
        if holder is not None:
            self.inline(holder)

    def one_run(self, run: etree._Element) -> None:
        outer, self.hidden = self.hidden, self.hidden or is_on(run.find(f"{RUN_PROPERTIES}/{w('vanish')}"))
        if self.hidden and run.find(TEXT) is not None:
            self.hidden_runs += 1
        self.content(run, run)
        self.hidden = outer

    def content(self, holder: etree._Element, run: etree._Element) -> None:
        for child in holder:
            if child.tag == TEXT:
                self.text_of(child, run)
            elif child.tag in _SIGNS:
                self.sign(_SIGNS[child.tag], child, run)
            elif child.tag == _FIELD:
                self.field(child)
            elif child.tag == _INSTRUCTION:
                if self.fields and self.fields[-1].in_instruction:
                    self.fields[-1].code += child.text or ""
            elif child.tag == _SYMBOL:
                self.sign(symbol(child), child, run)
            elif child.tag in _HOLDS_BOXES:
                self.boxes.extend(_boxes(child))
            elif child.tag == ALTERNATE:
                self.as_one(run, self.content, branch(child), run)
            elif child.tag == _RUBY:
                self.as_one(run, self.inline, child.find(_RUBY_BASE))

    def as_one(self, run: etree._Element, read, holder: etree._Element | None, *more) -> None:
        """Reads what cannot be cut: the outermost such run stands for all within."""
        if holder is None:
            return
        outer = self.whole
        self.whole = outer if outer is not None else run
        read(holder, *more)
        self.whole = outer

    def simple_field(self, field: etree._Element) -> None:
        outer = self.fields
        if outer is not None:
            self.fields = [*outer, _Field(field, False, field.get(w("instr"), ""))]
        self.inline(field)
        self.fields = outer

    def field(self, mark: etree._Element) -> None:
        if self.fields is None:
            return
        kind = mark.get(w("fldCharType"))
        if kind == "begin":
            self.fields.append(_Field(mark))
        elif kind == "separate" and self.fields:
            self.fields[-1].in_instruction = False
        elif kind == "end" and self.fields:
            self.fields.pop()

    @property
    def unseen(self) -> bool:
        return self.hidden or any(
            field.in_instruction or (self.in_margin and field.name in _PAGE_FIELDS) for field in self.fields or ()
        )

    @property
    def computed(self) -> etree._Element | None:
        """Where the outermost field begins whose result is computed."""
        return next((field.begin for field in self.fields or () if field.computed), None)

    def text_of(self, node: etree._Element, run: etree._Element) -> None:
        """A w:t as Word shows it. The element itself is made so, so that character n of it is character n of the
        text.
        """
        if self.unseen:
            return
        shown = ((node.text or "") + "".join(child.tail or "" for child in node)).translate(_BLANKS)
        if self.trimmed and node.get(XML_SPACE) != "preserve":
            shown = shown.strip(" ")
        del node[:]
        node.text = shown
        node.set(XML_SPACE, "preserve")
        if shown:
            self.add(shown, TEXT_KIND, node, run)

    def sign(self, shown: str, node: etree._Element, run: etree._Element) -> None:
        if not self.unseen:
            self.add(shown, MARK_KIND, node, run)

    def add(self, shown: str, kind: str, node: etree._Element, run: etree._Element | None, joins: bool = False) -> None:
        if len(self.runs.pieces) >= MOST_PIECES:
            raise CannotRead(f"文件太长：超过 {MOST_PIECES} 段文字。请分成几份再试。")
        end = self.length + len(shown)
        self.runs.pieces.append(
            Piece(
                self.length,
                end,
                kind,
                node,
                self.part,
                self.paragraph,
                run=self.whole if self.whole is not None else run,
                whole=self.whole is not None or (run is not None and run.tag != RUN),
                field=self.computed,
                joins=joins,
            )  # fmt: skip
        )
        self.chunks.append(shown)
        self.length = end


class _Section:
    """Notes where a section begins and ends."""

    def __init__(self, reader: _Reader, kind: str):
        self.reader, self.kind, self.start = reader, kind, reader.length

    def __enter__(self) -> None:
        pass

    def __exit__(self, *failure) -> None:
        self.reader.runs.sections.append(Section(self.kind, self.start, self.reader.length))


def part_trims(holder: etree._Element) -> bool:
    """Whether blanks at the ends of a w:t without xml:space fall away: not where the whole part preserves them."""
    return holder.getroottree().getroot().get(XML_SPACE) != "preserve"


def _rows_or_cells(holder: etree._Element, tag: str) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row, also those in content controls and insertions."""
    for child in holder:
        if child.tag == tag:
            yield child
        elif child.tag == CONTROL:
            content = child.find(CONTROL_CONTENT)
            if content is not None:
                yield from _rows_or_cells(content, tag)
        elif child.tag in _AROUND_BLOCKS:
            yield from _rows_or_cells(child, tag)


def _boxes(holder: etree._Element) -> Iterator[etree._Element]:
    """The outermost text boxes of a drawing, each once though it is given twice."""
    for child in holder:
        if child.tag == BOX:
            yield child
        elif child.tag == ALTERNATE:
            way = branch(child)
            if way is not None:
                yield from _boxes(way)
        else:
            yield from _boxes(child)

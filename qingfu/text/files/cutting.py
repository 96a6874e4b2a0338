"""Runs cut at offsets, so that a span of the text is a row of whole runs with the formatting that they had."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from .names import RUN, RUN_PROPERTIES, TEXT, XML_SPACE, w
from .word import END_KIND, Piece, Runs


@dataclass(slots=True)
class Atom:
    """Characters start..end that are one element of a paragraph: a run, something that cannot be cut, or, without
    `element`, the paragraph's end.
    """

    start: int
    end: int
    piece: Piece
    element: etree._Element | None


class Cut:
    """A document whose runs are cut wherever one of `offsets` falls."""

    def __init__(self, runs: Runs, offsets: Iterable[int]):
        self.runs = runs
        self._atoms: dict[int, list[Atom]] = {}  # by index of the piece
        wanted: dict[int, set[int]] = {}
        for offset in offsets:
            for index in runs.touching(offset):
                wanted.setdefault(index, set()).add(offset)
        for index in sorted(wanted):
            if index not in self._atoms:
                self._cut_run(index, wanted)

    def atoms(self, start: int, end: int) -> list[Atom]:
        """What lies in start..end, both of them offsets that were cut at."""
        found = []
        for index in range(*self.runs.between(start, end)):
            found.extend(atom for atom in self._of_piece(index) if atom.start < end and atom.end > start)
        return found

    def before(self, offset: int) -> Atom | None:
        """What ends at `offset` or reaches over it."""
        return self._holding(offset - 1) if offset else None

    def after(self, offset: int) -> Atom | None:
        """What begins at `offset` or reaches over it."""
        return self._holding(offset) if offset < len(self.runs.text) else None

    def _holding(self, offset: int) -> Atom:
        return next(atom for atom in self._of_piece(self.runs.index(offset)) if atom.start <= offset < atom.end)

    def _of_piece(self, index: int) -> list[Atom]:
        atoms = self._atoms.get(index)
        if atoms is None:
            piece = self.runs.pieces[index]
            atoms = [Atom(piece.start, piece.end, piece, None if piece.kind == END_KIND else piece.run)]
        return atoms

    def _cut_run(self, index: int, wanted: dict[int, set[int]]) -> None:
        """Makes each element of the run a run of its own, and each text as many as there are cuts."""
        pieces = self.runs.pieces
        run = pieces[index].run
        if run is None or run.tag != RUN:
            return
        first, last = index, index + 1
        while first and pieces[first - 1].run is run:
            first -= 1
        while last < len(pieces) and pieces[last].run is run:
            last += 1
        self._take_apart(run, pieces[first:last])
        for at in range(first, last):
            self._cut_text(at, wanted.get(at, ()))

    @staticmethod
    def _take_apart(run: etree._Element, pieces: list[Piece]) -> None:
        content = [child for child in run if child.tag != RUN_PROPERTIES]
        if len(content) == 1:
            return
        held: dict[etree._Element, list[Piece]] = {}
        for piece in pieces:
            held.setdefault(_child_around(run, piece.node), []).append(piece)
        shell = _shell(run)
        for child in content:
            own = deepcopy(shell)
            run.addprevious(own)
            own.append(child)
            for piece in held.get(child, ()):
                piece.run = own
        run.getparent().remove(run)

    def _cut_text(self, index: int, cuts: Iterable[int]) -> None:
        """Cuts a run that holds one piece alone."""
        piece = self.runs.pieces[index]
        places = sorted(at for at in cuts if piece.start < at < piece.end)
        atoms = []
        if piece.node.tag == TEXT and places and not piece.whole:
            text = piece.node.text
            for start, end in pairwise([piece.start, *places]):
                part = _shell(piece.run)
                content = etree.SubElement(part, TEXT)
                content.text = text[start - piece.start : end - piece.start]
                content.set(XML_SPACE, "preserve")
                piece.run.addprevious(part)
                atoms.append(Atom(start, end, piece, part))
            piece.node.text = text[places[-1] - piece.start :]
        atoms.append(Atom(places[-1] if atoms else piece.start, piece.end, piece, piece.run))
        self._atoms[index] = atoms


def _child_around(run: etree._Element, node: etree._Element) -> etree._Element:
    """The child of the run that holds the node."""
    while node.getparent() is not run:
        node = node.getparent()
    return node


def _shell(run: etree._Element) -> etree._Element:
    """An empty run of the same formatting."""
    shell = etree.Element(run.tag, dict(run.attrib))
    properties = run.find(RUN_PROPERTIES)
    if properties is not None:
        shell.append(deepcopy(properties))
    return shell


def plain_properties(run: etree._Element | None) -> etree._Element | None:
    """The formatting of a run for new text beside it, without its own history."""
    properties = run.find(RUN_PROPERTIES) if run is not None else None
    if properties is None:
        return None
    copy = deepcopy(properties)
    for name in ("rPrChange", "ins", "del", "moveFrom", "moveTo"):
        for child in copy.findall(w(name)):
            copy.remove(child)
    return copy

"""Reviews as one HTML file that needs nothing else: the text with its marks, notes in the margin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from math import cos, pi, sin

from .finding import SEVERITY_NAMES
from .marks import Line, Note, Piece, marked
from .reader import Review
from .summary import SIGNS, Count, counts
from .words import DATA

RADIUS, EDGE, THICKEST = 220, 20, 7  # of the graph of a folder, in its own units
MOST_SHARES = 500  # pairs that are listed, most first


def as_html(reviews: Sequence[Review]) -> str:
    """The whole file."""
    parts = (part for number, review in enumerate(reviews, 1) for part in _review(review, f"f{number}-"))
    return _page("审读结果", parts)


def folder_as_html(names: Sequence[str], letters: Sequence[Sequence[int]], shares: Sequence[Mapping]) -> str:
    """Which reports of a folder share what: as a graph, as a matrix of the letters that each two have in common, and
    as a list with the direction where it is known (``corpus.Index.matrix`` and ``shares``)."""
    if not shares:
        return _page("雷同的报告", ["<p>没有雷同。</p>"])
    return _page("雷同的报告", [_graph(names, letters), _matrix(names, letters), _list(shares)])


def _page(title: str, parts: Iterable[str]) -> str:
    style = (DATA / "report.css").read_text("utf-8")
    return (
        '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{style}</style><h1>{title}</h1>{''.join(parts)}</html>\n"
    )


def _graph(names: Sequence[str], letters: Sequence[Sequence[int]]) -> str:
    """The reports on a circle, a line between each two that share something; the thicker, the more."""
    middle, most = RADIUS + EDGE, max(map(max, letters))
    places = [
        (round(middle + RADIUS * sin(2 * pi * at / len(names))), round(middle - RADIUS * cos(2 * pi * at / len(names))))
        for at in range(len(names))
    ]
    lines = "".join(
        f'<line x1="{x}" y1="{y}" x2="{places[b][0]}" y2="{places[b][1]}" '
        f'stroke-width="{1 + round(THICKEST * letters[a][b] / most)}">'
        f"<title>{escape(names[a])} 和 {escape(names[b])}：{letters[a][b]} 字</title></line>"
        for a, (x, y) in enumerate(places)
        for b in range(a)
        if letters[a][b]
    )
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="11"><title>{escape(names[at])}</title></circle>'
        f'<text x="{x}" y="{y + 5}">{at + 1}</text>'
        for at, (x, y) in enumerate(places)
    )
    size, label = 2 * middle, "谁和谁有相同的文字，线越粗越多"
    return f'<svg class="graph" viewBox="0 0 {size} {size}" role="img" aria-label="{label}">{lines}{dots}</svg>'


def _matrix(names: Sequence[str], letters: Sequence[Sequence[int]]) -> str:
    head = "".join(f'<th scope="col">{at + 1}</th>' for at in range(len(names)))
    rows = "".join(
        f'<tr><th scope="row">{at + 1} {escape(name)}</th>'
        + "".join(f'<td class="figure">{count or "–"}</td>' for count in letters[at]) + "</tr>"
        for at, name in enumerate(names)
    )  # fmt: skip
    table = f'<table><tr><th scope="col">报告</th>{head}</tr>{rows}</table>'
    return f'<h2>每两份相同的字数</h2><div class="wide">{table}</div>'


def _list(shares: Sequence[Mapping]) -> str:
    rows = "".join(
        f"<tr><td>{escape(share['from'] or share['a'])}</td><td>{'→' if share['from'] else '和'}</td>"
        f"<td>{escape(share['to'] or share['b'])}</td>"
        f'<td class="figure">{share["passages"]} 处</td><td class="figure">{share["letters"]} 字</td></tr>'
        for share in shares[:MOST_SHARES]
    )
    return f"<h2>谁和谁雷同</h2><table>{rows}</table>"


def _review(review: Review, prefix: str) -> Iterator[str]:
    yield f"<h2>{escape(review.document.file or '粘贴的文字')}</h2>"
    found = counts(review.findings)
    if not found:
        yield "<p>没有发现问题。</p>"
    else:
        head = "".join(f'<th scope="col">{SIGNS[code]} {name}</th>' for code, name in SEVERITY_NAMES.items())
        yield f'<table><tr><th scope="col">种类</th>{head}</tr>{"".join(map(_count, found))}</table>'
    for line in marked(review.document, dict(enumerate(review.findings))):
        if not line.blank:
            yield _line(line, prefix)


def _count(count: Count) -> str:
    cells = "".join(f'<td class="figure">{count.by_severity.get(code) or "–"}</td>' for code in SEVERITY_NAMES)
    return f"<tr><td>{escape(count.name)}</td>{cells}</tr>"


def _line(line: Line, prefix: str) -> str:
    whole = f' class="whole {line.whole}"' if line.whole else ""
    text = "".join(_piece(piece, prefix) for piece in line.pieces)
    notes = "".join(_note(note, prefix) for note in line.notes)
    return f'<div class="line" id="{prefix}l{line.number}"><p{whole}>{text}</p><ol>{notes}</ol></div>'


def _piece(piece: Piece, prefix: str) -> str:
    text = escape(piece.text)
    if not piece.severity:
        return text
    ends = "".join(f'<sup><a href="#{prefix}n{number}">{number}</a></sup>' for number in piece.ends)
    return f'<mark class="{piece.severity}">{text}</mark>{ends}'


def _note(note: Note, prefix: str) -> str:
    many = f"（{len(note.keys)} 处）" if len(note.keys) > 1 else ""
    fix = "" if note.fix is None else f" → {escape(note.fix) or '删去'}"
    return (
        f'<li id="{prefix}n{note.number}"><b>{note.number} {SIGNS[note.severity]} {note.severity_name} · '
        f"{escape(note.name)}</b>{many}<br>{escape(note.reason)}{fix}</li>"
    )

"""Reviews as one HTML file that needs nothing else: the text with its marks, notes in the margin.

Safe repairs can be taken over there, and the text with them saved: ``data/report.js`` does it with what the file holds,
wherever it lies. Without a script, and on paper, the file reads the same but for the buttons.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from math import cos, pi, sin
from pathlib import Path

from .finding import SEVERITY_NAMES
from .marks import Line, Note, Piece, marked
from .reader import Review
from .repairs import Change, apart, changes, safe
from .summary import SIGNS, Count, counts
from .words import DATA

RADIUS, EDGE, THICKEST = 220, 20, 7  # of the graph of a folder, in its own units
MOST_SHARES = 500  # pairs that are listed, most first


def as_html(reviews: Sequence[Review]) -> str:
    """The whole file."""
    parts = (part for number, review in enumerate(reviews, 1) for part in _review(review, f"f{number}-"))
    script = (DATA / "report.js").read_text("utf-8")
    return _page("审读结果", [*parts, f"<script>{script}</script>"])


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
    name, text = review.document.file or "粘贴的文字", review.document.raw
    repairs = _repairs(review)
    yield f"<section><h2>{escape(name)}</h2>"
    found = counts(review.findings)
    if not found:
        yield "<p>没有发现问题。</p>"
    else:
        head = "".join(f'<th scope="col">{SIGNS[code]} {name}</th>' for code, name in SEVERITY_NAMES.items())
        yield f'<table><tr><th scope="col">种类</th>{head}</tr>{"".join(map(_count, found))}</table>'
    if repairs:
        yield _tools(Path(name).stem, text, list(repairs.values()))
    lines = marked(review.document, dict(enumerate(review.findings)), repairs)
    places = {key: place for place, key in enumerate(repairs)}
    numbers = {key: note.number for line in lines for note in line.notes for key in note.keys}
    for line in lines:
        if not line.blank:
            yield _line(line, prefix, places, numbers)
    yield "</section>"


def _repairs(review: Review) -> dict[int, Change]:
    """The safe repairs that can be made in any choice, in the order of the text, by the keys of their findings."""
    text, findings = review.document.raw, review.findings
    key_of, found, end = {id(finding): key for key, finding in enumerate(findings)}, {}, 0
    for finding in apart(safe(findings)):
        [change] = changes(text, [finding])
        if change.start >= end:  # else it would go into a line that another one takes out
            found[key_of[id(finding)]], end = change, change.end
    return found


def _tools(stem: str, text: str, repairs: Sequence[Change]) -> str:
    """Buttons for all repairs of a text, and for the script the text cut at them: what stays, and what becomes what."""
    ends = [0, *(repair.end for repair in repairs)]
    stays = [text[end : repair.start] for end, repair in zip(ends, repairs, strict=False)] + [text[ends[-1] :]]
    made = [[text[repair.start : repair.end], repair.new] for repair in repairs]
    data = json.dumps({"name": f"{stem}-改好.txt", "stays": stays, "repairs": made}, ensure_ascii=False)
    data = data.replace("<", r"\u003c")  # so that no text ends the script
    return (
        f'<div class="tools" hidden><button type="button" data-all>接受全部稳妥修改（{len(repairs)}）</button> '
        '<button type="button" data-none>全部撤销</button> <button type="button" data-save>下载改好的文本</button> '
        f'<span role="status"></span></div><script type="application/json">{data}</script>'
    )


def _count(count: Count) -> str:
    cells = "".join(f'<td class="figure">{count.by_severity.get(code) or "–"}</td>' for code in SEVERITY_NAMES)
    return f"<tr><td>{escape(count.name)}</td>{cells}</tr>"


def _line(line: Line, prefix: str, places: Mapping[int, int], numbers: Mapping[int, int]) -> str:
    """A line and its notes. By the key of a finding: the place of its repair among all, and the number of its note."""
    whole = f' class="whole {line.whole}"' if line.whole else ""
    text = "".join(_piece(piece, prefix, places, numbers) for piece in line.pieces)
    notes = "".join(_note(note, prefix, places) for note in line.notes)
    beside = f"<ol>{notes}</ol>" if notes else ""
    return f'<div class="line" id="{prefix}l{line.number}"><p{whole}>{text}</p>{beside}</div>'


def _piece(piece: Piece, prefix: str, places: Mapping[int, int], numbers: Mapping[int, int]) -> str:
    text = escape(piece.text)
    if not piece.severity:
        return text
    ends = {number: f'<sup><a href="#{prefix}n{number}">{number}</a></sup>' for number in piece.ends}
    if not piece.gone:
        return f'<mark class="{piece.severity}">{text}</mark>{"".join(ends.values())}'
    place = places[piece.repair]
    own = ends.pop(numbers[piece.repair], "")
    now = f'<ins data-now="{place}" hidden>{escape(piece.new)}</ins>' if piece.new else ""
    was = f'<mark class="{piece.severity}">{text}</mark>{"".join(ends.values())}'
    return f'<span data-was="{place}">{was}</span>{now}{own}'


def _note(note: Note, prefix: str, places: Mapping[int, int]) -> str:
    many = f"（{len(note.keys)} 处）" if len(note.keys) > 1 else ""
    fix = "" if note.fix is None else f" → {escape(note.fix) or '删去'}"
    return (
        f'<li id="{prefix}n{note.number}"><b>{note.number} {SIGNS[note.severity]} {note.severity_name} · '
        f"{escape(note.name)}</b>{many}<br>{escape(note.reason)}{fix}{_button(note, places)}</li>"
    )


def _button(note: Note, places: Mapping[int, int]) -> str:
    """The button of a note for those of its repairs that can be made; it shows with the script alone."""
    mine = " ".join(str(places[key]) for key in note.keys if key in places)
    if not mine:
        return ""
    return f' <button type="button" data-repairs="{mine}" data-note="{note.number}" hidden>改</button>'

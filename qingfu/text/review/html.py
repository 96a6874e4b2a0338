"""Reviews as one HTML file that needs nothing else: the text with its marks, notes in the margin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from .finding import SEVERITY_NAMES
from .marks import Line, Note, Piece, marked
from .reader import Review
from .summary import SIGNS, Count, counts
from .words import DATA


def as_html(reviews: Sequence[Review]) -> str:
    """The whole file."""
    parts = [part for number, review in enumerate(reviews, 1) for part in _review(review, f"f{number}-")]
    style = (DATA / "report.css").read_text("utf-8")
    return (
        '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>审读结果</title><style>{style}</style><h1>审读结果</h1>{''.join(parts)}</html>\n"
    )


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

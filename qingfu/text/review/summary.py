"""Findings counted by kind and severity, and told on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TextIO

from ..files.decode import width
from .finding import SEVERITIES, SEVERITY_NAMES, Finding, kinds
from .marks import LONGEST_QUOTE, short
from .reader import Review

SIGNS = {"error": "✖", "warning": "▲", "hint": "○"}
STYLES = {"error": "bold red", "warning": "yellow", "hint": "cyan"}
LINES_TOLD = 6  # lines that a row of equal findings names


@dataclass(frozen=True, slots=True)
class Count:
    """How many findings of a kind there are, in all and of each severity."""

    kind: str
    name: str
    all: int
    by_severity: dict[str, int]


class Row(NamedTuple):
    """A line to be shown: its indent, and texts with their style."""

    indent: int
    parts: list[tuple[str, str]]


def counts(findings: Iterable[Finding]) -> list[Count]:
    """The kinds that were found, those with the worst severity first, then those with the most."""
    found: dict[str, dict[str, int]] = {}
    for finding in findings:
        of_kind = found.setdefault(finding.kind, dict.fromkeys(SEVERITY_NAMES, 0))
        of_kind[finding.severity] += 1
    rows = [Count(kind, kinds()[kind].name, sum(by.values()), by) for kind, by in found.items()]
    return sorted(rows, key=lambda row: [*(-row.by_severity[code] for code in SEVERITY_NAMES), row.name])


def above_hint(reviews: Iterable[Review]) -> bool:
    """Whether anything was found that is more than a matter of style."""
    return any(finding.severity != "hint" for review in reviews for finding in review.findings)


def told(review: Review) -> Iterator[Row]:
    """One file: counts by severity and kind, then the findings, the worst first."""
    yield Row(0, [(_clean(review.document.file or "粘贴的文字"), "bold")])
    if not review.findings:
        yield Row(2, [("没有发现问题。", "")])
        yield Row(0, [])
        return
    by_kind = counts(review.findings)
    names = {code: f"{SIGNS[code]} {name}" for code, name in SEVERITY_NAMES.items()}
    yield Row(2, _figures(names, {code: sum(row.by_severity[code] for row in by_kind) for code in SEVERITY_NAMES}))
    widest = max(width(row.name) for row in by_kind)
    for row in by_kind:
        name = row.name + " " * (widest - width(row.name) + 2)
        yield Row(2, [(name, ""), *_figures(SIGNS, row.by_severity)])
    for group in _groups(review.findings):
        yield Row(2, _headline(review, group))
        yield Row(4, [(_clean(_reason(group[0])), "")])
    yield Row(0, [])


def _figures(names: Mapping[str, str], by_severity: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(f"{names[code]} {figure}  ", STYLES[code]) for code, figure in by_severity.items() if figure]


def told_shares(shares: Sequence[Mapping], taken_in: int, dropped: int) -> Iterator[Row]:
    """A folder: what its index took in and dropped, and which reports share how much (see ``corpus.Index.shares``)."""
    yield Row(0, [(f"收进索引 {taken_in} 份，去掉 {dropped} 份。", "")])
    if not shares:
        yield Row(0, [("没有雷同。", "")])
    for share in shares:
        first, second = (_clean(share["from"] or share["a"]), _clean(share["to"] or share["b"]))
        between = "→" if share["from"] else "和"
        yield Row(2, [(f"{first} {between} {second}：{share['passages']} 处，{share['letters']} 字", "")])


def told_claims(files: Sequence[str], claimed: Sequence[tuple[str, Sequence]]) -> Iterator[Row]:
    """For each file, and the unit that it was held against: how many figures agree with the ledger, how many differ,
    and how many cannot be checked."""
    yield Row(0, [("与台账核对：", "")])
    for file, (unit, claims) in zip(files, claimed, strict=True):
        if unit:
            found = Counter(one.verdict for one in claims)
            agrees, differs, unchecked = (found[verdict] for verdict in ("agrees", "differs", "unchecked"))
            what = f"相符 {agrees}，不符 {differs}，不能核对 {unchecked}。"
            yield Row(2, [(f"{_clean(file)}（{unit}）：{what}", "")])


def show(rows: Iterable[Row], file: TextIO) -> None:
    """Writes the rows: with colours and wrapped under their indent on a terminal, where rich is installed (extra
    [terminal]); else each on one plain line, for whoever reads them with a program.
    """
    write = _on_terminal(file) if file.isatty() else None
    for row in rows:
        if write:
            write(row)
        else:
            print(" " * row.indent + "".join(text for text, _ in row.parts).rstrip(), file=file)


def _on_terminal(file: TextIO, **options) -> Callable[[Row], None] | None:
    try:
        from rich.console import Console
        from rich.padding import Padding
        from rich.text import Text
    except ModuleNotFoundError:
        return None
    console = Console(file=file, highlight=False, **options)
    return lambda row: console.print(Padding(Text.assemble(*row.parts), (0, 0, 0, row.indent), expand=False))


def _groups(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Findings that say the same, together; the worst first, then in the order of the text."""
    groups: dict[tuple, list[Finding]] = {}
    for finding in findings:
        alone = finding.start if finding.pair else None
        said = "" if finding.safe else finding.note
        key = (finding.kind, finding.sub, finding.severity, said, finding.fix, alone)
        groups.setdefault(key, []).append(finding)
    return iter(sorted(groups.values(), key=lambda group: -SEVERITIES.index(group[0].severity)))


def _headline(review: Review, group: Sequence[Finding]) -> list[tuple[str, str]]:
    first, document = group[0], review.document
    lines = list(dict.fromkeys(document.line_of(finding.start) + 1 for finding in group))
    where = "、".join(map(str, lines[:LINES_TOLD])) + (" 等" if len(lines) > LINES_TOLD else "")
    many = f"（{len(group)} 处）" if len(group) > 1 else ""
    name = kinds()[first.kind].name_of(first.sub)
    return [
        (f"{SIGNS[first.severity]} {SEVERITY_NAMES[first.severity]}", STYLES[first.severity]),
        (f" 第 {where} 行 {name}{many} ", "bold"),
        (f"「{_clean(_quoted(document.raw, first))}」", ""),
    ]


def _quoted(text: str, finding: Finding) -> str:
    """The span; where that is a letter or none, with what stands around it."""
    found = text[finding.start : finding.end]
    if len(found.strip()) > 1:
        return short(found)
    around = LONGEST_QUOTE // 3
    before = text[max(0, finding.start - around) : finding.start].rpartition("\n")[2]
    after = text[finding.end : finding.end + around].partition("\n")[0]
    return f"{before}【{found}】{after}"


def _reason(finding: Finding) -> str:
    if finding.fix is None:
        return finding.note
    return f"{finding.note} → {short(finding.fix) or '删去'}{'（稳妥）' if finding.safe else ''}"


def _clean(text: str) -> str:
    """Without what would steer the terminal."""
    return "".join(char if char.isprintable() else "·" for char in text)

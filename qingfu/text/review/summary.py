"""Findings counted by kind and severity, and told on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

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


def tell(console: Console, review: Review) -> None:
    """One file: counts, then the findings, the worst first."""
    console.print(Text(_clean(review.document.file or "粘贴的文字"), style="bold"))
    if not review.findings:
        console.print("  没有发现问题。\n")
        return
    console.print(_table(counts(review.findings)))
    for group in _groups(review.findings):
        _print(console, _headline(review, group), 2)
        _print(console, Text(_clean(_reason(group[0]))), 4)
    console.print()


def tell_shares(console: Console, shares: Iterable[Mapping], taken_in: int, dropped: int) -> None:
    """A folder: what its index took in and dropped, and which reports share how much (see ``corpus.Index.shares``)."""
    console.print(f"收进索引 {taken_in} 份，去掉 {dropped} 份。")
    shares = list(shares)
    if not shares:
        console.print("没有雷同。")
    for share in shares:
        first, second = (_clean(share["from"] or share["a"]), _clean(share["to"] or share["b"]))
        between = "→" if share["from"] else "和"
        text = f"{first} {between} {second}：{share['passages']} 处，{share['letters']} 字"
        _print(console, Text(text), 2)


def _print(console: Console, text: Text, indent: int) -> None:
    """Wrapped under its indent on a terminal; elsewhere one line, for whoever reads it with a program."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent), expand=False))
    else:
        console.print(Text(" " * indent).append(text), soft_wrap=True)


def _table(rows: Iterable[Count]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2))
    table.add_column("种类")
    for code, name in SEVERITY_NAMES.items():
        table.add_column(f"{SIGNS[code]} {name}", justify="right", style=STYLES[code], no_wrap=True)
    for row in rows:
        table.add_row(row.name, *(str(row.by_severity[code] or "–") for code in SEVERITY_NAMES))
    return table


def _groups(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Findings that say the same, together; the worst first, then in the order of the text."""
    groups: dict[tuple, list[Finding]] = {}
    for finding in findings:
        alone = finding.start if finding.pair else None
        said = "" if finding.safe else finding.note
        key = (finding.kind, finding.sub, finding.severity, said, finding.fix, alone)
        groups.setdefault(key, []).append(finding)
    return iter(sorted(groups.values(), key=lambda group: -SEVERITIES.index(group[0].severity)))


def _headline(review: Review, group: Sequence[Finding]) -> Text:
    first, document = group[0], review.document
    lines = list(dict.fromkeys(document.line_of(finding.start) + 1 for finding in group))
    where = "、".join(map(str, lines[:LINES_TOLD])) + (" 等" if len(lines) > LINES_TOLD else "")
    many = f"（{len(group)} 处）" if len(group) > 1 else ""
    name = kinds()[first.kind].name_of(first.sub)
    told = Text(f"{SIGNS[first.severity]} {SEVERITY_NAMES[first.severity]}", style=STYLES[first.severity])
    told.append(f" 第 {where} 行 {name}{many} ", style="bold")
    return told.append(f"「{_clean(_quoted(document.raw, first))}」", style="default not bold")


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

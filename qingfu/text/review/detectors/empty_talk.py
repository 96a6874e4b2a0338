"""空话: the share of a report's sentences that state no fact: not who, not what was done, not how many, not when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..document import SIMPLE, Document, Report, View
from ..finding import Finding
from ..words import data, either

FEWEST_SENTENCES = 8  # a shorter text is no report
MUCH = 0.5  # of the sentences; a report of which more than half says nothing gets the hint


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        share, empty, count = empty_share(report)
        if count >= FEWEST_SENTENCES and share > MUCH:
            first = empty[0]
            note = f"{count} 句里有 {len(empty)} 句没有事实（谁、做了什么、多少、何时），占 {share:.0%}；这是其中第一句"
            yield first.find("empty_talk", "share", 0, len(first.text), note, conf="m")


def empty_share(report: Report) -> tuple[float, list[View], int]:
    """(share, the empty sentences, how many sentences there are) of a report; headings do not count."""
    sentences = [sentence for _, line in report.lines(SIMPLE) for sentence in line.sentences() if _is_prose(sentence)]
    empty = [sentence for sentence in sentences if not states_a_fact(sentence.text)]
    return (len(empty) / len(sentences) if sentences else 0.0), empty, len(sentences)


def _is_prose(sentence: View) -> bool:
    text = sentence.text.strip()
    return len(text) >= 12 and text[-1] in "。！？!?；;”’）)"


@cache
def _facts() -> list[re.Pattern]:
    """One for each kind of fact: side by side they are found faster than as one alternation."""
    lists = data("facts")
    return [re.compile(pattern) for pattern in (*lists["patterns"], either(lists["words"]))]


def states_a_fact(sentence: str) -> bool:
    """Whether a sentence says who did what, how many, when or where; see data/facts.toml."""
    return any(pattern.search(sentence) for pattern in _facts())

"""空话: the share of a report's sentences that state no fact: not who, not what was done, not how many, not when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..document import Document
from ..finding import Finding
from ..words import data, either

FEWEST_SENTENCES = 8  # a shorter text is no report
MUCH = 0.5  # of the sentences; a report of which more than half says nothing gets the hint


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        sentences = [text for text in report.simple.sentence_texts() if _is_prose(text)]
        empty = _empty(sentences) if len(sentences) >= FEWEST_SENTENCES else []
        if empty:
            said, share = f"{len(sentences)} 句里有 {len(empty)} 句没有事实", f"{len(empty) / len(sentences):.0%}"
            note = f"{said}（谁、做了什么、多少、何时），占 {share}；这是其中第一句"
            first = [sentence for sentence in report.simple.sentences() if _is_prose(sentence.text)][empty[0]]
            yield first.find("empty_talk", "share", 0, len(first.text), note, conf="m")


def _empty(sentences: list[str]) -> list[int]:
    """Which of the sentences state no fact, if they are more than so ``MUCH``; else none."""
    empty, most_facts = [], (1 - MUCH) * len(sentences)
    for number, sentence in enumerate(sentences):
        if not states_a_fact(sentence):
            empty.append(number)
        elif number + 1 - len(empty) >= most_facts:
            return []
    return empty


def _is_prose(sentence: str) -> bool:
    """Whether it is no heading."""
    text = sentence.strip()
    return len(text) >= 12 and text[-1] in "。！？!?；;”’）)"


@cache
def _facts() -> list[re.Pattern]:
    """One for each kind of fact: side by side they are found faster than as one alternation."""
    lists = data("facts")
    return [re.compile(pattern) for pattern in (*lists["patterns"], either(lists["words"]))]


def states_a_fact(sentence: str) -> bool:
    """Whether a sentence says who did what, how many, when or where; see data/facts.toml."""
    for pattern in _facts():  # noqa: SIM110 (any() takes half as much again)
        if pattern.search(sentence):
            return True
    return False

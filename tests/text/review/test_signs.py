"""Signs keep detectors away from lines that do not concern them: without the signs nothing more is found."""

import re
from random import Random

import pytest

from qingfu.text.review.detectors import DETECTORS, copies
from qingfu.text.review.document import SIMPLE, Document, Report
from qingfu.text.review.layers import read_document
from qingfu.text.review.signs import Words
from tests.text.review.mutate import KINDS, inject
from tests.text.review.reports import clean_reports
from tests.text.review.sentences import HELD, LEARNT, LINE, PLAIN, rows
from tests.text.review.strangers import texts
from tests.text.review.test_detectors import CLEAR, FOUND

REPORTS = clean_reports()
PHRASES = re.sub("[〚〛]", "", "\n".join(text.replace("|", "\n") for *_, text in [*FOUND, *CLEAR]))

LINES = [row["text"].replace(LINE, "\n") for name in (PLAIN, LEARNT, HELD) for row in rows(name)]


@pytest.fixture(autouse=True)
def _without_repairs(monkeypatch):
    monkeypatch.setattr("qingfu.text.review.layers.repairs", lambda text: [])


def planted() -> str:
    """A collection of reports with a defect of each kind."""
    draw = Random(5)
    damaged = [inject(REPORTS[draw.choice(sorted(REPORTS))], *kind, draw)[0] for kind in KINDS]
    return "".join(f"工作汇报 篇{number}\n{text}" for number, text in enumerate(damaged, 1))


def told(document: Document) -> dict[str, set]:
    """The findings of each detector but that of copies, which has no signs and takes its time for so many alike."""
    return {detector.__module__: set(detector(document)) for detector in DETECTORS if detector is not copies.find}


TEXTS = {"phrases": PHRASES, "sentences": "\n".join(["学校减负工作总结", *LINES]), "planted": planted(), **texts()}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_signs_pass_over_has_no_finding(text, monkeypatch):
    document = read_document(text)
    with_signs = told(document)
    assert sum(map(len, with_signs.values())) > 50
    monkeypatch.setattr(Report, "lines_with", lambda report, sign: report.lines(SIMPLE))
    monkeypatch.setattr(Words, "likely", lambda words, report: words.every)
    assert told(document) == with_signs


def test_words_are_found_in_their_lines():
    document = read_document("学校工作汇报\n全校师生减负，减负\n校\n减一负担\n")
    places = Words(["减负", "校", "减负担"]).places(document.reports[0])
    starts = document.starts(SIMPLE)
    lines = {line: sorted((at - starts[line], word) for at, word in found) for line, found in places.items()}
    assert lines == {0: [(1, "校")], 1: [(1, "校"), (4, "减负"), (7, "减负")], 2: [(0, "校")]}

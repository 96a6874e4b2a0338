"""Several files read together: what they share with each other, and with reports that were there before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain, combinations

from .detectors import OF_A_FILE, OF_A_REPORT
from .detectors.copies import across
from .document import Document, Report
from .finding import Finding, Span
from .layers import read_document
from .processes import each
from .reader import Review, as_row, in_order, place_row, review_text
from .words import DATA

WORTH_PROCESSES = 50_000  # characters; fewer are read before other processes have begun
LAYERS = 0.2  # of the time that all takes, where reports are read into layers
WARMING_UP = DATA / "warming_up.txt"  # its reading reads what is read once: word lists, models, patterns, the rulebook


@dataclass(frozen=True, slots=True)
class Shared:
    """What two of several files have in common.

    ``a`` and ``b`` are their places in the row of files, the earlier first; ``passages`` pairs of raw spans (in a,
    in b); ``a_share`` and ``b_share`` the share of each file's characters that lie in them, 0 to 1.
    """

    a: int
    b: int
    passages: tuple[tuple[Span, Span], ...]
    a_share: float
    b_share: float


def review_together(
    files: Sequence[tuple[str, str]], *, on: date | None = None, corpus: Sequence[tuple[str, str]] = (),
    processes: int = 1, progress: Callable[[float], None] = lambda _: None,
) -> list[Review]:  # fmt: skip
    """A review of each of ``files``, (name, text), in order. Copies are looked for in all of them and in ``corpus``.
    ``progress`` hears now and then which share of the work is done, 0 to 1.

    By up to so many ``processes`` where the texts are long enough for it; see ``processes.each`` for who may ask for
    more than one, and for what is raised. The answer is the same.
    """
    texts = [*((name, text, None) for name, text in corpus), *((name, text, on) for name, text in files)]
    if sum(len(text) for _, text, _ in texts) < WORTH_PROCESSES:
        processes = 1
    if processes > 1:
        review_text(WARMING_UP.read_text("utf-8"))
    documents = each(
        lambda one: read_document(one[1], file=one[0], on=one[2]), texts, processes,
        lambda count: progress(LAYERS * count / len(texts)),
    )  # fmt: skip
    acts: list[Callable[[], list[_Placed]]] = [partial(_copies, documents)]  # the longest, so that it begins first
    for place in range(len(corpus), len(documents)):
        acts.append(partial(_in_file, documents, place))
        acts += [partial(_in_report, documents, place, report) for report in documents[place].reports]
    found: dict[int, list[Finding]] = defaultdict(list)
    told = each(lambda act: act(), acts, processes, lambda count: progress(LAYERS + (1 - LAYERS) * count / len(acts)))
    for place, finding in chain.from_iterable(told):
        found[place].append(finding)
    return [Review(documents[place], in_order(found[place])) for place in range(len(corpus), len(documents))]


_Placed = tuple[int, Finding]  # the place of its file among all


def _copies(documents: list[Document]) -> list[_Placed]:
    place = {id(document): number for number, document in enumerate(documents)}
    return [(place[id(document)], finding) for document, finding in across(documents)]


def _in_file(documents: list[Document], place: int) -> list[_Placed]:
    return [(place, finding) for detector in OF_A_FILE for finding in detector(documents[place])]


def _in_report(documents: list[Document], place: int, report: Report) -> list[_Placed]:
    part = documents[place].only([report])
    return [(place, finding) for detector in OF_A_REPORT for finding in detector(part)]


def rows_of(reviews: Sequence[Review]) -> Iterator[dict]:
    """The rows of all findings (see ``Review.as_rows``); a pair in another of the files has its report and line too."""
    documents = {review.document.file: review.document for review in reviews}
    for review in reviews:
        for finding in review.findings:
            row, pair = as_row(review.document, finding), finding.pair
            if pair and pair.file in documents:
                row["pair"] = place_row(documents[pair.file], pair.start, pair.end)
            yield row


def shared(documents: Sequence[Document]) -> list[Shared]:
    """For each two of the documents that share something what that is. Each pair is compared by itself."""
    found = []
    for (a, earlier), (b, later) in combinations(enumerate(documents), 2):
        passages = tuple(
            (finding.pair, Span(finding.start, finding.end, later.file))
            for document, finding in across([earlier, later])
            if document is later and finding.pair.file == earlier.file
        )
        if passages:
            of_a, of_b = zip(*passages, strict=True)
            found.append(Shared(a, b, passages, _share(of_a, earlier.raw), _share(of_b, later.raw)))
    return found


def _share(spans: Sequence[Span], text: str) -> float:
    covered = set().union(*(range(span.start, span.end) for span in spans))
    return len(covered) / len(text)

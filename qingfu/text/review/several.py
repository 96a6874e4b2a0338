"""Several files read together: what they share with each other, and with reports that were there before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from .detectors.copies import across
from .document import Document
from .finding import Finding, Span
from .layers import read_document
from .reader import Review, as_row, in_order, place_row, review_text

COPY = "near_duplicate_passage"


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
    files: Sequence[tuple[str, str]], *, on: date | None = None, corpus: Sequence[tuple[str, str]] = ()
) -> list[Review]:
    """A review of each of ``files``, (name, text), in order. Copies are looked for in all of them and in ``corpus``."""
    reviews = [review_text(text, file=file, on=on) for file, text in files]
    if len(files) + len(corpus) == 1:
        return reviews
    before = [read_document(text, file=file) for file, text in corpus]
    copies: dict[int, list[Finding]] = defaultdict(list)
    for document, finding in across([*before, *(review.document for review in reviews)]):
        copies[id(document)].append(finding)
    return [_with_copies(review, copies[id(review.document)]) for review in reviews]


def _with_copies(review: Review, copies: list[Finding]) -> Review:
    others = [finding for finding in review.findings if finding.kind != COPY]
    return Review(review.document, in_order([*others, *copies]))


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

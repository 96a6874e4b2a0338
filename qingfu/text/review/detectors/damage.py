"""Bytes that were lost before the text was decoded: 學！皽p負 for 學校“減負."""

from __future__ import annotations

from collections.abc import Iterator

from ..damage import SURE
from ..document import PLAIN, Document, View
from ..finding import Finding


def find(document: Document) -> Iterator[Finding]:
    whole = View(document, PLAIN, 0, len(document.layers[PLAIN].text))
    for repair in document.damage:
        conf = "h" if repair.confidence > SURE else "m"
        yield whole.find(
            "encoding_damage", repair.sub, repair.start, repair.end, repair.note, conf=conf, fix=repair.fixed,
            safe=conf == "h",
        )  # fmt: skip

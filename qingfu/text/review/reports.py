"""Where one report ends and the next begins: collections, and documents that were pasted together."""

from __future__ import annotations

from .document import RAW, Document, Report


def cut_into_reports(document: Document) -> list[Report]:
    """The reports of a document, in order; without titles of a collection the whole is report 1."""
    return [Report(document, 1, 0, len(document.starts(RAW)) - 1)]

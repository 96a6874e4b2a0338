"""One small module for each kind of defect, all with one signature: ``find(document) -> Iterator[Finding]``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..document import Document
from ..finding import Finding
from . import placeholders, stray_marks

DETECTORS: tuple[Callable[[Document], Iterator[Finding]], ...] = (
    stray_marks.find,
    placeholders.find,
)

"""One small module for each kind of defect, all with one signature: ``find(document) -> Iterator[Finding]``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..document import Document
from ..finding import Finding
from . import (
    copies,
    count_claims,
    empty_figures,
    figures_agree,
    numbering,
    off_topic,
    pinyin,
    placeholders,
    stray_marks,
    truncation,
)

DETECTORS: tuple[Callable[[Document], Iterator[Finding]], ...] = (
    stray_marks.find,
    placeholders.find,
    pinyin.find,
    empty_figures.find,
    numbering.find,
    truncation.find,
    off_topic.find,
    count_claims.find,
    figures_agree.find,
    copies.find,
)

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
    language,
    numbering,
    off_topic,
    pinyin,
    placeholders,
    scanning,
    stray_marks,
    truncation,
)

DETECTORS: tuple[Callable[[Document], Iterator[Finding]], ...] = (
    copies.find,
    count_claims.find,
    empty_figures.find,
    figures_agree.find,
    language.find,
    numbering.find,
    off_topic.find,
    pinyin.find,
    placeholders.find,
    scanning.find,
    stray_marks.find,
    truncation.find,
)

"""One small module for each kind of defect, all with one signature: ``find(document) -> Iterator[Finding]``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..document import Document
from ..finding import Finding
from . import (
    burden_as_merit,
    copies,
    count_claims,
    damage,
    empty_figures,
    empty_talk,
    figures_agree,
    headings,
    length_limits,
    level_mismatch,
    moved_figures,
    numbering,
    off_topic,
    pinyin,
    placeholders,
    policy,
    privacy,
    reckoning,
    scanning,
    script,
    stray_marks,
    told_again,
    truncation,
    wording,
)

Detector = Callable[[Document], Iterator[Finding]]

OF_A_REPORT: tuple[Detector, ...] = (
    burden_as_merit.find,
    count_claims.find,
    empty_figures.find,
    empty_talk.find,
    figures_agree.find,
    headings.find,
    length_limits.find,
    level_mismatch.find,
    moved_figures.find,
    numbering.find,
    off_topic.find,
    placeholders.find,
    policy.find,
    privacy.find,
    reckoning.find,
    scanning.find,
    script.find,
    stray_marks.find,
    told_again.find,
    truncation.find,
    wording.find,
)
"""Those that look at one report of the file at a time."""

OF_A_FILE: tuple[Detector, ...] = (damage.find, pinyin.find)
"""Those that look at the file as a whole."""

DETECTORS: tuple[Detector, ...] = (*OF_A_REPORT, *OF_A_FILE, copies.find)
"""All; copies are also looked for between files (``copies.across``)."""

"""Figures that a report states, matched to the matters that somebody keeps a ledger of, and judged by its values.

This room knows no ledger: whoever has one says which words mean which of its figures (``Matter``) and for which unit
and period it answers (``Setting``). ``claims`` reads the text, ``judge`` sets one claim against one value.
"""

from .judge import AGREES, DIFFERS, Judged, judge
from .matters import Matter
from .periods import Period, period_of
from .reading import REASONS, Claim, Setting, claims
from .units import named_first

__all__ = [
    "AGREES", "DIFFERS", "REASONS", "Claim", "Judged", "Matter", "Period", "Setting", "claims", "judge", "named_first",
    "period_of",
]  # fmt: skip

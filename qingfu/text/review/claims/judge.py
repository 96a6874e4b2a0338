"""One claim against one value of the ledger: it agrees, or by how much it differs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from ..words import data
from .figures import EXACT, FELL, MORE, Figure

AGREES, DIFFERS = "agrees", "differs"


@dataclass(frozen=True, slots=True)
class Judged:
    """``off`` is the ledger's value less the text's, in the unit of the figure; ``fix`` is what the text should say in
    its own precision, None where a person has to find the words."""

    verdict: str
    off: Decimal
    fix: str | None = None


def judge(figure: Figure, value: Decimal) -> Judged:
    """Set a figure of the text against the exact value of the ledger, in the same unit; of a change both are signed.

    What rounds to the figure in the figure's own precision agrees. 约 and 近 leave what data/ledger.toml says, 余 and
    多 the rest of the last digit; bounds are bounds.
    """
    way = -1 if figure.way == FELL else 1
    told = value * way
    if _meets(figure, told):
        return Judged(AGREES, Decimal(0))
    nearest = min(max(told, figure.low), figure.high)
    return Judged(DIFFERS, told - nearest, _fix(figure, told))


def _meets(figure: Figure, told: Decimal) -> bool:
    bound, low, high, half = figure.bound, figure.low, figure.high, figure.step / 2
    share = Decimal(str(data("ledger")["tolerance"].get(bound, 0)))
    if bound in ("over", "under"):
        return told > low if bound == "over" else told < high
    if bound in ("at_least", "at_most"):
        return told >= low if bound == "at_least" else told <= high
    if bound == MORE:
        return low <= told < low + figure.step
    if bound == "nearly":
        return min(low - half, low * (1 - share)) <= told <= high + half
    slack = max(half, low * share)
    return low - slack <= told <= high + slack


def _fix(figure: Figure, told: Decimal) -> str | None:
    """The ledger's value as the text would write it, where that is a plain number in digits."""
    if not figure.arabic or figure.bound != EXACT or told < 0:
        return None
    return f"{told.quantize(figure.step, ROUND_HALF_UP)}{figure.measure}"

"""Figures of a report beside those of the ledger: what it claims of a unit and a period, and whether that is so."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from qingfu.lake.indicators.catalogue import CatalogueError, Indicator, catalogue
from qingfu.lake.indicators.figures import HIDDEN, SHOWN, Figure
from qingfu.lake.indicators.ground import Ground
from qingfu.lake.tables import ROOM
from qingfu.rulebook import Calendar
from qingfu.text.review.claims import AGREES, REASONS, Claim, Judged, Matter, Period, Setting, claims, judge
from qingfu.text.review.claims.figures import COUNT, LEVEL, MINUTES, PERCENT, POINTS
from qingfu.text.review.document import Document
from qingfu.text.review.finding import Finding, kinds
from qingfu.text.review.words import data

KIND, UNCHECKED = "ledger_claim", "unchecked"
FAMILIES = {"%": PERCENT, "分钟": MINUTES}
CLASSES = ("class", "grade", "village")  # units with names that many have: 三(1)班 says nothing of another school
UNITS_OF = {PERCENT: "个百分点", POINTS: "个百分点", MINUTES: "分钟"}


@dataclass(frozen=True)
class Checked:
    """A claim beside the ledger. ``figure`` is the ledger's, None where it was not asked; ``judged`` says how they
    compare, None where they cannot be: then ``why`` says why not, in words."""

    claim: Claim
    figure: Figure | None = None
    judged: Judged | None = None
    why: str = ""

    @property
    def verdict(self) -> str:
        """"agrees", "differs" or "unchecked"."""
        return self.judged.verdict if self.judged else UNCHECKED

    @property
    def is_known(self) -> bool:
        """Whether the text speaks of something that an indicator tells."""
        return bool(self.claim.matter)

    @property
    def indicator(self) -> Indicator:
        """What it is about, where ``is_known``."""
        return catalogue()[self.claim.matter]

    @property
    def ledger(self) -> str:
        """What the ledger says, as people write it; empty where it says nothing."""
        if self.figure is None or self.figure.state != SHOWN:
            return ""
        if self.claim.figure.way != LEVEL:
            return _change_told(self.claim, self.figure)
        return f"{self.figure.value}{_glued(self.figure.indicator.unit)}"

    @property
    def off(self) -> str:
        """By how much the ledger is above or below the text; empty unless they differ."""
        if self.judged is None or self.verdict == AGREES:
            return ""
        unit = UNITS_OF.get(self.claim.figure.family, self.claim.figure.measure)
        places = min(self.claim.figure.step.as_tuple().exponent, -self.figure.indicator.decimals, 0)
        amount = f"{abs(self.judged.off).quantize(Decimal(1).scaleb(places), ROUND_HALF_UP).normalize():f}"
        return f"{'多' if self.judged.off > 0 else '少'} {amount} {unit}"

    def finding(self) -> Finding:
        """It as a finding of the report reader: to be looked at where text and ledger differ."""
        fix = self.judged.fix if self.judged else None
        severity = kinds()[KIND].severity_of(self.verdict)
        where = self.claim.start, self.claim.end
        return Finding(KIND, self.verdict, *where, severity, "m", self.note, fix)

    @property
    def note(self) -> str:
        """The verdict in a sentence."""
        if self.judged is None:
            about = f"“{self.indicator.name}”" if self.is_known else ""
            return f"不能核对{about}：{self.why}。"
        one = self.figure
        told = f"台账的“{one.indicator.name}”是 {self.ledger}（{one.first} 至 {one.last}，{one.records} 条记录）"
        return f"{told}，相符。" if self.verdict == AGREES else f"{told}，比文中{self.off}。"

    def as_row(self) -> dict:
        """What JSON lines say of it beside the keys of a finding."""
        one = self.figure
        return {
            "verdict": self.verdict, "indicator": self.claim.matter, "why": self.why, "off": self.off,
            "ledger": self.ledger, "records": one.records if one else 0,
            "first": one and one.first.isoformat(), "last": one and one.last.isoformat(),
        }  # fmt: skip


def check(
    document: Document, setting: Setting, ask: Callable[[Sequence[str]], Iterable[Figure]]
) -> list[Checked]:  # fmt: skip
    """Each figure that a document claims, in order, beside the ledger's. ``ask`` gives the figures of some indicators
    for the unit and the period of the setting."""
    found = claims(document, matters(), setting)
    ids = list(dict.fromkeys(one.matter for one in found if one.matter and not one.why))
    told = {one.indicator.id: one for one in ask(ids)} if ids else {}
    return [checked(one, told.get(one.matter)) for one in found]


def checked(claim: Claim, figure: Figure | None) -> Checked:
    """A claim beside one figure of the ledger."""
    if claim.why or figure is None:
        return Checked(claim, None, None, REASONS.get(claim.why, claim.why))
    if figure.state != SHOWN:
        why = "回答的人太少，不显示" if figure.state == HIDDEN else "这段时间没有记录"
        return Checked(claim, figure, None, why)
    return Checked(claim, figure, judge(claim.figure, _exact(claim, figure)))


def _exact(claim: Claim, figure: Figure) -> Decimal:
    """The ledger's value before it is rounded, in what the claim counts in; of a change in numbers the difference."""
    one, expression = figure, figure.indicator.expression
    if expression.form == "change":
        grown = one.numerator - one.denominator
        return Decimal(grown) if claim.figure.family == COUNT else Decimal(100 * grown) / Decimal(one.denominator)
    if expression.form in ("share", "ratio") and one.denominator:
        return Decimal(one.numerator * expression.times) / Decimal(one.denominator)
    return Decimal(one.value)


def _change_told(claim: Claim, figure: Figure) -> str:
    way = "下降" if figure.numerator < figure.denominator else "上升"
    if claim.figure.family == COUNT:
        amount = f"{abs(figure.numerator - figure.denominator)} {claim.figure.measure}"
    else:
        amount = f"{abs(figure.value)}%"
    return f"{way} {amount}（上年同期 {figure.denominator}，本期 {figure.numerator}）" if figure.value else "持平"


def _glued(unit: str) -> str:
    return unit if unit == "%" else f" {unit}"


@cache
def matters() -> tuple[Matter, ...]:
    """The words of data/claims.toml with the indicators that they mean. Raises CatalogueError for one unknown."""
    raw = tomllib.loads((ROOM / "data" / "claims.toml").read_text("utf-8"))
    unknown = {*raw, *(one["change"] for one in raw.values() if "change" in one)} - set(catalogue())
    if unknown:
        raise CatalogueError(f"data/claims.toml: {sorted(unknown)}")
    return tuple(_matter(catalogue()[id], one) for id, one in raw.items())


def _matter(one: Indicator, said: dict) -> Matter:
    is_change = one.expression.form == "change"
    return Matter(
        id=one.id,
        ways=tuple(tuple(tuple(part.split("|")) for part in row.split(" ")) for row in said["words"]),
        family=FAMILIES.get(one.unit, COUNT),
        measures=frozenset({one.unit, *said.get("units", ())}),
        without=tuple(said.get("without", ())),
        change=one.id if is_change else said.get("change", ""),
        is_bound=said.get("is_bound", False),
        idle=frozenset(said.get("idle", ())),
    )


def setting_of(ground: Ground, period: Period, calendar: Calendar | None = None) -> Setting:
    """What the words of a report are read against: what the unit and those below it are called, and its grades."""
    name = ground.unit.name
    below = [one for one in ground.places.values() if one is not ground.unit and one.kind not in CLASSES]
    bare = name.partition("（")[0]
    others = {one.name for one in below} | {one.name.removeprefix(bare) for one in below}
    said = data("ledger")["whole"]
    letters = said.get(ground.unit.kind, "") + bare[-1]
    grades = frozenset(one.grade for one in ground.places.values() if one.grade)
    more = {} if calendar is None else {"calendar": calendar}
    return Setting((name, bare), tuple(others - {""}), letters, grades, period, **more)

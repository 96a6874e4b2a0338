"""What the ledger says to a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext

from qingfu.rulebook import Charge, InForce, Verdict
from qingfu.rulebook.judge import judge_total


@dataclass(frozen=True)
class Refusal:
    """放不下: one limit that a request goes over. Also what passed with a warning, under a waiver, or for information.

    ``cap``, ``used``, ``held``, ``requested``, ``left`` and ``waived`` are in the limit's ``measure``; they are None
    for a limit that a single draft breaks by itself, which ``text`` explains. ``taken`` says which subjects (or
    offices) took how much; ``drafts`` counts the drafts concerned from 0, ``demands`` are those that were moved.
    """

    bearer_id: int
    limit_id: str
    verdict: Verdict
    in_force: InForce | None = field(repr=False)
    drafts: tuple[int, ...] = ()
    demands: tuple[int, ...] = ()
    window_key: str = ""
    cap: int | None = None
    used: int | None = None
    held: int | None = None
    requested: int | None = None
    waived: int = 0
    taken: tuple[Mapping, ...] = ()
    text: str = ""

    @property
    def left(self) -> int | None:
        """What the budget still holds, waivers included; never below nought."""
        return None if self.cap is None else max(0, self.cap + self.waived - self.used - self.held)

    @property
    def title(self) -> str:
        return self.in_force.limit.title if self.in_force else self.limit_id

    @property
    def document(self) -> str:
        return self.in_force.document.title if self.in_force else ""

    @property
    def number(self) -> str:
        return self.in_force.document.number if self.in_force else ""

    @property
    def clause(self) -> str:
        return self.in_force.value.clause if self.in_force else ""

    @property
    def level(self) -> str:
        return self.in_force.level if self.in_force else ""

    @property
    def measure(self) -> str:
        return self.in_force.limit.measure if self.in_force else ""

    @property
    def sentence(self) -> str:
        """What is broken, in one Chinese sentence with its document."""
        if self.text or self.in_force is None:
            return self.text or self.limit_id
        charge = Charge(self.limit_id, self.bearer_id, None, self.requested, self.in_force)
        breach = judge_total(charge, self.used + self.held)
        return breach.reason_zh if breach else self.title

    @property
    def taken_by_subject(self) -> dict[str, int]:
        """Subject → amount, largest first."""
        found: dict[str, int] = {}
        for item in self.taken:
            found[item["subject"]] = found.get(item["subject"], 0) + item["amount"]
        return found


@dataclass(frozen=True)
class Answer:
    """The outcome of one request, the same for every repetition of its key.

    ``outcome``: posted, held, refused, needs_waiver, needs_reason (a warning: repeat with a reason and a new key),
    closed (the day, the term or the class is over: record it), too_late, hold_gone, needs_second (a withdrawal awaits
    a second person). ``over`` holds what stopped it, or what it passed with; ``why`` says in a sentence what is
    closed. ``hold_ids`` are in the order in which they were asked for.
    """

    outcome: str
    attempt_id: int | None = None
    demand_ids: tuple[int, ...] = ()
    hold_ids: tuple[int, ...] = ()
    over: tuple[Refusal, ...] = ()
    repeated: bool = False
    why: str = ""

    @property
    def hold_id(self) -> int | None:
        """The hold, where one was asked for."""
        return self.hold_ids[0] if self.hold_ids else None

    @property
    def ok(self) -> bool:
        return self.outcome in ("posted", "held")

    @property
    def refusals(self) -> list[Refusal]:
        """What stopped it, the gravest first."""
        stopping = [item for item in self.over if item.verdict >= Verdict.WARN]
        return [] if self.ok else sorted(stopping, key=lambda item: -item.verdict)


def read(said: Mapping, in_force: Mapping[str, InForce]) -> Answer:
    """The database's answer with the words of the rulebook."""
    return Answer(
        outcome=said["outcome"],
        attempt_id=said.get("attempt"),
        demand_ids=tuple(said.get("demands", ())),
        hold_ids=tuple(said.get("holds", ())),
        over=tuple(_refusal(item, in_force) for item in said.get("over", ())),
        repeated=said.get("repeated", False),
        why=said.get("why") or (_day_is_over() if said["outcome"] == "closed" else ""),
    )


def _day_is_over() -> str:
    return gettext("这一天已经过去，不能再布置，只能补登")


def _refusal(item: Mapping, in_force: Mapping[str, InForce]) -> Refusal:
    return Refusal(
        bearer_id=item["bearer_id"],
        limit_id=item["limit_id"],
        verdict=Verdict(item["verdict"]),
        in_force=in_force.get(item["limit_id"]),
        drafts=tuple(item.get("drafts", ())),
        demands=tuple(item.get("demands", ())),
        window_key=item.get("window_key", ""),
        cap=item.get("cap"),
        used=item.get("used"),
        held=item.get("held"),
        requested=item.get("asked"),
        waived=item.get("waived", 0),
        taken=tuple(item.get("taken", ())),
        text=item.get("text", ""),
    )

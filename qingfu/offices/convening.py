"""What somebody who plans a meeting says of it, as the ledger is asked; and half-days. Pure but for the units in it."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from qingfu.offices.asking import Asking, Bearer, Own
from qingfu.units.models import Unit

DATA = Path(__file__).parent / "data" / "meetings.toml"
MORNING, AFTERNOON = "am", "pm"
GRASSROOTS = (Unit.Kind.TOWNSHIP, Unit.Kind.VILLAGE, Unit.Kind.SCHOOL)


@cache
def figures() -> dict:
    """``data/meetings.toml``."""
    return tomllib.loads(DATA.read_text("utf-8"))


@dataclass(frozen=True)
class Convening:
    """A meeting to be: what its form says. ``level`` is whom it calls (heads, deputies, staff); ``speech`` the minutes
    of the main leader's speech; ``hosts`` how many of the organiser's own people are there."""

    title: str
    day: date
    starts: str
    minutes: int
    bearers: tuple[Bearer, ...]
    place: str = ""
    meeting_type: str = "general"
    video: bool = False
    level: str = "staff"
    vice_head: bool = False
    both_heads: bool = False
    speakers: int = 1
    speech: int = 0
    discussion: bool = False
    layered: bool = False
    hosts: int = 0
    reason: str = ""
    origin_id: int | None = None
    plan_id: int | None = None

    @property
    def ends(self) -> str:
        """When it ends; one that runs past the day ends with its first day's last minute."""
        end = datetime.combine(self.day, _time(self.starts)) + timedelta(minutes=self.minutes)
        return end.strftime("%H:%M") if end.date() == self.day else "23:59"

    @property
    def people(self) -> int:
        """Of all units together, the organiser's own included."""
        return self.hosts + sum(1 if one.people is None else one.people for one in self.bearers)

    @property
    def half_days(self) -> int:
        return math.ceil(self.minutes / figures()["half_day"]["minutes"])

    def asking(self, unit: Unit, county: Unit) -> Asking:
        """As ``unit`` asks it: people come to the seat of the organiser, unless it is held by video."""
        attributes = {
            "meeting_type": self.meeting_type, "group_discussion": self.discussion, "both_heads": self.both_heads,
            "convened_by": _convened_by(self, unit), "calls": self.level,
            "layered": self.layered, "to_grassroots": any(one.unit.kind in GRASSROOTS for one in self.bearers),
            "mode": "video" if self.video else "on_site",
        }  # fmt: skip
        if self.people >= county.attributes.get("large_meeting", figures()["large"]["people"]):
            attributes["scale"] = "large"
        venue = "" if self.video else ("township" if unit.kind == Unit.Kind.TOWNSHIP else "county")
        speech = (Own("speech", self.speech, {"speaker": "main_leader"}),) if self.speech else ()
        return Asking(
            "meeting", self.day, self.bearers,
            {"minutes": self.minutes, "half_days": self.half_days, "people": self.people, "speakers": self.speakers},
            attributes, starts=self.starts, ends=self.ends, title=self.title, venue=venue, reason=self.reason,
            origin_id=self.origin_id, invites=True, own=speech,
        )  # fmt: skip


def _convened_by(convening: Convening, unit: Unit) -> list[str]:
    """The vocabulary has two things here: who chairs it, and a township's own meetings."""
    found = ["vice_head"] if convening.vice_head else []
    return [*found, "township"] if unit.kind == Unit.Kind.TOWNSHIP else found


def halves(starts: str, ends: str) -> tuple[str, ...]:
    """The half-days that something takes; both where no time is given."""
    noon = figures()["half_day"]["noon"]
    if not starts:
        return MORNING, AFTERNOON
    return tuple(half for half, taken in ((MORNING, starts < noon), (AFTERNOON, (ends or starts) > noon)) if taken)


def _time(text: str):
    return datetime.strptime(text, "%H:%M").time()

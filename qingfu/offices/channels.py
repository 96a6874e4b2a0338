"""The register of apps and groups before anything is stored: its words, its questions, what the rulebook is told."""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import gettext

from qingfu.ledger.drafts import Draft
from qingfu.offices.asking import OWN, Asking, Bearer
from qingfu.offices.models import Channel
from qingfu.units.models import Unit

DATA = Path(__file__).parent / "data" / "channels.toml"
GROUP_KIND, APP_KIND = "work_group", "app"


@dataclass(frozen=True)
class Ban:
    """One question of the register. A yes is put to the rulebook as ``attribute`` with ``values`` of a demand of
    ``kind``; ``safety`` says that what security or emergency needs is not meant. ``field`` is a field of the channel
    that says yes by itself."""

    code: str
    carriers: tuple[str, ...]
    text: str
    limit: str
    kind: str
    attribute: str
    values: tuple
    safety: bool = False
    field: str = ""


@cache
def settings() -> dict:
    """``review``, ``import`` and ``purpose`` of data/channels.toml."""
    return tomllib.loads(DATA.read_text("utf-8"))


@cache
def bans() -> dict[str, Ban]:
    """Every question by its code."""
    rows = [{**row, "carriers": tuple(row["carriers"]), "values": tuple(row["values"])} for row in settings()["ban"]]
    return {row["code"]: Ban(**row) for row in rows}


def bans_of(carrier: str) -> list[Ban]:
    """What is asked about a kind of channel."""
    return [ban for ban in bans().values() if carrier in ban.carriers]


def purposes() -> dict[str, str]:
    """What a channel can be for: code → text."""
    return {row["code"]: row["text"] for row in settings()["purpose"]}


def kind_of(carrier: str) -> str:
    """The rulebook's kind of demand."""
    return GROUP_KIND if carrier == Channel.Carrier.GROUP else APP_KIND


def launch_attributes(channel: Channel) -> dict:
    """What the rulebook is told of a channel that begins: what carries it, who builds it, whether it is filed."""
    found = {"carrier": channel.carrier, "filed": channel.is_filed}
    if kind_of(channel.carrier) == APP_KIND and channel.source == Channel.Source.OWN:
        found |= {"build": channel.carrier != Channel.Carrier.ACCOUNT, "builder": channel.unit.kind}
    return found


def answer_attributes(channel: Channel, answers: Iterable[str], kind: str) -> dict:
    """What the rulebook is told of a demand of ``kind`` by the questions that were answered with yes."""
    found: dict[str, list] = {}
    for ban in (bans()[code] for code in answers):
        if ban.kind == kind and not (ban.safety and channel.safety):
            found.setdefault(ban.attribute, []).extend(ban.values)
    return found


def launch(channel: Channel, bearers: Sequence[Unit], answers: Iterable[str], reason: str = "") -> Asking:
    """What the ledger is asked before a channel begins: one demand of each user."""
    kind = kind_of(channel.carrier)
    attributes = launch_attributes(channel) | answer_attributes(channel, answers, kind)
    bears = tuple(Bearer(unit) for unit in bearers)
    return Asking(kind, channel.since, bears, {}, attributes, title=channel.name, reason=reason)


def how_it_began(channel: Channel) -> Draft:
    """What the rulebook is to judge of a channel's beginning, by the rules of that day: what began before a rule is not
    measured by it."""
    return _draft(channel, channel.since, kind_of(channel.carrier), launch_attributes(channel))


def what_it_does(channel: Channel, answers: Iterable[str], today: date) -> list[Draft]:
    """What the rulebook is to judge of the answers, by the rules of today: a demand of each kind asked about."""
    kinds = dict.fromkeys(bans()[code].kind for code in answers)
    return [_draft(channel, today, kind, answer_attributes(channel, answers, kind)) for kind in kinds]


def _draft(channel: Channel, day: date, kind: str, attributes: dict) -> Draft:
    return Draft(channel.unit_id, day, kind=kind, attributes={**attributes, **OWN})


def said_of(channel: Channel, limit_id: str, answers: Iterable[str]) -> str:
    """The head of a finding: which channel, and which questions under a limit were answered with yes."""
    texts = [bans()[code].text for code in answers if bans()[code].limit == limit_id]
    name = gettext("%(carrier)s“%(name)s”") % {"carrier": channel.get_carrier_display(), "name": channel.name}
    return f"{name}有：{'；'.join(texts)}。" if texts else f"{name}："


def months_later(day: date, months: int) -> date:
    """The same day so many months on (before, if negative), or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def overdue_before(today: date) -> date:
    """What was last reviewed on this day or earlier is to be looked at again."""
    return months_later(today, -settings()["review"]["months"])

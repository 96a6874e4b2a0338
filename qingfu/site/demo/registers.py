"""Registers of the offices of 青禾县: apps and groups, secondments, approvals handed down, errors of a year."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from decimal import Decimal

from qingfu.offices import actions
from qingfu.offices.blame import appeals, distinctions
from qingfu.offices.channels import months_later
from qingfu.offices.lending import Terms
from qingfu.offices.models import Channel, ChannelReview
from qingfu.site.demo.county import DATA
from qingfu.units.models import Membership, Unit
from qingfu.units.queries import Actor

CLERK, TWO_OFFICES = Membership.Role.CLERK, Membership.Role.TWO_OFFICES


def fill_registers(actors: dict[tuple[str, str], Actor], units: dict[str, Unit], county: Unit, today: date) -> None:
    """Fill them, inside the tenant; ``actors`` by office and role."""
    rows = tomllib.loads((DATA / "registers.toml").read_text("utf-8"))
    for row in rows["channel"]:
        _channel(actors[row["unit"], CLERK], units[row["unit"]], row, today)
    for number, row in enumerate(rows["lent"]):
        _lend(actors, units, row, today, f"demo-lent-{number}")
    for row in rows["handed"]:
        _hand_down(actors, units, row, today)
    for ago, row in enumerate(rows["blame"], start=1):
        figures = [dict(zip(codes(), row[name], strict=True)) for name, codes in
                   (("held", distinctions), ("spared", distinctions), ("appeals", appeals))]  # fmt: skip
        actions.record_blame(actors["", TWO_OFFICES], county, today.year - ago, *figures)


def _channel(actor: Actor, unit: Unit, row: dict, today: date) -> None:
    since = months_later(today, -row["since"])
    channel = Channel(
        unit=unit, since=since, filing_number=row.get("filing", ""), filed_on=since if "filing" in row else None,
        forced=row.get("forced", False), safety=row.get("safety", False),
        **{name: row[name] for name in ("carrier", "name", "purpose", "kinds", "headcount")},
    )  # fmt: skip
    if "reviewed" not in row:
        actions.import_channels(actor, unit, [channel])
        return
    made, _result = actions.register_channel(actor, channel, row.get("answers", []), f"demo-{row['name']}")
    day = months_later(today, -row["reviewed"])
    Channel.objects.filter(pk=made.pk).update(reviewed_on=day)
    ChannelReview.objects.filter(channel=made).update(day=day)


def _lend(actors: dict, units: dict[str, Unit], row: dict, today: date, key: str) -> None:
    unit, starts = units[row["unit"]], today - timedelta(days=row["starts"])
    terms = Terms(row["months"], row["people"], approved=True, unit_consent=True, person_consent=True)
    actions.borrow(
        actors[row["unit"], CLERK], unit, units[row["lender"]], row["post"], row["task"], starts, terms, key,
        source=row.get("source", ""), reason=row.get("reason", ""),
    )  # fmt: skip


def _hand_down(actors: dict, units: dict[str, Unit], row: dict, today: date) -> None:
    receivers, first = [units[name] for name in row["to"]], months_later(today.replace(day=1), -len(row["months"]))
    support = {name: row.get(name, False) for name in ("people", "money", "training")}
    unit = units[row["unit"]]
    for one in actions.hand_down(
        actors[row["unit"], CLERK], unit, receivers, row["item"], first, row["workdays"], **support
    ):
        clerk = actors.get((one.receiver.name, CLERK))
        for number, (begun, in_time, late, average) in enumerate(row["months"] if clerk else []):
            counted = actions.Counted(begun, in_time, late, Decimal(str(average)))
            actions.count_cases(clerk, one.pk, months_later(first, number), counted)

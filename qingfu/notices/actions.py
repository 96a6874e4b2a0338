"""What families' taps change. Nobody is signed in here: who holds a family's link may answer for its seats.

A tap writes no audit record, since a record has a time and an order: it becomes one more in a counter.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import connection, connections
from django.utils.translation import gettext

from qingfu.notices.answers import BANDS, DAY_STARTS, FLOOR, TRIES, bands_of
from qingfu.notices.models import FamilyCount
from qingfu.units.actions import count_try
from qingfu.units.models import Seat, Token

Kind = FamilyCount.Kind


class NotAsked(ValueError):
    """An answer that nobody asked for. ``str()`` is a sentence for the person."""


def count_tap(link: Token) -> None:
    """Count that a link tapped, in a transaction of its own: rows that one transaction wrote can be told to belong
    together, and this counter knows the link. Raises TooManyTries for one that taps too often."""
    count_try("tap", str(link.pk), *TRIES)


def answer(link: Token, seat: Seat, kind: str, band: str) -> None:
    """Count one answer of the family of ``link`` for ``seat`` on the present evening, once; a new band replaces it.

    ``band`` is the code of a band of the seat's grade for ``time``, else empty. Nobody learns whether it was the first
    answer, another or the same. Raises NotAsked. The caller has counted the tap (``count_tap``).
    """
    if band not in codes_of(kind, seat):
        raise NotAsked(gettext("没有这个选项，请回到上一页重选。"))
    _answer(link, seat, kind, band)


def take_back(link: Token, seat: Seat, kind: str) -> None:
    """Take an answer of the present evening back, if there is one. Raises as ``answer``."""
    _answer(link, seat, kind, None)


def codes_of(kind: str, seat: Seat) -> list[str]:
    """The answers to a question for the class of ``seat``; none where it is not asked."""
    if kind not in Kind.values:
        return []
    return [band.code for band in bands_of(seat.unit.grade)] if kind == Kind.TIME else [""]


def _answer(link: Token, seat: Seat, kind: str, band: str | None) -> None:
    if link.kind != Token.Kind.FAMILY or seat.family_id != link.subject_id:
        raise NotAsked(gettext("这个链接只能看，不能答。请用学校发给家里的那张家庭码。"))
    if kind not in Kind.values:
        raise NotAsked(gettext("没有这个问题，请回到上一页重选。"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT notices.answer(%s, %s, %s)", [seat.pk, kind, band])


def install_rule() -> None:
    """Tell the database what ``data/answers.toml`` says. Run as owner after migrations; repeating changes nothing."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM notices.rule")
        cursor.execute(
            "INSERT INTO notices.rule (day_starts, zone, floor) VALUES (%s, %s, %s)",
            [DAY_STARTS, settings.TIME_ZONE, FLOOR],
        )
        cursor.execute("DELETE FROM notices.band")
        cursor.executemany(
            "INSERT INTO notices.band (grade, code) VALUES (%s, %s)",
            [(grade, band.code) for grade, bands in BANDS.items() for band in bands],
        )


def destroy_keys() -> int:
    """Destroy the keys of evenings that are over, of every tenant: then nobody can tell who answered.

    Returns how many there were. Needs no open tenant.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT notices.destroy_keys()")
        return cursor.fetchone()[0]


def forget_counts(kinds: list[str], before: date) -> int:
    """Remove the open tenant's counts of ``kinds`` of days before ``before``; returns how many rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT notices.forget_counts(%s, %s)", [kinds, before])
        return cursor.fetchone()[0]

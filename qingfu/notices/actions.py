"""What families' taps change. Nobody is signed in here: who holds a family's link may answer for its seats.

A tap writes no audit record, since a record has a time and an order: it becomes one more in a counter.
"""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.utils.translation import gettext

from qingfu.notices.answers import DAY_STARTS, FLOOR, TRIES, bands_of
from qingfu.notices.models import FamilyCount
from qingfu.units.actions import count_try
from qingfu.units.models import Seat, Token

Kind = FamilyCount.Kind


class NotAsked(ValueError):
    """An answer that nobody asked for. ``str()`` is a sentence for the person."""


class EveningOver(ValueError):
    """The evening ended while the page was open. ``str()`` is a sentence for the person."""


def answer(link: Token, seat: Seat, kind: str, band: str, evening: date) -> str:
    """Count one answer of the family of ``link`` for ``seat`` on ``evening``, once; a new band replaces it.

    ``band`` is the code of a band of the seat's grade for ``time``, else empty. Returns counted, changed or
    same. Raises NotAsked, EveningOver, and TooManyTries for a link that taps too often.
    """
    if band not in codes_of(kind, seat):
        raise NotAsked(gettext("没有这个选项，请回到上一页重选。"))
    return _answer(link, seat, kind, band, evening)


def take_back(link: Token, seat: Seat, kind: str, evening: date) -> str:
    """Take an answer of this evening back. Returns taken_back, or nothing. Raises as ``answer``."""
    return _answer(link, seat, kind, None, evening)


def codes_of(kind: str, seat: Seat) -> list[str]:
    """The answers to a question for the class of ``seat``; none where it is not asked."""
    if kind not in Kind.values:
        return []
    return [band.code for band in bands_of(seat.unit.grade)] if kind == Kind.TIME else [""]


def _answer(link: Token, seat: Seat, kind: str, band: str | None, evening: date) -> str:
    if link.kind != Token.Kind.FAMILY or seat.family_id != link.subject_id:
        raise NotAsked(gettext("这个链接只能看，不能答。请用学校发给家里的那张家庭码。"))
    if kind not in Kind.values:
        raise NotAsked(gettext("没有这个问题，请回到上一页重选。"))
    count_try("tap", str(link.pk), *TRIES)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT notices.answer(%s, %s, %s, %s, %s, %s)",
            [seat.pk, kind, band, codes_of(kind, seat), evening, FLOOR],
        )
        said = cursor.fetchone()[0]
    if said == "over":
        starts = DAY_STARTS.strftime("%H:%M")
        raise EveningOver(gettext("过了早上 %(starts)s，这一晚的反馈已经截止。") % {"starts": starts})
    return said


def destroy_keys(evening: date) -> int:
    """Destroy the keys of evenings before ``evening``, of every tenant: then nobody can tell who answered.

    Returns how many there were. Needs no open tenant.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT notices.destroy_keys(%s)", [evening])
        return cursor.fetchone()[0]


def forget_counts(kinds: list[str], before: date) -> int:
    """Remove the open tenant's counts of ``kinds`` of days before ``before``; returns how many rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT notices.forget_counts(%s, %s)", [kinds, before])
        return cursor.fetchone()[0]

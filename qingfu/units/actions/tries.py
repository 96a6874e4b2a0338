"""Counting tries: of passwords, of codes, of public posts. One counter for all workers, in the database."""

from __future__ import annotations

import hashlib
import hmac

from django.db import connection
from django.utils.translation import ngettext

from qingfu.server.secrets import secret


class TooManyTries(Exception):
    """Enough for now. ``seconds`` until the next try counts; ``str()`` is a sentence for the person."""

    def __init__(self, seconds: int):
        self.seconds = max(seconds, 1)
        minutes = -(-self.seconds // 60)
        super().__init__(
            ngettext("试得太多了，请过 %(minutes)d 分钟再试。", "试得太多了，请过 %(minutes)d 分钟再试。", minutes)
            % {"minutes": minutes}
        )


def count_try(kind: str, key: str, limit: int, seconds: int) -> int:
    """Count one try of ``kind`` by ``key`` (an account, an address) and return how many are left.

    At most ``limit`` tries in ``seconds`` from the first. Raises TooManyTries. Only a keyed hash of ``key`` is
    kept, until the time is over. Works with and without an open tenant; inside a transaction that is rolled back
    the try is forgotten, which is right for everything but guessing: count guesses outside.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT tries, seconds_left FROM tenancy.count_try(%s, %s, %s)", [kind, _hash(key), seconds])
        tries, seconds_left = cursor.fetchone()
    if tries > limit:
        raise TooManyTries(seconds_left)
    return limit - tries


def give_back_try(kind: str, key: str) -> None:
    """A try that turned out well does not count."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenancy.give_back_try(%s, %s)", [kind, _hash(key)])


def forget_tries() -> int:
    """Remove the counters whose time is over; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenancy.forget_tries()")
        return cursor.fetchone()[0]


def _hash(key: str) -> bytes:
    return hmac.new(secret("tries"), key.encode(), hashlib.sha256).digest()

"""``ledger.post`` with something taken out or put in: the failing controls, which show that the races are real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections

import qingfu.ledger

SQL = Path(qingfu.ledger.__file__).parent / "sql" / "post.sql"
BEFORE_WRITING = "    -- 6. Write."
GATE = 20210724  # an advisory lock: whoever shares it stands before it while a test holds it

LOCK_OF_BUDGETS = """AND b.window_key = k.window_key COLLATE "C" FOR NO KEY UPDATE)"""
LOCK_OF_HEADS = "AND h.version = r.version FOR SHARE)"


def post_function() -> str:
    """The definition of ledger.post as it stands in its file."""
    text = SQL.read_text()
    return text[text.index("CREATE OR REPLACE FUNCTION ledger.post(") : text.index("-- The same in a transaction")]


def without(lock: str) -> str:
    """ledger.post without one of its locks. Fails if the lock is not there exactly once."""
    text = post_function()
    assert text.count(lock) == 1
    unlocked = lock.replace(" FOR NO KEY UPDATE", "").replace(" FOR SHARE", "")
    return text.replace(lock, unlocked)


def with_gate(text: str) -> str:
    """The function stopping at the gate between check and write."""
    assert text.count(BEFORE_WRITING) == 1
    return text.replace(BEFORE_WRITING, f"    PERFORM pg_advisory_xact_lock_shared({GATE});\n{BEFORE_WRITING}")


def with_pause(text: str) -> str:
    """The function taking a hundredth of a second between check and write."""
    assert text.count(BEFORE_WRITING) == 1
    return text.replace(BEFORE_WRITING, f"    PERFORM pg_sleep(0.01);\n{BEFORE_WRITING}")


@contextmanager
def installed(text: str) -> Iterator[None]:
    """Put a variant in the place of ledger.post, and the original back."""
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(text.replace("%", "%%"), [])
    try:
        yield
    finally:
        with owner.cursor() as cursor:
            cursor.execute(post_function().replace("%", "%%"), [])


@contextmanager
def gate_closed() -> Iterator[None]:
    """Nobody passes the gate inside this block."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [GATE])


def waiting() -> int:
    """How many connections of the app wait for a lock of any sort now."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]

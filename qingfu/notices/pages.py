"""Pages kept for a moment in this process: two hundred families open the same one in the same minute.

What is kept is at most FRESH_SECONDS old (and, while one request makes it anew, SPARE_SECONDS more for the
others), so a correction shows within seconds. Nothing is asked of the database to find that out. Keys begin
with the tenant, and whoever asks has been let in before: ``resolve`` runs for every request, so a revoked
link opens nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TypeVar

FRESH_SECONDS = 5.0
SPARE_SECONDS = 2.0
MOST = 4000  # of one process: pages are 10 to 20 KB

T = TypeVar("T")


@dataclass
class _Entry:
    value: object
    until: float


class Kept:
    """Values by key, each made by the first who asks and good for a few seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic):
        self._clock = clock
        self._lock = Lock()
        self._entries: OrderedDict[tuple, _Entry] = OrderedDict()

    def get(self, tenant_id: int, key: tuple[Hashable, ...], make: Callable[[], T]) -> T:
        """What ``make()`` returned for this key of this tenant, not longer ago than the seconds above."""
        place = (tenant_id, *key)
        with self._lock:
            now = self._clock()
            entry = self._entries.get(place)
            if entry and now < entry.until:
                return entry.value
            if entry and now < entry.until + SPARE_SECONDS:
                entry.until = now + SPARE_SECONDS / 2  # this request makes it anew, others need not wait
        value = make()
        with self._lock:
            self._entries[place] = _Entry(value, now + FRESH_SECONDS)
            self._entries.move_to_end(place)
            while len(self._entries) > MOST:
                self._entries.popitem(last=False)
        return value

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


kept = Kept()

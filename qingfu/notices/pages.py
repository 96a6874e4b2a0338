"""Pages kept in this process: two hundred families open the same one in the same minute.

What is kept is good for FRESH_SECONDS. Then one request compares its version with one small query and, only if
something changed, makes it anew; the others take the old one meanwhile, SPARE_SECONDS at most. So a correction shows
within seconds. Keys begin with the tenant, and whoever asks has been let in before: ``resolve`` runs for every
request, so a revoked link opens nothing, whatever is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

FRESH_SECONDS = 5.0
SPARE_SECONDS = 2.0
MOST = 4000  # of one process: pages are 10 to 20 KB

T = TypeVar("T")


@dataclass
class _Entry:
    value: Any = None
    version: Any = None
    until: float | None = None
    at_work: Lock = field(default_factory=Lock)


class Kept:
    """Values by key, each made by the first who asks while the others wait."""

    def __init__(self, clock: Callable[[], float] = monotonic):
        self._clock = clock
        self._lock = Lock()
        self._entries: OrderedDict[tuple, _Entry] = OrderedDict()

    def get(
        self,
        tenant_id: int,
        key: tuple[Hashable, ...],
        make: Callable[[], T],
        version: Callable[[], Hashable] | None = None,
    ) -> T:
        """What ``make()`` returned for this key of this tenant, as long as it is fresh or ``version()`` the same."""
        entry = self._entry((tenant_id, *key))
        if entry.until is not None:
            late = self._clock() - entry.until
            if late < 0 or (late < SPARE_SECONDS and entry.at_work.locked()):
                return entry.value
        with entry.at_work:
            now = self._clock()
            if entry.until is None or now >= entry.until:
                seen = version() if version else None
                if entry.until is None or version is None or seen != entry.version:
                    entry.value = make()
                entry.version, entry.until = seen, now + FRESH_SECONDS
            return entry.value

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def _entry(self, place: tuple) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(place, _Entry())
            self._entries.move_to_end(place)
            while len(self._entries) > MOST:
                self._entries.popitem(last=False)
            return entry


kept = Kept()

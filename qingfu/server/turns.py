"""One request at a time in each web process, while it is quick.

Threads of one process share one interpreter. A request that reads from the database lets go of it dozens of times, for
microseconds each. With others waiting, each of these hands the interpreter to another thread, which costs processor
time of which nobody has anything, and whoever came first is done last. So requests take turns: the first goes on until
its page is made, and the others wait for their turn instead of waiting for the interpreter. A request that is not done
after SLICE (a long report, a slow disk) has had its turn: the next begins beside it, as threads do.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from threading import Lock

from django.http import HttpResponse

from qingfu.server.databases import POOL_SIZE
from qingfu.server.rows import Rows

SLICE = 0.025  # seconds: some five pages. What one slow request costs those who wait behind it, once
LATELY = 16  # requests: what the pace is the mean of


class Turn:
    """The place of one request in the row."""

    def __init__(self) -> None:
        self.came = Lock()
        self.came.acquire()
        self.began = 0.0


class Turns:
    """A row of requests, of which one has its turn. Threads may call it at any time.

    No more than ``most`` go on beside each other, so that each finds a connection to the database.
    """

    def __init__(self, seconds: float = SLICE, most: int = POOL_SIZE) -> None:
        self._seconds = seconds
        self._most = most
        self._lock = Lock()
        self._row: deque[Turn] = deque()
        self._now: Turn | None = None
        self._going_on = 0
        self.pace = 0.0  # seconds that a request has of late taken in its turn

    def take(self) -> Turn:
        """Wait in the row; what is given is for ``give_back``."""
        mine = Turn()
        with self._lock:
            self._row.append(mine)
            self._go_on()
            longest = self._seconds * len(self._row) + 0.001  # when each before it takes its whole slice
        while not mine.came.acquire(timeout=longest):
            with self._lock:
                self._go_on()
        return mine

    def give_back(self, mine: Turn) -> None:
        """The next one's turn, unless that came before, as ``mine`` took long."""
        with self._lock:
            self._going_on -= 1
            self.pace += (time.monotonic() - mine.began - self.pace) / LATELY
            if self._now is mine:
                self._now = None
            self._go_on()

    def waiting(self) -> int:
        """How many stand in the row."""
        return len(self._row)

    def _go_on(self) -> None:
        now = time.monotonic()
        over = self._now is None or now - self._now.began >= self._seconds
        if self._row and over and self._going_on < self._most:
            self._now = self._row.popleft()
            self._now.began = now
            self._going_on += 1
            self._now.came.release()


class TakingTurns:
    """A WSGI application whose requests take turns.

    A page is handed over whole, as a list, which spares the server asking for it piece by piece; what streams (files,
    exports) does so after its turn.
    """

    def __init__(self, application: Callable, turns: Turns | None = None, rows: Rows | None = None) -> None:
        self._application = application
        self._turns = turns or Turns()
        self._rows = rows

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        mine = self._turns.take()
        try:
            response = self._application(environ, self._evening_out(environ, start_response))
            return response if response.streaming else _whole(response)
        finally:
            self._turns.give_back(mine)

    def _evening_out(self, environ: dict, start_response: Callable) -> Callable:
        """``start_response``, which closes the connection where one waits less elsewhere. HTTP/2 keeps its own."""
        if self._rows is None:
            return start_response

        def start(status: str, headers: list[tuple[str, str]]) -> object:
            less_elsewhere = self._rows.tell(self._turns.waiting(), self._turns.pace)
            closing = less_elsewhere and environ["SERVER_PROTOCOL"].startswith("HTTP/1")
            return start_response(status, [*headers, ("Connection", "close")] if closing else headers)

        return start


def _whole(response: HttpResponse) -> list[bytes]:
    try:
        return [response.content]
    finally:
        response.close()

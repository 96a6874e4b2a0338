"""How long a request waits in the row of each web process, told to all of them.

Which process a connection falls to is chance: whoever accepts it first has it for as long as the browser keeps it. Of
twenty, thirteen may share one process and seven the other, and the thirteen wait twice as long; and where the core of
one is slower, ten wait longer than ten. So the processes tell each other how long one waits with them, and where that
is clearly longer than elsewhere, the connection of the page that is done is closed: the browser makes a new one with
its next request, which may fall to the other. Where hardly anybody waits, nothing is closed.
"""

from __future__ import annotations

import mmap
from pathlib import Path

SHORT_ROW = 2  # a browser alone makes such a row
CLEARLY = 1.1  # so many times as long, and one page more, is clearly longer
MICROSECONDS = "i"  # of four bytes, written at once
LONGEST = 10**9  # microseconds, which have room in a place


def lay_out(file: Path, places: int) -> None:
    """Write ``file`` for so many processes, with none there yet."""
    file.write_bytes(bytes(4 * places))


class Rows:
    """The rows of all web processes of an installation: a file of ``lay_out`` in memory, a place for each process.

    A place holds the microseconds that one waits there, and one more, 0 where nobody is.
    """

    def __init__(self, file: Path, place: int) -> None:
        with file.open("r+b") as shared:
            self._waits = memoryview(mmap.mmap(shared.fileno(), 0)).cast(MICROSECONDS)
        self._place = place
        self.tell(0, 0)

    def tell(self, length: int, pace: float) -> bool:
        """So many wait here now, for so many seconds each; whether one waits clearly less elsewhere."""
        wait = int(length * pace * 1e6)
        self._waits[self._place] = min(wait, LONGEST) + 1
        shortest = min(filter(None, self._waits)) - 1
        return length > SHORT_ROW and wait > CLEARLY * shortest + pace * 1e6

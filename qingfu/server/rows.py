"""How long the row of waiting requests is in each web process, told to all of them.

Which process a connection falls to is chance: whoever accepts it first has it for as long as the browser keeps it. Of
twenty, thirteen may share one process and seven the other, and the thirteen wait twice as long. So the processes tell
each other how long their rows are, and where one is clearly longer than another, the connection of the page that is
done is closed: the browser makes a new one with its next request, which may fall to the other. Where nobody waits,
nothing is closed.
"""

from __future__ import annotations

import mmap
from pathlib import Path

CLEARLY, AND_MORE = 1.25, 2  # a row is clearly longer than another when it has that much of it, and so many more
LENGTH = "i"  # of four bytes, written at once


def lay_out(file: Path, places: int) -> None:
    """Write ``file`` for so many processes, with none there yet."""
    file.write_bytes(bytes(4 * places))


class Rows:
    """The rows of all web processes of an installation: a file of ``lay_out`` in memory, a place for each process.

    A place holds the length and one more, 0 where nobody is.
    """

    def __init__(self, file: Path, place: int) -> None:
        with file.open("r+b") as shared:
            self._lengths = memoryview(mmap.mmap(shared.fileno(), 0)).cast(LENGTH)
        self._place = place
        self.tell(0)

    def tell(self, length: int) -> bool:
        """So many wait here now; whether the row of another process is clearly shorter."""
        self._lengths[self._place] = length + 1
        shortest = min(filter(None, self._lengths)) - 1
        return length > CLEARLY * shortest + AND_MORE

"""Copies among the reports of a whole folder, kept in an index that grows as reports arrive.

The index is one DuckDB file: reports (with the hash of their file), paragraphs, seeds, copies. Reports are taken in
batches, each one transaction: what is killed in the middle has done nothing and begins again. In memory are one batch
and the earlier paragraphs that it may repeat; everything else stays on disk, and DuckDB spills its joins
there. The answer does not depend on how the reports were cut into batches. Needs the extra [lake].
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from ..files import CannotRead, open_file
from .passages import Mutes, copies_from, places
from .secrecy import why_secret

INDEX = ".qingfu-copies"
BATCH = 1 << 24  # characters
MEMORY = "1GB"  # of DuckDB, beyond which it spills
_OFFSET_BITS = 24  # a place is paragraph << 24 | letter: lines are shorter than a batch
_TABLES = """
CREATE TABLE IF NOT EXISTS reports (id INTEGER, name VARCHAR, hash VARCHAR, day DATE);
CREATE TABLE IF NOT EXISTS paragraphs (id BIGINT, report INTEGER, line INTEGER, text VARCHAR);
CREATE TABLE IF NOT EXISTS seeds (seed UBIGINT, place BIGINT);
CREATE TABLE IF NOT EXISTS copies (
    a BIGINT, a_report INTEGER, a_start INTEGER, a_end INTEGER, b BIGINT, b_report INTEGER, b_start INTEGER,
    b_end INTEGER, letters INTEGER, identity DOUBLE, sub VARCHAR);
"""


class CorpusError(Exception):
    """The folder cannot be compared; says in Chinese why and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A report of the folder: its name there, the hash of its content, its text, its day if known."""

    name: str
    hash: str
    text: str
    day: date | None = None


class Changed(NamedTuple):
    """What ``Index.update`` did: how many reports it took in and dropped; by name why a file was left out."""

    taken_in: int
    dropped: int
    left_out: dict[str, str]


def report_files(folder: Path) -> list[Path]:
    """The files below a folder, in order, without hidden ones (the index is one) and those that Word keeps open."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if not any(p.startswith((".", "~$")) for p in path.relative_to(folder).parts)]


def read_report(path: Path) -> str:
    """The text of a report of any kind. Raises CannotRead, also where it bears a mark of secrecy, and OSError."""
    text = open_file(path).text
    if secret := why_secret(text):
        raise CannotRead(secret)
    return text


def why_unread(error: OSError | CannotRead) -> str:
    return str(getattr(error, "strerror", None) or error)


def copies_among(texts: Iterable[str]) -> list[tuple[tuple[int, int], tuple[int, int], float]]:
    """The copies among reports in memory: (report, line) of source and copy, numbered from 0, and identity."""
    batch = _Batch([Source("", "", text) for text in texts], 0, 0)
    place = [(report, line - 1) for report, line in zip(batch.reports, batch.numbers, strict=True)]
    return [(place[row[0]], place[row[4]], row[9]) for row in batch.copies()]


class Index:
    """The index in ``folder``; ``with Index(folder) as index``. One process at a time. Raises CorpusError."""

    def __init__(self, folder: Path, *, batch: int = BATCH, memory: str = MEMORY) -> None:
        duckdb = _duckdb()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._db = duckdb.connect(str(folder / "copies.duckdb"))
        except duckdb.IOException as error:
            raise CorpusError(f"索引 {folder} 打不开，可能另一个进程正在使用：{error}") from error
        self._batch = batch
        self._db.execute(f"SET memory_limit = '{memory}'")
        self._db.execute("SET preserve_insertion_order = false")
        self._db.execute(f"SET temp_directory = '{str(folder / 'spill').replace(chr(39), chr(39) * 2)}'")
        self._db.execute(_TABLES)

    def __enter__(self) -> Index:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._db.close()

    def known(self) -> dict[str, str]:
        """Name → hash of every report in the index."""
        return dict(self._db.execute("SELECT name, hash FROM reports").fetchall())

    def update(self, folder: Path) -> Changed:
        """Takes in the new and changed reports of ``folder``, of every kind that ``open_file`` reads, and drops those
        that are gone or can no longer be read. What has not changed is not opened.
        """
        known, left_out = self.known(), {}
        files = {str(path.relative_to(folder)): path for path in report_files(folder)}

        def read(name: str) -> Iterator[Source]:
            try:
                digest = _digest(files[name])
                if known.get(name) != digest:
                    yield Source(name, digest, read_report(files[name]))
            except (OSError, CannotRead) as error:
                left_out[name] = why_unread(error)

        taken_in = self.add(source for name in files for source in read(name))
        gone = [name for name in known if name not in files or name in left_out]
        if gone:
            self._in_transaction(lambda: self._drop(gone))
        return Changed(taken_in, len(gone), left_out)

    def add(self, sources: Iterable[Source]) -> int:
        """Takes in reports, and says how many; one whose name is there already takes its place."""
        batch: list[Source] = []
        size = taken_in = 0
        for source in sources:
            taken_in += 1
            if batch and size + len(source.text) > self._batch:
                self._in_transaction(lambda taken=tuple(batch): self._take_in(taken))
                batch, size = [], 0
            batch.append(source)
            size += len(source.text) + 1
        if batch:
            self._in_transaction(lambda: self._take_in(batch))
        return taken_in

    def rows(self) -> Iterator[dict]:
        """Every copy: file, line (from 1), start, end and text of the later place, and its ``pair``."""
        found = self._db.execute(
            "SELECT rb.name, pb.line, pb.text, c.b_start, c.b_end, ra.name, pa.line, pa.text, c.a_start, c.a_end,"
            " c.identity, c.sub FROM copies c JOIN paragraphs pa ON pa.id = c.a JOIN paragraphs pb ON pb.id = c.b"
            " JOIN reports ra ON ra.id = c.a_report JOIN reports rb ON rb.id = c.b_report ORDER BY c.b, c.b_start, c.a"
        )
        while part := found.fetchmany(10_000):
            for *b, a_name, a_line, a_text, a_start, a_end, identity, sub in part:
                pair = _spot(a_name, a_line, a_text, a_start, a_end)
                yield {**_spot(*b), "kind": "near_duplicate_passage", "sub": sub, "similarity": identity, "pair": pair}

    def shares(self) -> list[dict]:
        """Which reports share what: for each pair the passages and letters in common, most first.

        ``from`` and ``to`` are given where the days of both are known and differ: the later copied from the earlier,
        or both from a third. Otherwise they are None.
        """
        found = self._db.execute(
            "SELECT ra.name, rb.name, ra.day, rb.day, count(*), sum(c.letters), count(*) FILTER (c.sub = 'paragraph')"
            " FROM copies c JOIN reports ra ON ra.id = c.a_report JOIN reports rb ON rb.id = c.b_report"
            " WHERE ra.id <> rb.id GROUP BY ALL ORDER BY 6 DESC, 1, 2"
        ).fetchall()
        return [
            {"a": a, "b": b, **_direction(a, a_day, b, b_day), "passages": passages, "letters": shared,
             "paragraphs": paragraphs}
            for a, b, a_day, b_day, passages, shared, paragraphs in found
        ]  # fmt: skip

    def matrix(self, most: int = 60) -> tuple[list[str], list[list[int]]]:
        """The reports that share most, at most ``most``, and the letters that each two have in common."""
        shares = self.shares()
        weight: dict[str, int] = {}
        for share in shares:
            for name in (share["a"], share["b"]):
                weight[name] = weight.get(name, 0) + share["letters"]
        names = sorted(sorted(weight, key=lambda name: (-weight[name], name))[:most])
        place = {name: number for number, name in enumerate(names)}
        table = [[0] * len(names) for _ in names]
        for share in shares:
            a, b = place.get(share["a"]), place.get(share["b"])
            if a is not None and b is not None:
                table[a][b] += share["letters"]
                table[b][a] += share["letters"]
        return names, table

    def graph(self) -> dict:
        """Nodes (reports that share anything) and edges (see ``shares``) of the graph of copied passages."""
        edges = self.shares()
        return {"nodes": sorted({name for edge in edges for name in (edge["a"], edge["b"])}), "edges": edges}

    def _in_transaction(self, act: Callable[[], None]) -> None:
        self._db.execute("BEGIN")
        try:
            act()
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _drop(self, names: list[str]) -> None:
        ids = [row[0] for row in self._db.execute(
            "SELECT id FROM reports WHERE name IN (SELECT unnest(?))", [names]
        ).fetchall()]  # fmt: skip
        if not ids:
            return
        gone = "(SELECT unnest($1))"
        self._db.execute(f"DELETE FROM copies WHERE a_report IN {gone} OR b_report IN {gone}", [ids])
        self._db.execute(
            f"DELETE FROM seeds WHERE place >> {_OFFSET_BITS} IN (SELECT id FROM paragraphs WHERE report IN {gone})",
            [ids],
        )
        self._db.execute(f"DELETE FROM paragraphs WHERE report IN {gone}", [ids])
        self._db.execute(f"DELETE FROM reports WHERE id IN {gone}", [ids])

    def _take_in(self, sources: Iterable[Source]) -> None:
        sources = list({source.name: source for source in sources}.values())
        self._drop([source.name for source in sources])
        first_report = self._db.execute("SELECT coalesce(max(id), -1) + 1 FROM reports").fetchall()[0][0]
        first_paragraph = self._db.execute("SELECT coalesce(max(id), -1) + 1 FROM paragraphs").fetchall()[0][0]
        batch = _Batch(sources, first_report, first_paragraph)
        found = batch.copies(self._db)
        self._db.execute(
            "INSERT INTO reports SELECT unnest($1), unnest($2), unnest($3), unnest($4)",
            [list(range(first_report, first_report + len(sources))), [s.name for s in sources],
             [s.hash for s in sources], [s.day for s in sources]],
        )  # fmt: skip
        batch.store(self._db)
        if found:
            self._db.execute(
                f"INSERT INTO copies SELECT {', '.join(f'unnest(${n})' for n in range(1, 12))}",
                [list(column) for column in zip(*found, strict=True)],
            )


class _Batch:
    """Reports taken in together, as one array of letters."""

    def __init__(self, sources: list[Source], first_report: int, first_paragraph: int) -> None:
        import numpy as np

        from . import bulk

        self.lines: list[str] = []
        self.reports: list[int] = []
        self.numbers: list[int] = []
        for report, source in enumerate(sources, first_report):
            lines = source.text.split("\n")
            self.lines += lines
            self.reports += [report] * len(lines)
            self.numbers += range(1, len(lines) + 1)
        self.first = first_paragraph
        self.codes = bulk.letter_codes("\n".join(self.lines))
        breaks = np.flatnonzero(self.codes == bulk.BREAK)
        self.starts = np.concatenate([[0], breaks + 1, [len(self.codes) + 1]])
        self.seeds, self.at = bulk.seeds(self.codes)

    def copies(self, db=None) -> list[tuple]:
        """The rows of what its paragraphs share with each other and with those of the index ``db``, if there is one."""
        import numpy as np

        from . import bulk

        before = bulk.ties(self.seeds)
        tied = np.flatnonzero(before >= 0)
        here, there = self.at[tied], self.at[before[tied]]
        new = before < 0
        old = _earlier(db, self.seeds[new], self.at[new]) if db else _Old([], here[:0], here[:0])
        codes = np.concatenate([old.codes, self.codes])
        all_here = np.concatenate([here, old.here]) + len(old.codes)
        all_there = np.concatenate([there + len(old.codes), old.there])
        order = np.argsort(all_here, kind="stable")
        worth = list(bulk.worth_following(codes, all_there[order], all_here[order]))
        starts = np.concatenate([old.starts, self.starts + len(old.codes)])
        ids = [*old.ids, *range(self.first, self.first + len(self.lines))]
        return self._followed(codes, starts, ids, worth, old)

    def _followed(self, codes, starts, ids: list[int], worth: list[tuple[int, int]], old: _Old) -> list[tuple]:
        import numpy as np

        places = np.array(worth, np.int64).reshape(-1, 2)
        numbers = np.searchsorted(starts, places, side="right") - 1
        offsets = places - starts[numbers]
        texts, simple, owners = {}, {}, {}
        for number in np.unique(numbers).tolist():
            key = ids[number]
            first, last = int(starts[number]), int(starts[number + 1]) - 1
            simple[key] = codes[first:last].tobytes().decode("utf-16-le")
            texts[key], owners[key] = old.told[key] if key in old.told else self._told(key)
        meetings = [
            (ids[a], i, ids[b], j)
            for (a, b), (i, j) in zip(numbers.tolist(), offsets.tolist(), strict=True)
            if a != b
        ]
        return [
            (copy.a.paragraph, owners[copy.a.paragraph], copy.a.start, copy.a.end,
             copy.b.paragraph, owners[copy.b.paragraph], copy.b.start, copy.b.end,
             copy.b.end - copy.b.start, copy.identity, copy.sub)
            for copy in copies_from(meetings, simple, owners, Mutes(texts, simple))
        ]  # fmt: skip

    def _told(self, key: int) -> tuple[str, int]:
        return self.lines[key - self.first], self.reports[key - self.first]

    def store(self, db) -> None:
        """Writes its paragraphs and seeds."""
        import numpy as np

        kept = np.array([number for number, line in enumerate(self.lines) if line.strip()], np.int64)
        columns = {"report": self.reports, "line": self.numbers, "text": np.array(self.lines, object)}
        # As arrays: DuckDB takes a list in value by value.
        db.register("fresh", {"id": kept + self.first, **{name: np.asarray(c)[kept] for name, c in columns.items()}})
        db.execute("INSERT INTO paragraphs SELECT id, report, line, text FROM fresh")
        db.unregister("fresh")
        paragraph = np.searchsorted(self.starts, self.at, side="right") - 1
        place = (paragraph + self.first << _OFFSET_BITS) | (self.at - self.starts[paragraph])
        db.register("fresh", {"seed": self.seeds, "place": place})
        db.execute("INSERT INTO seeds SELECT seed, place FROM fresh")
        db.unregister("fresh")


class _Old:
    """Paragraphs of the index, (id, text, report) in order of id, in which seeds at ``here`` of a batch stand last.

    ``there``: the places of those seeds in ``codes``, the letters of the paragraphs.
    """

    def __init__(self, paragraphs: list[tuple[int, str, int]], here, place) -> None:
        import numpy as np

        from . import bulk

        self.ids = [key for key, _, _ in paragraphs]
        self.told = {key: (text, report) for key, text, report in paragraphs}
        self.codes = bulk.letter_codes("".join(text + "\n" for _, text, _ in paragraphs))
        self.starts = np.concatenate([[0], np.flatnonzero(self.codes == bulk.BREAK) + 1])[:-1]
        number = np.searchsorted(np.array(self.ids, np.int64), place >> _OFFSET_BITS)
        self.here = here
        self.there = self.starts[number] + (place & ((1 << _OFFSET_BITS) - 1)) if len(place) else place


def _earlier(db, seeds, at) -> _Old:
    """What the index has of ``seeds``, which stand at ``at`` of a batch."""
    import numpy as np

    db.register("sought", {"seed": seeds, "here": at})
    found = db.execute(
        "SELECT here, max(place) AS place FROM sought JOIN seeds USING (seed) GROUP BY here ORDER BY here"
    ).fetchnumpy()
    db.unregister("sought")
    here, place = (np.asarray(found[name], np.int64) for name in ("here", "place"))
    paragraphs = db.execute(
        "SELECT id, text, report FROM paragraphs JOIN (SELECT unnest($1) AS id) USING (id) ORDER BY id",
        [np.unique(place >> _OFFSET_BITS).tolist()],
    ).fetchall()
    return _Old(paragraphs, here, place)


def _spot(name: str, line: int, text: str, start: int, end: int) -> dict:
    """A place of the copies table with characters instead of letters."""
    at = places(text)
    first, last = at[start], at[end - 1] + 1
    return {"file": name, "line": line, "start": first, "end": last, "text": text[first:last]}


def _direction(a: str, a_day: date | None, b: str, b_day: date | None) -> dict:
    if a_day is None or b_day is None or a_day == b_day:
        return {"from": None, "to": None}
    return {"from": a, "to": b} if a_day < b_day else {"from": b, "to": a}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _duckdb():
    try:
        import duckdb
        import numpy  # noqa: F401
    except ImportError:
        raise CorpusError('比对整个文件夹需要附加组件，请先安装：pip install "qingfu[lake]"') from None
    return duckdb

"""A lake as Ibis tables, whatever engine reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from qingfu.lake import files, manifest
from qingfu.lake.manifest import LakeError, Piece
from qingfu.lake.tables import Table, tables

VIEWS = count(1)  # names of views that no other lake has
SHUFFLES = 16  # of Spark: what is over is little; hundreds of empty tasks cost more than the work
MEMORY = "3GB"  # of DuckDB; what needs more goes to disk


@dataclass
class Lake:
    """Some counties of a lake, read through an Ibis backend. Only files that the manifests name are read."""

    folder: Path
    codes: tuple[str, ...]
    backend: object
    pieces: tuple[Piece, ...] = ()
    _tables: dict = field(default_factory=dict)
    _filled: dict = field(default_factory=dict)
    _read_footers: dict = field(default_factory=dict)

    def __post_init__(self):
        found = [manifest.read(self.folder, code) for code in self.codes]
        for code, one in zip(self.codes, found, strict=True):
            if one is None:
                raise LakeError(f"{self.folder} 里没有 {code} 的记录。")
        self.pieces = tuple(piece for one in found for piece in one.pieces)

    def table(self, name: str):
        """A table of the lake as an Ibis expression; columns that some files lack are empty there."""
        if name not in self._tables:
            footers = {path: footer for path, footer in self._footers(name).items() if footer.num_rows}
            self._tables[name] = self._read(name, footers) if footers else self._nothing(name)
        return self._tables[name]

    def _read(self, name: str, footers: dict):
        view = f"lake_{name}_{next(VIEWS)}"
        if self.backend.name == "duckdb":
            # DuckDB's own union by name opens every file for every query; files of the same columns need none.
            alike: dict[tuple, list[str]] = {}
            for path, footer in footers.items():
                alike.setdefault(tuple(footer.schema.names), []).append(path)
            parts = (f"FROM read_parquet([{_quoted(paths)}], hive_partitioning = false)" for paths in alike.values())
            self.backend.raw_sql(f"CREATE VIEW {view} AS {' UNION ALL BY NAME '.join(parts)}")
        else:
            self.backend._session.read.parquet(*footers).createOrReplaceTempView(view)
        return self.backend.table(view)

    def _footers(self, name: str) -> dict:
        """What the files of a table say of themselves, by path."""
        import pyarrow.parquet as pq

        if name not in self._read_footers:
            paths = [str(self.folder / piece.path) for piece in self.pieces if piece.table == name]
            self._read_footers[name] = {path: pq.read_metadata(path) for path in paths}
        return self._read_footers[name]

    @contextmanager
    def kept(self, name: str, expression) -> Iterator:
        """An expression worked out once, as a table that lasts as long as the block."""
        if self.backend.name != "duckdb":
            with expression.cache() as table:
                yield table
            return
        try:
            yield self.backend.create_table(name, expression, temp=True)
        finally:
            self.backend.raw_sql(f"DROP TABLE IF EXISTS {name}")

    @contextmanager
    def named(self, expression) -> Iterator:
        """An expression as a view that lasts as long as the block: what is made from it need not plan it again."""
        name = f"view_{next(VIEWS)}"
        try:
            yield self.backend.create_view(name, expression)
        finally:
            self.backend.raw_sql(f"DROP VIEW IF EXISTS {name}")

    def rows(self, name: str) -> list[dict]:
        """All rows of a small table."""
        return self.table(name).to_pyarrow().to_pylist()

    def filled(self, name: str) -> set[str]:
        """The columns of a table that hold anything at all, as the footers of its files say."""
        if name not in self._filled:
            found: set[str] = set()
            for footer in self._footers(name).values():
                found |= _filled(footer, found)
            self._filled[name] = found
        return self._filled[name]

    def holds(self, name: str) -> bool:
        """Whether a table has any row."""
        return any(piece.rows for piece in self.pieces if piece.table == name)

    def of(self, codes: tuple[str, ...]) -> Lake:
        """The same lake, with only some of its counties."""
        return Lake(self.folder, codes, self.backend)

    def _nothing(self, name: str):
        import ibis

        schema = files.arrow_schema(self._table(name), [] if self._table(name).attributes else None)
        return ibis.memtable(schema.empty_table())

    @staticmethod
    def _table(name: str) -> Table:
        return tables()[name]


def _quoted(paths: Iterable[str]) -> str:
    return ", ".join("'" + path.replace("'", "''") + "'" for path in paths)


def _filled(footer, known: set[str]) -> set[str]:
    """The columns that hold anything in a file, but for those that are known to."""
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    asked = [(number, name) for number, name in enumerate(footer.schema.names) if name not in known]
    return {name for number, name in asked if any(_holds(group, number) for group in groups)}


def _holds(group, number: int) -> bool:
    column = group.column(number)
    return not (column.is_stats_set and column.statistics.null_count == group.num_rows)


def lake_folder() -> Path:
    """Where the lake of this installation lies: all its counties, written every night (``lake.jobs``)."""
    from django.conf import settings

    return settings.LAKE_FOLDER


def open_lake(folder: Path, codes: tuple[str, ...] = (), engine: str = "duckdb") -> Lake:
    """Some counties of a lake (all without ``codes``) on an engine: ``duckdb``, in this process, or an address such as
    ``spark://host:7077`` or ``local[2]`` of Spark. Raises LakeError."""
    return Lake(folder, codes or tuple(manifest.counties(folder)), backend_of(engine))


def backend_of(engine: str):
    """The Ibis backend that an engine's name means."""
    import ibis

    # The engines see through nested queries by themselves; making them into one costs more than it saves.
    ibis.options.sql.fuse_selects = False
    if engine == "duckdb":
        backend = ibis.duckdb.connect()
        backend.raw_sql(f"SET memory_limit = '{MEMORY}'")
        backend.raw_sql("SET preserve_insertion_order = false")
        backend.raw_sql("SET parquet_metadata_cache = true")  # hundreds of files, each asked many times
        # Joins go from the many rows to the few, as they are written; its own order builds bearers times days first.
        backend.raw_sql("SET disabled_optimizers = 'join_order'")
        return backend
    return _spark(engine)


def _spark(engine: str):
    import ibis

    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise LakeError("在 Spark 上运行需要扩展 spark，请运行：pip install 'qingfu[spark]'") from error
    session = (
        SparkSession.builder.master(engine)
        .appName("qingfu")
        .config("spark.sql.session.timeZone", "Asia/Shanghai")
        .config("spark.sql.parquet.mergeSchema", "true")
        .config("spark.sql.shuffle.partitions", str(SHUFFLES))
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    return ibis.pyspark.connect(session)

"""A lake as Ibis tables, whatever engine reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from qingfu.lake import files, manifest
from qingfu.lake.manifest import LakeError, Manifest, Piece
from qingfu.lake.tables import Table, tables

VIEWS = count(1)  # of expressions that are views for a while
NUMBERS = count(1)  # of lakes that are a part of another
STATEMENTS: dict[tuple, str] = {}  # SQL by shape (`Lake.told`)
MOST_STATEMENTS = 500
SHUFFLES = 16  # of Spark: what is over is little; hundreds of empty tasks cost more than the work
FEW = 200_000  # rows of a table without months that are read into memory: opening its files each time costs more
# As both engines call them.
SQL_TYPES = {"int": "BIGINT", "number": "DOUBLE", "text": "STRING", "day": "DATE", "yes_no": "BOOLEAN"}
MEMORY = "3GB"  # of DuckDB; what needs more goes to disk


@dataclass
class Lake:
    """Some counties of a lake, read through an Ibis backend. Only files that the manifests name are read."""

    folder: Path
    manifests: dict[str, Manifest]
    backend: object
    number: int = 0  # among those that share a backend, so that their tables have names of their own
    _tables: dict = field(default_factory=dict)
    _made: set[str] = field(default_factory=set)

    @property
    def codes(self) -> tuple[str, ...]:
        """The counties, by their codes."""
        return tuple(self.manifests)

    @property
    def pieces(self) -> list[Piece]:
        """The files of all counties."""
        return [piece for one in self.manifests.values() for piece in one.pieces]

    def pieces_of(self, name: str) -> list[Piece]:
        """The files of a table that hold rows."""
        return [piece for piece in self.pieces if piece.table == name and piece.rows]

    def table(self, name: str):
        """A table of the lake as an Ibis expression; columns that some files lack are empty there."""
        if name not in self._tables:
            self._tables[name] = self.backend.table(self.view(name)) if self.holds(name) else self._nothing(name)
        return self._tables[name]

    def columns(self, name: str) -> dict[str, str]:
        """The columns of a table that holds rows, with their types as both engines call them."""
        table, pieces = self._table(name), self.pieces_of(name)
        single = sorted({column for piece in pieces for column in piece.columns}) if table.attributes else ()
        return {column: SQL_TYPES[type] for column, type in files.types_of(table, single).items()}

    def view(self, name: str) -> str:
        """What a table that holds rows is called in the backend, where it is from now on."""
        view = f"lake_{name}_{self.number}"
        if view not in self._made:
            self._make(name, view)
            self._made.add(view)
        return view

    def _make(self, name: str, view: str) -> None:
        """The files as one table; its columns are said beforehand, so that no engine opens them all to find out."""
        table, pieces, types = self._table(name), self.pieces_of(name), self.columns(name)
        paths = [str(self.folder / piece.path) for piece in pieces]
        if self.backend.name == "duckdb":
            few = not table.month_of and sum(piece.rows for piece in pieces) <= FEW
            rows = f"read_parquet([{_listed(paths)}], schema = MAP {{{_as_schema(types)}}}, hive_partitioning = false)"
            self.backend.raw_sql(f"CREATE {'TABLE' if few else 'VIEW'} {view} AS FROM {rows}")
        else:
            schema = ", ".join(f"`{column}` {type}" for column, type in types.items())
            self.backend._session.read.schema(schema).parquet(*paths).createOrReplaceTempView(view)

    def lend(self, name: str, rows):
        """A small Arrow table under a name in the backend, in the place of what had it; as an expression."""
        if self.backend.name != "duckdb":
            import ibis

            return ibis.memtable(rows)
        self.backend.con.register(name, rows)
        return self.backend.table(name)

    def told(self, shape: tuple, make: Callable, lent: Mapping[str, object]):
        """What the expression that ``make`` makes comes to, in Arrow.

        For one county, making an expression and its SQL costs more than the answer. So the SQL is kept by ``shape``:
        all that its text depends on. What changes from asking to asking is ``lent``, as tables.
        """
        if self.backend.name != "duckdb":
            return make().to_pyarrow()
        for name, rows in lent.items():
            self.backend.con.register(name, rows)
        if shape not in STATEMENTS:
            if len(STATEMENTS) >= MOST_STATEMENTS:
                STATEMENTS.clear()
            STATEMENTS[shape] = self.backend.compile(make())
        return self.backend.con.sql(STATEMENTS[shape]).to_arrow_table()

    @contextmanager
    def kept(self, name: str, expression) -> Iterator:
        """An expression worked out once, as a table that lasts as long as the block."""
        if self.backend.name != "duckdb":
            # Of what lies in memory Spark learns by the view; a cache alone does not find it.
            with self.named(expression) as view, view.cache() as table:
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

    @property
    def whom(self):
        """The units as people call them: ``whom`` is the name, behind that of its school or office where it lies in
        one; with ``county``, ``bearer_id`` and ``path``."""
        units = self.table("bearers")
        homes = units.select("county", institution_id=units.bearer_id, home=units.name)
        inside = (units.institution_id != units.bearer_id) & (units.kind != "county")
        named = units.mutate(inside=inside).left_join(homes, ["county", "institution_id"])
        whom = (named.inside & named.home.notnull()).ifelse(named.home + named.name, named.name)
        return named.select("county", "bearer_id", "path", whom=whom)

    def filled(self, name: str) -> set[str]:
        """The columns of a table that hold anything at all."""
        return {column for piece in self.pieces_of(name) for column in piece.filled}

    def said(self, name: str, kind: str) -> set[str]:
        """The columns of single measures and attributes that hold anything in the rows of a kind, and those of yes and
        no that hold a yes there."""
        return {column for piece in self.pieces_of(name) for column in piece.said.get(kind, ())}

    def lists(self, name: str) -> set[str]:
        """The columns of a table in which a text may be a list, as JSON writes it."""
        return {column for piece in self.pieces_of(name) for column in piece.lists}

    def kinds(self, name: str) -> Counter:
        """The kinds of rows that occur in a table, with how many there are of each."""
        return sum((Counter(piece.kinds) for piece in self.pieces_of(name)), Counter())

    def holds(self, name: str) -> bool:
        """Whether a table has any row."""
        return bool(self.pieces_of(name))

    def of(self, codes: tuple[str, ...]) -> Lake:
        """The same lake, with only some of its counties."""
        manifests = {code: self.manifests[code] for code in codes}
        return replace(self, manifests=manifests, number=next(NUMBERS), _tables={}, _made=set())

    def batches(self, most: int) -> Iterator[tuple[str, ...]]:
        """Counties that together have at most so many demands, one at least; all where many machines work."""
        if self.backend.name != "duckdb":
            yield self.codes
            return
        batch, size = [], 0
        for code, one in self.manifests.items():
            rows = one.rows.get("demands", 0)
            if batch and size + rows > most:
                yield tuple(batch)
                batch, size = [], 0
            batch.append(code)
            size += rows
        if batch:
            yield tuple(batch)

    def _nothing(self, name: str):
        """A table without rows, lent: a statement that is kept finds it again in another connection."""
        return self.lend(f"nothing_{name}", files.arrow_schema(self._table(name)).empty_table())

    @staticmethod
    def _table(name: str) -> Table:
        return tables()[name]


def _as_schema(types: Mapping[str, str]) -> str:
    """Columns as DuckDB's ``read_parquet`` takes them; one that a file lacks is empty there."""
    said = "{0}: {{name: {0}, type: '{1}', default_value: NULL}}"
    return ", ".join(said.format(_quoted(column), type) for column, type in types.items())


def _listed(paths: Iterable[str]) -> str:
    return ", ".join(map(_quoted, paths))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def lake_folder() -> Path:
    """Where the lake of this installation lies: all its counties, written every night (``lake.jobs``)."""
    from django.conf import settings

    return settings.LAKE_FOLDER


def open_lake(folder: Path, codes: tuple[str, ...] = (), engine: str = "duckdb") -> Lake:
    """Some counties of a lake (all without ``codes``) on an engine: ``duckdb``, in this process, or an address such as
    ``spark://host:7077`` or ``local[2]`` of Spark. Raises LakeError."""
    manifests = {code: manifest.read(folder, code) for code in codes or manifest.counties(folder)}
    for code, one in manifests.items():
        if one is None:
            raise LakeError(f"{folder} 里没有 {code} 的记录。")
    return Lake(folder, manifests, backend_of(engine))


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
        .config("spark.sql.shuffle.partitions", str(SHUFFLES))
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    return ibis.pyspark.connect(session)

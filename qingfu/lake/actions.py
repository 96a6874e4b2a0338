"""What changes a lake: writing the records of a county out as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued
from psycopg import sql

from qingfu.lake import derived, files, manifest
from qingfu.lake.indicators.catalogue import attributes_asked
from qingfu.lake.manifest import LakeError, Manifest, Piece
from qingfu.lake.reading import lake_folder
from qingfu.lake.tables import AMOUNT, ATTRIBUTE, Table, attribute_keys, schema_page, single_columns, tables
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, require
from qingfu.units.tenancy import as_tenant

SCHEMA_PAGE = "schema.md"  # beside the tables: what each column means
COPY_BLOCK = 1 << 22  # bytes of CSV that become one batch
AROUND = timedelta(days=370)  # the calendar reaches a school year beyond the records


def export_lake(
    actor: Actor, county: Unit, lake: Path, tell: Callable[[str], None] = lambda line: None
) -> Manifest:
    """Write the records of ``county`` to the folder ``lake``; returns the new manifest.

    All tables are as of one moment. Months whose rows have not changed since the last export are left as they are.
    Killed in the middle it leaves the old lake as it was; repeated, it writes the same files. Of two at once the second
    waits. Needs ``export_lake``. Raises Forbidden, and LakeError where the folder holds something else.
    """
    code = derived.code_of(county)
    with as_tenant(county.tenant_id):
        require(actor, "export_lake", county)
    _check_folder(lake)
    with manifest.only_writer(lake, code):
        earlier = manifest.earlier(lake, code)
        with transaction.atomic():
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            with as_tenant(county.tenant_id):
                pieces = tuple(_pieces(county, lake, earlier, tell))
                audit(actor, "export_lake", kind="county", object_id=county.pk, unit_id=county.pk, count=len(pieces))
        fresh = Manifest(code, county.name, timezone.localtime().isoformat(timespec="seconds"), pieces)
        manifest.write(lake, fresh)
        files.write_page(lake / SCHEMA_PAGE, schema_page())
        files.clear_leftovers(lake, code, fresh.pieces)
    return fresh


def refresh_lake(actor: Actor, county: Unit) -> Manifest:
    """Bring the lake of this installation up to date with ``county``, now: what the job does every night. Needs
    ``export_lake``. Raises Forbidden, LakeError, and ImportError without the extra ``[lake]``."""
    return export_lake(actor, county, lake_folder())


def ask_refresh(actor: Actor, county: Unit) -> bool:
    """Have the worker bring the installation's lake up to date with ``county`` as soon as it can: an export needs a
    transaction of its own, a page has one already. False where that waits already. Needs ``export_lake``."""
    require(actor, "export_lake", county)
    from qingfu.lake.jobs import export_county

    try:
        with transaction.atomic():
            export_county.configure(queueing_lock=lock_of(county.pk)).defer(tenant_id=county.pk)
    except AlreadyEnqueued:
        return False
    return True


def lock_of(county_id: int) -> str:
    """What keeps a second export of a county from waiting behind one that waits."""
    return f"lake-{county_id}"


def _check_folder(lake: Path) -> None:
    if lake.exists() and not lake.is_dir():
        raise LakeError(f"{lake} 是一个文件。请指定一个文件夹。")
    strange = lake.exists() and any(lake.iterdir()) and not (lake / manifest.FOLDER).exists()
    known = {*tables(), manifest.FOLDER, SCHEMA_PAGE}
    if strange and any(path.name not in known for path in lake.iterdir()):
        raise LakeError(f"{lake} 里有别的文件。请指定一个空的文件夹，或以前导出过的文件夹。")


def _pieces(county: Unit, lake: Path, earlier: Manifest | None, tell: Callable[[str], None]) -> Iterator[Piece]:
    whole = derived.county_of(county)
    single = single_columns(sorted({*attribute_keys(whole.rulebooks.things), *attributes_asked()}))
    for number, table in enumerate(tables().values()):
        manifest.tell_progress(lake, whole.code, number, len(tables()), table.title)
        if table.query is None:
            yield _derived(table, whole, lake, earlier)
            continue
        asked = files.types_of(table, single if table.attributes else ())
        columns = files.digest_of(list(asked))[: files.NAME_LENGTH]  # a column more is a change too
        for month, rows_of_month in _digests(table, _query(table, whole.code)).items():
            source = f"{rows_of_month}-{columns}"
            known = earlier and earlier.piece(table.name, month)
            if known and known.source == source and (lake / known.path).exists():
                yield known
                continue
            tell(f"{table.title} {month}".strip())
            query = _query(table, whole.code, month)
            stated = _stated(query) if table.attributes else set()
            held = [name for name in asked if name in stated]
            schema = files.arrow_schema(table, held)
            rows = _copied(_query(table, whole.code, month, held), schema)
            yield files.write_piece(lake, table.name, whole.code, month, source, rows, schema)


def _query(table: Table, county: str, month: str = "", single: Iterable[str] = ()) -> sql.Composable:
    """The rows of a table, of one month if that is named; with the columns ``single``."""
    more = sql.SQL("").join(map(_single, single))
    query = sql.SQL(table.query).format(county=sql.Literal(county), more=more)
    if not month:
        return query
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    span = sql.SQL(" WHERE {} BETWEEN {} AND {}").format(
        sql.Identifier(table.month_of), sql.Literal(first), sql.Literal(last)
    )
    return query + span


def _single(name: str) -> sql.Composable:
    if name.startswith(AMOUNT):
        key, found = name.removeprefix(AMOUNT), ", (d.amounts ->> {})::bigint AS {}"
    else:
        key, found = name.removeprefix(ATTRIBUTE), ", d.attributes ->> {} AS {}"
    return sql.SQL(found).format(sql.Literal(key), sql.Identifier(name))


def _stated(query: sql.Composable) -> set[str]:
    """The columns of single measures and attributes that hold anything in the rows of a query."""
    asked = sql.SQL(
        "SELECT DISTINCT said.prefix || said.key FROM ({}) AS t, LATERAL ("
        "SELECT {}, jsonb_object_keys(t.amounts::jsonb) UNION ALL SELECT {}, jsonb_object_keys(t.attributes::jsonb)"
        ") AS said (prefix, key)"
    ).format(query, sql.Literal(AMOUNT), sql.Literal(ATTRIBUTE))
    with connection.cursor() as cursor:
        cursor.execute(asked.as_string(connection.connection))
        return {name for (name,) in cursor.fetchall()}


def _digests(table: Table, query: sql.Composable) -> dict[str, str]:
    """For each month (or "" for a table of one piece): the number of rows and a digest of them, as text."""
    month = sql.SQL("t.month") if table.month_of else sql.SQL("''")
    asked = sql.SQL(
        "SELECT {} AS month, count(*) || '-' || coalesce(bit_xor(hashtextextended(t::text, 0)), 0) FROM ({}) AS t"
        " GROUP BY 1 ORDER BY 1"
    ).format(month, query)
    with connection.cursor() as cursor:
        cursor.execute(asked.as_string(connection.connection))
        found = dict(cursor.fetchall())
    return found if table.month_of else {"": found.get("", "0-0")}


def _copied(query: sql.Composable, schema) -> Iterator:
    """The rows of a query as record batches; none is held longer than it takes to write it."""
    from pyarrow import csv

    copy = sql.SQL("COPY ({} ORDER BY 1, 2, 3) TO STDOUT (FORMAT csv)").format(query)
    options = {
        "read_options": csv.ReadOptions(column_names=schema.names, block_size=COPY_BLOCK),
        "parse_options": csv.ParseOptions(newlines_in_values=True),
        "convert_options": csv.ConvertOptions(
            column_types=schema, true_values=["t"], false_values=["f"], null_values=[""],
            strings_can_be_null=True, quoted_strings_can_be_null=False,
        ),
    }  # fmt: skip
    with connection.connection.cursor() as cursor, cursor.copy(copy) as stream:
        source = _Stream(stream)
        if source.is_empty():
            return
        yield from csv.open_csv(source, **options)


class _Stream:
    """The blocks of a COPY as a file that Arrow reads."""

    closed = False

    def __init__(self, blocks):
        self._blocks, self._left = iter(blocks), b""

    def is_empty(self) -> bool:
        self._left = bytes(next(self._blocks, b""))
        return not self._left

    def read(self, size: int = -1) -> bytes:
        parts, have = [self._left], len(self._left)
        while size < 0 or have < size:
            block = next(self._blocks, None)
            if block is None:
                break
            parts.append(bytes(block))
            have += len(block)
        whole = b"".join(parts)
        found, self._left = (whole, b"") if size < 0 else (whole[:size], whole[size:])
        return found

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False


def _derived(table: Table, whole: derived.County, lake: Path, earlier: Manifest | None) -> Piece:
    import pyarrow as pa

    rows = list({"bearers": derived.bearers, "rulebooks": derived.rulebooks, "days": _days}[table.name](whole))
    source = files.digest_of(rows)
    known = earlier and earlier.piece(table.name, "")
    if known and known.source == source and (lake / known.path).exists():
        return known
    schema = files.arrow_schema(table)
    batches = pa.Table.from_pylist(rows, schema).to_batches()
    return files.write_piece(lake, table.name, whole.code, "", source, batches, schema)


def _days(whole: derived.County) -> Iterator[dict]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(day), max(day) FROM ledger_demand")
        first, last = cursor.fetchone()
    today = timezone.localdate()
    return derived.days(whole, (first or today) - AROUND, max(last or today, today) + AROUND)

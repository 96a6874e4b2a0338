"""Parquet files of the lake: written beside their place, named by what is in them, renamed when whole."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from qingfu.lake.manifest import Piece, sha256_of, sync_folder
from qingfu.lake.tables import AMOUNT, ATTRIBUTE, Table, tables

ROWS_OF_A_GROUP = 1 << 17  # what a reader takes at once
RISING = ("demand_id", "attempt_id")  # as rows are in the order in which they were written
NAME_LENGTH = 16
LIST, AFTER_LISTS = "[", chr(ord("[") + 1)  # what a list as JSON writes it begins with, and what comes after all lists


def types_of(table: Table, single: Iterable[str] = ()) -> dict[str, str]:
    """The columns of a table with their types (int, number, text, day, yes_no): those that it always has, and of the
    names ``single`` those of single measures and attributes."""
    more = {name: "int" for name in single if name.startswith(AMOUNT)}
    more |= {name: "text" for name in single if name.startswith(ATTRIBUTE)}
    return {column.name: column.type for column in table.columns} | more


def arrow_schema(table: Table, single: Iterable[str] = ()):
    """The schema of a table in Arrow, with columns of ``single`` measures and attributes."""
    import pyarrow as pa

    types = {"int": pa.int64(), "number": pa.float64(), "text": pa.string(), "day": pa.date32(), "yes_no": pa.bool_()}
    return pa.schema([(name, types[type]) for name, type in types_of(table, single).items()])


def folder_of(table: str, county: str, month: str) -> Path:
    """Where the files of a table lie within the lake."""
    place = Path(table) / f"county={county}"
    return place / f"month={month}" if month else place


def write_piece(lake: Path, table: str, county: str, month: str, source: str, batches: Iterable, schema) -> Piece:
    """Write record batches as one file and say what it is. A killed call leaves a ``.part`` that nobody reads."""
    import pyarrow.parquet as pq

    folder = folder_of(table, county, month)
    (lake / folder).mkdir(parents=True, exist_ok=True)
    part = lake / folder / f"{os.getpid()}.part"
    rows, kinds, said = 0, Counter(), {}
    with pq.ParquetWriter(part, schema, compression="zstd", data_page_version="2.0", **_encodings(schema)) as writer:
        for group in _in_groups(batches):
            writer.write_table(group, row_group_size=group.num_rows)
            rows += group.num_rows
            kinds.update(_kinds(group))
            for kind in _kinds(group) if tables()[table].attributes else ():
                said.setdefault(kind, set()).update(_said(group, kind))
    with part.open("rb") as file:
        os.fsync(file.fileno())
    sha256 = sha256_of(part)
    path = folder / f"{sha256[:NAME_LENGTH]}.parquet"
    part.replace(lake / path)
    sync_folder(lake / folder)
    return Piece(
        path.as_posix(), table, month, rows, sha256, source, tuple(schema.names), *_told(pq.read_metadata(lake / path)),
        dict(sorted(kinds.items())), {kind: tuple(sorted(names)) for kind, names in sorted(said.items())},
    )  # fmt: skip


def write_page(path: Path, text: str) -> None:
    """Put a text in its place in one step, if it says something else than what is there."""
    if path.exists() and path.read_text("utf-8") == text:
        return
    fresh = path.with_suffix(f".{os.getpid()}.part")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


def _encodings(schema) -> dict:
    """Numbers that rise from row to row are written as the steps between them; other values by a list of all there
    are."""
    rising = [name for name in RISING if name in schema.names]
    return {
        "use_dictionary": [name for name in schema.names if name not in rising],
        "column_encoding": dict.fromkeys(rising, "DELTA_BINARY_PACKED"),
    }


def _in_groups(batches: Iterable) -> Iterator:
    """Batches put together: every group of a file has statistics of all its columns, which each reader goes through."""
    import pyarrow as pa

    waiting, rows = [], 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= ROWS_OF_A_GROUP:
            yield pa.Table.from_batches(waiting)
            waiting, rows = [], 0
    if rows:
        yield pa.Table.from_batches(waiting)


def _kinds(group) -> dict[str, int]:
    """How many rows of a group are of each kind."""
    if "kind" not in group.schema.names:
        return {}
    counted = group.column("kind").value_counts().to_pylist()
    return {one["values"]: one["counts"] for one in counted if one["values"] is not None}


def _said(group, kind: str) -> set[str]:
    """The columns of single measures and attributes that hold anything in the rows of a kind, and those of yes and no
    that hold a yes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = group.filter(pc.equal(group["kind"], kind))
    single = {name for name in rows.column_names if name.startswith((AMOUNT, ATTRIBUTE))}
    flags = {field.name for field in rows.schema if field.type == pa.bool_()}
    return {name for name in single if rows[name].null_count < rows.num_rows} | {
        name for name in flags if pc.any(rows[name]).as_py()
    }


def _told(footer) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of a file that hold anything, and those in which a text may be a list, as its footer says."""
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    columns = [(name, [group.column(n) for group in groups]) for n, name in enumerate(footer.schema.names)]
    filled = {name: [one for one in parts if _holds(one)] for name, parts in columns}
    return (
        tuple(name for name, parts in filled.items() if parts),
        tuple(name for name, parts in filled.items() if any(_may_be_list(one) for one in parts)),
    )


def _holds(column) -> bool:
    """Whether a column of a row group holds anything."""
    return not (column.is_stats_set and column.statistics.null_count == column.num_values)


def _may_be_list(column) -> bool:
    """Whether a text of a column may begin with "[", between its least and its greatest."""
    if column.physical_type != "BYTE_ARRAY":
        return False
    said = column.statistics if column.is_stats_set else None
    return said is None or not said.has_min_max or (said.min < AFTER_LISTS and said.max >= LIST)


def digest_of(rows: list) -> str:
    """A digest of rows that were worked out, to see whether their file is still true."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()


def clear_leftovers(lake: Path, county: str, kept: Iterable[Piece]) -> None:
    """Remove the files of a county that its manifest no longer names."""
    named = {lake / piece.path for piece in kept}
    for folder in lake.glob(f"*/county={county}"):
        for path in folder.rglob("*"):
            if path.is_file() and path not in named:
                path.unlink()

"""Parquet files of the lake: written beside their place, named by what is in them, renamed when whole."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from qingfu.lake.manifest import Piece, sha256_of, sync_folder
from qingfu.lake.tables import AMOUNT, ATTRIBUTE, Table
from qingfu.rulebook.words import MEASURES

ROWS_OF_A_GROUP = 1 << 18  # what a reader takes at once
NAME_LENGTH = 16
LIST, AFTER_LISTS = "[", chr(ord("[") + 1)  # what a list as JSON writes it begins with, and what comes after all lists


def arrow_schema(table: Table, keys: Iterable[str] | None = None):
    """The schema of a table in Arrow, with a column for each measure and each of the attributes ``keys`` if given."""
    import pyarrow as pa

    types = {"int": pa.int64(), "number": pa.float64(), "text": pa.string(), "day": pa.date32(), "yes_no": pa.bool_()}
    fields = [(column.name, types[column.type]) for column in table.columns]
    if keys is not None:
        fields += [(AMOUNT + measure, pa.int64()) for measure in MEASURES]
        fields += [(ATTRIBUTE + key, pa.string()) for key in keys]
    return pa.schema(fields)


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
    rows, kinds = 0, Counter()
    with pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch, row_group_size=ROWS_OF_A_GROUP)
            rows += batch.num_rows
            kinds.update(_kinds(batch))
    with part.open("rb") as file:
        os.fsync(file.fileno())
    sha256 = sha256_of(part)
    path = folder / f"{sha256[:NAME_LENGTH]}.parquet"
    part.replace(lake / path)
    sync_folder(lake / folder)
    return Piece(
        path.as_posix(), table, month, rows, sha256, source, tuple(schema.names), *_told(pq.read_metadata(lake / path)),
        dict(sorted(kinds.items())),
    )  # fmt: skip


def write_page(path: Path, text: str) -> None:
    """Put a text in its place in one step, if it says something else than what is there."""
    if path.exists() and path.read_text("utf-8") == text:
        return
    fresh = path.with_suffix(f".{os.getpid()}.part")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


def _kinds(batch) -> dict[str, int]:
    """How many rows of a batch are of each kind."""
    if "kind" not in batch.schema.names:
        return {}
    counted = batch.column("kind").value_counts().to_pylist()
    return {one["values"]: one["counts"] for one in counted if one["values"] is not None}


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

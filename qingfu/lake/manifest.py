"""What a lake says of itself: for each county which files belong to it, with their rows and hashes.

The manifest is the truth: a file that it does not name is no part of the lake (an export that was killed left it, the
next one clears it away), and a file that it names is there with that hash, or ``check`` says so. It is replaced in one
step, after all its files are safe on disk.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

FOLDER = "manifests"
FORMAT = 3
NAMES = ("columns", "filled", "lists")


class LakeError(RuntimeError):
    """A lake that cannot be read or written as asked. ``str()`` is a sentence for people, in Chinese."""


class OtherFormat(LakeError):
    """A lake that another version of the product wrote; the next export writes it anew."""


@dataclass(frozen=True)
class Piece:
    """One file: ``path`` within the lake, ``month`` empty for tables of one piece, ``source`` the digest of the rows
    in the database that it was written from.

    What a reader plans by, so that it need not open the files for it: all ``columns``, which of them are ``filled``
    (hold anything at all), in which texts may be ``lists`` as JSON writes them, how many rows there are of each of
    the ``kinds`` (empty for tables without kinds), and of tables with single measures and attributes, what is ``said``
    of each kind: which of these columns hold anything in its rows, and which of yes and no hold a yes.
    """

    path: str
    table: str
    month: str
    rows: int
    sha256: str
    source: str
    columns: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    kinds: dict[str, int] = field(default_factory=dict)
    said: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def county(self) -> str:
        """The code of the county whose rows these are."""
        return Path(self.path).parts[1].removeprefix("county=")


@dataclass(frozen=True)
class Manifest:
    """The lake of one county as of ``exported_at`` (ISO, Asia/Shanghai)."""

    county: str
    name: str
    exported_at: str
    pieces: tuple[Piece, ...] = ()
    format: int = field(default=FORMAT)

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        found: dict[str, int] = {}
        for piece in self.pieces:
            found[piece.table] = found.get(piece.table, 0) + piece.rows
        return found

    def piece(self, table: str, month: str) -> Piece | None:
        return next((one for one in self.pieces if (one.table, one.month) == (table, month)), None)


def file_of(lake: Path, county: str) -> Path:
    return lake / FOLDER / f"{county}.json"


def read(lake: Path, county: str) -> Manifest | None:
    """The manifest of a county, or None where it was never exported. Raises LakeError for one that is broken, and
    OtherFormat."""
    path = file_of(lake, county)
    if not path.exists():
        return None
    try:
        raw = json.loads(path.read_text("utf-8"))
        if raw["format"] != FORMAT:
            raise OtherFormat(
                f"清单 {path} 是第 {raw['format']} 版的格式，这个程序读的是第 {FORMAT} 版。请再导出一次。"
            )
        return Manifest(**{**raw, "pieces": tuple(_piece(one) for one in raw["pieces"])})
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(f"清单 {path} 读不懂（{error}）。请删去它，再导出一次。") from error


def earlier(lake: Path, county: str) -> Manifest | None:
    """What an export can go on from: the manifest of a county, None where there is none of this format."""
    try:
        return read(lake, county)
    except OtherFormat:
        return None


def _piece(raw: dict) -> Piece:
    said = {kind: tuple(names) for kind, names in raw["said"].items()}
    return Piece(**{**raw, **{name: tuple(raw[name]) for name in NAMES}, "said": said})


def counties(lake: Path) -> list[str]:
    """The codes of the counties in a lake. Raises LakeError where there is none."""
    found = sorted(path.stem for path in (lake / FOLDER).glob("*.json"))
    if not found:
        raise LakeError(f"{lake} 里没有导出过的记录。请先运行 qingfu lake export --to {lake}")
    return found


@contextmanager
def only_writer(lake: Path, county: str) -> Iterator[None]:
    """Nobody else writes this county's lake while the block lasts: two at once would clear away each other's files."""
    (lake / FOLDER).mkdir(parents=True, exist_ok=True)
    with (lake / FOLDER / f"{county}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def tell_progress(lake: Path, county: str, done: int, total: int, table: str) -> None:
    """Let others know how far the export of a county is: ``done`` of ``total`` tables, and which one is at work."""
    path = lake / FOLDER / f"{county}.progress"
    fresh = path.with_suffix(".now")
    fresh.write_text(json.dumps({"done": done, "total": total, "table": table}, ensure_ascii=False), "utf-8")
    fresh.replace(path)


def progress(lake: Path, county: str) -> dict | None:
    """What ``tell_progress`` told last; None where nobody writes the county's lake now, whatever a killed one left."""
    try:
        with (lake / FOLDER / f"{county}.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except FileNotFoundError:
        return None
    except BlockingIOError:
        path = lake / FOLDER / f"{county}.progress"
        return json.loads(path.read_text("utf-8")) if path.exists() else {"done": 0, "total": 0, "table": ""}


def write(lake: Path, manifest: Manifest) -> None:
    """Make ``manifest`` the truth, in one step: before it the old lake stands, after it the new one."""
    path = file_of(lake, manifest.county)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file, ensure_ascii=False, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check(lake: Path, codes: Iterable[str]) -> list[str]:
    """What is wrong with the files of some counties, in sentences; empty where all are there and unchanged."""
    wrong = []
    for code in codes:
        manifest = read(lake, code)
        if manifest is None:
            wrong.append(f"{code}：没有导出过。")
            continue
        for piece in manifest.pieces:
            path = lake / piece.path
            if not path.exists():
                wrong.append(f"{code}：缺文件 {piece.path}（{piece.rows} 行）。")
            elif sha256_of(path) != piece.sha256:
                wrong.append(f"{code}：文件 {piece.path} 被改动过。")
    return wrong


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

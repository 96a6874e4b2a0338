"""Backup and restore, each proven by counting and hashing every table.

A backup is one tar file, mode 0600: ``manifest.json`` (versions, rows and hash of every table),
``schema.dump`` and ``database.dump`` (pg_dump, custom format: what the tables are, and their rows), ``keys/*.key``
(the keys of the installation, without which no token in the database is valid) and ``SHA256SUMS`` over all of them.
Guard it like the server.

Two dumps, because the backup role reads only what a backup holds, and not even locks the tables of secrets: what
these are like is dumped by the owner, whom row security keeps from all rows.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import version as package_version
from pathlib import Path

import psycopg
from psycopg import sql

from qingfu.server import binaries
from qingfu.server.contents import contents, differences, is_empty, tables
from qingfu.server.databases import Database, running_database
from qingfu.server.home import ServiceUser, home, refuse_while_serving, service_user
from qingfu.server.messages import ServerError
from qingfu.server.postgres import DATABASE, ROLES
from qingfu.server.secrets import hmac_pads, key_folder, secret

FORMAT = 1
MANIFEST, SUMS, KEYS = "manifest.json", "SHA256SUMS", "keys/"
NEVER_PACKED = {"complaints"}
SCHEMA, DUMP = "schema.dump", "database.dump"
SIGNING_KEY = "tenant"
DRAFT_DATABASE = f"{DATABASE}_restore"
NOTE = "last-backup.json"
OUR_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'"


def back_up(file: Path) -> dict:
    """Write a backup of the database in use to ``file``; returns its manifest. Raises ServerError.

    The figures of the manifest and the dump come from one snapshot, so people may go on working.
    """
    if not file.absolute().parent.is_dir():
        raise ServerError("no_such_folder", folder=file.absolute().parent)
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".qingfu-backup-") as folder:
        with running_database() as database:
            manifest = _dump(database, Path(folder))
        draft = Path(folder) / "backup"
        _pack(draft, manifest, Path(folder))
        draft.rename(file)
    (home() / NOTE).write_text(json.dumps({"made": manifest["made"], "file": str(file.absolute())}))
    return manifest


def last_backup() -> datetime | None:
    """When ``back_up`` was last done on this data folder."""
    note = home() / NOTE
    return datetime.fromisoformat(json.loads(note.read_text())["made"]) if note.exists() else None


@dataclass(frozen=True)
class Restored:
    """What was restored, and the name under which the old database was kept, if there was anything in it."""

    manifest: dict
    kept: str | None


def restore(file: Path, replace: bool = False) -> Restored:
    """Restore ``file`` into the database in use. Raises ServerError.

    Nothing is touched before the file has proven whole and not newer than we are. The embedded server takes
    the new database only when it holds exactly what the manifest says; with ``replace`` the old one is kept
    under another name. An external database must be empty. Nobody is signed in afterwards: sessions that were ended
    since the backup would be live again.
    """
    manifest = check(file)
    refuse_while_serving()
    with running_database() as database, unpacked(file) as folder:
        _refuse_newer_postgres(manifest, database)
        if not replace and not _is_empty(database):
            raise ServerError("restore_not_empty")
        bring_back = _restore_beside if database.cluster else _restore_external
        kept = bring_back(database, folder, manifest)
        _restore_keys(file)
        _after_restore(database)
    return Restored(manifest, kept)


def check(file: Path) -> dict:
    """The manifest of a backup that is whole and that this version understands. Raises ServerError."""
    try:
        with tarfile.open(file) as archive:
            sums = json.loads(_member(archive, SUMS).read())
            found = {name: _sha256(_member(archive, name)) for name in archive.getnames() if name != SUMS}
            if found != sums:
                raise ServerError("backup_damaged", file=file)
            manifest = json.loads(_member(archive, MANIFEST).read())
            newer = manifest["format"] > FORMAT or _numbers(manifest["version"]) > _numbers(product_version())
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        raise ServerError("backup_damaged", file=file) from error
    if newer:
        raise ServerError("backup_newer", version=manifest["version"], ours=product_version())
    return manifest


def product_version() -> str:
    return package_version("qingfu")


@cache
def never_backed_up() -> list[str]:
    """Patterns of the tables whose rows no backup holds (``data/backup.toml``)."""
    text = (Path(__file__).parent / "data" / "backup.toml").read_text("utf-8")
    return [entry["pattern"] for entry in tomllib.loads(text)["never"]]


@contextmanager
def unpacked(file: Path) -> Iterator[Path]:
    """A private temporary folder with the dumps of ``file``."""
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".qingfu-restore-") as folder:
        with tarfile.open(file) as archive:
            for name in (SCHEMA, DUMP):
                with (Path(folder) / name).open("wb") as dump:
                    shutil.copyfileobj(_member(archive, name), dump)
        yield Path(folder)


def grant_reading(link: psycopg.Connection) -> None:
    """Let the backup role read what a backup holds, and nothing else. ``link`` is the owner's; run after migrations."""
    role = sql.Identifier(ROLES["backup"])
    for schema, table in tables(link):
        verb = "REVOKE ALL ON {} FROM {}" if _never(f"{schema}.{table}") else "GRANT SELECT ON {} TO {}"
        link.execute(sql.SQL(verb).format(sql.Identifier(schema, table), role))
    for (schema,) in link.execute(OUR_SCHEMAS).fetchall():
        place = sql.Identifier(schema)
        link.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(place, role))
        link.execute(sql.SQL("GRANT SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}").format(place, role))


def run_client(
    database: Database,
    role: str,
    program: str,
    *arguments: object,
    on: str | None = None,
    version: int | None = None,
) -> None:
    """Run pg_dump, pg_restore … as ``role``, on database ``on`` or the product's. Raises ServerError.

    ``version`` is that of the program, where it shall not be the server's.
    """
    folder = binaries.bin_folder(version or database.client_version)
    done = subprocess.run(
        [str(folder / program), "--no-password", *map(str, arguments)],
        env=database.client_environment(role, on),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServerError("client_failed", program=program, output=done.stderr.strip()[-3000:])


def create_database(link: psycopg.Connection, name: str) -> None:
    """An empty database for the owner, closed to everybody but the product's roles."""
    place = sql.Identifier(name)
    owner, app, backup = (sql.Identifier(ROLES[role]) for role in ("owner", "app", "backup"))
    link.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(place, owner))
    link.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(place))
    link.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}, {}").format(place, app, backup))


def _dump(database: Database, folder: Path) -> dict:
    with psycopg.connect(**database.connection("backup")) as link:
        link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        link.read_only = True
        snapshot = link.execute("SELECT pg_export_snapshot()").fetchone()[0]
        left_out = [f"{schema}.{table}" for schema, table in tables(link) if _never(f"{schema}.{table}")]
        everything = contents(link, without=left_out)
        dump = ["--format=custom", f"--snapshot={snapshot}", "--file"]
        run_client(database, "owner", "pg_dump", "--schema-only", *dump, folder / SCHEMA)
        without = [f"--exclude-table={_quoted(table)}" for table in left_out]
        run_client(database, "backup", "pg_dump", "--data-only", *without, *dump, folder / DUMP)
        return {
            "product": "qingfu",
            "format": FORMAT,
            "version": product_version(),
            "postgres": database.server_version,
            "made": datetime.now().astimezone().isoformat(timespec="seconds"),
            "left_out": left_out,
            "tables": everything,
        }


def _pack(draft: Path, manifest: dict, folder: Path) -> None:
    # The key that tells complaints apart stays here: beside the rows it would tell whose they are.
    keys = sorted(key for key in key_folder().glob("*.key") if key.stem not in NEVER_PACKED)
    small = {MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=1).encode()}
    small |= {KEYS + key.name: key.read_bytes() for key in keys}
    sums = {name: _sha256(io.BytesIO(data)) for name, data in small.items()}
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in small.items():
            _add(archive, name, io.BytesIO(data), len(data))
        for name in (SCHEMA, DUMP):
            with (folder / name).open("rb") as dump:
                sums[name] = _sha256(dump)
                dump.seek(0)
                _add(archive, name, dump, (folder / name).stat().st_size)
        text = json.dumps(sums, indent=1).encode()
        _add(archive, SUMS, io.BytesIO(text), len(text))
        archive.close()
        file.flush()
        os.fsync(descriptor)


def _restore_beside(database: Database, folder: Path, manifest: dict) -> str | None:
    """Fill a second database, compare it with the manifest, and only then give it the name of the first."""
    with psycopg.connect(**database.connection("superuser", "postgres"), autocommit=True) as link:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DRAFT_DATABASE))
        link.execute(drop)
        create_database(link, DRAFT_DATABASE)
        try:
            _load(database, "superuser", folder, DRAFT_DATABASE)
            _verify(database, manifest, DRAFT_DATABASE)
        except BaseException:
            link.execute(drop)
            raise
        return _swap(link, keep=not _is_empty(database))


def _restore_external(database: Database, folder: Path, manifest: dict) -> None:
    if not _is_empty(database):
        raise ServerError("restore_external_not_empty")
    facts = database.connection("owner")
    _load(database, "owner", folder, facts["dbname"])
    _verify(database, manifest, facts["dbname"])


def _load(database: Database, role: str, folder: Path, name: str) -> None:
    """Tables, then rows, then indexes, constraints and triggers, which need the rows."""
    jobs = min(os.cpu_count() or 1, 4)
    for section, dump in (("pre-data", SCHEMA), ("data", DUMP), ("post-data", SCHEMA)):
        run_client(
            database, role, "pg_restore", "--exit-on-error", f"--jobs={jobs}", f"--section={section}",
            f"--dbname={name}", folder / dump, on=name,
        )  # fmt: skip


def _verify(database: Database, manifest: dict, name: str) -> None:
    with psycopg.connect(**database.connection("backup", name)) as link:
        found = contents(link, without=manifest["left_out"])
    wrong = differences(manifest["tables"], found)
    if wrong:
        raise ServerError("restore_differs", tables="\n".join(wrong))


def _swap(link: psycopg.Connection, keep: bool) -> str | None:
    """Both names change in one transaction. An empty old database is dropped; gives the name of one kept."""
    old = f"{DATABASE}_before_{datetime.now():%Y%m%d_%H%M%S}"
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    link.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(DATABASE)))
    link.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [DATABASE]
    )
    with link.transaction():
        link.execute(rename.format(sql.Identifier(DATABASE), sql.Identifier(old)))
        link.execute(rename.format(sql.Identifier(DRAFT_DATABASE), sql.Identifier(DATABASE)))
    if keep:
        link.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(old)))
        return old
    link.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
    return None


def _restore_keys(file: Path) -> None:
    """Put the keys of the backup in force; a different one that was there is kept beside it."""
    folder = key_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = service_user(folder)
    os.chown(folder, owner.uid, owner.gid)
    with tarfile.open(file) as archive:
        for name in archive.getnames():
            if name.startswith(KEYS):
                _put_key(folder / Path(name).name, _member(archive, name).read(), owner)


def _after_restore(database: Database) -> None:
    """What the restored database must still learn: the signing key, which is in no dump, and that nobody is signed
    in. Its own function does it, made by the migrations of the units; an empty database has none."""
    secret.cache_clear()
    with psycopg.connect(**database.connection("owner")) as link:
        if link.execute("SELECT to_regprocedure('tenancy.after_restore(bytea, bytea)')").fetchone()[0]:
            link.execute("SELECT tenancy.after_restore(%s, %s)", hmac_pads(SIGNING_KEY))


def _put_key(path: Path, key: bytes, owner: ServiceUser) -> None:
    if path.exists() and path.read_bytes() == key:
        return
    if path.exists():
        path.rename(path.with_suffix(f".before-{datetime.now():%Y%m%d-%H%M%S}"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchown(descriptor, owner.uid, owner.gid)
        file.write(key)


def _refuse_newer_postgres(manifest: dict, database: Database) -> None:
    if manifest["postgres"] > database.server_version:
        raise ServerError("backup_newer_postgres", theirs=manifest["postgres"], ours=database.server_version)


def _is_empty(database: Database) -> bool:
    with psycopg.connect(**database.connection("backup")) as link:
        return is_empty(link)


def _never(table: str) -> bool:
    return any(fnmatch(table, pattern) for pattern in never_backed_up())


def _quoted(table: str) -> str:
    schema, _, name = table.partition(".")
    return f'"{schema}"."{name}"'


def _member(archive: tarfile.TarFile, name: str) -> io.BufferedReader:
    member = archive.extractfile(name)
    if member is None:
        raise KeyError(name)
    return member


def _add(archive: tarfile.TarFile, name: str, source: io.BufferedIOBase, size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(datetime.now().timestamp())
    archive.addfile(entry, source)


def _sha256(source: io.BufferedIOBase) -> str:
    return hashlib.file_digest(source, "sha256").hexdigest()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())

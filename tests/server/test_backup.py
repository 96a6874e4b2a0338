"""A backup brings back every row, or says that it cannot and touches nothing."""

import fcntl
import hashlib
import io
import json
import os
import tarfile
import threading

import psycopg
import pytest

from qingfu.server.backup import back_up, check, last_backup, restore
from qingfu.server.contents import contents
from qingfu.server.home import serve_lock
from qingfu.server.messages import ServerError
from qingfu.server.postgres import local_cluster
from qingfu.server.secrets import key_folder, secret
from qingfu.server.testing import UNSAFE_AND_FAST
from tests.server.conftest import fill, run

NEW_ITEM = "INSERT INTO homework_item (text) VALUES ('朗读') RETURNING id"


@pytest.fixture
def installation(home, monkeypatch):
    """A running installation with rows and a key."""
    server = local_cluster()
    server.settings = UNSAFE_AND_FAST
    server.start(die_with_parent=True)
    fill(server)
    secret("tenant")
    yield server
    server.stop("kill")


def everything(server):
    with psycopg.connect(**server.connection("superuser")) as link:
        return contents(link)


def repack(file, changes):
    """The same backup with some members changed and its sums right again."""
    with tarfile.open(file) as archive:
        members = {name: archive.extractfile(name).read() for name in archive.getnames()} | changes
    members["SHA256SUMS"] = json.dumps(
        {name: hashlib.sha256(data).hexdigest() for name, data in members.items() if name != "SHA256SUMS"}
    ).encode()
    with tarfile.open(file, "w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def with_manifest(file, **changes):
    with tarfile.open(file) as archive:
        manifest = json.loads(archive.extractfile("manifest.json").read())
    repack(file, {"manifest.json": json.dumps(manifest | changes).encode()})


def refused(file, code, **options):
    with pytest.raises(ServerError) as refusal:
        restore(file, **options)
    assert refusal.value.code == code


def test_a_restore_brings_back_every_row_and_takes_away_what_came_later(installation, folder):
    before = everything(installation)
    manifest = back_up(folder / "backup.qf")
    run(installation, "DELETE FROM homework_item WHERE id % 2 = 0")
    run(installation, "UPDATE homework_item SET minutes = 1 WHERE id = 1")
    run(installation, "CREATE TABLE later (n int)")

    restored = restore(folder / "backup.qf", replace=True)

    after = everything(installation)
    without_keys = {table: facts for table, facts in before.items() if table != "public.notices_daykey"}
    assert {table: after[table] for table in without_keys} == without_keys == manifest["tables"]
    assert before["public.homework_item"]["rows"] == before["public.units_school"]["rows"] == 500
    assert "public.later" not in after
    assert last_backup().isoformat() == manifest["made"]
    assert run(installation, NEW_ITEM, role="app") == [(501,)]
    assert run(installation, "SELECT tenancy.double(4)") == [(8,)]
    with psycopg.connect(**installation.connection("owner", restored.kept)) as old:
        assert old.execute("SELECT count(*) FROM homework_item").fetchone() == (250,)


def test_what_must_be_forgotten_is_in_no_backup(installation, folder):
    manifest = back_up(folder / "backup.qf")
    assert manifest["left_out"] == ["public.notices_daykey"]
    assert everything(installation)["public.notices_daykey"]["rows"] == 1
    restore(folder / "backup.qf", replace=True)
    assert everything(installation)["public.notices_daykey"]["rows"] == 0


def test_the_backup_role_reads_what_a_backup_holds_and_no_secret(installation):
    assert run(installation, "SELECT count(*) FROM units_school", role="backup") == [(500,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(installation, "SELECT * FROM notices_daykey", role="backup")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(installation, "UPDATE homework_item SET minutes = 1", role="backup")


def test_a_new_machine_gets_rows_and_keys(installation, folder, monkeypatch):
    back_up(folder / "backup.qf")
    before, key = everything(installation), secret("tenant")
    installation.stop()
    monkeypatch.setenv("QINGFU_HOME", str(folder / "new machine"))
    secret.cache_clear()

    assert restore(folder / "backup.qf").kept is None

    assert secret("tenant") == key
    assert (key_folder() / "tenant.key").stat().st_mode & 0o777 == 0o600
    with local_cluster().running() as server:
        assert everything(server)["public.units_school"] == before["public.units_school"]


def test_a_key_that_the_backup_replaces_is_kept(installation, folder):
    back_up(folder / "backup.qf")
    (key_folder() / "tenant.key").write_text("ab" * 48)
    restore(folder / "backup.qf", replace=True)
    kept = list(key_folder().glob("tenant.before-*"))
    assert [path.read_text() for path in kept] == ["ab" * 48]


def test_figures_and_rows_come_from_one_moment_while_people_go_on_working(installation, folder):
    stop = threading.Event()

    def go_on_posting():
        with psycopg.connect(**installation.connection("app"), autocommit=True) as link:
            while not stop.is_set():
                link.execute("INSERT INTO homework_item (text, minutes) VALUES ('口算', 5)")

    teacher = threading.Thread(target=go_on_posting)
    teacher.start()
    manifest = back_up(folder / "backup.qf")
    stop.set()
    teacher.join()
    restore(folder / "backup.qf", replace=True)  # which compares every table with the manifest
    assert everything(installation)["public.homework_item"] == manifest["tables"]["public.homework_item"]


@pytest.mark.parametrize("place", [0.001, 0.3, 0.6, 0.9])
def test_one_wrong_byte_anywhere_and_the_file_is_refused(installation, folder, place):
    file = folder / "backup.qf"
    back_up(file)
    data = bytearray(file.read_bytes())
    used = data.rindex(b'"database.dump"')  # the rest of a tar file is padding
    data[int(used * place)] ^= 0xFF
    file.write_bytes(data)
    before = everything(installation)
    refused(file, "backup_damaged", replace=True)
    assert everything(installation) == before


def test_a_file_that_was_cut_short_or_is_none_of_ours_is_refused(installation, folder):
    file = folder / "backup.qf"
    back_up(file)
    data = file.read_bytes()
    for part in (data[: len(data) // 2], data[:600], b"", b"PK\x03\x04 a zip", "一份通知".encode()):
        file.write_bytes(part)
        refused(file, "backup_damaged", replace=True)
    refused(folder / "nowhere.qf", "backup_damaged")


def test_a_backup_of_a_newer_product_or_server_is_refused(installation, folder):
    file = folder / "backup.qf"
    back_up(file)
    with_manifest(file, version="99.0")
    refused(file, "backup_newer", replace=True)
    with_manifest(file, version="0.0.1", postgres=99)
    refused(file, "backup_newer_postgres", replace=True)
    with_manifest(file, postgres=18)
    assert check(file)["version"] == "0.0.1"


def test_rows_are_not_replaced_unless_asked(installation, folder):
    back_up(folder / "backup.qf")
    before = everything(installation)
    refused(folder / "backup.qf", "restore_not_empty")
    assert everything(installation) == before


def test_a_restore_that_does_not_match_its_manifest_is_given_up(installation, folder):
    manifest = back_up(folder / "backup.qf")
    manifest["tables"]["public.homework_item"]["hash"] = "1"
    with_manifest(folder / "backup.qf", tables=manifest["tables"])
    before = everything(installation)
    refused(folder / "backup.qf", "restore_differs", replace=True)
    assert everything(installation) == before
    assert run(installation, "SELECT datname FROM pg_database WHERE datname LIKE 'qingfu_%'") == []


def test_nothing_is_restored_under_a_running_product(installation, folder):
    back_up(folder / "backup.qf")
    with serve_lock().open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        refused(folder / "backup.qf", "stop_serve_first", replace=True)


def test_an_external_server_is_backed_up_and_restored_while_empty(installation, folder, monkeypatch):
    back_up(folder / "backup.qf")
    before = everything(installation)
    monkeypatch.setenv("DATABASE_URL", installation.dsn("app"))
    monkeypatch.setenv("DATABASE_OWNER_URL", installation.dsn("owner"))
    monkeypatch.setenv("DATABASE_BACKUP_URL", installation.dsn("backup"))
    assert back_up(folder / "external.qf")["tables"] == check(folder / "backup.qf")["tables"]
    refused(folder / "external.qf", "restore_external_not_empty", replace=True)
    run(installation, "DROP SCHEMA tenancy CASCADE")
    run(installation, "DROP TABLE units_school, homework_item, notices_daykey")
    restore(folder / "external.qf")
    assert everything(installation)["public.units_school"] == before["public.units_school"]


def test_a_backup_is_for_its_owner_only(installation, folder):
    umask = os.umask(0)
    try:
        back_up(folder / "backup.qf")
    finally:
        os.umask(umask)
    assert (folder / "backup.qf").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["backup.qf", "home"]

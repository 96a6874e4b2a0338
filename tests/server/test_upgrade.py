"""From PostgreSQL 16 to 18 without losing a row."""

import psycopg
import pytest

from qingfu.server.contents import contents
from qingfu.server.messages import ServerError
from qingfu.server.postgres import Cluster, local_cluster
from qingfu.server.testing import UNSAFE_AND_FAST
from qingfu.server.upgrade import outdated, upgrade_database
from tests.server.conftest import fill, run

NEW_ITEM = "INSERT INTO homework_item (text) VALUES ('朗读') RETURNING id"


@pytest.fixture
def old(home, monkeypatch):
    """An installation on 16 with rows, stopped."""
    monkeypatch.setenv("QINGFU_PG_VERSION", "16")
    server = local_cluster()
    server.settings = UNSAFE_AND_FAST
    with server.running():
        fill(server)
    monkeypatch.delenv("QINGFU_PG_VERSION")
    return server


def everything(server):
    with server.running(), psycopg.connect(**server.connection("superuser")) as link:
        return contents(link)


def test_every_row_is_kept_and_the_old_cluster_too(old, home):
    before = everything(old)
    assert outdated()

    done = upgrade_database()

    assert (done.cluster.version, done.tables, done.rows) == (18, 3, 1001)
    assert everything(done.cluster) == before
    assert not outdated()
    assert local_cluster().data_dir == home / "postgres" / "18"
    assert everything(Cluster(done.kept, 16)) == before


def test_what_the_rows_need_comes_along(old):
    server = upgrade_database().cluster
    with server.running():
        assert run(server, "SELECT tenancy.double(4)") == [(8,)]
        assert run(server, NEW_ITEM, role="app") == [(501,)]
        assert run(server, "SELECT count(*) FROM units_school") == [(0,)]  # row security is still forced
        assert run(server, "SELECT count(*) FROM units_school", role="backup") == [(500,)]


def test_settings_of_the_operator_come_along(old):
    (old.data_dir / "local.conf").write_text("work_mem = '77MB'\n")
    server = upgrade_database().cluster
    with server.running():
        assert run(server, "SHOW work_mem") == [("77MB",)]


def test_an_upgrade_that_was_cut_short_is_done_again(old, home):
    draft = Cluster(home / "postgres" / "18.draft", 18, settings=UNSAFE_AND_FAST)
    draft.start()
    run(draft, "CREATE TABLE half (n int)")
    assert local_cluster().version == 16
    server = upgrade_database().cluster
    assert "public.half" not in everything(server)


def test_when_it_fails_the_old_one_stays_in_force(old, home):
    with old.running():
        # Valid where it was made, refused by every pg_restore: its check calls what is not there any more.
        run(old, "CREATE FUNCTION is_open() RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'")
        run(old, "CREATE TABLE gate (n int CHECK (is_open()))")
        run(old, "INSERT INTO gate VALUES (1)")
        run(old, "CREATE OR REPLACE FUNCTION is_open() RETURNS boolean LANGUAGE sql AS 'SELECT false'")
    before = everything(old)
    with pytest.raises(ServerError) as failure:
        upgrade_database()
    assert failure.value.code == "client_failed"
    assert local_cluster().version == 16
    assert everything(local_cluster()) == before


def test_there_is_nothing_to_upgrade_on_the_newest(home):
    local_cluster().ensure_initialised()
    with pytest.raises(ServerError) as refusal:
        upgrade_database()
    assert refusal.value.code == "nothing_to_upgrade"

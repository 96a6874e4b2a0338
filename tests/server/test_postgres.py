"""The embedded server comes back by itself, lets nobody in without a password, and leaves parents alone."""

import os
import signal
import subprocess
import sys
import threading

import psycopg
import pytest

from qingfu.server import processes
from qingfu.server.messages import ServerError
from qingfu.server.postgres import ROLES, Cluster, local_cluster
from qingfu.server.testing import UNSAFE_AND_FAST, environment, temporary_cluster
from tests.server.conftest import ROOT, give_to_backup, run

START = """
import sys
from qingfu.server.postgres import Cluster
from qingfu.server.testing import UNSAFE_AND_FAST
print(Cluster(sys.argv[1], 18, settings=UNSAFE_AND_FAST).start().postmaster())
"""

RUNNING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%endless%' AND pid <> pg_backend_pid()"


def modes_up_to_the_root(path):
    facts = [(folder, folder.stat()) for folder in path.parents]
    return [(folder, fact.st_mode, fact.st_uid, fact.st_gid) for folder, fact in facts]


def crash(cluster):
    os.kill(cluster.postmaster(), signal.SIGKILL)


# ---- making and starting


def test_the_three_roles_can_do_what_they_are_for(cluster):
    run(cluster, "CREATE TABLE posted (minutes int)")
    assert run(cluster, "SELECT current_user", role="app") == [("qingfu_app",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(cluster, "CREATE TABLE mine (n int)", role="app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(cluster, "SELECT * FROM posted", role="app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(cluster, "SELECT * FROM posted", role="backup")
    give_to_backup(cluster)
    assert run(cluster, "SELECT * FROM posted", role="backup") == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(cluster, "INSERT INTO posted VALUES (1)", role="backup")


def test_a_server_that_dies_between_two_looks_is_started_again(cluster, monkeypatch):
    before, healthy = cluster.postmaster(), cluster.healthy

    def dying():
        monkeypatch.setattr(cluster, "healthy", healthy)
        crash(cluster)
        return False

    monkeypatch.setattr(cluster, "healthy", dying)
    cluster.start()
    assert cluster.healthy() and cluster.postmaster() != before


def test_the_backup_role_sees_rows_that_forced_row_security_hides_from_their_owner(cluster):
    run(cluster, "CREATE TABLE county (tenant_id int)")
    run(cluster, "INSERT INTO county VALUES (1)")
    run(cluster, "ALTER TABLE county ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    give_to_backup(cluster)
    assert run(cluster, "SELECT * FROM county") == []
    assert run(cluster, "SELECT * FROM county", role="backup") == [(1,)]


def test_it_runs_in_chinese_time_sorts_by_code_point_and_knows_letters(cluster):
    assert run(cluster, "SHOW timezone") == [("Asia/Shanghai",)]
    assert run(cluster, "SELECT 'B' < 'a', upper('é')") == [(True, "É")]
    assert run(cluster, "SHOW max_connections") == [("300",)]
    assert run(cluster, "SHOW server_version")[0][0].startswith(str(cluster.version))


def test_a_start_that_finds_it_running_changes_nothing(cluster):
    pid = cluster.postmaster()
    assert Cluster(cluster.data_dir, cluster.version).start().postmaster() == pid


def test_an_initialisation_that_was_cut_short_is_begun_again(folder):
    half = folder / "data" / "pgdata.draft"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with temporary_home(folder) as server:
        assert server.healthy()


def temporary_home(folder):
    return Cluster(folder / "data", 18, settings=UNSAFE_AND_FAST).running()


def test_a_folder_of_another_version_is_refused_with_the_way_out(folder):
    Cluster(folder / "data", 16).ensure_initialised()
    with pytest.raises(ServerError, match="upgrade-database") as refusal:
        Cluster(folder / "data", 18).start()
    assert refusal.value.code == "wrong_version"


def test_a_path_too_long_for_a_socket_gets_a_private_folder_elsewhere(folder):
    server = Cluster(folder / ("很长的目录名" * 6) / "data", 18, settings=UNSAFE_AND_FAST)
    with server.running():
        assert run(server, "SELECT 1") == [(1,)]
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    server.socket_dir.rmdir()


def test_a_port_is_opened_on_this_machine_only_when_asked_for(folder):
    server = Cluster(folder / "data", 18, port=54871, settings=UNSAFE_AND_FAST)
    with server.running():
        there = {**server.connection("app"), "host": "127.0.0.1"}
        with psycopg.connect(**there) as link:
            assert link.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
    with Cluster(folder / "data", 18, settings=UNSAFE_AND_FAST).running() as closed:
        assert run(closed, "SHOW listen_addresses") == [("",)]


def test_settings_of_the_operator_go_over_ours(folder):
    server = Cluster(folder / "data", 18, settings=UNSAFE_AND_FAST)
    server.ensure_initialised()
    (server.data_dir / "local.conf").write_text("work_mem = '77MB'\n")
    os.chown(server.data_dir / "local.conf", server.user.uid, server.user.gid)
    with server.running():
        assert run(server, "SHOW work_mem") == [("77MB",)]


def test_a_server_that_cannot_start_says_why(folder):
    server = Cluster(folder / "data", 18, settings={"shared_buffers": "not a size"})
    with pytest.raises(ServerError, match="shared_buffers") as refusal:
        server.start()
    assert refusal.value.code == "postgres_stopped"


# ---- crashes


def test_after_kill_9_it_comes_back_with_what_was_committed(cluster):
    run(cluster, "CREATE TABLE posted (minutes int)")
    run(cluster, "INSERT INTO posted VALUES (20)")
    crash(cluster)
    assert not cluster.healthy()
    cluster.start(die_with_parent=True)
    assert run(cluster, "SELECT minutes FROM posted") == [(20,)]


def test_after_kill_9_a_query_that_still_runs_does_not_keep_it_down(cluster):
    link = psycopg.connect(**cluster.connection("owner"))
    busy = threading.Thread(target=never_ending_query, args=(link,))
    busy.start()
    while not run(cluster, RUNNING):
        pass
    crash(cluster)
    assert cluster.start(die_with_parent=True).healthy()
    busy.join()


def never_ending_query(link):
    with pytest.raises(psycopg.OperationalError):
        link.execute("SELECT count(*) AS endless FROM generate_series(1, 1000000000000) n")


def test_after_a_reboot_the_old_pid_may_belong_to_somebody_else(cluster):
    run(cluster, "CREATE TABLE posted (minutes int)")
    pid_file = cluster.pid_file.read_text()
    lock_file = (cluster.socket_dir / f"{cluster.socket_name}.lock").read_text()
    crash(cluster)
    somebody = subprocess.Popen(["sleep", "600"], **cluster.user.popen_arguments())
    try:
        old = pid_file.partition("\n")[0]
        for path, text in ((cluster.pid_file, pid_file), (lock_of(cluster), lock_file)):
            path.write_text(text.replace(old, str(somebody.pid), 1))
        assert cluster.start(die_with_parent=True).postmaster() != somebody.pid
        assert run(cluster, "SELECT * FROM posted") == []
        assert somebody.poll() is None
    finally:
        somebody.kill()
        somebody.wait()


def lock_of(cluster):
    return cluster.socket_dir / f"{cluster.socket_name}.lock"


@pytest.mark.parametrize("written", ["", "12", "\0\0\0\0", "-1\n/nowhere\n", "一二三"])
def test_a_half_written_pid_file_does_not_stop_it(cluster, written):
    crash(cluster)
    cluster.pid_file.write_text(written)
    lock_of(cluster).write_text(written)
    assert cluster.start(die_with_parent=True).healthy()


def test_a_damaged_pid_file_of_a_live_server_does_not_start_a_second_one(cluster):
    pid = cluster.postmaster()
    cluster.pid_file.write_text("1")
    assert cluster.start(die_with_parent=True).postmaster() == pid
    cluster.stop("immediate")  # before it sees that the file is not its own any more


def test_a_server_that_hears_nothing_is_not_healthy():
    with temporary_cluster(18) as cluster:
        os.kill(cluster.postmaster(), signal.SIGSTOP)
        assert not cluster.healthy()
        cluster.stop("kill")
        assert cluster.start(die_with_parent=True).healthy()


def test_started_twice_at_once_there_is_one_server_and_both_get_it(folder):
    data = folder / "data"
    starters = [
        subprocess.Popen([sys.executable, "-c", START, str(data)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = [starter.communicate()[0].strip() for starter in starters]
    server = Cluster(data, 18)
    try:
        assert answers == [str(server.postmaster())] * 2
        assert [starter.returncode for starter in starters] == [0, 0]
    finally:
        server.stop("kill")


def test_it_goes_down_with_the_process_that_wanted_it_so():
    code = START.replace(".start()", ".start(die_with_parent=True)") + "import os; os.kill(os.getpid(), 9)"
    with temporary_cluster(18) as neighbour:
        data = neighbour.data_dir.parent / "child"
        subprocess.run([sys.executable, "-c", code, str(data)], stdout=subprocess.DEVNULL, check=False)
        child = Cluster(data, 18)
        while child.postmaster():
            pass
        assert neighbour.healthy()


# ---- who gets in, and what is left alone


def test_secrets_and_data_belong_to_the_service_user_alone(cluster):
    secret_files = [cluster.password_file(role) for role in ROLES]
    assert {path.stat().st_mode & 0o777 for path in secret_files} == {0o600}
    folders = [cluster.data_dir, cluster.pgdata, cluster.socket_dir, cluster.password_file("app").parent]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert {path.stat().st_uid for path in folders + secret_files} == {cluster.user.uid}
    assert cluster.user.uid != 0
    assert len({cluster.password(role) for role in ROLES}) == len(ROLES)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("password", [None, "", "postgres"])
def test_nobody_gets_in_without_the_password_not_even_here(shared_cluster, role, password):
    facts = {**shared_cluster.connection(role), "passfile": "/dev/null", "password": password}
    for host in (facts["host"], "127.0.0.1"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(**{**facts, "host": host}).close()


def test_another_user_of_this_machine_reaches_neither_socket_nor_password(shared_cluster):
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if ROOT else {}
    for path in (shared_cluster.socket_dir, shared_cluster.password_file("app")):
        assert path.stat().st_mode & 0o077 == 0
        if user:
            refused = subprocess.run(["cat", path], capture_output=True, cwd="/", **user)
            assert b"denied" in refused.stderr


@pytest.fixture(scope="module")
def shared_cluster():
    """One cluster for the tests that only knock at its door; with a port."""
    with temporary_cluster(18) as made:
        made.stop()
        made.port = 54873
        yield made.start(die_with_parent=True)


def test_no_parent_folder_changes_its_mode_or_owner(folder):
    data = folder / "a" / "b" / "data"
    data.parent.mkdir(parents=True)
    (folder / "a").chmod(0o711)
    before = modes_up_to_the_root(data)
    with Cluster(data, 18, settings=UNSAFE_AND_FAST).running():
        pass
    assert modes_up_to_the_root(data) == before


def test_a_parent_closed_to_the_service_user_is_named_and_stays_closed(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    before = modes_up_to_the_root(closed / "data")
    server = Cluster(closed / "data", 18, settings=UNSAFE_AND_FAST)
    if ROOT:
        with pytest.raises(ServerError, match=str(closed)) as refusal:
            server.start()
        assert refusal.value.code == "closed_folder"
    else:  # then the service user is ourselves, and gets in
        with server.running():
            assert server.healthy()
    assert modes_up_to_the_root(closed / "data") == before


def test_programs_that_the_service_user_cannot_reach_are_copied_once(folder, monkeypatch):
    from qingfu.server import binaries

    installed = binaries.bin_folder(18)
    hidden = folder / "hidden"
    binaries._copy(installed, hidden)
    hidden.chmod(0o700)
    monkeypatch.setattr(
        binaries, "bin_folder", lambda version: hidden / installed.relative_to(installed.parents[2])
    )
    with Cluster(folder / "data", 18, settings=UNSAFE_AND_FAST).running() as server:
        program = processes.command_line(server.postmaster())[0]
        assert program.startswith(str(server.data_dir / "programs" if ROOT else hidden))


def test_the_cluster_of_this_installation_is_found_by_its_home(home):
    assert local_cluster().data_dir == home / "postgres" / "18"
    assert not home.exists()
    with temporary_cluster(16) as made:
        os.environ.update(environment(made))
        assert (local_cluster().version, local_cluster().data_dir) == (16, made.data_dir)

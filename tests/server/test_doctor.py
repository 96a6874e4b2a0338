"""The doctor sees what is wrong and says what to do."""

import json

import pytest

from qingfu import cli
from qingfu.server import doctor
from qingfu.server.databases import Database
from tests.server.conftest import fill, run


def findings(check, *arguments):
    return {finding.check: finding for finding in check(*arguments)}


def level(check, *arguments):
    """The worst level that ``check`` gives."""
    return max((finding.level for finding in check(*arguments)), key=["ok", "warn", "fail"].index)


def test_a_fresh_cluster_is_sound(cluster):
    fill(cluster)
    for check in (
        doctor.health,
        doctor.role_attributes,
        doctor.app_owns_nothing,
        doctor.row_security,
        doctor.clock,
    ):
        assert {f.level for f in check(Database(cluster)) if f.check != "outdated"} == {"ok"}


def test_a_table_of_counties_without_forced_row_security_is_found(cluster):
    fill(cluster)
    run(cluster, "ALTER TABLE units_school NO FORCE ROW LEVEL SECURITY")
    finding = findings(doctor.row_security, Database(cluster))["row_security"]
    assert (finding.level, "units_school" in finding.text) == ("fail", True)
    assert "FORCE ROW LEVEL SECURITY" in finding.advice


def test_a_role_that_may_too_much_is_found(cluster):
    run(cluster, "ALTER ROLE qingfu_app BYPASSRLS", role="superuser")
    try:
        assert "qingfu_app" in findings(doctor.role_attributes, Database(cluster))["roles"].text
        assert level(doctor.role_attributes, Database(cluster)) == "fail"
    finally:
        run(cluster, "ALTER ROLE qingfu_app NOBYPASSRLS", role="superuser")


def test_a_backup_role_that_reads_every_table_is_found(cluster):
    run(cluster, "GRANT pg_read_all_data TO qingfu_backup", role="superuser")
    try:
        assert "qingfu_backup" in findings(doctor.role_attributes, Database(cluster))["roles"].text
    finally:
        run(cluster, "REVOKE pg_read_all_data FROM qingfu_backup", role="superuser")


def test_an_app_that_owns_a_table_is_found(cluster):
    run(cluster, "CREATE TABLE mine (n int)")
    run(cluster, "ALTER TABLE mine OWNER TO qingfu_app", role="superuser")
    assert level(doctor.app_owns_nothing, Database(cluster)) == "fail"
    run(cluster, "DROP TABLE mine", role="superuser")


def test_another_time_zone_is_found(cluster):
    run(cluster, "ALTER DATABASE qingfu SET timezone = 'UTC'", role="superuser")
    assert findings(doctor.clock, Database(cluster))["timezone"].level == "fail"
    run(cluster, "ALTER DATABASE qingfu RESET timezone", role="superuser")


def test_an_older_postgres_is_offered_the_newer(cluster):
    assert ("outdated" in findings(doctor.health, Database(cluster))) == (cluster.version == 16)


def test_a_password_that_others_can_read_is_found(home):
    secrets = home / "postgres" / "18" / "passwords"
    secrets.mkdir(parents=True)
    (secrets / "qingfu_app").touch(mode=0o600)
    assert level(doctor.file_modes) == "ok"
    (secrets / "qingfu_app").chmod(0o640)
    assert "qingfu_app" in findings(doctor.file_modes)["file_modes"].advice


def test_no_backup_ever_is_worth_a_word(home):
    assert level(doctor.backups) == "warn"


@pytest.mark.parametrize("free, expected", [(100, "ok"), (4, "warn"), (0.5, "fail")])
def test_a_full_disk_is_seen_before_it_is_full(home, monkeypatch, free, expected):
    usage = doctor.shutil._ntuple_diskusage(0, 0, int(free * doctor.GIB))
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    home.mkdir()
    assert level(doctor.disk) == expected


def test_a_database_that_is_not_there_is_one_finding_among_others(home, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "postgresql://qingfu_app@127.0.0.1:9/qingfu")
    assert cli.main(["doctor", "--json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"check", "level", "text", "advice"} == set(lines[0])
    assert [line["check"] for line in lines if line["level"] == "fail"] == ["health"]
    assert {"disk", "memory", "calendar"} <= {line["check"] for line in lines}


@pytest.mark.parametrize(
    "said, expected",
    [
        ({"broken": None, "unsealed": [], "published_but_gone": []}, "ok"),
        ({"broken": {"seal": 1}, "unsealed": [], "published_but_gone": []}, "fail"),
        ({"broken": None, "unsealed": [7], "published_but_gone": []}, "fail"),
        ({"broken": None, "unsealed": [], "published_but_gone": ["2026-11-28"]}, "fail"),
    ],
)
def test_a_trail_that_was_rewritten_is_found(monkeypatch, said, expected):
    line = json.dumps({"tenant": 4, "name": "青禾县", "head": "00", **said})
    done = doctor.subprocess.CompletedProcess([], int(expected == "fail"), stdout=line + "\n", stderr="")
    monkeypatch.setattr(doctor.subprocess, "run", lambda *arguments, **options: done)
    assert level(doctor.trail, None) == expected


def test_a_trail_that_cannot_be_read_is_a_failure(monkeypatch):
    stderr = "ProgrammingError: no such table\nLINE 1\n   ^\n"
    done = doctor.subprocess.CompletedProcess([], 1, stdout="", stderr=stderr)
    monkeypatch.setattr(doctor.subprocess, "run", lambda *arguments, **options: done)
    with pytest.raises(RuntimeError, match="^ProgrammingError: no such table$"):
        level(doctor.trail, None)

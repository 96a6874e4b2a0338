"""Settings name the database without touching it."""

import subprocess
import sys

from qingfu.server.databases import POOL_SIZE, django_databases


def test_three_aliases_are_three_roles_of_one_database(home):
    databases = django_databases(pool=False)
    assert {alias: facts["USER"] for alias, facts in databases.items()} == {
        "default": "qingfu_app",
        "owner": "qingfu_owner",
        "backup": "qingfu_backup",
    }
    assert len({(facts["HOST"], facts["PORT"], facts["NAME"]) for facts in databases.values()}) == 1
    assert not any(facts["PASSWORD"] for facts in databases.values())


def test_only_the_app_keeps_a_pool(home, monkeypatch):
    monkeypatch.delenv("QINGFU_POOL", raising=False)
    pools = {alias: facts["OPTIONS"].get("pool") for alias, facts in django_databases().items()}
    assert pools["default"]["max_size"] == POOL_SIZE
    assert pools["owner"] is pools["backup"] is None
    monkeypatch.setenv("QINGFU_POOL", "0")
    assert "pool" not in django_databases()["default"]["OPTIONS"]


def test_an_external_server_is_named_by_urls(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:%E5%8F%A3%E4%BB%A4@db.lan:6432/qf?sslmode=require")
    databases = django_databases(pool=False)
    app = databases["default"]
    assert (app["HOST"], app["PORT"], app["NAME"], app["USER"]) == ("db.lan", "6432", "qf", "app")
    assert (app["PASSWORD"], app["OPTIONS"]["sslmode"]) == ("口令", "require")
    assert databases["owner"] == databases["backup"] == app
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner@db.lan/qf")
    assert django_databases()["owner"]["USER"] == "owner"


def test_importing_it_starts_and_writes_nothing(home):
    code = "from qingfu.server.databases import django_databases; django_databases()"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert not home.exists()

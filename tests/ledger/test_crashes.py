"""200 connections post homework to 20 classes while the app and PostgreSQL are killed with -9 and started again.

No acknowledged post is lost, none is doubled, and I1, I2 and I4 hold. Ten seconds and one kill each; with
QINGFU_SOAK=1 sixty seconds and three kills each. The same with the locks taken out must fail.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from qingfu.server.testing import environment, temporary_cluster

from .variants import LOCK_OF_BUDGETS, without

SOAK = bool(os.environ.get("QINGFU_SOAK"))
SECONDS, KILLS = (60, 3) if SOAK else (10, 1)
APPS = 8
ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("crash_app.py")


class Town:
    """A server and its apps, and how to kill either."""

    def __init__(self, server, folder: Path):
        self.server, self.folder = server, folder
        self.facts = folder / "facts.json"
        self.diaries = [folder / f"app-{number}.txt" for number in range(APPS)]
        self.apps: list[subprocess.Popen] = []
        self.run("setup", self.facts)

    def command(self, verb: str, *arguments) -> dict:
        surroundings = {**os.environ, **environment(self.server), "QINGFU_POOL": "0", "QINGFU_TESTS": str(ROOT)}
        return {"args": [sys.executable, str(PROGRAM), verb, *map(str, arguments)], "env": surroundings, "cwd": ROOT}

    def run(self, verb: str, *arguments) -> str:
        return subprocess.run(**self.command(verb, *arguments), check=True, stdout=subprocess.PIPE).stdout.decode()

    def open_app(self, number: int) -> subprocess.Popen:
        return subprocess.Popen(**self.command("app", self.facts, self.diaries[number], self.until))

    def open(self, seconds: float) -> None:
        self.until = time.time() + seconds
        self.apps = [self.open_app(number) for number in range(APPS)]

    def kill_app(self, number: int) -> None:
        self.apps[number].kill()
        self.apps[number].wait()
        self.apps[number] = self.open_app(number)

    def kill_server(self) -> None:
        os.kill(self.server.postmaster(), signal.SIGKILL)
        self.server.start(die_with_parent=True)

    def close(self) -> dict:
        """Wait for the apps, which finish whatever they began, and look at what is in the ledger."""
        for app in self.apps:
            assert app.wait(timeout=SECONDS + 120) == 0
        return json.loads(self.run("check", self.facts, *self.diaries))


@pytest.fixture
def town(tmp_path):
    with temporary_cluster() as server:
        town = Town(server, tmp_path)
        try:
            yield town
        finally:
            for app in town.apps:
                app.kill()


def test_nothing_acknowledged_is_lost_or_doubled(town):
    town.open(SECONDS)
    for kill in range(KILLS):
        time.sleep(SECONDS / (2 * KILLS + 1))
        town.kill_app(kill)
        time.sleep(SECONDS / (2 * KILLS + 1))
        town.kill_server()
    found = town.close()
    assert found["wrong"] == []
    assert found["outcomes"]["posted"] > 500


def test_control_without_the_lock_of_the_budgets_they_run_over(town):
    with psycopg.connect(**town.server.connection("owner"), autocommit=True) as owner:
        owner.execute(without(LOCK_OF_BUDGETS))
    town.open(SECONDS / 2)
    wrong = town.close()["wrong"]
    assert {line[:2] for line in wrong} == {"I2"}

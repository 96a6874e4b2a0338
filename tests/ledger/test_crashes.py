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
from tests.template import give_tables

from .variants import LOCK_OF_BUDGETS, post_function, with_pause, without

SOAK = bool(os.environ.get("QINGFU_SOAK"))
SECONDS, KILLS = (60, 3) if SOAK else (10, 1)
APPS = 2  # of 100 connections each
ENOUGH = 350  # answers, when every class is full on the only day and refuses
MANY_DAYS = 90 if SOAK else 15  # not to be filled before the last kill
ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("crash_app.py")


def command(server, verb: str, *arguments) -> dict:
    surroundings = {**os.environ, **environment(server), "QINGFU_POOL": "0", "QINGFU_TESTS": str(ROOT)}
    return {"args": [sys.executable, str(PROGRAM), verb, *map(str, arguments)], "env": surroundings, "cwd": ROOT}


def run(server, verb: str, *arguments) -> str:
    """What the program prints."""
    return subprocess.run(**command(server, verb, *arguments), check=True, stdout=subprocess.PIPE).stdout.decode()


class Town:
    """A server and its apps, and how to kill either."""

    def __init__(self, server, folder: Path, days: int):
        self.server, self.folder = server, folder
        self.facts = folder / "facts.json"
        self.stop = folder / "stop"
        self.diaries = [folder / f"app-{number}.txt" for number in range(APPS)]
        self.apps: list[subprocess.Popen] = []
        run(server, "setup", self.facts, days)

    def open_app(self, number: int) -> subprocess.Popen:
        return subprocess.Popen(**command(self.server, "app", self.facts, self.diaries[number], self.stop))

    def open(self) -> None:
        """Start the apps; return when each has had an answer, however slow the machine is to start them."""
        self.apps = [self.open_app(number) for number in range(APPS)]
        while not all(diary.exists() and "ack " in diary.read_text() for diary in self.diaries):
            assert all(app.poll() is None for app in self.apps)
            time.sleep(0.1)

    def answers(self) -> int:
        return sum(diary.read_text().count("ack ") for diary in self.diaries)

    def kill_app(self, number: int) -> None:
        self.apps[number].kill()
        self.apps[number].wait()
        self.apps[number] = self.open_app(number)

    def kill_server(self) -> None:
        os.kill(self.server.postmaster(), signal.SIGKILL)
        self.server.start(die_with_parent=True)

    def close(self) -> dict:
        """Stop the apps, which finish whatever they began, and look at what is in the ledger."""
        self.stop.touch()
        for app in self.apps:
            assert app.wait(timeout=300) == 0
        return json.loads(run(self.server, "check", self.facts, *self.diaries))


@pytest.fixture(scope="module")
def server():
    with temporary_cluster(prepare=give_tables) as server:
        run(server, "found")
        yield server


@pytest.fixture
def town(server, tmp_path, days):
    """A county of its own on the server of these tests, which gets the real ledger.post back at the end."""
    town = Town(server, tmp_path, days)
    try:
        yield town
    finally:
        for app in town.apps:
            app.kill()
        install(server, post_function())


def install(server, function: str) -> None:
    with psycopg.connect(**server.connection("owner"), autocommit=True) as owner:
        owner.execute(function)


@pytest.mark.parametrize("days", [MANY_DAYS])
def test_nothing_acknowledged_is_lost_or_doubled(town):
    town.open()
    for kill in range(KILLS):
        time.sleep(SECONDS / (2 * KILLS + 1))
        town.kill_app(kill % APPS)
        time.sleep(SECONDS / (2 * KILLS + 1))
        town.kill_server()
    time.sleep(SECONDS / (2 * KILLS + 1))
    found = town.close()
    assert found["wrong"] == []
    assert found["outcomes"]["posted"]


@pytest.mark.parametrize("days", [1])
@pytest.mark.parametrize(
    ("function", "broken"),
    [(post_function(), set()), (without(LOCK_OF_BUDGETS), {"I2"})],
    ids=["with its locks", "control: without the lock of the budgets"],
)
def test_a_moment_between_check_and_write_is_harmless_under_the_locks_only(town, function, broken):
    """Both stop for a moment there, so that however slow the machine is, others come in between."""
    install(town.server, with_pause(function))
    town.open()
    while town.answers() < ENOUGH:
        time.sleep(0.1)
    assert {line[:2] for line in town.close()["wrong"]} == broken

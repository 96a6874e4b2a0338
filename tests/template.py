"""The tables of the tests, made once a run: every process of it copies the folder of the server that migrated first.

Migrating is a quarter of a minute of work, and a run has several processes, each with a PostgreSQL of its own.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from qingfu.server.postgres import Cluster
from qingfu.server.testing import environment

ROOT = Path(__file__).parent.parent

FOLDER = "QINGFU_TEST_TEMPLATE"  # the process that starts the run names it to the others


def open_folder() -> None:
    """Make the folder of this run, unless the process that started us has; gone when that one ends."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="qingfu-tables-")
        atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)


def give_tables(cluster: Cluster) -> None:
    """Give the cluster, which has never run, the tables of this run; the first process makes them, the others wait."""
    kept = Path(os.environ[FOLDER]) / cluster.data_dir.name
    with open(kept.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            make_tables(cluster)
            copy(cluster.data_dir, kept)
            return
    copy(kept, cluster.data_dir)


def make_tables(cluster: Cluster) -> None:
    cluster.start(die_with_parent=True)
    command = [sys.executable, "-m", "django", "migrate", "--database", "owner", "--verbosity", "0"]
    surroundings = {**os.environ, **environment(cluster), "DJANGO_SETTINGS_MODULE": "qingfu.site.settings"}
    subprocess.run(command, env=surroundings, cwd=ROOT, check=True)
    cluster.stop()


def copy(source: Path, target: Path) -> None:
    """A copy with its owners and modes, whole or not there."""
    draft = target.with_name(f"{target.name}.draft")
    draft.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", source, draft], check=True)
    draft.rename(target)

"""The tables of the tests, made once a run: every process of it copies the folder of the server that migrated first.

Migrating is a quarter of a minute of work, and a run has several processes, each with a PostgreSQL of its own.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "QINGFU_TEST_TEMPLATE"  # the process that starts the run names it to the others


def open_folder() -> None:
    """Make the folder of this run, unless the process that started us has; gone when that one ends."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="qingfu-tables-")
        atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)


@contextmanager
def tables(cluster) -> Iterator[bool]:
    """Give the cluster, which has never run, the tables of this run. Yields False to whoever must make them.

    What the first process made, in the block, is stopped and kept for the others, who wait meanwhile.
    """
    kept = Path(os.environ[FOLDER]) / cluster.data_dir.name
    with open(kept.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = kept.exists()
        if found:
            copy(kept, cluster.data_dir)
        yield found
        if not found:
            cluster.stop()
            copy(cluster.data_dir, kept)


def copy(source: Path, target: Path) -> None:
    """A copy with its owners and modes, whole or not there."""
    draft = target.with_name(f"{target.name}.draft")
    draft.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", source, draft], check=True)
    draft.rename(target)

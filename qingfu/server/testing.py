"""A server for tests: in a temporary folder, fast as it need not survive a power cut, gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qingfu.server.postgres import Cluster, version_of_new_cluster

MEMORY = Path("/dev/shm")
PLENTY = 4 * 1024**3

# A commit still survives kill -9 of the server, because the operating system holds what was written.
UNSAFE_AND_FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "autovacuum_naptime": "10s",
}


def temporary_folder() -> Path:
    """A new folder that the service user may enter, in memory if there is plenty: clusters are many files."""
    free = shutil.disk_usage(MEMORY).free if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else 0
    folder = Path(tempfile.mkdtemp(prefix="qingfu-test-", dir=MEMORY if free > PLENTY else None))
    folder.chmod(0o755)
    return folder


@contextmanager
def temporary_cluster(
    version: int | None = None, prepare: Callable[[Cluster], None] = Cluster.ensure_initialised
) -> Iterator[Cluster]:
    """A running cluster with all roles, empty unless ``prepare`` fills it before it starts.

    Its folder is ``<temporary>/postgres/<version>``.

    So ``environment(cluster)`` makes it the server of this installation, for us and for our child processes.
    It stops when the calling process dies, however that happens.
    """
    version = version or version_of_new_cluster()
    folder = temporary_folder()
    cluster = Cluster(folder / "postgres" / str(version), version, settings=UNSAFE_AND_FAST)
    try:
        prepare(cluster)
        yield cluster.start(die_with_parent=True)
    finally:
        cluster.stop("immediate")
        shutil.rmtree(folder)


def environment(cluster: Cluster) -> dict[str, str]:
    """Environment variables that make ``cluster`` the server of this installation."""
    return {"QINGFU_HOME": str(cluster.data_dir.parent.parent), "DATABASE_URL": ""}

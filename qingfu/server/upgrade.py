"""From an older PostgreSQL to the newest: ``qingfu upgrade-database``.

The new cluster is filled beside the old one by dump and restore, compared table by table, and only then gets
its place. The old one is kept aside until somebody deletes it. (pg_upgrade would be faster, but cannot change
the way text is sorted: version 16 takes it from the system's C library, 18 from itself.)
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from qingfu.server import binaries
from qingfu.server.backup import run_client
from qingfu.server.contents import contents, differences
from qingfu.server.databases import Database, external
from qingfu.server.home import refuse_while_serving
from qingfu.server.messages import ServerError
from qingfu.server.postgres import DATABASE, Cluster, local_cluster


@dataclass(frozen=True)
class Upgraded:
    """What an upgrade did: the new cluster, the folder of the old one, tables and rows that were compared."""

    cluster: Cluster
    kept: Path
    tables: int
    rows: int


def outdated() -> bool:
    """Whether the embedded database of this installation is older than the newest PostgreSQL that we have."""
    return not external() and local_cluster().initialised and local_cluster().version < binaries.NEWEST


def upgrade_database() -> Upgraded:
    """Move the embedded database to the newest PostgreSQL. After a ServerError the old one is in force."""
    if not outdated():
        raise ServerError("nothing_to_upgrade", version=binaries.NEWEST)
    refuse_while_serving()
    old = local_cluster()
    place = old.data_dir.parent / str(binaries.NEWEST)
    draft = Cluster(place.with_name(f"{place.name}.draft"), binaries.NEWEST)
    draft.stop("immediate")  # an upgrade that was cut short
    shutil.rmtree(draft.data_dir, ignore_errors=True)
    with old.running(), draft.running():
        compared = _copy(old, draft)
    _keep_local_settings(old, draft)
    shutil.rmtree(place, ignore_errors=True)  # holds no data: else it would be the cluster in force
    kept = old.data_dir.with_name(f"{old.version}.before-{datetime.now():%Y%m%d-%H%M%S}")
    draft.data_dir.rename(place)  # from here on the newer one is in force: it is the newest that is there
    old.data_dir.rename(kept)
    rows = sum(facts["rows"] for facts in compared.values())
    return Upgraded(local_cluster(), kept, len(compared), rows)


def _copy(old: Cluster, new: Cluster) -> dict:
    """Copy every row, those that no backup holds too, and compare; returns what both hold."""
    source, target = Database(old), Database(new)
    jobs = f"--jobs={min(os.cpu_count() or 1, 4)}"
    with tempfile.TemporaryDirectory(dir=old.data_dir.parent, prefix=".upgrade-") as folder:
        dump = Path(folder) / "dump"
        newest = Database(new).client_version
        run_client(source, "superuser", "pg_dump", "--format=directory", jobs, "--file", dump, version=newest)
        run_client(target, "superuser", "pg_restore", "--exit-on-error", jobs, f"--dbname={DATABASE}", dump)
    with psycopg.connect(**old.connection("superuser")) as link:  # compares what no backup may read, too
        expected = contents(link)
    with psycopg.connect(**new.connection("superuser")) as link:
        found = contents(link)
    if expected != found:
        raise ServerError("upgrade_differs", tables="\n".join(differences(expected, found)))
    return found


def _keep_local_settings(old: Cluster, new: Cluster) -> None:
    ours = old.data_dir / "local.conf"
    if ours.exists():
        copied = Path(shutil.copy2(ours, new.data_dir))
        os.chown(copied, new.user.uid, new.user.gid)

"""How the lake of this installation stands: when a county was exported, and how far an export is that goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from qingfu.lake import manifest
from qingfu.lake.actions import lock_of
from qingfu.lake.derived import code_of
from qingfu.lake.manifest import LakeError
from qingfu.lake.reading import lake_folder
from qingfu.units.models import Unit

# The last job that somebody asked for, and when something happened to it. Of one that was cleared away nothing is told.
LAST_JOB = """
SELECT j.status, (SELECT max(at) FROM procrastinate_events e WHERE e.job_id = j.id)
FROM procrastinate_jobs j WHERE j.queueing_lock = %s ORDER BY j.id DESC LIMIT 1
"""
STATES = {"todo": "waiting", "doing": "running", "failed": "failed"}


@dataclass(frozen=True)
class Standing:
    """``exported_at``: None where the county never was. ``state``: "waiting" for the worker, "running", "failed", else
    empty. While it runs, ``done`` of ``total`` tables are written, and ``table`` is the one at work."""

    exported_at: datetime | None
    rows: int
    state: str
    done: int = 0
    total: int = 0
    table: str = ""

    @property
    def is_going_on(self) -> bool:
        return self.state in ("waiting", "running")

    def reaches(self, day: date) -> bool:
        """Whether what happened up to the evening before ``day`` is in."""
        return self.exported_at is not None and self.exported_at.date() >= day


def standing_of(county: Unit) -> Standing:
    """How the lake of a county stands now."""
    folder, code = lake_folder(), code_of(county)
    try:
        found = manifest.read(folder, code)
    except LakeError:  # the next export writes it anew
        found = None
    exported_at = found and datetime.fromisoformat(found.exported_at)
    rows = sum(found.rows.values()) if found else 0
    progress = manifest.progress(folder, code)
    if progress:
        return Standing(exported_at, rows, "running", **progress)
    return Standing(exported_at, rows, _state(county, exported_at))


def _state(county: Unit, exported_at: datetime | None) -> str:
    with connection.cursor() as cursor:
        cursor.execute(LAST_JOB, [lock_of(county.pk)])
        status, at = cursor.fetchone() or ("", None)
    if status == "failed" and exported_at and at and at < exported_at:
        return ""  # one that came later went well
    return STATES.get(status, "")

"""The data folder of this installation, and the unprivileged user that PostgreSQL runs as."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qingfu.server.messages import ServerError

SERVICE_USER = "qingfu"
LAST_RESORT_USER = "nobody"
NOBODY_UID = 65534
SYSTEM_HOME = Path("/var/lib/qingfu")


@dataclass(frozen=True)
class ServiceUser:
    """The user that owns the data and runs PostgreSQL, which refuses to run as root."""

    name: str
    uid: int
    gid: int

    def popen_arguments(self) -> dict:
        """Keyword arguments that make ``subprocess`` run a program as this user; none if we are this user."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


SOMEBODY = ServiceUser(LAST_RESORT_USER, NOBODY_UID, NOBODY_UID)  # to ask what anybody may do


def home() -> Path:
    """The data folder: ``QINGFU_HOME``; else ``var`` in the checkout; else a folder of the system or user.

    A checkout that the service user cannot enter (one under /root, say) has its data under /var/lib/qingfu.
    """
    given = os.environ.get("QINGFU_HOME")
    return Path(given).absolute() if given else _default_home()


@cache
def _default_home() -> Path:
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / "pyproject.toml").exists():
        return SYSTEM_HOME if os.geteuid() == 0 else Path.home() / ".local" / "share" / "qingfu"
    if os.geteuid() == 0 and first_closed_folder(checkout, SOMEBODY):
        mark = hashlib.sha256(str(checkout).encode()).hexdigest()[:8]
        return SYSTEM_HOME / f"{checkout.name}-{mark}"
    return checkout / "var"


def lake_folder() -> Path:
    """Where the records of all counties are exported to: ``QINGFU_LAKE``, else ``lake`` in the data folder."""
    return Path(os.environ.get("QINGFU_LAKE") or home() / "lake")


def service_user(data_dir: Path) -> ServiceUser:
    """Who runs the server of ``data_dir``: ourselves; as root the folder's owner, else the user ``qingfu``.

    The system user ``qingfu`` is made when root has none; where that is impossible (a read-only image) it is
    ``nobody``. Raises ServerError if the folder belongs to somebody else and we are not root.
    """
    owner = _owner(data_dir)
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise ServerError("folder_of_another_user", folder=data_dir, user=_name(owner))
        return ServiceUser(_name(os.geteuid()), os.geteuid(), os.getegid())
    if owner:
        return ServiceUser(_name(owner), owner, data_dir.stat().st_gid)
    return _dedicated_user()


def first_closed_folder(folder: Path, user: ServiceUser) -> Path | None:
    """The uppermost folder on the way to ``folder`` (itself included) that ``user`` may not enter, or None.

    The kernel is asked, as that user: mode bits alone would miss ACLs and mount options.
    """
    way = [step for step in reversed([folder, *folder.parents]) if step.exists()]
    if not way or _may_enter(way[-1], user):
        return None
    return next((step for step in way if not _may_enter(step, user)), None)


def serve_lock() -> Path:
    """The file that a running ``qingfu serve`` holds locked."""
    return home() / "serve.lock"


def rows_file() -> Path:
    """Where the web processes tell each other how many wait (``turns.Rows``)."""
    return home() / "web.rows"


def refuse_while_serving() -> None:
    """Raises ServerError if ``qingfu serve`` runs on this data folder."""
    try:
        descriptor = os.open(serve_lock(), os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ServerError("stop_serve_first")
    finally:
        os.close(descriptor)


def runs_as(command: list[str], user: ServiceUser) -> bool:
    """Whether ``command`` can be run by ``user`` and ends well."""
    try:
        done = subprocess.run(command, cwd="/", capture_output=True, check=False, **user.popen_arguments())
    except PermissionError:
        return False
    return done.returncode == 0


def _may_enter(folder: Path, user: ServiceUser) -> bool:
    return runs_as(["/usr/bin/env", "test", "-x", str(folder)], user)


def _owner(folder: Path) -> int | None:
    try:
        return folder.stat().st_uid
    except FileNotFoundError:
        return None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


@cache
def _dedicated_user() -> ServiceUser:
    found = _user(SERVICE_USER)
    if not found:
        _make_service_user()
        found = _user(SERVICE_USER) or _user(LAST_RESORT_USER)
    if not found:
        raise ServerError("no_service_user", user=SERVICE_USER)
    return found


def _user(name: str) -> ServiceUser | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return ServiceUser(name, entry.pw_uid, entry.pw_gid)


def _make_service_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", SERVICE_USER]
    try:
        subprocess.run(command, check=False, capture_output=True)
    except FileNotFoundError:
        pass  # no useradd here: the caller takes the last resort

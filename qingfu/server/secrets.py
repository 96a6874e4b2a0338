"""Keys that never enter the database or the repository: one 0600 file each under the data folder."""

from __future__ import annotations

import hashlib
import os
import secrets as random_source
from functools import cache
from pathlib import Path

from qingfu.server.home import home, service_user

KEY_BYTES = 48


def key_folder() -> Path:
    """Where the keys of this installation lie. Backups take them along: without them no token is valid."""
    return home() / "secrets"


@cache
def secret(name: str) -> bytes:
    """The key ``name`` (48 random bytes), from ``QINGFU_KEY_<NAME>`` (hex) or its file, made when missing."""
    given = os.environ.get(f"QINGFU_KEY_{name.upper()}")
    if given:
        return bytes.fromhex(given)
    path = key_folder() / f"{name}.key"
    if not path.exists():
        _make(path)
    return bytes.fromhex(path.read_text().strip())


def hmac_pads(name: str) -> tuple[bytes, bytes]:
    """The inner and outer pad of HMAC-SHA256 (RFC 2104) over the key ``name``, as the database stores them."""
    key = secret(name)
    key = hashlib.sha256(key).digest() if len(key) > 64 else key
    key = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)


def _make(path: Path) -> None:
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    reader = service_user(path.parent)  # runs the web process where we are root
    os.chown(path.parent, reader.uid, reader.gid)
    draft = path.with_suffix(f".{random_source.token_hex(8)}")  # threads of one process may meet here too
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchown(descriptor, reader.uid, reader.gid)
        file.write(random_source.token_hex(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails if another process was first: then its key is the key
    except FileExistsError:
        pass
    finally:
        draft.unlink()

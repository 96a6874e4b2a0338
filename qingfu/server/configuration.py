"""The configuration that we write for the embedded PostgreSQL, at every start."""

from __future__ import annotations

import os
from pathlib import Path

MIB = 1024 * 1024
CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")

# Nobody without a password, not even on this machine; nobody at all from outside it.
ACCESS = """\
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""

FIXED = {
    "max_connections": "300",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "datestyle": "ISO, YMD",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "idle_in_transaction_session_timeout": "5min",  # a hung process must not keep budgets locked
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",  # a file for each day of the week, then overwritten
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    "log_file_mode": "0600",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # Statements and key values hold drafts and names. They do not belong into a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


def memory_of_machine() -> int:
    """Bytes of memory that this machine, or the container that we are in, may use."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = [Path(path).read_text().strip() for path in CGROUP_LIMITS if Path(path).exists()]
    return min([physical, *(int(limit) for limit in limits if limit.isdigit())])


def memory_settings(memory: int) -> dict[str, str]:
    """Settings for ``memory`` bytes, shared with the web workers of the same machine."""
    return {
        "shared_buffers": _mib(memory // 4, 64, 8192),
        "effective_cache_size": _mib(memory // 2, 128, 65536),
        "maintenance_work_mem": _mib(memory // 16, 32, 1024),
        "work_mem": _mib(memory // 512, 4, 64),
    }


def render(settings: dict[str, str]) -> str:
    """``postgresql.conf`` with ``settings``, one a line."""
    lines = ["# Written by Qingfu at every start. Put changes of your own into local.conf, two folders up."]
    return "\n".join(lines + [f"{name} = {quoted(value)}" for name, value in settings.items()]) + "\n"


def quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _mib(size: int, least: int, most: int) -> str:
    return f"{min(max(size // MIB, least), most)}MB"

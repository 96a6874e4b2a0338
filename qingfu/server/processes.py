"""Which process is which. A pid alone proves nothing: after a reboot it belongs to somebody else."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
PR_SET_PDEATHSIG = 1


def postmaster_of(pgdata: Path, hint: int | None) -> int | None:
    """The pid of the live postmaster that serves ``pgdata``, or None. ``hint`` is what the pid file says."""
    candidates = ([hint] if hint else []) + list(_all_pids())
    return next((pid for pid in candidates if _is_postmaster(pid, pgdata)), None)


def orphans_of(pgdata: Path) -> list[int]:
    """PostgreSQL processes that work in ``pgdata``; without a postmaster they are what a kill -9 left."""
    return [pid for pid in _all_pids() if _works_in(pid, pgdata)]


def command_line(pid: int) -> list[str]:
    """The arguments of process ``pid``; empty if there is no such process or it is a zombie."""
    if PROC.is_dir():
        try:
            return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
        except OSError:
            return []
    shown = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, check=False)
    return shown.stdout.decode(errors="replace").split()


def kill_group(group: int, command: list[str]) -> None:
    """Kill what still runs ``command`` in process group ``group``; other processes are never touched."""
    for pid in _all_pids():
        try:
            if os.getpgid(pid) == group and command_line(pid) == command:
                os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended by itself


def signal_when_parent_dies(number: signal.Signals, parent: int) -> Callable[[], None]:
    """For ``preexec_fn``: the child gets signal ``number`` when its parent (pid ``parent``) dies. Linux only.

    The flag is lost when a process changes its user; ``subprocess`` does that before it calls this.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def ask_kernel() -> None:
        if libc is None:
            return
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before we could ask
            os.kill(os.getpid(), number)

    return ask_kernel


def _all_pids() -> Iterator[int]:
    if PROC.is_dir():
        yield from (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _is_postmaster(pid: int, pgdata: Path) -> bool:
    arguments = command_line(pid)
    return (
        bool(arguments)
        and Path(arguments[0]).name == "postgres"
        and ("-D", str(pgdata)) in zip(arguments, arguments[1:], strict=False)
    )


def _works_in(pid: int, pgdata: Path) -> bool:
    try:
        return (PROC / str(pid) / "cwd").readlink() == pgdata and command_line(pid)[0].startswith("postgres")
    except (OSError, IndexError):
        return False


class Core(NamedTuple):
    """A core that a process has to itself: which of those that it may use, from 0, and what holds it."""

    place: int
    held: socket.socket


def keep_to_a_core(name: str) -> Core | None:
    """Let this process run on one core only, which no other process of ``name`` keeps to.

    What holds the core goes with the process however that ends: an address in the kernel's memory. None where all cores
    are taken, where there is but one, or where the system knows no such thing (not Linux).
    """
    if sys.platform != "linux" or len(cores := sorted(os.sched_getaffinity(0))) < 2:
        return None
    for place, core in enumerate(cores):
        held = socket.socket(socket.AF_UNIX)
        try:
            held.bind(f"\0{name} core {core}")
        except OSError:
            held.close()
            continue
        for thread in (PROC / "self/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})
        return Core(place, held)
    return None

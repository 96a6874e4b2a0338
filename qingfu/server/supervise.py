"""``qingfu serve``: PostgreSQL, the web and the worker, kept running until somebody stops them.

Whatever dies is started again, after a pause that doubles from one second to half a minute. Health is a
query that is answered, not a pid that lives. Everything stops with the supervisor; if that is killed with -9,
the kernel tells its children, and the next ``serve`` clears away what is left.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import psycopg

from qingfu.server import processes, rows
from qingfu.server.databases import connection_facts, external
from qingfu.server.home import ServiceUser, home, lake_folder, rows_file, runs_as, serve_lock, service_user
from qingfu.server.messages import ServerError, say
from qingfu.server.postgres import Cluster, local_cluster
from qingfu.server.tls import LOOPBACK, Certificate

SETTINGS = "qingfu.site.settings"
APPLICATION = "qingfu.site.served:application"
PREPARATION = (  # before anything is served, in this order
    ("migrate", "--database", "owner", "--noinput", "--verbosity", "0"),
    ("collectstatic", "--noinput", "--verbosity", "0"),
)
MOST_WORKERS = 8
THREADS = 64  # of a web process: as many requests stand in its row (turns.py); those after them wait unseen
TICK_SECONDS = 0.5
HEALTH_SECONDS = 5
PATIENCE = 3  # unanswered health queries before a server that lives is restarted
FIRST_PAUSE, LONGEST_PAUSE = 1, 30
STEADY_SECONDS = 60  # what ran this long has recovered: its next pause is short again
STOP_SECONDS = 15


@dataclass(frozen=True)
class Options:
    """What ``serve`` was asked for. ``names`` are the host names and addresses under which people come."""

    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()
    workers: int | None = None
    certificate: Certificate | None = None

    @property
    def address(self) -> str:
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://{self.names[0] if self.names else self.host}:{self.port}"


@dataclass
class BackOff:
    """When something that keeps dying may be started again, in seconds of the monotonic clock."""

    pause: float = FIRST_PAUSE
    due: float = 0.0

    def died(self, ran: float) -> None:
        """Called at a death, after ``ran`` seconds of life."""
        self.pause = FIRST_PAUSE if ran > STEADY_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        self.due = time.monotonic() + self.pause

    def ready(self) -> bool:
        return time.monotonic() >= self.due


@dataclass
class Part:
    """A program that must run, in a process group of its own."""

    name: str
    command: list[str]
    environment: dict[str, str]
    user: ServiceUser | None
    process: subprocess.Popen | None = None
    started: float = 0.0
    back_off: BackOff = field(default_factory=BackOff)

    def keep_running(self) -> bool:
        """Start the program if it should run and does not; whether it was started just now."""
        if self.process and self.process.poll() is not None:
            self._bury()
        if self.process or not self.back_off.ready():
            return False
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=processes.signal_when_parent_dies(signal.SIGTERM, os.getpid()),
            **(self.user.popen_arguments() if self.user else {}),
        )
        return True

    def stop(self) -> None:
        """Ask the program to end, and kill what is left of its group after a while."""
        if not self.process:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        processes.kill_group(self.process.pid, self.command)
        self.process = None

    def _bury(self) -> None:
        tell("part_died", part=self.name, status=self.process.returncode)
        processes.kill_group(self.process.pid, self.command)  # web workers outlive their master otherwise
        self.back_off.died(time.monotonic() - self.started)
        self.process = None


class Database:
    """The server's health, watched; restarted if it is ours."""

    def __init__(self, cluster: Cluster | None) -> None:
        self.cluster = cluster
        self.unanswered = 0
        self.next_check = 0.0
        self.started = 0.0
        self.back_off = BackOff()

    def start(self) -> None:
        if self.cluster:
            self.cluster.start(die_with_parent=True)
            self.started = time.monotonic()

    def watch(self) -> None:
        """Look after the server once; a dead one is noticed at once, a mute one after PATIENCE questions."""
        if self.cluster and not self.cluster.postmaster():
            self._revive()
        elif time.monotonic() >= self.next_check:
            self.next_check = time.monotonic() + HEALTH_SECONDS
            self._ask()

    def stop(self) -> None:
        if self.cluster:
            self.cluster.stop("fast")

    def _ask(self) -> None:
        self.unanswered = 0 if answers(self.cluster) else self.unanswered + 1
        if not self.unanswered:
            return
        tell("database_mute", times=self.unanswered)
        if self.cluster and self.unanswered >= PATIENCE:
            self.cluster.stop("kill")

    def _revive(self) -> None:
        if not self.back_off.ready():
            return
        tell("database_died")
        self.back_off.died(time.monotonic() - self.started)
        try:
            self.start()
            self.unanswered = 0
            tell("database_back")
        except ServerError as error:
            print(error, file=sys.stderr, flush=True)


def serve(options: Options) -> None:
    """Run the product until SIGTERM or SIGINT. Raises ServerError if it runs already or cannot start."""
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with _only_one() as register:
        if _reachable(options):
            raise ServerError("port_taken", host=options.host, port=options.port)
        database = Database(None if external() else local_cluster())
        parts: list[Part] = []
        try:
            database.start()
            environment = _environment(options)
            prepare(environment)
            user = _user_of_parts()
            _make_lake_folder(user)
            parts += [_web(options, environment, user), _worker(environment, user)]
            announced = False
            while not stopping.wait(TICK_SECONDS):
                database.watch()
                started = [part for part in parts if part.keep_running()]
                if started:
                    register(parts)
                elif not announced and _reachable(options):
                    announced = True
                    tell("serving", address=options.address)
        finally:
            tell("stopping")
            for part in parts:
                part.stop()
            database.stop()


def prepare(environment: dict[str, str]) -> None:
    """Bring the tables and the static files up to this version. Raises ServerError with what went wrong."""
    for command in PREPARATION:
        done = subprocess.run(
            [sys.executable, "-m", "django", *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerError("preparation_failed", step=command[0], output=done.stderr.strip()[-3000:])


def answers(cluster: Cluster | None) -> bool:
    """Whether the database in use answers a query: ``cluster``, or the external server."""
    if cluster:
        return cluster.healthy()
    try:
        with psycopg.connect(**{"connect_timeout": 3, **connection_facts("app")}) as link:
            return link.execute("SELECT 1").fetchone() == (1,)
    except psycopg.Error:
        return False


def tell(code: str, **facts: object) -> None:
    """Print one line for the operator, with the time."""
    print(f"{time.strftime('%H:%M:%S')} {say(code, **facts)}", flush=True)


def _reachable(options: Options) -> bool:
    """Whether something listens where the web is to listen."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)
    try:
        socket.create_connection((host, options.port), timeout=1).close()
    except OSError:
        return False
    return True


def _environment(options: Options) -> dict[str, str]:
    ours = {"DJANGO_SETTINGS_MODULE": SETTINGS, "PYTHONUNBUFFERED": "1"}
    ours["QINGFU_HOSTS"] = os.environ.get("QINGFU_HOSTS") or ",".join({*LOOPBACK, "[::1]", *options.names})
    if options.certificate:
        ours["QINGFU_TLS"] = "1"
    return {**os.environ, **ours}


def _web(options: Options, environment: dict[str, str], user: ServiceUser | None) -> Part:
    workers = options.workers or min(os.cpu_count() or 1, MOST_WORKERS)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error"]
    command += ["--host", options.host, "--port", str(options.port), "--workers", str(workers)]
    command += ["--blocking-threads", str(THREADS), "--respawn-failed-workers"]
    if options.certificate:
        command += ["--ssl-certificate", str(options.certificate.certificate)]
        command += ["--ssl-keyfile", str(options.certificate.key), "--ssl-protocol-min", "tls1.2"]
    _lay_out_rows(user)
    return Part(say("web"), [*command, APPLICATION], environment, user)


def _worker(environment: dict[str, str], user: ServiceUser | None) -> Part:
    command = [sys.executable, "-m", "django", "procrastinate", "worker"]
    return Part(say("worker"), command, environment, user)


def _lay_out_rows(user: ServiceUser | None) -> None:
    """The web processes share this file, and as the service user they may make none in one of root's folders."""
    rows.lay_out(rows_file(), os.cpu_count() or 1)
    if user:
        os.chown(rows_file(), user.uid, user.gid)


def _make_lake_folder(user: ServiceUser | None) -> None:
    """The worker writes there, and as the service user it may make no folder in one of root's."""
    folder = lake_folder()
    if user and not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        os.chown(folder, user.uid, user.gid)


def _user_of_parts() -> ServiceUser | None:
    """As root, the service user serves the web too, where it can read the program; else ourselves."""
    user = service_user(home() / "secrets")
    if not user.popen_arguments():
        return None
    if runs_as([sys.executable, "-c", "import django, granian, qingfu"], user):
        return user
    tell("serving_as_root", user=user.name)
    return None


@contextmanager
def _only_one() -> Iterator[callable]:
    """Hold the data folder's lock; gives a function that notes the running parts for the next ``serve``."""
    home().mkdir(parents=True, exist_ok=True)
    path = serve_lock()
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServerError("already_serving", pid=_noted(path).get("pid", "?"))
        for group, command in _noted(path).get("parts", {}).items():
            processes.kill_group(int(group), command)

        def register(parts: list[Part]) -> None:
            running = {str(part.process.pid): part.command for part in parts if part.process}
            file.seek(0)
            file.truncate()
            json.dump({"pid": os.getpid(), "parts": running}, file)
            file.flush()

        register([])
        yield register


def _noted(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except ValueError:
        return {}

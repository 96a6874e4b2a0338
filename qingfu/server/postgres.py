"""The embedded PostgreSQL: one Cluster is one data folder with its server, roles and passwords.

Folder of a cluster, owned by the service user, mode 0700::

    pgdata/        what initdb made; postgresql.conf and pg_hba.conf are ours, written at every start
    passwords/     one 0600 file for each role, in the form that libpq reads (passfile)
    run/           the socket; under /tmp instead where the path would be too long for a socket
    log/           postgres-Mon.log …; start.log holds what the server said before it had a log
    programs/      copies of the PostgreSQL programs, where the service user cannot run the installed
    lock           held while the cluster is made, started or stopped
    local.conf     settings of the operator, optional

See docs/server.md.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from qingfu.server import binaries, configuration, processes
from qingfu.server.home import ServiceUser, first_closed_folder, home, service_user
from qingfu.server.messages import ServerError

DATABASE = "qingfu"
ROLES = {
    "superuser": "qingfu_superuser",  # of the embedded server only: init, restore, health
    "owner": "qingfu_owner",  # owns the database and everything in it: migrations
    "app": "qingfu_app",  # owns nothing, under row security: web, jobs, tests
    "backup": "qingfu_backup",  # reads what a backup holds, row security or not; writes nothing
}
ATTRIBUTES = {
    "owner": "NOSUPERUSER NOBYPASSRLS NOCREATEROLE CREATEDB",
    "app": "NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB",
    # Row security is FORCEd, so a dump by any other role would miss rows or fail.
    "backup": "NOSUPERUSER BYPASSRLS NOCREATEROLE NOCREATEDB",
}
STOP_SIGNALS = {
    "smart": signal.SIGTERM,  # waits for clients to leave
    "fast": signal.SIGINT,  # cuts clients off
    "immediate": signal.SIGQUIT,  # a crash, to be recovered from at the next start
    "kill": signal.SIGKILL,  # for a server that hears nothing any more
}
SOCKET_PATH_BYTES = 103  # macOS; Linux has 107
LOCK_SECONDS = 180
START_SECONDS = 120
STOP_SECONDS = 60
STEP_SECONDS = 0.05
LEFTOVER_SECONDS = 15


class Cluster:
    """An embedded server of PostgreSQL ``version`` (16 or 18) with its data under ``data_dir``.

    It listens on a socket in a private folder and, if ``port`` is given, on 127.0.0.1 too. ``settings`` go
    over the configuration that we write. Making one writes and starts nothing.
    """

    def __init__(
        self,
        data_dir: Path | str,
        version: int = binaries.NEWEST,
        port: int | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.version = version
        self.port = port
        self.settings = settings or {}
        self._process: subprocess.Popen | None = None

    # ---- where things are

    @property
    def pgdata(self) -> Path:
        return self.data_dir / "pgdata"

    @property
    def pid_file(self) -> Path:
        return self.pgdata / "postmaster.pid"

    @property
    def initialised(self) -> bool:
        return (self.pgdata / "PG_VERSION").exists()

    @property
    def user(self) -> ServiceUser:
        """Who owns the folder and runs the server."""
        return service_user(self.data_dir)

    @property
    def socket_name(self) -> str:
        return f".s.PGSQL.{self.port or 5432}"

    @property
    def socket_dir(self) -> Path:
        near = self.data_dir / "run"
        if len(os.fsencode(near / self.socket_name)) <= SOCKET_PATH_BYTES:
            return near
        return Path("/tmp") / f"qingfu-{hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]}"

    def program(self, name: str) -> Path:
        """The path of a PostgreSQL program (``psql``, ``pg_dump`` …) of this version, for our own user."""
        return binaries.bin_folder(self.version) / name

    # ---- how to connect

    def password_file(self, role: str) -> Path:
        return self.data_dir / "passwords" / ROLES[role]

    def connection(self, role: str = "app", database: str = DATABASE) -> dict[str, str]:
        """What psycopg.connect needs to connect as ``role`` (owner, app, backup, superuser).

        The password stays in its file, which libpq opens; so it is in no process list and no settings dump.
        """
        return {
            "host": str(self.socket_dir),
            "port": str(self.port or 5432),
            "dbname": database,
            "user": ROLES[role],
            "passfile": str(self.password_file(role)),
        }

    def dsn(self, role: str = "app", database: str = DATABASE) -> str:
        """The same as a URL: ``postgresql://qingfu_app@/qingfu?host=…&port=…&passfile=…``."""
        facts = self.connection(role, database)
        where = urlencode({name: facts[name] for name in ("host", "port", "passfile")}, quote_via=quote)
        return f"postgresql://{facts['user']}@/{facts['dbname']}?{where}"

    def password(self, role: str) -> str:
        """The password of ``role``, for programs that read no password file."""
        return self.password_file(role).read_text().strip().rsplit(":", 1)[1]

    # ---- life

    def healthy(self) -> bool:
        """Whether the server answers a query. An open port or a live pid would prove nothing."""
        facts = self.connection("superuser", database="postgres")
        try:
            with psycopg.connect(
                **facts, connect_timeout=3, options="-c statement_timeout=3000", autocommit=True
            ) as link:
                return link.execute("SELECT 1").fetchone() == (1,)
        except psycopg.Error:
            return False

    def ensure_initialised(self) -> None:
        """Make the data folder, the database ``qingfu`` and the roles, if they are not there yet.

        Safe to call from many processes at once; an attempt that was cut short leaves nothing that counts.
        Raises ServerError where the service user cannot reach the folder, or it holds another version.
        """
        self._prepare_folder()
        with self._locked():
            self._ensure_initialised()

    def start(self, die_with_parent: bool = False) -> Cluster:
        """Start the server unless it runs; return when it answers queries. Recovers after any kind of crash.

        With ``die_with_parent`` the server shuts down when the calling process dies (for the kernel that is
        the thread: call it from the main one). Raises ServerError.
        """
        self._prepare_folder()
        with self._locked():
            self._ensure_initialised()
            self._bring_up(die_with_parent)
        return self

    @contextmanager
    def running(self) -> Iterator[Cluster]:
        """The server, running; stopped afterwards if it did not run before."""
        was_running = self.initialised and self.healthy()
        self.start(die_with_parent=not was_running)
        try:
            yield self
        finally:
            if not was_running:
                self.stop()

    def stop(self, mode: str = "fast") -> None:
        """Stop the server in one of the modes of STOP_SIGNALS. Raises ServerError if it does not stop."""
        if not self.data_dir.exists():
            return
        with self._locked():
            pid = self.postmaster()
            if pid is None:
                return
            os.kill(pid, STOP_SIGNALS[mode])
            if not _until(lambda: self.postmaster() is None, STOP_SECONDS):
                raise ServerError("postgres_will_not_stop", pid=pid, seconds=STOP_SECONDS)

    def postmaster(self) -> int | None:
        """The pid of our live server, whatever the pid file says; None if there is none."""
        if self._process is not None:
            self._process.poll()  # a dead child of ours is a zombie until it is asked
        return processes.postmaster_of(self.pgdata, _first_number(self.pid_file))

    # ---- folder and lock

    def _prepare_folder(self) -> None:
        user = self.user
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        closed = first_closed_folder(self.data_dir.parent, user)
        if closed:
            raise ServerError("closed_folder", closed=closed, user=user.name)
        self._own_folder(self.data_dir, user)

    def _own_folder(self, folder: Path, user: ServiceUser) -> None:
        """Make ``folder`` if it is missing and give it to the service user. Its parents stay as they are."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid != user.uid:
            os.chown(folder, user.uid, user.gid)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self.data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            os.fchown(descriptor, self.user.uid, self.user.gid)
            if not _until(lambda: _try_lock(descriptor), LOCK_SECONDS):
                raise ServerError("locked", folder=self.data_dir, seconds=LOCK_SECONDS)
            yield
        finally:
            os.close(descriptor)  # which gives the lock back, as does our death

    # ---- making

    def _ensure_initialised(self) -> None:
        if not self.initialised:
            self._initialise()
        found = int((self.pgdata / "PG_VERSION").read_text())
        if found != self.version:
            raise ServerError("wrong_version", folder=self.pgdata, found=found, expected=self.version)

    def _initialise(self) -> None:
        draft = self.data_dir / "pgdata.draft"
        shutil.rmtree(draft, ignore_errors=True)
        self._write_passwords()
        self._run("initdb", "-D", draft, "-U", ROLES["superuser"], "--auth=reject", "--encoding=UTF8",
                  "--data-checksums", "--no-instructions", *self._locale(),
                  *(["--no-sync"] if self.settings.get("fsync") == "off" else []))  # fmt: skip
        self._run("postgres", "--single", "-c", "exit_on_error=on", "-D", draft, "postgres",
                  stdin="\n".join(self._statements()) + "\n")  # fmt: skip
        draft.rename(self.pgdata)

    def _locale(self) -> list[str]:
        """Sorting by code point, letters as Unicode knows them, the same on every machine."""
        if self.version >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C", "--lc-ctype=C.UTF-8"]

    def _statements(self) -> list[str]:
        """What single-user mode runs once, one statement a line."""
        create = [
            f"CREATE ROLE {ROLES[role]} LOGIN {attributes} PASSWORD '{self.password(role)}';"
            for role, attributes in ATTRIBUTES.items()
        ]
        return [
            f"ALTER ROLE {ROLES['superuser']} PASSWORD '{self.password('superuser')}';",
            *create,
            # pg_stat_activity shows a role its own statements, and the app's carry every county's rows.
            f"ALTER ROLE {ROLES['app']} SET track_activities = off;",
            f"CREATE DATABASE {DATABASE} OWNER {ROLES['owner']};",
            f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;",
            f"GRANT CONNECT ON DATABASE {DATABASE} TO {ROLES['app']}, {ROLES['backup']};",
        ]

    def _write_passwords(self) -> None:
        self._own_folder(self.data_dir / "passwords", self.user)
        for role, name in ROLES.items():
            path = self.password_file(role)
            if not path.exists():
                self._write(path, f"*:*:*:{name}:{secrets.token_urlsafe(32)}\n")

    def _write(self, path: Path, text: str) -> None:
        """Write a 0600 file of the service user, whole or not at all, through no link that lies in wait."""
        draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchown(descriptor, self.user.uid, self.user.gid)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        draft.rename(path)

    def _run(self, program: str, *arguments: object, stdin: str = "") -> None:
        """Run a server program as the service user. Raises ServerError with what it said."""
        done = subprocess.run(
            [str(self._server_programs() / program), *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            **self._surroundings(),
        )
        if done.returncode:
            raise ServerError("initdb_failed", output=(done.stdout + done.stderr).strip()[-2000:])

    def _server_programs(self) -> Path:
        return binaries.bin_folder_for(self.version, self.user, self.data_dir / "programs")

    def _surroundings(self) -> dict:
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "Asia/Shanghai"}
        return {"cwd": "/", "env": environment, "umask": 0o077, **self.user.popen_arguments()}

    # ---- starting

    def _bring_up(self, die_with_parent: bool) -> None:
        begun, launched = time.monotonic(), False  # one that we started earlier may die between two looks
        while not self.healthy():
            waited = time.monotonic() - begun
            if waited > START_SECONDS:
                raise ServerError("postgres_slow", seconds=START_SECONDS, **self._log_facts())
            if self.postmaster() is None:
                if launched:
                    self._refuse_if_hopeless(waited)
                self._clear_leftovers()
                self._launch(die_with_parent)
                launched = True
            time.sleep(STEP_SECONDS)

    def _refuse_if_hopeless(self, waited: float) -> None:
        """A server that exits at once is tried again while a crashed one may still hold its memory."""
        log = self._log_facts()
        if waited > LEFTOVER_SECONDS or "pre-existing shared memory" not in log["tail"]:
            raise ServerError("postgres_stopped", **log)
        time.sleep(10 * STEP_SECONDS)

    def _clear_leftovers(self) -> None:
        """Remove what a crash left: nobody serves this folder, and we hold its lock.

        A pid file may be half-written or name a process of somebody else; PostgreSQL itself would then refuse
        to start for ever. Its own guard against two servers is the shared memory block, and stays in force.
        """
        for pid in processes.orphans_of(self.pgdata):
            _signal(pid, signal.SIGQUIT)
        self.pid_file.unlink(missing_ok=True)
        for name in (self.socket_name, f"{self.socket_name}.lock"):
            (self.socket_dir / name).unlink(missing_ok=True)

    def _launch(self, die_with_parent: bool) -> None:
        user = self.user
        self._own_folder(self._log.parent, user)
        self._make_socket_dir(user)
        self._write(self.pgdata / "postgresql.conf", self._configuration())
        self._write(self.pgdata / "pg_hba.conf", configuration.ACCESS)
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            self._process = subprocess.Popen(
                [str(self._server_programs() / "postgres"), "-D", str(self.pgdata)],
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                start_new_session=True,
                preexec_fn=processes.signal_when_parent_dies(signal.SIGINT, os.getpid())
                if die_with_parent
                else None,
                **self._surroundings(),
            )
        finally:
            os.close(descriptor)

    def _make_socket_dir(self, user: ServiceUser) -> None:
        folder = self.socket_dir
        if folder.parent == self.data_dir:
            return self._own_folder(folder, user)
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, user.uid, user.gid)
        except FileExistsError:
            facts = folder.lstat()  # under /tmp anybody may have been first
            if facts.st_uid != user.uid or facts.st_mode & 0o170077 != 0o040000:
                raise ServerError("socket_folder_taken", folder=folder)
        return None

    def _configuration(self) -> str:
        ours = {
            "listen_addresses": "127.0.0.1" if self.port else "",
            "port": self.port or 5432,
            "unix_socket_directories": self.socket_dir,
            "log_directory": self._log.parent,
            **configuration.memory_settings(configuration.memory_of_machine()),
            **configuration.FIXED,
            **self.settings,
        }
        local = configuration.quoted(self.data_dir / "local.conf")
        return configuration.render(ours) + f"include_if_exists = {local}\n"

    @property
    def _log(self) -> Path:
        return self.data_dir / "log" / "start.log"

    def _log_facts(self, lines: int = 12) -> dict[str, object]:
        """Where the log is, and its last lines."""
        logs = sorted(self._log.parent.glob("*.log"), key=lambda path: path.stat().st_mtime)
        text = [line for log in logs[-2:] for line in log.read_text(errors="replace").splitlines()[-lines:]]
        return {"log": self._log.parent, "tail": "\n".join(text)}


def local_cluster() -> Cluster:
    """The cluster of this installation: the newest version in ``home()/postgres``, or a new one to be.

    ``QINGFU_PG_VERSION`` (16 or 18) is for a new one; ``QINGFU_PG_PORT`` opens a port on 127.0.0.1.
    """
    port = os.environ.get("QINGFU_PG_PORT")
    folder = home() / "postgres"
    present = [v for v in sorted(binaries.FOLDERS, reverse=True) if (folder / str(v) / "pgdata").exists()]
    version = present[0] if present else version_of_new_cluster()
    return Cluster(folder / str(version), version, int(port) if port else None)


def version_of_new_cluster() -> int:
    """The PostgreSQL that a new cluster gets: ``QINGFU_PG_VERSION`` (16 or 18), else the newest."""
    return int(os.environ.get("QINGFU_PG_VERSION") or binaries.NEWEST)


def _first_number(path: Path) -> int | None:
    """The number in the first line of ``path``, if there is such a file with such a line."""
    try:
        first = path.read_text(errors="replace").partition("\n")[0].strip()
    except OSError:
        return None
    return int(first) if first.isascii() and first.isdigit() and int(first) > 1 else None


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _until(true: callable, seconds: float) -> bool:
    """Wait until ``true()``, at most ``seconds``; whether it came true."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(STEP_SECONDS)
    return True

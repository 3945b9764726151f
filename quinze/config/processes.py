"""Child processes that are kept alive, and the orphans that a killed supervisor left behind."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

MARK = "QUINZE_SUPERVISED"
STEADY = 30.0  # a child that lived this long starts again at once
SLOWEST = 10.0
PATIENCE = 8.0


@dataclass
class Child:
    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    _began: float = 0.0
    _failures: int = 0
    _next: float = field(default=0.0)

    def start(self) -> None:
        """In a group of its own: Ctrl-C reaches the supervisor only, which then stops everything in order."""
        self._began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*_dies_with_parent(), *self.command], env=self.environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def revive(self, say: Callable[[str], None]) -> None:
        """Called often: starts a dead child again, each time a little later if it keeps dying."""
        if self.running():
            return
        if self.process is not None:
            self._mourn(say)
        if time.monotonic() >= self._next:
            self.start()

    def _mourn(self, say: Callable[[str], None]) -> None:
        assert self.process is not None  # noqa: S101  (told by revive)
        _signal_group(self.process.pid, signal.SIGKILL)  # what it had itself started
        lived = time.monotonic() - self._began
        self._failures = 0 if lived > STEADY else self._failures + 1
        delay = min(SLOWEST, 0.1 * 2 ** min(self._failures, 10)) if self._failures else 0.0
        self._next = time.monotonic() + delay
        ending, wait = _ending(self.process.returncode), f"{delay:.1f}".replace(".", ",")
        say(f"{self.name} : arrêt ({ending}), reprise dans {wait} s. {_last_words(self.log)}")
        self.process = None

    def ask_to_stop(self) -> None:
        if self.process is not None:
            _signal_group(self.process.pid, signal.SIGTERM)

    def end(self, patience: float = PATIENCE) -> None:
        """Wait for one that was asked, then insist."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        _signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


def _ending(code: int) -> str:
    return f"code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _last_words(log: Path) -> str:
    """Why, usually; the rest is in the file."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 2000))
        lines = file.read().decode(errors="replace").strip().splitlines()
    return f"{lines[-1]} ({log})" if lines else str(log)


def _dies_with_parent() -> list[str]:
    """The kernel stops the child even when its supervisor is killed without a word."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


def _signal_group(group: int, how: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, how)


def mark(var: Path) -> dict[str, str]:
    """What children carry in their environment, by which a later supervisor knows them."""
    return {MARK: str(var)}


def orphans(var: Path) -> list[int]:
    wanted = os.fsencode(f"{MARK}={var}")
    return [pid for pid in _processes() if pid != os.getpid() and wanted in _environment(pid)]


def _processes() -> Iterable[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def stop_orphans(var: Path, patience: float = PATIENCE) -> int:
    """Ask, wait, then insist. Returns how many there were."""
    found = orphans(var)
    _signal_all(found, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while orphans(var) and time.monotonic() < deadline:
        time.sleep(0.05)
    _signal_all(orphans(var), signal.SIGKILL)
    return len(found)


def _signal_all(pids: list[int], how: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, how)

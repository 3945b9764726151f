"""Children are kept alive; those of a killed supervisor are known by their mark."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from quinze.config import processes
from quinze.config.processes import Child
from tests.config.programs import environment, eventually

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    child = Child("pages", SLEEP, environment(**processes.mark(tmp_path)), tmp_path / "log")
    child.start()
    yield child
    child.ask_to_stop()
    child.end()


def kill(child: Child) -> int:
    assert child.process
    pid = child.process.pid
    child.process.kill()
    child.process.wait()
    return pid


def test_a_killed_child_comes_back_and_it_is_said(child: Child) -> None:
    said: list[str] = []
    killed = kill(child)
    eventually(lambda: child.revive(said.append) or child.running())
    assert child.process
    assert child.process.pid != killed
    assert len(said) == 1
    assert said[0].startswith("pages : arrêt (signal SIGKILL)")


def test_the_last_line_of_its_log_says_why(tmp_path: Path) -> None:
    said: list[str] = []
    child = Child("pages", [sys.executable, "-c", "import no_such_module"], environment(), tmp_path / "log")
    child.start()
    eventually(lambda: not child.running())
    child.revive(said.append)
    child.ask_to_stop()
    child.end()
    assert "No module named 'no_such_module'" in said[0]


def test_a_child_that_keeps_dying_is_started_less_and_less_often(child: Child) -> None:
    delays = []
    for _ in range(9):
        kill(child)
        child.revive(delays.append)
        child._next = 0.0
        child.revive(delays.append)
    seconds = [float(line.split("dans ")[1].split()[0].replace(",", ".")) for line in delays]
    assert seconds == sorted(seconds)
    assert seconds[0] < 1
    assert seconds[-1] == processes.SLOWEST


def test_stopping_insists_with_one_that_will_not(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('in', flush=True); time.sleep(60)"
    child = Child("sourd", [sys.executable, "-c", deaf], environment(), tmp_path / "log")
    child.start()
    eventually(lambda: (tmp_path / "log").read_text() == "in\n")
    child.ask_to_stop()
    child.end(patience=0.2)
    assert not child.running()


def test_orphans_of_this_folder_are_stopped_and_no_others(tmp_path: Path, child: Child) -> None:
    other = subprocess.Popen(SLEEP, env=environment(**processes.mark(tmp_path / "other")))
    assert child.process
    eventually(lambda: child.process and processes.orphans(tmp_path) == [child.process.pid])
    assert processes.stop_orphans(tmp_path) == 1
    child.process.wait(5)
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_child_does_not_outlive_its_supervisor(tmp_path: Path) -> None:
    """Whatever killed it."""
    parent = """
import os, sys, time
from pathlib import Path
from quinze.config.processes import Child
log = Path(sys.argv[1])
child = Child('x', [sys.executable, '-uc', 'import time; print("in"); time.sleep(60)'], dict(os.environ), log)
child.start()
while log.read_text() != "in\\n":
    time.sleep(0.02)
print(child.process.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", parent, tmp_path / "log"], env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        pid = int(process.stdout.readline())
        process.kill()
    eventually(lambda: not Path(f"/proc/{pid}").exists() or _zombie(pid))


def _zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_the_mark_is_not_on_us(tmp_path: Path) -> None:
    assert os.getpid() not in processes.orphans(tmp_path)

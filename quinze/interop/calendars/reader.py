"""`python -m quinze.interop.calendars.reader`: a stranger's file is parsed in a process of its own, then forgotten.

It has neither the database, nor the secrets, nor the network's answers of anyone else; its processor time, its memory
and the time given to one event are bounded. Standard input: one line of JSON, then the file. Output: one line of JSON.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from quinze.interop.calendars.reading import Busy, Reading, TooLong, read
from quinze.interop.calendars.text import Unreadable

SECONDS_OF_AN_EVENT = 1.0
CPU_SECONDS = 20
PATIENCE = 60.0
MEMORY = 1_500_000_000
SOURCES = Path(__file__).parents[3]
HEAVY = Unreadable("too_heavy", "L’agenda demande trop de calcul : une répétition y est démesurée.")


@dataclass(frozen=True, slots=True)
class Window:
    kind: str
    zone: str
    start: datetime
    end: datetime


def read_apart(content: bytes, window: Window) -> Reading:
    """As `reading.read`, whatever the file contains. Raises Unreadable."""
    asked = {"kind": window.kind, "zone": window.zone, "start": _stamp(window.start), "end": _stamp(window.end)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "quinze.interop.calendars.reader"],
            input=json.dumps(asked).encode() + b"\n" + content,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(SOURCES), "PYTHONDONTWRITEBYTECODE": "1"},
        )
    except subprocess.TimeoutExpired:
        raise HEAVY from None
    if done.returncode:
        raise HEAVY
    return _answer(json.loads(done.stdout))


def _answer(said: dict[str, object]) -> Reading:
    if "code" in said:
        raise Unreadable(str(said["code"]), str(said["message"]))
    rows: list[tuple[int, int, bool]] = said["periods"]  # type: ignore[assignment]
    periods = tuple(Busy(_instant(start), _instant(end), of_sas) for start, end, of_sas in rows)
    return Reading(periods, int(str(said["events"])), int(str(said["unreadable"])))


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _too_long)
    asked = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    start, end = _instant(asked["start"]), _instant(asked["end"])
    try:
        reading = read(content, kind=asked["kind"], zone=asked["zone"], start=start, end=end, guard=_within_a_second)
    except Unreadable as refused:
        said: dict[str, object] = {"code": refused.code, "message": refused.message}
    else:
        rows = [(_stamp(b.start), _stamp(b.end), b.of_sas) for b in reading.periods]
        said = {"periods": rows, "events": reading.events, "unreadable": reading.unreadable}
    json.dump(said, sys.stdout)


@contextmanager
def _within_a_second() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, SECONDS_OF_AN_EVENT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _too_long(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001  (what a signal handler is given)
    raise TooLong


def _stamp(instant: datetime) -> int:
    return int(instant.timestamp())


def _instant(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


if __name__ == "__main__":
    main()

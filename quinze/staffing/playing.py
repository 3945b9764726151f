"""The engine that plays days, read by a page process when somebody opens the studies.

numpy, numba and what was compiled take two seconds of processor and a hundred megabytes: the room needs none of it.
"""

import subprocess
import sys
from functools import cache
from pathlib import Path
from threading import Thread

from quinze.base.collector import settle

MODULE = "quinze.science.callcentre.engine.ready"


@cache
def read_behind() -> Thread:
    """Once a process, while the page of the first study is read. Who plays a day before it ended waits for it."""
    thread = Thread(target=_read, name="engine", daemon=True)
    thread.start()
    return thread


def _read() -> None:
    from quinze.science.callcentre.engine import ready  # noqa: PLC0415  (numba)

    if not ready.is_kept():
        compile_engine()
    ready.read()
    settle()  # half a million objects more: walking them takes 0.1 s


def compile_engine() -> None:
    subprocess.run([sys.executable, "-m", MODULE], cwd=Path(__file__).parents[2], check=False)

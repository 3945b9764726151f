"""The product's own programs, started as the product starts them."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

from django.db import connection

from quinze.config.places import ROOT


def environment(**more: str) -> dict[str, str]:
    """As on a bare machine: nothing of Quinze set but what is given, and the folder that holds the secret."""
    set_here = ("QUINZE_", "PYTEST", "DATABASE")
    kept = {name: v for name, v in os.environ.items() if name == "QUINZE_VAR" or not name.startswith(set_here)}
    return kept | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "quinze.config.settings"} | more


def database_url() -> str:
    """Of the database of the running test."""
    given = connection.settings_dict
    password = f":{quote(str(given['PASSWORD']), safe='')}" if given["PASSWORD"] else ""
    address = f"{given['USER']}{password}@/{given['NAME']}?host={quote(str(given['HOST']), safe='/')}"
    return f"postgresql://{address}" + (f"&port={given['PORT']}" if given["PORT"] else "")


def quinze(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *arguments],
        env=environment(**more), capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@contextmanager
def started(*command: str | Path, output: IO[str] | None = None, **more: str) -> Iterator[subprocess.Popen[str]]:
    """Killed at the end if the test did not stop it. `output`: a file, for what says more than a pipe holds."""
    process = subprocess.Popen(
        [sys.executable, *command], env=environment(**more), cwd=ROOT,
        stdout=output or subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status(url: str) -> int:
    """0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  (loopback)
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def eventually(holds: Callable[[], object], *, within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)

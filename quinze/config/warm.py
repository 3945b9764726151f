"""What the first person to ask would otherwise wait for, made before anyone asks."""

import gc
import subprocess
import sys
from threading import Thread

from django.db import Error, connection
from django.template.loader import get_template
from django.urls import get_resolver

from quinze.base import clock
from quinze.base.written import Written
from quinze.config.places import ROOT
from quinze.directory.opening import public_holidays


def warm() -> None:
    """Addresses, templates compiled, questions written, the package of holidays (it loads two hundred countries)."""
    get_resolver().url_patterns  # noqa: B018 — read to be made
    for name in _templates():
        get_template(name)
    public_holidays(clock.now().year)
    try:
        for question in Written.every:
            question.prepare()
        connection.close()
    except Error:
        pass  # without a database yet: written at their first use


def warm_behind() -> Thread:
    """The engine of the supervisor's "et si", read while pages already answer: numpy, numba and what was compiled take
    two seconds of processor and a hundred megabytes. Where nothing was compiled yet, another process does it."""
    thread = Thread(target=_read_engine, name="warm", daemon=True)
    thread.start()
    return thread


def _read_engine() -> None:
    from quinze.science.callcentre.engine import ready  # noqa: PLC0415

    if not ready.is_kept():
        subprocess.run([sys.executable, "-m", ready.__name__], cwd=ROOT, check=False)
    ready.read()
    gc.freeze()  # as wsgi.py: its half a million objects would be walked again and again, 0.1 s each time


def _templates() -> set[str]:
    folders = (ROOT / "quinze").glob("*/templates")
    return {str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*.html")}

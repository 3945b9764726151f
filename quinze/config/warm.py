"""What the first person to ask would otherwise wait for, made before anyone asks."""

import os
from pathlib import Path
from threading import Thread

from django.db import Error, connection
from django.template.loader import get_template
from django.urls import get_resolver

from quinze.base import clock
from quinze.base.written import Written
from quinze.config.places import ROOT
from quinze.directory.opening import public_holidays
from quinze.staffing.playing import compile_engine


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


def compile_behind() -> None:
    """Where nothing was compiled yet, the engine of the supervisor's "et si" is, by another process at a low priority.
    Reading it takes a hundred megabytes: a process does so when somebody opens the studies (staffing/playing.py)."""
    if not any(Path(os.environ["NUMBA_CACHE_DIR"]).rglob("general.play-*.nbi")):
        Thread(target=compile_engine, name="compile", daemon=True).start()


def _templates() -> set[str]:
    folders = (ROOT / "quinze").glob("*/templates")
    return {str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*.html")}

"""The site of a benchmark: a folder, a PostgreSQL of its own, Django upon it, and the service as a user starts it.

Nothing of the product is imported before `opened`: settings are read once, from the environment that it makes.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START = 60.0  # seconds


def environment(site: Path, **more: str) -> dict[str, str]:
    """Of a process that knows no other database. One connection a thread, unless `QUINZE_POOL` says otherwise."""
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    own = {"QUINZE_VAR": str(site), "QUINZE_MODE": "demo", "DJANGO_SETTINGS_MODULE": "quinze.config.settings"}
    return given | own | {"QUINZE_POOL": "0"} | more


@contextmanager
def opened(site: Path, *, keep: bool = True, **more: str) -> Iterator[None]:
    """Once a process: Django knows one database address for its whole life."""
    if not keep:
        shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True, exist_ok=True)
    os.environ.pop("DATABASE_URL", None)
    os.environ |= environment(site, **more)
    from quinze.config import postgres

    with postgres.Server(site) as server:
        os.environ["DATABASE_URL"] = server.url
        import django

        django.setup()
        yield


def checkpoint() -> None:
    """As its administrator: the product may not."""
    with _administrator("postgres") as link:
        link.execute("CHECKPOINT")


def in_memory(*tables: str) -> None:
    """The pages of these tables and of their indexes: what a server that has run for days has there, and finds again
    after a restart (`quinze/config/postgres.py`). A table that was just loaded went around.
    """
    from django.db import connection

    with _administrator(connection.connection.info.dbname) as link:
        link.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
        for table in tables:
            link.execute("SELECT pg_prewarm(%s::regclass)", [table])
            link.execute("SELECT pg_prewarm(indexrelid) FROM pg_index WHERE indrelid = %s::regclass", [table])


def _administrator(database: str) -> Any:
    import psycopg
    from django.db import connection

    connection.ensure_connection()
    return psycopg.connect(connection.connection.info.dsn, user="postgres", dbname=database, autocommit=True)


@contextmanager
def service(site: Path, *, port: int, **more: str) -> Iterator[int]:
    """`quinze run` on the site, ready to answer; the number of its process."""
    log = site / "run.log"
    command = [str(Path(sys.executable).with_name("quinze")), "run", "--port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(command, env=os.environ | more, stdout=out, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + START
        while "Quinze est prêt" not in log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)

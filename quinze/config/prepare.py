"""What must be true before the first page: the schema of the program, a territory, and in a demonstration its people.

Decided with three small queries and no Django, because a second start has nothing to do here and must be quick.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from quinze.config.places import ROOT

SIGN = "quinze schema "
SOURCES = ("requirements.lock", "quinze/config/settings.py", "quinze/*/migrations/*.py")
NO_SCHEMA = (0, False, False)

Command = Callable[..., None]


def prepare(url: str, *, command: Command, demo: bool) -> None:
    """`command(words, "name", "--option")` runs one command of `quinze`, said so, and raises if it fails."""
    if _recorded(url) != _expected(url):
        command("Schéma de la base…", "migrate", "--no-input", "--verbosity=0")
        _record(url)
    _, territory, people = _state(url)
    if not territory:
        command("Communes de France…", "load-geography")
    if demo and not people:
        command("Démonstration : données fictives du SAS 86…", "demo")


def fingerprint(root: Path = ROOT) -> str:
    """Changes with any migration of ours, any dependency and the list of applications."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in root.glob(pattern)):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:20]


def _expected(url: str) -> str:
    """With the number of migrations the database says it has, so that undoing one by hand is seen."""
    return f"{SIGN}{fingerprint()} {_state(url)[0]}"


def _recorded(url: str) -> str | None:
    with psycopg.connect(url) as link:
        row = link.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    return row[0] if row else None


def _record(url: str) -> None:
    """Where the database is not ours to comment on, each start simply migrates again: a second of nothing."""
    with psycopg.connect(url, autocommit=True) as link:
        statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
        try:
            link.execute(statement.format(sql.Identifier(link.info.dbname), sql.Literal(_expected(url))))
        except psycopg.errors.InsufficientPrivilege:
            return


def _state(url: str) -> tuple[int, bool, bool]:
    """Migrations applied; is there a commune; is there a SAS."""
    with psycopg.connect(url) as link:
        try:
            row = link.execute(
                "SELECT (SELECT count(*) FROM django_migrations), "
                "EXISTS (SELECT FROM directory_commune), EXISTS (SELECT FROM accounts_sas)"
            ).fetchone()
        except psycopg.errors.UndefinedTable:
            return NO_SCHEMA
    return row or NO_SCHEMA


def database_url() -> str | None:
    return os.environ.get("DATABASE_URL") or None

"""The first load of an empty directory: what follows each row is made once, at the end, in the same transaction.

Only then, as it keeps everyone else out of the two tables: in a directory in use, the load takes the ordinary way.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

TABLES = ["directory_professional", "directory_place"]
_EMPTY = " AND ".join(f"NOT EXISTS (SELECT FROM {table})" for table in TABLES)
# Foreign keys between the two only: setting another aside would lock communes, that every desk reads.
_FOREIGN_KEYS = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
           format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint
     WHERE contype = 'f' AND conrelid = ANY(%(tables)s::regclass[]) AND confrelid = ANY(%(tables)s::regclass[])
"""
_INDEXES = """
    SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
      FROM pg_index WHERE indrelid = ANY(%(tables)s::regclass[]) AND NOT indisunique
"""


@contextmanager
def lightened() -> Iterator[None]:
    made_again = _set_aside() if _is_empty() and _locked() else []
    yield
    if made_again:
        _run("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come cannot be altered
        for statement in made_again:
            _run(statement)
        _run("SET CONSTRAINTS ALL DEFERRED")


def _is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_EMPTY}")
        return bool(cursor.fetchone()[0])


def _locked() -> bool:
    """Whoever reads the tables now is not waited for."""
    try:
        with transaction.atomic():
            _run(f"LOCK TABLE {', '.join(TABLES)} IN ACCESS EXCLUSIVE MODE NOWAIT")
    except OperationalError:
        return False
    return True


def _set_aside() -> list[str]:
    """What makes them again, indexes first."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, {"tables": TABLES})
        found = cursor.fetchall()
        cursor.execute(_FOREIGN_KEYS, {"tables": TABLES})
        found += cursor.fetchall()
    for drop, _ in found:
        _run(drop)
    return [create for _, create in found]


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)

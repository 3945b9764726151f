"""Millions of rows into PostgreSQL: COPY, with the indexes made afterwards, in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, models
from django.db.models import Field
from psycopg import sql

NULL = r"\N"
PER_WRITE = 4_000  # lines sent at once
MEMORY = "SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL synchronous_commit = off"

LATER = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype IN ('f', 'u', 'x') ORDER BY contype DESC, conname
"""
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY 1
"""


def text(value: Any) -> str:
    """One value as COPY reads it."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "{" + ",".join(map(str, value)) + "}"
    return str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")


def line(*values: Any) -> str:
    return "\t".join(map(text, values))


def copy_lines(model: type[models.Model], columns: Sequence[str], lines: Iterable[str]) -> int:
    """Lines of `columns`, without their end. Columns of the table that are not named take the default of the model."""
    others = [field for field in model._meta.concrete_fields if _needs_a_value(field, columns)]
    ending = "".join(f"\t{text(_default(field))}" for field in others) + "\n"
    names = [*columns, *(str(field.column) for field in others)]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(sql.Identifier(name) for name in names)
    )
    count, source = 0, iter(lines)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        while block := list(islice(source, PER_WRITE)):
            copy.write(ending.join(block) + ending)
            count += len(block)
    return count


def _needs_a_value(field: "Field[Any, Any]", columns: Sequence[str]) -> bool:
    return not (field.column in columns or field.generated or field.has_db_default() or field.primary_key)


def _default(field: "Field[Any, Any]") -> Any:
    return field.get_default() if field.has_default() or not field.null else None


def number_from_here(model: type[models.Model]) -> None:
    """The next row made by the product follows those that were numbered here."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT coalesce(max(id), 1) FROM {}))").format(
                sql.Identifier(table)
            ),
            [table],
        )


@contextmanager
def indexes_afterwards(model: type[models.Model]) -> Iterator[None]:
    """The table keeps its primary key and its checks only, then finds its own indexes and constraints again, exactly as
    PostgreSQL itself says that they were. To be used inside a transaction: an error leaves the table as it was.
    """
    table = sql.Identifier(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(MEMORY)
        constraints = _read(cursor, LATER, model)
        indexes = _read(cursor, INDEXES, model)
        for name, _ in constraints:
            cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, sql.Identifier(name)))
        for name, _ in indexes:
            cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name.strip('"'))))
    yield
    with connection.cursor() as cursor:
        for _, definition in indexes:
            cursor.execute(definition)
        for name, definition in constraints:
            rule = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(table, sql.Identifier(name))
            cursor.execute(rule + sql.SQL(definition))


def _read(cursor: Any, statement: str, model: type[models.Model]) -> list[tuple[str, str]]:
    cursor.execute(statement, [model._meta.db_table])
    return list(cursor.fetchall())

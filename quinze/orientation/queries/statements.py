"""Hand-written statements, planned once a connection by PostgreSQL. Named values in the text, `%(name)s`."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import connection
from psycopg import RawCursor
from psycopg.types.numeric import Int8

NAMED = re.compile(r"%\((\w+)\)s")


def rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Every row, values in binary form. An integer is always sent as a bigint, or each size would be a new plan."""
    text, names = _positional(statement)
    connection.ensure_connection()
    link = connection.connection
    if link.prepare_threshold is None:  # Django's choice for its own cursors, which bind in the client
        link.prepare_threshold = 0
    with connection.wrap_database_errors, RawCursor(link) as cursor:
        sent = [_plain(values[name]) for name in names]
        return cursor.execute(text, sent, prepare=True, binary=True).fetchall()


@cache
def _positional(statement: str) -> tuple[bytes, tuple[str, ...]]:
    names = tuple(dict.fromkeys(NAMED.findall(statement)))
    numbers = {name: f"${index}" for index, name in enumerate(names, start=1)}
    return NAMED.sub(lambda found: numbers[found[1]], statement).encode(), names


def _plain(value: Any) -> Any:
    """One type for all integers and one for all lists of them, empty ones included: each type met would be a plan."""
    if isinstance(value, list) and all(item is None or type(item) is int for item in value):
        return "{" + ",".join("NULL" if item is None else str(item) for item in value) + "}"
    return Int8(value) if type(value) is int else value

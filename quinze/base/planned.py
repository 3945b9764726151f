"""Statements that PostgreSQL plans once a connection, in a connection of Django."""

import time
from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg import RawCursor
from psycopg.types.numeric import Int8

KEPT = 500  # plans of a connection: all the questions of all desks, or they would push each other out


def planned(
    statement: bytes, values: Sequence[Any], *, counted: bool = False, binary: bool = False
) -> list[tuple[Any, ...]]:
    """Every row. Placeholders are `$1`, `$2`… `counted`: among Django's own queries, where these are counted.

    `binary`: how values come back; faster for thousands of numbers, but without Django's own loaders (JSON as text).
    """
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    link = connection.connection
    if link.prepare_threshold is None:  # Django's choice for its own cursors, which bind in the client
        link.prepare_threshold, link.prepared_max = 0, KEPT
    began = time.monotonic()
    with connection.wrap_database_errors, RawCursor(link) as cursor:
        cursor.execute(statement, [_plain(value) for value in values], prepare=True, binary=binary)
        rows = cursor.fetchall()
    if counted and connection.queries_logged:
        connection.queries_log.append({"sql": statement.decode(), "time": f"{time.monotonic() - began:.3f}"})
    return rows


def _plain(value: Any) -> Any:
    """One type for all integers: a statement is prepared for each list of types it meets."""
    return Int8(value) if type(value) is int else value

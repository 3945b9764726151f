"""Statements that PostgreSQL plans once a connection, in a connection of Django.

Once the plan is there, the statement goes straight to libpq: what psycopg does around each of them (a cursor, a
generator that waits in Python, the bookkeeping of plans) takes longer than all the rest of a short question.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from select import POLLIN, POLLOUT, poll
from typing import Any

import numpy as np
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Connection, Error, OperationalError, RawCursor, adapters
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.postgres import types
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn
from psycopg.types.numeric import Int8

BIGINTS = types["int8"]
KEPT = 500  # plans of a connection: all the questions of all desks, or they would push each other out
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Bigints:
    """A thousand numbers as one value: a numpy array of int64, sent as it is rather than written out."""

    numbers: Any


class BigintsDumper(Dumper):
    format = Format.BINARY
    oid = BIGINTS.array_oid

    def dump(self, obj: Bigints) -> Buffer:
        count = len(obj.numbers)
        items = np.empty(count, dtype=[("size", ">i4"), ("value", ">i8")])
        items["size"], items["value"] = 8, obj.numbers
        heading = (1, 0, BIGINTS.oid, count, 1) if count else (0, 0, BIGINTS.oid)
        return np.array(heading, dtype=">i4").tobytes() + items.tobytes()


adapters.register_dumper(Bigints, BigintsDumper)


def planned(statement: bytes, values: Sequence[Any], *, counted: bool = False, binary: bool = False) -> Rows:
    """Every row. Placeholders are `$1`, `$2`… `counted`: among Django's own queries, where these are counted.

    `binary`: how values come back; faster for thousands of numbers, but without Django's own loaders (JSON as text).
    """
    here, began = _connected(), time.monotonic()
    with here.wrap_database_errors:
        rows = _asked(here, statement, values, binary).rows()
    _count(here, statement, began, counted=counted)
    return rows


@contextmanager
def meanwhile(
    statement: bytes, values: Sequence[Any], *, counted: bool = False, binary: bool = False
) -> Iterator[Callable[[], Rows]]:
    """As `planned`, for whoever has something else to do than wait: PostgreSQL works until the rows are asked for.

    Nothing else may be asked of this connection before. Rows that nobody asked for are received at the end, so that an
    error of the statement is never lost, nor one of the block hidden by it.
    """
    here, began = _connected(), time.monotonic()
    with here.wrap_database_errors:
        asked = _asked(here, statement, values, binary)

    def rows() -> Rows:
        with here.wrap_database_errors:
            return asked.rows()

    try:
        yield rows
    except BaseException:
        asked.forget()
        raise
    rows()
    _count(here, statement, began, counted=counted)


def _connected() -> BaseDatabaseWrapper:
    here = connections[DEFAULT_DB_ALIAS]  # once: the usual `connection` looks for the thread's own at each use
    if here.connection is None:
        here.ensure_connection()
    here.validate_no_broken_transaction()
    return here


def _asked(here: BaseDatabaseWrapper, statement: bytes, values: Sequence[Any], binary: bool) -> "Asked":  # noqa: FBT001
    link = here.connection
    if link.prepare_threshold is None:  # Django's choice for its own cursors, which bind in the client
        link.prepare_threshold, link.prepared_max = 0, KEPT
    # One type for all integers: a statement is prepared for each list of types it meets.
    return Asked(link, statement, [Int8(value) if type(value) is int else value for value in values], binary)


def _count(here: BaseDatabaseWrapper, statement: bytes, began: float, *, counted: bool) -> None:
    if counted and here.queries_logged:
        here.queries_log.append({"sql": statement.decode(), "time": f"{time.monotonic() - began:.3f}"})


class Asked:
    """A statement on its way. A plan that is there is sent and not waited for."""

    def __init__(self, link: "Connection[Any]", statement: bytes, values: list[Any], binary: bool) -> None:  # noqa: FBT001
        self._link, self._said = link, _transformer(link, statement)
        self._rows: Rows | None = None
        parameters = self._said.dump_sequence(values, [PyFormat.AUTO] * len(values))
        plan = _plan(link, statement, self._said.types or ())
        if plan is None:
            with RawCursor(link) as cursor:
                cursor.execute(statement, values, prepare=True, binary=binary)
                self._rows = cursor.fetchall()
            return
        with link.lock:
            link.pgconn.send_query_prepared(plan, parameters, self._said.formats, result_format=int(binary))
            link.pgconn.flush()

    def rows(self) -> Rows:
        if self._rows is None:
            found = self._received()
            if found.status != ExecStatus.TUPLES_OK:
                self._rows = []
                _raise(self._link, found)
            self._said.set_pgresult(found)
            self._rows = self._said.load_rows(0, found.ntuples, tuple)
            self._said.set_pgresult(None)  # kept with the statement, it would hold its last answer for good
        return self._rows

    def forget(self) -> None:
        """Leaves the connection fit for what comes next, whatever the statement answers."""
        if self._rows is None:
            self._rows = []
            with suppress(Error):
                self._received()

    def _received(self) -> Any:
        pgconn = self._link.pgconn
        with self._link.lock:
            _wait(pgconn)
            found = pgconn.get_result()
            while (after := pgconn.get_result()) is not None:  # None ends it; a connection that broke says it last
                found = after
        if found is None:
            raise OperationalError(pgconn.get_error_message() or "no answer")
        return found


def _wait(pgconn: PGconn) -> None:
    """Until the answer is here. `get_result` would wait too, but with the lock of the interpreter: no other thread of
    this process would move while PostgreSQL works. A connection that breaks is left to it: it says why."""
    waiting, socket = poll(), pgconn.socket
    while pgconn.flush():
        waiting.register(socket, POLLIN | POLLOUT)
        if not _heard(pgconn, waiting):
            return
    waiting.register(socket, POLLIN)
    while pgconn.is_busy():
        if not _heard(pgconn, waiting):
            return


def _heard(pgconn: PGconn, waiting: poll) -> bool:
    waiting.poll()
    try:
        pgconn.consume_input()
    except OperationalError:
        return False
    return True


def _transformer(link: "Connection[Any]", statement: bytes) -> Any:  # psycopg's own, in C or in Python
    """One for each statement of a connection: it remembers how each value is sent and read, which takes longer to find
    than to do. Never shared: of one connection, only one answer is on its way.
    """
    known: dict[bytes, Any] = link.__dict__.setdefault("_quinze_transformers", {})
    return known.get(statement) or known.setdefault(statement, Transformer(link))


def _plan(link: "Connection[Any]", statement: bytes, types: tuple[int, ...]) -> bytes | None:
    """Its name. None when psycopg has something to send before: the plan itself, the beginning of a transaction, the
    end of plans that a rollback made doubtful."""
    kept = link._prepared
    begins = not link.autocommit and link.pgconn.transaction_status == TransactionStatus.IDLE
    return None if begins or kept._to_flush or link._pipeline else kept._names.get((statement, types))


def _raise(link: "Connection[Any]", found: Any) -> None:
    encoding = link.info.encoding
    if link.pgconn.status != ConnStatus.OK:
        raise OperationalError(found.get_error_message(encoding))
    raise error_from_result(found, encoding=encoding)

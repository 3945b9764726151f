"""A statement already planned goes straight to libpq, and answers as through psycopg."""

import threading
import time
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from psycopg import RawCursor

from quinze.base.models import LiveEvent
from quinze.base.planned import meanwhile, planned

AT = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
EVERY = b"SELECT $1::bigint, $2::text, $3::timestamptz, $4::boolean, $5::text[], $6::jsonb, NULL, $7::int4range"


@pytest.fixture
def through_psycopg(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    seen: list[bytes] = []
    execute = RawCursor.execute

    def noted(self: Any, query: bytes, *values: Any, **how: Any) -> Any:
        seen.append(query)
        return execute(self, query, *values, **how)

    monkeypatch.setattr(RawCursor, "execute", noted)
    return seen


@pytest.mark.django_db
@pytest.mark.parametrize("binary", [False, True])
def test_both_ways_give_the_same_rows(through_psycopg: list[bytes], binary: bool):
    values = (2**40, "été", AT, None, ["a", None], '{"n": 1}', "[1,5)")
    first = planned(EVERY, values, binary=binary)
    assert planned(EVERY, values, binary=binary) == first
    assert planned(EVERY, (1, *values[1:]), binary=binary)[0][0] == 1
    assert through_psycopg == [EVERY]


@pytest.mark.django_db
def test_an_error_is_the_one_of_django(through_psycopg: list[bytes]):
    divided = b"SELECT 7 / $1::int"
    assert planned(divided, (7,)) == [(1,)]
    with pytest.raises(DataError, match="zero"), transaction.atomic():
        planned(divided, (0,))
    assert planned(divided, (1,)) == [(7,)]


@pytest.mark.django_db(transaction=True)
def test_a_first_statement_opens_the_transaction_that_undoes_it():
    written = b"INSERT INTO base_liveevent (sas_id, topics, subject, at) VALUES ($1, '{}', '', $2) RETURNING sas_id"
    assert planned(written, (1, AT)) == planned(written, (1, AT)) == [(1,)]

    @transaction.atomic
    def twice() -> None:
        planned(written, (2, AT))
        planned(written, (None, AT))

    with pytest.raises(IntegrityError):
        twice()
    assert set(LiveEvent.objects.values_list("sas_id", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_a_server_that_went_away_is_an_operational_error():
    who = b"SELECT pg_backend_pid()"
    planned(who, ())
    ((pid,),) = planned(who, ())
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()
    with pytest.raises(OperationalError):
        planned(who, ())
    connection.close()
    assert planned(who, ()) != [(pid,)]


@pytest.mark.django_db(transaction=True)
def test_one_may_do_something_else_meanwhile(through_psycopg: list[bytes]) -> None:
    slow = b"SELECT $1::int, clock_timestamp() FROM pg_sleep(0.2)"
    planned(slow, (1,))
    with meanwhile(slow, (2,)) as rows:
        sent = datetime.now(UTC)
        ((number, answered),) = rows()
        assert (number, rows()[0][0], sent < answered) == (2, 2, True)
    assert through_psycopg == [slow]


@pytest.mark.django_db(transaction=True)
def test_an_error_that_nobody_asked_for_is_not_lost() -> None:
    divided = b"SELECT 7 / $1::int"
    planned(divided, (7,))
    with pytest.raises(DataError, match="zero"), meanwhile(divided, (0,)):
        pass
    assert planned(divided, (1,)) == [(7,)]


@pytest.mark.django_db(transaction=True)
def test_the_error_of_the_block_is_the_one_that_is_said_and_the_connection_goes_on() -> None:
    divided = b"SELECT 7 / $1::int"
    planned(divided, (7,))
    for number in (0, 1):
        with pytest.raises(KeyError, match="mine"), meanwhile(divided, (number,)):
            raise KeyError("mine")
    assert planned(divided, (1,)) == [(7,)]


@pytest.mark.django_db(transaction=True)
def test_a_server_that_goes_away_meanwhile_hides_no_error_of_the_block() -> None:
    slow = b"SELECT $1::int FROM pg_sleep(0.3)"
    planned(slow, (1,))
    ((pid,),) = planned(b"SELECT pg_backend_pid()", ())
    other = connection.copy()

    def kill() -> None:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"), meanwhile(slow, (2,)):
        kill()
    with pytest.raises(OperationalError):
        planned(slow, (1,))
    other.close()
    connection.close()
    assert planned(slow, (1,)) == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_other_threads_of_the_process_go_on_while_postgresql_works() -> None:
    """Who frees the lock is a thread of this process: it could not if waiting kept the interpreter."""
    asked = b"SELECT pg_advisory_xact_lock($1)::text"
    planned(asked, (1,))
    mine, where = connection.connection.info.backend_pid, connection.connection.info.dsn

    def free() -> None:
        with psycopg.connect(where, autocommit=True) as other:
            other.execute("SELECT pg_advisory_lock(15)")
            held.set()
            waits = "SELECT 1 FROM pg_locks WHERE pid = %s AND locktype = 'advisory' AND NOT granted"
            while other.execute(waits, [mine]).fetchone() is None:
                time.sleep(0.01)

    held = threading.Event()
    freeing = threading.Thread(target=free)
    freeing.start()
    held.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '10s'")
    assert planned(asked, (15,)) == [("",)]
    freeing.join(10)


@pytest.mark.django_db
def test_a_statement_longer_than_the_sockets_take_at_once(through_psycopg: list[bytes]) -> None:
    length, text = b"SELECT length($1::text), $1::text", "x" * 20_000_000
    for _ in range(2):
        ((found, back),) = planned(length, (text,))
        assert (found, back == text) == (len(text), True)
    assert through_psycopg == [length]

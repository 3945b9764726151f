"""A thousand people on ten seats; then the same contention through the algorithms of others.

What is compared is the algorithm, stated from the public code, in bare SQL on two small tables: the peers get neither
their own overhead nor ours. All clients leave together for each seat, so that every window between a check and a write
is as open as it can be.

- *check, then insert*: calcom/cal.com#13397, LibreBooking#147. Nothing is locked between the two.
- *lock what is booked*: the correction proposed in calcom/cal.diy#28151, SELECT ... FOR UPDATE of the overlapping
  bookings, then INSERT. There is nothing to lock on a free seat.
- *lock beside*: ohcnetwork/care, `lock_create_appointment`. The slot is read, a lock of the cache is tried (refused
  at once when held: 423), the count that was read before is compared, count and booking are written, the lock is given
  back before the outer transaction commits. The cache is an advisory lock here.
- *lock the seat*: SELECT ... FOR UPDATE of the slot, then the count, in one transaction. Right, as long as every
  program that writes does the same.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection, connections

from quinze.accounts.models import User
from quinze.base.collector import settle
from quinze.base.errors import Refusal
from quinze.orientation import operations
from quinze.orientation.models import OrientationRequest
from tests.bench.booking_clients import CLIENTS
from tests.bench.booking_data import Target, actor

PROCESSES, THREADS = 8, 8
Link = psycopg.Connection[Any]
Way = Callable[[Link, int], bool]


@dataclass(frozen=True)
class Race:
    won: int
    refused: int
    times: list[float]  # from the common start to the answer, in seconds


def race(crowd: Sequence[Target], user: User, at: datetime) -> Race:
    """Everybody wants the same slot. A server answers with eight processes of eight threads, as it would."""
    connections.close_all()
    settle()
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(PROCESSES), context.Queue()
    shares = [crowd[index::PROCESSES] for index in range(PROCESSES)]
    processes = [context.Process(target=_answer, args=(share, user, at, start, answers)) for share in shares]
    for process in processes:
        process.start()
    found = [answers.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    won = sum(each for outcomes in found for each, _ in outcomes)
    times = [seconds for outcomes in found for _, seconds in outcomes]
    return Race(won, len(times) - won, times)


def _answer(crowd: Sequence[Target], user: User, at: datetime, start: Any, answers: Any) -> None:
    asked = loaded(crowd)
    with ThreadPoolExecutor(THREADS, initializer=connection.ensure_connection) as pool:
        list(pool.map(lambda _: time.sleep(0.05), range(THREADS)))  # every thread has its connection
        start.wait()
        began = time.perf_counter()

        def one(target: Target) -> tuple[bool, float]:
            return holds(target, asked[target.request], user, at), time.perf_counter() - began

        answers.put(list(pool.map(one, crowd)))


def loaded(targets: Sequence[Target]) -> dict[int, OrientationRequest]:
    """As a page has read them before it holds a seat."""
    found = OrientationRequest.objects.select_related("sas", "patient", "commune")
    return found.in_bulk([target.request for target in targets])


def holds(target: Target, request: OrientationRequest, user: User, at: datetime) -> bool:
    try:
        operations.hold(
            request=request, ranking=target.ranking, candidate=target.candidate,
            slot=target.slot, modality="AMB", by=actor(user, target.sas), at=at, reason="banc d’essai",
        )  # fmt: skip
    except Refusal:
        return False
    return True


# ---- the same contention, other algorithms


def check_then_insert(link: Link, seat: int) -> bool:
    return not _booked(link, seat) and _book(link, seat)


def lock_what_is_booked(link: Link, seat: int) -> bool:
    with link.transaction():
        return not _booked(link, seat, "FOR UPDATE") and _book(link, seat)


def lock_beside(link: Link, seat: int) -> bool:
    taken = _one(link, "SELECT taken FROM bench_peer.seat WHERE id = %s", seat)
    with link.transaction():
        if not _one(link, "SELECT pg_try_advisory_lock(%s)", seat):
            return False
        try:
            if taken >= 1:
                return False
            link.execute("UPDATE bench_peer.seat SET taken = %s WHERE id = %s", (taken + 1, seat))
            return _book(link, seat)
        finally:
            link.execute("SELECT pg_advisory_unlock(%s)", (seat,))


def lock_the_seat(link: Link, seat: int) -> bool:
    with link.transaction():
        if _one(link, "SELECT taken FROM bench_peer.seat WHERE id = %s FOR UPDATE", seat) >= 1:
            return False
        link.execute("UPDATE bench_peer.seat SET taken = taken + 1 WHERE id = %s", (seat,))
        return _book(link, seat)


PEERS: dict[str, Way] = {
    "check, then insert (cal.com, LibreBooking)": check_then_insert,
    "lock what is booked (cal.diy#28151)": lock_what_is_booked,
    "lock beside (ohcnetwork/care)": lock_beside,
    "lock the seat": lock_the_seat,
}


def _one(link: Link, statement: str, seat: int) -> Any:
    row = link.execute(statement, (seat,)).fetchone()
    assert row is not None
    return row[0]


def _booked(link: Link, seat: int, lock: str = "") -> bool:
    return link.execute(f"SELECT id FROM bench_peer.booking WHERE seat = %s {lock}", (seat,)).fetchone() is not None


def _book(link: Link, seat: int) -> bool:
    link.execute("INSERT INTO bench_peer.booking (seat) VALUES (%s)", (seat,))
    return True


def double_bookings(way: Way, seats: int) -> tuple[int, float]:
    """Sixteen clients try each seat together; seats sold once too often, and seconds."""
    _tables(seats)
    seconds = contend(lambda: _peer(way), [list(range(1, seats + 1))] * CLIENTS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) n FROM bench_peer.booking GROUP BY seat) b"
        )
        found = int(cursor.fetchone()[0])
        cursor.execute("DROP SCHEMA bench_peer CASCADE")
    return found, seconds


def _tables(seats: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS bench_peer CASCADE")
        cursor.execute("CREATE SCHEMA bench_peer")
        cursor.execute("CREATE TABLE bench_peer.seat (id int PRIMARY KEY, taken int NOT NULL DEFAULT 0)")
        cursor.execute("CREATE TABLE bench_peer.booking (id serial PRIMARY KEY, seat int NOT NULL)")
        cursor.execute("CREATE INDEX ON bench_peer.booking (seat)")
        cursor.execute("INSERT INTO bench_peer.seat (id) SELECT generate_series(1, %s)", [seats])


def _peer(way: Way) -> Callable[[int], bool]:
    connection.ensure_connection()
    raw: Link = connection.connection
    link = psycopg.connect(raw.info.dsn, autocommit=True, prepare_threshold=0)
    return lambda seat: way(link, seat)


def contend(make: Callable[[], Callable[[Any], bool]], shares: Sequence[Sequence[Any]]) -> float:
    """Each client does its list, all waiting for each other before each item."""
    connections.close_all()
    settle()
    context = multiprocessing.get_context("fork")
    together = context.Barrier(len(shares))
    began = time.perf_counter()
    processes = [context.Process(target=_contender, args=(make, share, together)) for share in shares]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    return time.perf_counter() - began


def _contender(make: Callable[[], Callable[[Any], bool]], share: Sequence[Any], together: Any) -> None:
    act = make()
    for item in share:
        together.wait()
        act(item)
    connections.close_all()
    os._exit(0)

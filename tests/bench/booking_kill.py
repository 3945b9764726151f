"""Death in the middle: clients are killed, then PostgreSQL, while seats are held and confirmed without a pause.

A booking is acknowledged when the operation has returned: its number is then written to a file by one system call, as
a page would have been sent. What was acknowledged must be there, whole, once.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from datetime import datetime
from multiprocessing.context import ForkProcess
from pathlib import Path

from django.db import OperationalError, connection, connections

from quinze.accounts.models import User
from quinze.base.errors import Refusal
from quinze.config import postgres
from quinze.orientation import operations
from quinze.orientation.models import OrientationRequest
from tests.bench import booking_check
from tests.bench.booking_data import Target, actor

CLIENTS = 8
BETWEEN = 1.2  # seconds


def kill(targets: Sequence[Target], user: User, at: datetime, *, times: int) -> tuple[int, int]:
    """Acknowledged, and what was lost or is half there. Odd deaths are those of two clients, even ones the server’s."""
    site = Path(os.environ["QUINZE_VAR"])
    server = postgres.Server(site)
    notes = site / "acknowledged"
    notes.write_text("")
    connections.close_all()
    shares = [targets[index::CLIENTS] for index in range(CLIENTS)]
    clients = [_start(share, user, at, notes) for share in shares]
    for death in range(times):
        time.sleep(BETWEEN)
        if death % 2:
            _kill_server(server)
        else:
            for index in (death % CLIENTS, (death + 3) % CLIENTS):
                clients[index].kill()
                clients[index].join()
                shares[index] = shares[index][len(shares[index]) // times :]
                clients[index] = _start(shares[index], user, at, notes)
    time.sleep(BETWEEN)
    for client in clients:
        client.terminate()
        client.join()
    server.leave()  # whoever opened the benchmark's database stops it
    acknowledged = [int(line) for line in notes.read_text().split()]
    return len(acknowledged), _lost(acknowledged)


def _start(share: Sequence[Target], user: User, at: datetime, notes: Path) -> ForkProcess:
    process = multiprocessing.get_context("fork").Process(target=_client, args=(share, user, at, notes))
    process.start()
    return process


def _kill_server(server: postgres.Server) -> None:
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    for _ in range(20):  # its children may hold its memory for a moment, and are still writing why they die
        try:
            return server.start()
        except postgres.Unavailable:
            time.sleep(0.5)
    raise SystemExit("PostgreSQL did not come back")


def _client(share: Sequence[Target], user: User, at: datetime, notes: Path) -> None:
    """Goes on with the next person when the server is gone, as a desk would."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    told = os.open(notes, os.O_WRONLY | os.O_APPEND)
    for target in share:
        try:
            by = actor(user, target.sas)
            booking = operations.hold(
                request=OrientationRequest(pk=target.request), ranking=target.ranking, candidate=target.candidate,
                slot=target.slot, modality="AMB", by=by, at=at, reason="banc d’essai",
            )  # fmt: skip
            operations.confirm(booking=booking, by=by, at=at)
            os.write(told, f"{booking.pk}\n".encode())
        except OperationalError:
            connection.close()
            time.sleep(0.05)
        except Refusal:
            pass  # this person was served just before the death of the one who asked
    os._exit(0)


def _lost(acknowledged: list[int]) -> int:
    with connection.cursor() as cursor:

        def count(statement: str) -> int:
            cursor.execute(statement)
            return int(cursor.fetchone()[0])

        cursor.execute("SELECT id FROM orientation_booking WHERE status IN ('booked', 'confirmed')")
        lost = booking_check.lost((pk for (pk,) in cursor.fetchall()), acknowledged)
        half = booking_check.wrong(count, booking_check.HALF)
    for name, number in half.items():
        print(f"  {name}: {number}")
    return lost + sum(half.values())

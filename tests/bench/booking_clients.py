"""Sixteen clients, served as the product serves them: bookings a second, how long each took.

Each client asks for the next booking once it has its answer. Two processes of three threads, each thread with its own
connection, take them in their order, as `quinze run` does with the pages of thirty desks (ADR 0002).
"""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from django.db import connection, connections

from quinze.accounts.models import User
from quinze.base.collector import settle
from quinze.base.errors import Refusal
from quinze.config import postgres
from quinze.config.run import WEB_PROCESSES, WEB_THREADS
from quinze.orientation import operations
from quinze.orientation.models import OrientationRequest
from tests.bench.booking_data import Target, actor

CLIENTS = int(os.environ.get("QUINZE_BENCH_CLIENTS", "16"))
PROCESSES, THREADS = int(WEB_PROCESSES), int(WEB_THREADS)
WARM_UP = 3.0
Act = Callable[[Target], None]


@dataclass
class Run:
    per_second: float = 0.0
    times: list[float] = field(default_factory=list)  # seconds, of those counted
    done: int = 0  # with the warm-up
    refused: int = 0
    client_cpu: float = 0.0  # seconds of processor for each one done
    server_cpu: float = 0.0


def run(make: Callable[[], Act], targets: Sequence[Target], *, seconds: float) -> Run:
    """`make` is called once in each client and returns what it does to one target."""
    connections.close_all()
    settle()  # as the product's own pages do
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(PROCESSES), context.Queue()
    shares = [targets[client::CLIENTS] for client in range(CLIENTS)]
    processes = [
        context.Process(target=_serve, args=(make, shares[index::PROCESSES], seconds, start, answers))
        for index in range(PROCESSES)
    ]
    before = _server_cpu()
    for process in processes:
        process.start()
    found = [answers.get(timeout=seconds + 120) for _ in processes]
    server = _server_cpu() - before
    for process in processes:
        process.join()
    times = [each for client in found for each in client["times"]]
    done = sum(client["done"] for client in found)
    span = min(seconds, max(client["span"] for client in found))
    client, refused = sum(each["cpu"] for each in found), sum(each["refused"] for each in found)
    return Run(len(times) / span, times, done, refused, client / done, server / done)


def _server_cpu() -> float:
    """Seconds of processor of PostgreSQL until now, its ended processes included."""
    postmaster = postgres.Server(Path(os.environ["QUINZE_VAR"])).pid()
    assert postmaster is not None
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return _cpu(postmaster, with_ended=True) + sum(_cpu(int(child)) for child in children)


def _cpu(pid: int, *, with_ended: bool = False) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11 : 15 if with_ended else 13]) / os.sysconf("SC_CLK_TCK")


class _Process:
    """The threads of one process, and its clients who wait for their turn."""

    def __init__(self, make: Callable[[], Act], shares: Sequence[Sequence[Target]]) -> None:
        self.make, self.clients = make, [iter(share) for share in shares]
        self.waiting: SimpleQueue[tuple[Iterator[Target], float]] = SimpleQueue()
        self.ready = threading.Barrier(THREADS + 1)
        self.times: list[float] = []
        self.done = self.refused = 0
        self.counted = self.end = 0.0

    def open(self, counted: float, end: float) -> None:
        self.counted, self.end = counted, end
        for client in self.clients:
            self.waiting.put((client, time.perf_counter()))

    def thread(self) -> None:
        act = self.make()
        self.ready.wait()
        while True:
            client, asked = self.waiting.get()
            target = next(client, None)
            if target is None or asked >= self.end:
                self.waiting.put((client, asked))  # the other threads see the end too
                return
            self._serve(act, target, asked)
            self.waiting.put((client, time.perf_counter()))

    def _serve(self, act: Act, target: Target, asked: float) -> None:
        try:
            act(target)
        except Refusal as refusal:
            self.refused += 1
            print(f"refused: {refusal}")
        self.done += 1
        answered = time.perf_counter()
        if asked >= self.counted and answered <= self.end:
            self.times.append(answered - asked)


def _serve(
    make: Callable[[], Act], shares: Sequence[Sequence[Target]], seconds: float, start: Any, answers: Any
) -> None:
    here = _Process(make, shares)
    threads = [threading.Thread(target=here.thread) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    here.ready.wait()
    start.wait()
    began, cpu = time.perf_counter(), time.process_time()
    here.open(began + WARM_UP, began + WARM_UP + seconds)
    for thread in threads:
        thread.join()
    span, spent = time.perf_counter() - here.counted, time.process_time() - cpu
    answers.put({"times": here.times, "done": here.done, "refused": here.refused, "span": span, "cpu": spent})


def whose(target: Target, users: Sequence[User]) -> User:
    """Each client is somebody: sixteen desks never lock the one row of one person together."""
    return users[target.request % len(users)]


def product(users: Sequence[User], at: datetime) -> Callable[[], Act]:
    """A seat held, then confirmed, by the product's own operations: two transactions."""

    def make() -> Act:
        connection.ensure_connection()

        def act(target: Target) -> None:
            by = actor(whose(target, users), target.sas)
            request = OrientationRequest.from_db("default", ("id",), (target.request,))  # as a page has read it
            booking = operations.hold(
                request=request, ranking=target.ranking, candidate=target.candidate,
                slot=target.slot, modality="AMB", by=by, at=at, reason="banc d’essai",
            )  # fmt: skip
            operations.confirm(booking=booking, by=by, at=at)

        return act

    return make

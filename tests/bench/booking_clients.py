"""Sixteen clients, each a process with one connection, all started together: bookings a second, how long each took."""

import gc
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, connections

from quinze.accounts.models import User
from quinze.base.errors import Refusal
from quinze.config import postgres
from quinze.orientation import operations
from quinze.orientation.models import OrientationRequest
from tests.bench.booking_data import Target, actor

CLIENTS = int(os.environ.get("QUINZE_BENCH_CLIENTS", "16"))
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
    gc.collect()
    gc.freeze()  # as the product's own web processes do: the collector does not walk what lives for ever
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(CLIENTS), context.Queue()
    shares = [targets[client::CLIENTS] for client in range(CLIENTS)]
    processes = [context.Process(target=_client, args=(make, share, seconds, start, answers)) for share in shares]
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


def _client(make: Callable[[], Act], targets: Sequence[Target], seconds: float, start: Any, answers: Any) -> None:
    act = make()
    start.wait()
    began, cpu = time.perf_counter(), time.process_time()
    counted, end = began + WARM_UP, began + WARM_UP + seconds
    times: list[float] = []
    done = refused = 0
    for target in targets:
        before = time.perf_counter()
        if before >= end:
            break
        try:
            act(target)
        except Refusal as refusal:
            refused += 1
            print(f"refused: {refusal}")
        done += 1
        after = time.perf_counter()
        if before >= counted and after <= end:
            times.append(after - before)
    last = time.perf_counter()
    answers.put(
        {"times": times, "done": done, "refused": refused, "span": last - counted, "cpu": time.process_time() - cpu}
    )


def product(user: User, at: datetime) -> Callable[[], Act]:
    """A seat held, then confirmed, by the product's own operations: two transactions."""

    def make() -> Act:
        connection.ensure_connection()

        def act(target: Target) -> None:
            by = actor(user, target.sas)
            booking = operations.hold(
                request=OrientationRequest(pk=target.request), ranking=target.ranking, candidate=target.candidate,
                slot=target.slot, modality="AMB", by=by, at=at, reason="banc d’essai",
            )  # fmt: skip
            operations.confirm(booking=booking, by=by, at=at)

        return act

    return make

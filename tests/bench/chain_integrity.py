"""Random operations from many processes on few seats and few files; then a checker that trusts no one.

Every acknowledged write is remembered by the process that made it. The checker compares what was acknowledged with what
the database holds: seats counted against bookings, one live booking a request, one doctor in one place, and for each
file a counter that every acknowledged save raised by one.
"""

import multiprocessing
import os
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

WORKERS = 8
REQUESTS = 60
FILES = 40


@dataclass(frozen=True)
class Damage:
    operations: int
    per_second: float
    double_bookings: int
    lost_updates: int


def attack(*, operations: int) -> Damage:
    requests, files = _targets()
    before = _counters(files)
    os.environ["QUINZE_POOL"] = "2"
    began = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(WORKERS) as pool:
        done = pool.starmap(_work, [(seed, operations // WORKERS, requests, files) for seed in range(WORKERS)])
    seconds = time.perf_counter() - began
    outcomes: Counter[str] = sum((each[0] for each in done), Counter())
    acknowledged: Counter[int] = sum((each[1] for each in done), Counter())
    print(
        f"\n{sum(outcomes.values())} operations by {WORKERS} processes in {seconds:.0f} s: "
        + ", ".join(f"{n} {name}" for name, n in sorted(outcomes.items()))
    )
    after = _counters(files)
    lost = sum(abs(after[pk] - before[pk] - acknowledged[pk]) for pk in files)
    return Damage(
        sum(outcomes.values()), sum(outcomes.values()) / seconds, _double_bookings(), lost + outcomes["fault"]
    )


def _targets() -> tuple[list[int], list[int]]:
    """Requests of one town, so that they want the same doctors, and open files."""
    from quinze.base import clock
    from quinze.directory.models import Commune
    from quinze.orientation.models import OrientationRequest
    from quinze.regulation.models import CaseFile, Step

    town = Commune.objects.filter(departement_id="86").order_by("-population").first()
    assert town is not None
    requests = list(
        OrientationRequest.objects.filter(status__in=("waiting", "taken", "booked"))
        .order_by("pk")
        .values_list("pk", flat=True)[:REQUESTS]
    )
    deadline = clock.now() + timedelta(hours=72)
    OrientationRequest.objects.filter(pk__in=requests).update(
        commune=town, lat=town.lat, lon=town.lon, deadline=deadline, limit_at=deadline
    )
    files = CaseFile.objects.exclude(step__in=[Step.CLOSED, Step.MERGED]).exclude(state="CLOTURE").order_by("pk")
    return requests, list(files.values_list("pk", flat=True)[:FILES])


def _counters(files: list[int]) -> dict[int, int]:
    from quinze.regulation.models import CaseFile
    from tests.bench.chain_hands import counter

    weights = CaseFile.objects.filter(pk__in=files).values_list("pk", "weight")
    return {pk: counter(weight) for pk, weight in weights}


def _work(seed: int, count: int, requests: list[int], files: list[int]) -> tuple[Counter[str], Counter[int]]:
    import django

    django.setup()
    from tests.bench.chain_hands import Hand

    hand, random = Hand(seed, requests, files), Random(seed)
    outcomes: Counter[str] = Counter()
    acts: list[Any] = [
        hand.hold,
        hand.hold,
        hand.confirm,
        hand.release,
        hand.cancel,
        hand.move,
        hand.count,
        hand.count,
        hand.count,
        hand.claim,
    ]
    for _ in range(count):
        outcomes[hand.try_(random.choice(acts))] += 1
    return outcomes, hand.acknowledged


ACTIVE = "('held', 'booked', 'confirmed', 'fulfilled', 'no_show')"
LIVE = "('held', 'booked', 'confirmed')"
CHECKS = {
    "seats not equal to bookings": f"""
        SELECT count(*) FROM availability_slot s WHERE s.taken <> (
            SELECT count(*) FROM orientation_booking b WHERE b.slot_id = s.id AND b.status IN {ACTIVE})""",
    "slots over capacity": "SELECT count(*) FROM availability_slot WHERE taken > capacity",
    "requests with two live bookings": f"""
        SELECT count(*) FROM (SELECT request_id FROM orientation_booking WHERE status IN {LIVE}
                              GROUP BY request_id HAVING count(*) > 1) twice""",
    "doctors in two places": f"""
        SELECT count(*) FROM orientation_booking a JOIN orientation_booking b
            ON a.professional_id = b.professional_id AND a.id < b.id AND a.place_id <> b.place_id
            AND a.during && b.during
        WHERE a.status IN {ACTIVE} AND b.status IN {ACTIVE}""",
    "bookings whose last status differs": """
        SELECT count(*) FROM orientation_booking b WHERE b.status <> (
            SELECT s.status FROM orientation_bookingstatus s WHERE s.booking_id = b.id ORDER BY s.id DESC LIMIT 1)""",
}


def _double_bookings() -> int:
    from django.db import connection

    found = 0
    with connection.cursor() as cursor:
        for name, statement in CHECKS.items():
            cursor.execute(statement)
            number = cursor.fetchone()[0]
            print(f"  {name}: {number}")
            found += number
    return found

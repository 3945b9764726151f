"""make bench NAME=booking: seats held and confirmed, raced for, killed in the middle, beside bare SQL and other ways.

Over var/bench/france when the search benchmark made it, otherwise over a tenth of the country made here in a minute.
Disk safety is on. Sixteen clients, served by two processes of three threads as the product's pages are, on the same
machine as PostgreSQL.
"""

import argparse
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from tests.bench import site
from tests.bench.report import VAR, machine, percentile, table, write

if TYPE_CHECKING:
    from quinze.accounts.models import User
    from tests.bench.booking_data import Target

FRANCE, OWN = VAR / "bench" / "france", VAR / "bench" / "booking"
CONTENDED = 100  # seats
AT_LEAST = {"bookings_per_s": 500, "ratio_to_bare_sql": 0.6}
AT_MOST = {"race_p99_ms": 2000, "double_bookings": 0, "lost_after_kill": 0}


def main() -> int:
    options = _options()
    folder = FRANCE if (FRANCE / "made.json").exists() and not options.own else OWN
    with site.opened(folder, keep=folder == FRANCE or options.keep):
        figures = _measure(options)
    _say(figures)
    print(f"\n{write('booking', figures)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench NAME=booking")
    parser.add_argument("--seconds", type=float, default=15, help="counted, of each way of booking")
    parser.add_argument("--requests", type=int, default=48_000, help="people who wait for a seat, for all the ways")
    parser.add_argument("--deaths", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--own", action="store_true", help="a tenth of France, even where the whole is there")
    parser.add_argument("--keep", action="store_true", help="reuse that tenth")
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> dict[str, float]:
    from tests.bench import booking_data

    began = time.perf_counter()
    print(f"{booking_data.country(options.seed)} ({time.perf_counter() - began:.0f} s; {machine()})")
    at, user, seed = booking_data.instant(), booking_data.osnp(), int(time.time())
    people = booking_data.targets(options.requests, at=at, seed=seed)
    share = len(people) // 4
    figures = _throughput(people[: 3 * share], at, seconds=options.seconds)
    figures |= _race(user, at, seed)
    figures |= _death(people[3 * share :], user, at, times=options.deaths)
    return figures | {"double_bookings": _doubles()}


def _throughput(people: "list[Target]", at: datetime, *, seconds: float) -> dict[str, float]:
    from tests.bench import booking_bare, booking_clients, booking_data

    users = booking_data.osnps(booking_clients.CLIENTS)
    ways: dict[str, Callable[[], booking_clients.Act]] = {
        "Quinze": booking_clients.product(users, at),
        "bare SQL, one after another": booking_bare.Bare(users, at, together=False),
        "bare SQL, sent together": booking_bare.Bare(users, at, together=True),
    }
    share, rows, rates = len(people) // len(ways), [], {}
    for index, (name, way) in enumerate(ways.items()):
        run = booking_clients.run(way, people[index * share : (index + 1) * share], seconds=seconds)
        each = (percentile(run.times, 50), percentile(run.times, 99), run.client_cpu, run.server_cpu)
        rows.append((name, f"{run.per_second:.0f}", *(f"{1000 * value:.2f}" for value in each), run.refused))
        rates[name] = run.per_second
    head = (
        "hold + confirm, 16 clients",
        "per second",
        "p50 ms",
        "p99 ms",
        "CPU ms, client",
        "CPU ms, server",
        "refused",
    )
    table(rows, head=head)
    quinze, one_by_one, together = rates.values()
    return {
        "bookings_per_s": round(quinze, 1),
        "bare_sql_per_s": round(one_by_one, 1),
        "bare_sql_pipelined_per_s": round(together, 1),
        "ratio_to_bare_sql": round(quinze / one_by_one, 3),
        "ratio_to_bare_sql_pipelined": round(quinze / together, 3),
    }


def _race(user: "User", at: datetime, seed: int) -> dict[str, float]:
    from quinze.availability.models import Slot
    from tests.bench import booking_clients, booking_data, booking_race

    [crowd] = booking_data.crowd(1000, 1, at=at, seed=seed)
    Slot.objects.filter(pk=crowd[0].slot).update(capacity=10)
    race = booking_race.race(crowd, user, at)
    p50, p99 = (1000 * percentile(race.times, rank) for rank in (50, 99))
    print(
        f"\n1,000 clients on 10 seats: {race.won} won, {race.refused} told who has it; {p50:.0f} ms p50, {p99:.0f} p99"
    )
    rows = []
    for name, way in booking_race.PEERS.items():
        doubles, seconds = booking_race.double_bookings(way, CONTENDED)
        rows.append((name, CONTENDED, doubles, f"{seconds:.1f}"))
    wanted = booking_data.crowd(booking_clients.CLIENTS, CONTENDED, at=at, seed=seed + 1)
    asked = booking_race.loaded([target for seat in wanted for target in seat])
    shares = [list(client) for client in zip(*wanted, strict=True)]
    seconds = booking_race.contend(
        lambda: lambda target: booking_race.holds(target, asked[target.request], user, at), shares
    )
    rows.append(("Quinze", CONTENDED, _sold_twice([seat[0].slot for seat in wanted]), f"{seconds:.1f}"))
    print(f"\n{booking_clients.CLIENTS} clients on each seat, together:")
    table(rows, head=("algorithm", "seats", "double bookings", "seconds"))
    return {"race_won": race.won, "race_p50_ms": round(p50), "race_p99_ms": round(p99)}


def _sold_twice(slots: list[int]) -> int:
    from quinze.orientation.models import Booking

    held = Booking.objects.filter(slot__in=slots, status="held").values_list("slot", flat=True)
    return len(held) - len(set(held))


def _death(people: "list[Target]", user: "User", at: datetime, *, times: int) -> dict[str, float]:
    from tests.bench import booking_kill

    acknowledged, lost = booking_kill.kill(people, user, at, times=times)
    print(f"\n{times} deaths among {acknowledged} bookings acknowledged: {lost} lost or half there")
    return {"deaths": times, "acknowledged": acknowledged, "lost_after_kill": lost}


def _doubles() -> int:
    from django.db import connection

    from tests.bench import booking_check

    with connection.cursor() as cursor:

        def count(statement: str) -> int:
            cursor.execute(statement)
            return int(cursor.fetchone()[0])

        wrong = booking_check.wrong(count, booking_check.DOUBLE)
    for name, number in wrong.items():
        print(f"  {name}: {number}")
    return sum(wrong.values())


def _say(figures: dict[str, float]) -> None:
    print()
    rows = [
        (name, figures[name], f"{sign} {target}", "yes" if met else "NO")
        for sign, targets in (("≥", AT_LEAST), ("≤", AT_MOST))
        for name, target in targets.items()
        if name in figures
        for met in [figures[name] >= target if sign == "≥" else figures[name] <= target]
    ]
    table(rows, head=("figure", "measured", "target", "met"))


if __name__ == "__main__":
    raise SystemExit(main())

"""make bench NAME=booking: seats held and confirmed, raced for, killed in the middle, beside bare SQL and other ways.

Over var/bench/france when the search benchmark made it, otherwise over a tenth of the country made here in a minute.
Disk safety is on. Sixteen clients, each a process with its own connection, on the same machine as PostgreSQL.
"""

import argparse
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.report import VAR, machine, percentile, table, write

FRANCE, OWN = VAR / "bench" / "france", VAR / "bench" / "booking"
AT_LEAST = {"bookings_per_s": 500, "ratio_to_bare_sql": 0.6}
AT_MOST = {"race_p99_ms": 2000, "double_bookings": 0, "lost_after_kill": 0}


def main() -> int:
    options = _options()
    site = FRANCE if (FRANCE / "made.json").exists() and not options.own else OWN
    if site == OWN and not options.keep:
        shutil.rmtree(OWN, ignore_errors=True)
    site.mkdir(parents=True, exist_ok=True)
    with _database(site):
        figures = _measure(options)
    _say(figures)
    print(f"\n{write('booking', figures)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench NAME=booking")
    parser.add_argument("--seconds", type=float, default=20, help="counted, of each way of booking")
    parser.add_argument("--requests", type=int, default=48_000, help="people who wait for a seat, for all the ways")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--own", action="store_true", help="a tenth of France, even where the whole is there")
    parser.add_argument("--keep", action="store_true", help="reuse that tenth")
    return parser.parse_args()


@contextmanager
def _database(site: Path) -> Iterator[None]:
    os.environ |= {
        "QUINZE_VAR": str(site), "QUINZE_MODE": "demo", "DJANGO_SETTINGS_MODULE": "quinze.config.settings",
        "QUINZE_POOL": "0",
    }  # fmt: skip
    os.environ.pop("DATABASE_URL", None)
    from quinze.config import postgres

    with postgres.Server(site) as server:
        os.environ["DATABASE_URL"] = server.url
        import django

        django.setup()
        yield


def _measure(options: argparse.Namespace) -> dict[str, float]:
    from tests.bench import booking_bare, booking_clients, booking_data

    began = time.perf_counter()
    print(f"{booking_data.country(options.seed)} ({time.perf_counter() - began:.0f} s; {machine()})")
    at, user = booking_data.instant(), booking_data.osnp()
    people = booking_data.targets(options.requests, at=at, seed=int(time.time()))
    share = len(people) // 3
    ways: dict[str, Callable[[], booking_clients.Act]] = {
        "Quinze": booking_clients.product(user, at),
        "bare SQL, one after another": booking_bare.Bare(user.pk, at, together=False),
        "bare SQL, sent together": booking_bare.Bare(user.pk, at, together=True),
    }
    rows, runs = [], {}
    for index, (name, way) in enumerate(ways.items()):
        mine = people[index * share : (index + 1) * share]
        run = runs[name] = booking_clients.run(way, mine, seconds=options.seconds)
        each = (percentile(run.times, 50), percentile(run.times, 99), run.client_cpu, run.server_cpu)
        rows.append((name, f"{run.per_second:.0f}", *(f"{1000 * seconds:.2f}" for seconds in each), run.refused))
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
    bare = max(runs[name].per_second for name in runs if name.startswith("bare"))
    return {
        "bookings_per_s": round(runs["Quinze"].per_second, 1),
        "bare_per_s": round(bare, 1),
        "ratio_to_bare_sql": round(runs["Quinze"].per_second / bare, 3),
    }


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

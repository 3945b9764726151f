"""make bench NAME=chain: the whole chain under load, on the demonstration ×10.

30 desks poll and act on a running service (pages, live events, worker) over loopback; then 50,000 random concurrent
operations write into the same database, and a checker looks for a double booking or a lost update. Nothing is shared
with the development database: data live in var/bench/chain.
A warm-up of 30 s is played and not counted: each connection has then planned its statements.
"""

import argparse
import time
from pathlib import Path

from tests.bench import site
from tests.bench.report import VAR, machine, percentile, table, write

SITE = VAR / "bench" / "chain"
PORT = 8790
TARGETS = {
    "page_p95_ms": 100,
    "search_p95_ms": 80,
    "live_p95_ms": 300,
    "double_bookings": 0,
    "lost_updates": 0,
    "rss_mb": 600,
}


def main() -> int:
    options = _options()
    with site.opened(SITE, keep=options.keep, QUINZE_POOL="12"):
        figures = _measure(options)
    _say(figures)
    print(f"\n{write('chain', figures)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench NAME=chain")
    parser.add_argument("--scale", type=int, default=10, help="times the demonstration's professionals")
    parser.add_argument("--open-files", type=int, default=500)
    parser.add_argument("--desks", type=int, default=30)
    parser.add_argument("--seconds", type=int, default=120, help="of load, after the warm-up")
    parser.add_argument("--operations", type=int, default=50_000)
    parser.add_argument("--keep", action="store_true", help="reuse the data of the last run")
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> dict[str, float]:
    from tests.bench import chain_data, chain_desks, chain_integrity, chain_search

    began = time.perf_counter()
    chain_data.prepare(scale=options.scale, open_files=options.open_files, desks=options.desks)
    print(f"data ready in {time.perf_counter() - began:.0f} s ({machine()})\n")
    with site.service(SITE, port=PORT) as pid:
        pages = chain_desks.load(port=PORT, desks=options.desks, warm_up=30, seconds=options.seconds)
        rss = _memory(pid)
    _pages(pages.pages, pages.refused)
    searches = chain_search.measure(count=300)
    print(f"\nsearch, ranking and log: {len(searches)} requests, p50 {percentile(searches, 50):.1f} ms")
    damage = chain_integrity.attack(operations=options.operations)
    return {
        "page_p95_ms": round(max(percentile(times, 95) for times in pages.pages.values()), 1),
        "page_all_p95_ms": round(percentile([t for times in pages.pages.values() for t in times], 95), 1),
        "search_p95_ms": round(percentile(searches, 95), 1),
        "live_p95_ms": round(percentile(pages.live, 95), 1),
        "live_p50_ms": round(percentile(pages.live, 50), 1),
        "live_heard": len(pages.live),
        "list_read_again_p95_ms": round(percentile(pages.read, 95), 1),
        "requests": sum(map(len, pages.pages.values())),
        "failed_requests": pages.failed,
        "refused_requests": sum(pages.refused.values()),
        "double_bookings": damage.double_bookings,
        "lost_updates": damage.lost_updates,
        "operations": damage.operations,
        "operations_per_s": round(damage.per_second, 1),
        "rss_mb": round(rss),
    }


def _memory(pid: int) -> float:
    """Resident memory of the pages, the event server and the worker, in MiB (shared pages counted once each)."""
    total = 0.0
    for child in _descendants(pid):
        for line in Path(f"/proc/{child}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) / 1024
    return total


def _descendants(pid: int) -> list[int]:
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *_descendants(int(child))]
    return found


WORK = ("POST open a file", "POST hand over", "POST take next", "POST decide", "POST hold", "POST confirm")


def _pages(pages: dict[str, list[float]], refused: dict[str, int]) -> None:
    if idle := [name for name in WORK if 2 * refused.get(name, 0) >= len(pages.get(name, ()))]:
        raise SystemExit(f"The desks did not do their work ({', '.join(idle)}): nothing is measured.")
    rows = [
        (
            name,
            len(times),
            refused.get(name, 0),
            f"{percentile(times, 50):.1f}",
            f"{percentile(times, 95):.1f}",
            f"{max(times):.1f}",
        )
        for name, times in sorted(pages.items())
    ]
    table(rows, head=("page (server time, ms)", "requests", "refused", "p50", "p95", "max"))


def _say(figures: dict[str, float]) -> None:
    print()
    rows = [
        (name, figures[name], f"≤ {target}", "yes" if figures[name] <= target else "NO")
        for name, target in TARGETS.items()
    ]
    table(rows, head=("figure", "measured", "target", "met"))


if __name__ == "__main__":
    raise SystemExit(main())

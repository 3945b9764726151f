"""make bench NAME=search: one search after another, over a whole France, at places drawn as people live.

Makes the country (101 SAS, 100,000 professionals, more than 8 million seats) in var/bench/france, and a tenth of it
(ten whole départements, same density) in var/bench/france-tenth, each in its own database, with disk safety on.
ARGS="--keep" reuses them. One search is the product's own operation: read the request, the charter, the offer; rank;
log; build what the OSNP reads. Time in the database is what this process spends waiting for it. `growth_10x` compares
the same requests, at the same places, in France and in its tenth.

Warm-up: what was just made is put on the disk and its slots in memory (a server keeps them there from one day to the
next, restarts included), then a search in each of the 101 SAS (a process keeps who practises where: these first ones
are counted apart, as `first_of_a_sas`), then five hundred at places drawn apart, as a service that has run since the
morning.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.report import VAR, machine, percentile, table, write
from tests.bench.site import environment

FRANCE, TENTH = VAR / "bench" / "france", VAR / "bench" / "france-tenth"
TARGETS = {"p50_ms": 8, "p99_ms": 40, "db_p99_ms": 15, "growth_10x": 1.3}


def main() -> int:
    options = _options()
    if not options.keep:
        for site in (FRANCE, TENTH):
            shutil.rmtree(site, ignore_errors=True)
    runs = {
        "tenth": _run(TENTH, "--tenth", options),
        "france": _run(FRANCE, "--places", str(TENTH / "places.json"), options),
    }
    figures = _figures(runs["france"], runs["tenth"])
    print(f"\n{machine()}\n")
    _cases(runs["france"])
    _say(figures)
    print(f"\n{write('search', figures)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench NAME=search")
    parser.add_argument("--count", type=int, default=1000, help="searches over France")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="reuse the countries of the last run")
    return parser.parse_args()


def _run(site: Path, *arguments: Any) -> dict[str, Any]:
    """In a process of its own: Django knows one database address for its whole life."""
    *more, options = arguments
    site.mkdir(parents=True, exist_ok=True)
    answer = site / "answer.json"
    command = [sys.executable, "-m", "tests.bench.search_run", str(answer), "--count", str(options.count)]
    subprocess.run([*command, "--seed", str(options.seed), *more], env=environment(site), check=True)
    found: dict[str, Any] = json.loads(answer.read_text())
    return found


def _figures(france: dict[str, Any], tenth: dict[str, Any]) -> dict[str, float]:
    times, waits = [s["ms"] for s in france["searches"]], [s["db_ms"] for s in france["searches"]]
    small, large = (sorted(s["ms"] for s in run["same_places"]) for run in (tenth, france))
    return {
        "p50_ms": round(percentile(times, 50), 2),
        "p95_ms": round(percentile(times, 95), 2),
        "p99_ms": round(percentile(times, 99), 2),
        "db_p50_ms": round(percentile(waits, 50), 2),
        "db_p99_ms": round(percentile(waits, 99), 2),
        "growth_10x": round(percentile(large, 50) / percentile(small, 50), 3),
        "growth_10x_p95": round(percentile(large, 95) / percentile(small, 95), 3),
        "first_of_a_sas_p50_ms": round(percentile([s["ms"] for s in france["first_of_each_sas"]], 50), 2),
        "first_of_a_sas_p99_ms": round(percentile([s["ms"] for s in france["first_of_each_sas"]], 99), 2),
        "searches": len(times),
        "seats": france["seats"],
        "generated_in_s": france["generated_in_s"],
        "generated_gib": france["gib"],
    }


def _cases(france: dict[str, Any]) -> None:
    rows = [
        (name, len(case["ms"]), case["candidates"], f"{percentile(case['ms'], 50):.1f}",
         f"{percentile(case['ms'], 99):.1f}", case["first"])
        for name, case in france["cases"].items()
    ]  # fmt: skip
    table(rows, head=("case", "searches", "candidates", "p50 ms", "p99 ms", "first proposal"))
    print()


def _say(figures: dict[str, float]) -> None:
    rows = [
        (name, figures[name], f"≤ {target}", "yes" if figures[name] <= target else "NO")
        for name, target in TARGETS.items()
    ]
    table(rows, head=("figure", "measured", "target", "met"))
    print(", ".join(f"{name} {value}" for name, value in figures.items() if name not in TARGETS))


if __name__ == "__main__":
    raise SystemExit(main())

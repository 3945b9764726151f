"""make bench NAME=directory_import: the national extraction, streamed into an empty directory, then again.

A synthetic file of the public columns (200,000 lines, people who do not exist) is loaded for every département: each
line is parsed, checked, copied and merged in one transaction. Then the same file again, which must change nothing. The
database is the benchmark's own, in var/bench/import; the file is written before the clock starts. On a machine that
others use too, the processor time (ours and that of PostgreSQL's session) tells what the wall clock hides.
"""

import argparse
import os
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench import site
from tests.bench.report import VAR, machine, table, write

SITE = VAR / "bench" / "import"
TARGET = 20_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench NAME=directory_import")
    parser.add_argument("--lines", type=int, default=200_000)
    count = parser.parse_args().lines
    with site.opened(SITE, keep=False):
        first, second = _measure(count)
    print(machine())
    table(
        [_row("first load", first, count), _row("same file again", second, count)],
        head=("load", "rows/s", "seconds", "of processor", "rows/s of processor"),
    )
    print(f"changed by the second load: {second.changed}")
    print(f"target: at least {TARGET:,} rows/s, met: {'yes' if count / first.seconds >= TARGET else 'NO'}")
    figures = {
        "rows_per_s": round(count / first.seconds),
        "again_rows_per_s": round(count / second.seconds),
        "rows_per_s_of_processor": round(count / first.processor),
        "again_rows_per_s_of_processor": round(count / second.processor),
        "changed_again": second.changed,
    }
    print(write("directory_import", figures))
    return 0


class Load(NamedTuple):
    seconds: float
    processor: float
    changed: int


def _row(name: str, load: Load, count: int) -> tuple[str, ...]:
    rates = f"{count / load.seconds:,.0f}", f"{count / load.processor:,.0f}"
    return name, rates[0], f"{load.seconds:.1f}", f"{load.processor:.1f}", rates[1]


def _measure(count: int) -> tuple[Load, Load]:
    from django.core.management import call_command

    from quinze.base import clock
    from quinze.directory.models import Commune, Departement
    from quinze.directory.operations import import_directory
    from tests.factories import extraction

    call_command("migrate", verbosity=0)
    call_command("load_geography", verbosity=0)
    places = list(Commune.objects.exclude(postal_codes=[]).order_by("insee").values_list("insee", "postal_codes__0"))
    departements = list(Departement.objects.values_list("code", flat=True))
    file = extraction.write(SITE / "extraction.txt", extraction.lines(count, places))

    def load(path: Path) -> Load:
        began, used = time.perf_counter(), _processor()
        report = import_directory(path, departements=departements, by=None, at=clock.now())
        return Load(time.perf_counter() - began, _processor() - used, report.changed)

    return load(file), load(file)


def _processor() -> float:
    """Seconds of this process and of the PostgreSQL sessions of this benchmark."""
    return time.process_time() + sum(map(_session_seconds, Path("/proc").glob("[0-9]*")))


def _session_seconds(process: Path) -> float:
    try:
        parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        ours = os.fsencode(SITE) in Path(f"/proc/{parent}/cmdline").read_bytes()
        if not ours or b"postgres: quinze" not in (process / "cmdline").read_bytes():
            return 0.0
        user, system = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0  # it has just ended
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    raise SystemExit(main())

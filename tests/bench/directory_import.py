"""make bench NAME=directory_import: the national extraction, streamed into an empty directory, then again.

A synthetic file of the public columns (200,000 lines, people who do not exist) is loaded for every département: each
line is parsed, checked, copied and merged in one transaction. Then the same file again, which must change nothing. The
database is the benchmark's own, in var/bench/import; the file is written before the clock starts.
"""

import argparse
import os
import shutil
import time
from pathlib import Path

from tests.bench.report import VAR, machine, table, write

SITE = VAR / "bench" / "import"
TARGET = 20_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench NAME=directory_import")
    parser.add_argument("--lines", type=int, default=200_000)
    count = parser.parse_args().lines
    shutil.rmtree(SITE, ignore_errors=True)
    SITE.mkdir(parents=True)
    os.environ |= {"QUINZE_VAR": str(SITE), "QUINZE_MODE": "demo", "DJANGO_SETTINGS_MODULE": "quinze.config.settings"}
    from quinze.config import postgres

    with postgres.Server(SITE) as server:
        os.environ["DATABASE_URL"] = server.url
        first, second, changed = _measure(count)
    print(machine())
    table(
        [
            ("first load", f"{count / first:,.0f}", f"{first:.1f}"),
            ("same file again", f"{count / second:,.0f}", f"{second:.1f}"),
        ],
        head=("load", "rows/s", "seconds"),
    )
    print(f"changed by the second load: {changed}")
    print(f"target: at least {TARGET:,} rows/s, met: {'yes' if count / first >= TARGET else 'NO'}")
    figures = {"rows_per_s": round(count / first), "again_rows_per_s": round(count / second), "changed_again": changed}
    print(write("directory_import", figures))
    return 0


def _measure(count: int) -> tuple[float, float, int]:
    import django

    django.setup()
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

    def load(path: Path) -> tuple[float, int]:
        began = time.perf_counter()
        report = import_directory(path, departements=departements, by=None, at=clock.now())
        return time.perf_counter() - began, report.changed

    return load(file)[0], *load(file)


if __name__ == "__main__":
    raise SystemExit(main())

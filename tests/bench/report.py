"""How every benchmark says what it found: a table for people, one flat JSON object for machines."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

VAR = Path(os.environ.get("QUINZE_VAR", Path(__file__).parents[2] / "var"))


def percentile(values: Sequence[float], rank: float) -> float:
    """Nearest-rank percentile; an empty series is a fault of the benchmark, not a zero."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * rank // 100).__int__() - 1)]


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def table(rows: Sequence[Sequence[object]], *, head: Sequence[str]) -> None:
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for index, line in enumerate(lines):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        if index == 0:
            print("  ".join("-" * width for width in widths))


def write(name: str, figures: Mapping[str, float]) -> Path:
    path = VAR / "bench" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dict(figures), indent=2) + "\n")
    return path

"""make bench NAME=staffing: the posts of 98 centres for every hour of a year, Erlang C and Erlang A, on one core; and
how long a supervisor waits for the page "et si" (see what_if.py).

The peer is the plain Python loop that staffing libraries run (Erlang C from Erlang B, one more agent until the target
is met), written again here and timed in the same run on a sample.
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from quinze.science.queueing.staffing import Goal, posts_of_all
from tests.bench import what_if
from tests.bench.report import machine, table, write

CENTRES, HOURS = 98, 8760
HANDLING_S = 150.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench NAME=staffing")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--sample", type=int, default=5_000, help="hours given to the plain Python loop")
    options = parser.parse_args()
    rates = _rates()
    figures: dict[str, float] = {"problems": rates.size}
    durations = np.full(rates.shape, HANDLING_S) + np.arange(HOURS) % 2 * 1e-9  # not one: each hour is solved alone
    for name, goal, times in (
        ("erlang_c_858480_s", Goal(), durations),
        ("erlang_a_858480_s", Goal(patience_s=120), durations),
        ("erlang_a_one_duration_858480_s", Goal(patience_s=120), HANDLING_S),
    ):
        work = partial(posts_of_all, rates, handling_s=times, goal=goal)
        figures[name] = round(_best(work, options.repeat), 4)
    figures |= _peer(rates.ravel()[: options.sample], figures["erlang_c_858480_s"] / rates.size)
    figures |= _what_if()
    _say(figures)
    print(f"\n{write('staffing', figures)}")
    return 0


def _what_if() -> dict[str, float]:
    asked = subprocess.run([sys.executable, "-m", what_if.__name__], check=True, stdout=subprocess.PIPE)
    figures: dict[str, float] = json.loads(asked.stdout.splitlines()[-1])
    shutil.rmtree(what_if.SITE, ignore_errors=True)
    return figures


def _rates() -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Calls per hour: centres of very different sizes, a day, a week, and chance; no two hours are alike."""
    draw = np.random.default_rng(20261122)
    hour = np.arange(HOURS)
    day = 1 + 0.55 * np.sin(2 * np.pi * (hour % 24 - 9) / 24)
    week = np.where(hour // 24 % 7 >= 5, 1.25, 0.9)
    centres = np.exp(draw.normal(np.log(38), 0.6, (CENTRES, 1)))
    return np.asarray(centres * day * week * draw.gamma(25, 1 / 25, (CENTRES, HOURS)))


def _best(work: Callable[[], object], repeat: int) -> float:
    """Processor seconds of the best run; one before, uncounted, compiles."""
    work()
    times = []
    for _ in range(repeat):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def _peer(sample: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", ours_each_s: float) -> dict[str, float]:
    rates = [float(rate) for rate in sample]
    began = time.process_time()
    found = [_plain(rate, HANDLING_S, 0.90, 30.0, 0.85) for rate in rates]
    each = (time.process_time() - began) / len(rates)
    ours = posts_of_all(rates, handling_s=HANDLING_S, goal=Goal()).tolist()
    return {
        "plain_python_each_us": round(1e6 * each, 2),
        "ratio_to_plain_python": round(each / ours_each_s, 1),
        "mismatches": sum(one != other for one, other in zip(found, ours, strict=True)),
    }


def _plain(calls_per_hour: float, handling_s: float, target: float, within_s: float, occupancy: float) -> int:
    load = calls_per_hour * handling_s / 3600
    agents = max(1, math.ceil(load))
    while True:
        lost = 1.0
        for busy in range(1, agents + 1):
            lost = load * lost / (busy + load * lost)
        waits = lost / (1 - load / agents * (1 - lost)) if load < agents else 1.0
        served = 1 - waits * math.exp(-(agents - load) * within_s / handling_s) if load < agents else 0.0
        if served >= target and load / agents <= occupancy:
            return agents
        agents += 1


def _say(figures: dict[str, float]) -> None:
    print(
        f"{figures['problems']:,} problems ({CENTRES} centres × {HOURS} hours), one core, processor time; {machine()}\n"
    )
    targets = {
        "erlang_c_858480_s": 0.1,
        "erlang_a_858480_s": 1.0,
        "erlang_a_one_duration_858480_s": 0.1,
        "mismatches": 0,
        "first_what_if_s": 1.0,
        "what_if_s": 1.0,
    }
    rows = [
        (
            name,
            value,
            f"≤ {targets[name]}" if name in targets else "",
            ("yes" if value <= targets[name] else "NO") if name in targets else "",
        )
        for name, value in figures.items()
    ]
    table(rows, head=("figure", "measured", "target", "met"))


if __name__ == "__main__":
    raise SystemExit(main())

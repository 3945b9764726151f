"""One year of all the SAMU of France: 36.6 million calls through N1, N2 and N3, on all the cores of this machine.

`seconds` is the time on the clock of one year after a first run of one centre (compilation or reading of what was
compiled, said apart), best of five, with processor time beside it: on a busy machine the second is the fair one (÷
cores). The error is against the general engine, which is the oracle to the last bit, on the very calls that the fast
one drew (`--centres 0` leaves it out, `--centres 20` takes every fifth one). Beside it stands what chance alone does:
how far one year of a centre lies from another year of the same centre, other draws, by the fast engine.
"""

import argparse
import os
import time
from collections.abc import Sequence

import numpy as np

from quinze.science.callcentre.engine import bilevel, france_year, general
from quinze.science.callcentre.engine.bilevel import Flow, Flown
from quinze.science.callcentre.plan import plan_of
from tests.bench import report
from tests.bench.france_data import FILE, calls_of_the_year, flow_of, scenario_of
from tests.science.callcentre.engine.same_calls import sample_of

QS = 30.0
SEED = 1


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--centres", type=int, default=101, help="of the reference")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--file", type=type(FILE), default=FILE)
    arguments = parser.parse_args()
    calls = calls_of_the_year(arguments.file)
    flows = [flow_of(presented) for presented in calls.values()]
    before = time.process_time()
    france_year.play_all(flows[:1], seed=1, threads=1)
    print(f"compiled or read, and one centre: {time.process_time() - before:.1f} s of processor")
    seconds, processor, flown = measured(flows, arguments.threads)
    answers = france_year.national_quality(flown)
    presented = sum(float(one.presented.sum()) for one in flown)
    report.table(
        [
            ("SAMU", len(flows)),
            ("calls", f"{presented:,.0f}"),
            ("seconds, best of 5", f"{seconds:.3f}"),
            ("seconds of processor ÷ threads", f"{processor / arguments.threads:.3f}"),
            ("ns of processor a call", f"{processor / presented * 1e9:.1f}"),
            ("QS20 / QS30 / QS60", " / ".join(f"{share:.2%}" for share in answers)),
        ],
        head=("France, one year", report.machine()),
    )
    figures = {
        "seconds": round(seconds, 3),
        "processor_seconds_by_thread": round(processor / arguments.threads, 3),
        "calls": presented,
        "qs30": round(answers[1], 5),
    }
    if arguments.centres:
        figures |= error(list(calls), flows, flown, arguments.centres)
    print(report.write("france-year", figures))


def measured(flows: Sequence[Flow], threads: int) -> tuple[float, float, list[Flown]]:
    """The best time on the clock, the best processor time, the last results."""
    clock, processor = [], []
    for _ in range(5):
        start, used = time.perf_counter(), time.process_time()
        flown = france_year.play_all(flows, seed=SEED, threads=threads)
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    return min(clock), min(processor), flown


def error(names: list[str], flows: list[Flow], flown: list[Flown], centres: int) -> dict[str, float]:
    chosen = range(0, len(flows), max(1, len(flows) // centres))
    fast = np.array([[flown[one].within[:, 1].sum(), flown[one].presented.sum()] for one in chosen])
    slow = np.array([reference(flows[one], names[one], centre=one) for one in chosen])
    if (slow[:, 1] != fast[:, 1]).any():
        raise SystemExit("both engines did not play the same calls")
    points = 100 * (fast[:, 0] - slow[:, 0]) / fast[:, 1]
    together = 100 * (fast[:, 0].sum() - slow[:, 0].sum()) / fast[:, 1].sum()
    print(f"QS30 against the general engine on the same calls, {len(chosen)} centres: {together:+.4f} points together")
    print(f"by centre, from {points.min():+.3f} to {points.max():+.3f}, mean {points.mean():+.4f}")
    apart, alone = between_years([flows[one] for one in chosen])
    print(f"between two years of the same centre, other draws: 95 % within {alone:.2f} points ({apart:.3f} together)")
    return {
        "qs30_error_points": round(abs(together), 4),
        "qs30_error_of_the_mean_centre": round(abs(float(points.mean())), 4),
        "qs30_error_of_the_worst_centre": round(float(abs(points).max()), 4),
        "qs30_between_two_years_together": round(apart, 4),
        "qs30_between_two_years_of_a_centre": round(alone, 4),
        "reference_centres": len(chosen),
    }


def reference(flow: Flow, name: str, *, centre: int) -> tuple[float, float]:
    """Calls answered within 30 s and calls presented, by the general engine, of the year that `play_all` played."""
    room = int(1.05 * flow.rates.sum() * flow.slot) + 1000
    calls = bilevel.simulate(flow, seed=france_year.seed_of(SEED, centre), most=room, logged=room).calls
    calls = calls[:, ~np.isnan(calls[0])]
    log = general.play(plan_of(scenario_of(flow, name, seed=SEED)), sample_of(calls, flow))
    return float((log.answered[:, 0] - calls[0] <= QS).sum()), float(calls.shape[1])


def between_years(flows: Sequence[Flow]) -> tuple[float, float]:
    """Points of QS30 within which 95 % of the differences lie between two years: the country, then one centre."""
    years = [france_year.play_all(flows, seed=SEED + year) for year in range(1, 7)]
    within = np.array([[one.within[:, 1].sum() for one in year] for year in years])
    presented = np.array([[one.presented.sum() for one in year] for year in years])
    each = (within / presented).var(axis=0, ddof=1).mean() ** 0.5
    together = (within.sum(axis=1) / presented.sum(axis=1)).std(ddof=1)
    return 196 * 2**0.5 * together, 196 * 2**0.5 * each


if __name__ == "__main__":
    main()

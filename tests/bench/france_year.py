"""One year of all the SAMU of France: 36.6 million calls through N1, N2 and N3, on all the cores of this machine.

`seconds` is the time on the clock of one year after a first run of one centre (compilation or reading of what was
compiled, said apart), best of five, with processor time beside it: on a busy machine the second is the fair one (÷
cores). The error is against the general engine, with other draws, on the same centres (`--centres 0` leaves it out,
`--centres 20` takes every fifth one): it holds both the difference between engines and the chance of two years.
"""

import argparse
import os
import time
from collections.abc import Sequence

import numpy as np

from quinze.science.callcentre.engine import france_year, general
from quinze.science.callcentre.engine.bilevel import Flow, Flown
from quinze.science.callcentre.plan import plan_of
from quinze.science.callcentre.sample import draw
from tests.bench import report
from tests.bench.france_data import FILE, calls_of_the_year, flow_of, scenario_of

QS = 30.0


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
        flown = france_year.play_all(flows, seed=1, threads=threads)
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    return min(clock), min(processor), flown


def error(names: list[str], flows: list[Flow], flown: list[Flown], centres: int) -> dict[str, float]:
    chosen = range(0, len(flows), max(1, len(flows) // centres))
    fast = np.array([[flown[one].within[:, 1].sum(), flown[one].presented.sum()] for one in chosen])
    slow = np.array([reference(flows[one], names[one]) for one in chosen])
    points = 100 * (fast[:, 0] / fast[:, 1] - slow[:, 0] / slow[:, 1])
    together = 100 * (fast[:, 0].sum() / fast[:, 1].sum() - slow[:, 0].sum() / slow[:, 1].sum())
    print(f"QS30 against the general engine, {len(chosen)} centres: {together:+.3f} points together")
    print(f"by centre, from {points.min():+.2f} to {points.max():+.2f}, mean {points.mean():+.3f}")
    return {
        "qs30_error_points": round(abs(together), 4),
        "qs30_error_of_the_mean_centre": round(abs(float(points.mean())), 4),
        "reference_centres": len(chosen),
    }


def reference(flow: Flow, name: str) -> tuple[float, float]:
    """Calls answered within 30 s and calls presented, by the engine that is the oracle to the last bit."""
    scenario = scenario_of(flow, name, seed=2)
    sample = draw(scenario)
    log = general.play(plan_of(scenario), sample)
    return float((log.answered[:, 0] - sample.arrival <= QS).sum()), float(len(sample))


if __name__ == "__main__":
    main()

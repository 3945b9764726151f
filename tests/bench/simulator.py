"""How fast the engines are, beside SimPy and Ciw on the same models in the same run; and whether two engines ever
differ.

All on one core, in processor time (other work on the machine does not count, but it does slow everybody down), best of
three. Ours are timed after a first short run, whose time is said: it compiles, or reads what was compiled before.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from quinze.science.callcentre import oracle
from quinze.science.callcentre.durations import Exponential, Lognormal
from quinze.science.callcentre.engine import bilevel, general, mm_priority
from quinze.science.callcentre.plan import plan_of
from quinze.science.callcentre.sample import draw
from tests.bench import report, simulator_peers
from tests.science.callcentre.any_centre import any_centre
from tests.science.callcentre.centres import whole_sas

EXACT = (0.0377239, 0.3772390)
STAFF = np.array([[3], [6], [1], [1], [1]])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--centres", type=int, default=1000, help="compared call by call with the oracle")
    parser.add_argument("--peers", type=int, default=100_000, help="customers for SimPy and Ciw")
    parser.add_argument("--customers", type=int, default=20_000_000)
    arguments = parser.parse_args()
    figures = one_queue(arguments.customers, arguments.peers) | two_levels(arguments.customers, arguments.peers)
    figures |= whole_model() | mismatches(arguments.centres)
    print(report.write("simulator", figures))


def rate(amount: int, run: Callable[[], object], times: int = 3) -> float:
    """Of `amount` by second of processor, the best of some runs."""
    spent = []
    for _ in range(times):
        start = time.process_time()
        run()
        spent.append(time.process_time() - start)
    return amount / min(spent)


def first_run(name: str, run: Callable[[], object]) -> None:
    start = time.process_time()
    run()
    print(f"{name}: first run, {time.process_time() - start:.1f} s of processor (compilation, or reading)")


def one_queue(customers: int, peers: int) -> dict[str, float]:
    queue = mm_priority.unit_queue(servers=20, load=0.9, shares=(0.3, 0.7))
    first_run("mm_priority", lambda: mm_priority.simulate(queue, customers=1000, seed=1))
    ours = rate(customers, lambda: mm_priority.simulate(queue, customers=customers, seed=1))
    simpy = rate(peers, lambda: simulator_peers.simpy_mm20(peers))
    ciw = rate(peers, lambda: simulator_peers.ciw_mm20(peers))
    found = mm_priority.simulate(queue, customers=customers, seed=1).mean
    report.table(
        [
            ("quinze", f"{ours:,.0f}", "", *(f"{wait:.5f}" for wait in found)),
            ("SimPy", f"{simpy:,.0f}", f"{ours / simpy:.0f}", *(f"{w:.5f}" for w in simulator_peers.simpy_mm20(peers))),
            ("Ciw", f"{ciw:,.0f}", f"{ours / ciw:.0f}", *(f"{w:.5f}" for w in simulator_peers.ciw_mm20(peers))),
            ("exact", "", "", *EXACT),
        ],
        head=("M/M/20, two priorities", "customers/s", "× slower", "W1", "W2"),
    )
    return {
        "mm20_customers_per_s": round(ours),
        "simpy_customers_per_s": round(simpy),
        "ciw_customers_per_s": round(ciw),
        "ratio_to_simpy": round(ours / simpy, 1),
        "ratio_to_ciw": round(ours / ciw, 1),
    }


def centre(*, general_durations: bool) -> bilevel.Flow:
    """T11 at 150 calls an hour."""

    def lasts(mean: float) -> Exponential | Lognormal:
        return Lognormal(mean, 0.8) if general_durations else Exponential(mean)

    return bilevel.Flow(
        rates=np.array([150 / 3600]),
        slot=1e12,
        staff=STAFF,
        shares=(0.05, 0.75, 0.0),
        talk=lasts(45),
        conference=lasts(20),
        second=(lasts(150),) * 3,
    )


def two_levels(calls: int, peers: int) -> dict[str, float]:
    exponential, lognormal = centre(general_durations=False), centre(general_durations=True)
    first_run("bilevel", lambda: bilevel.simulate(lognormal, seed=1, most=1000))
    speed = rate(calls, lambda: bilevel.simulate(lognormal, seed=1, most=calls))
    simpy = rate(peers, lambda: simulator_peers.simpy_bilevel(peers))
    report.table(
        [
            ("quinze, lognormal", f"{speed:,.0f}", "", ""),
            (
                "quinze, exponential",
                f"{rate(calls, lambda: bilevel.simulate(exponential, seed=1, most=calls)):,.0f}",
                "",
                f"{bilevel.simulate(exponential, seed=1, most=calls).quality[1]:.4f}",
            ),
            (
                "SimPy, exponential",
                f"{simpy:,.0f}",
                f"{speed / simpy:.0f}",
                f"{simulator_peers.simpy_bilevel(peers):.4f}",
            ),
        ],
        head=("Two levels with hold", "calls/s", "× slower", "QS30 (0.786)"),
    )
    return {"bilevel_calls_per_s": round(speed), "bilevel_ratio_to_simpy": round(speed / simpy, 1)}


def whole_model() -> dict[str, float]:
    scenario = whole_sas(slots=96 * 30)
    plan, sample = plan_of(scenario), draw(scenario)
    first_run("general", lambda: general.play(plan, sample))
    ours = rate(len(sample), lambda: general.play(plan, sample))
    small = whole_sas(slots=96)
    day = draw(small)
    slow = rate(len(day), lambda: oracle.play(plan_of(small), day), times=1)
    print(f"whole model: {ours:,.0f} calls/s, the oracle {slow:,.0f}")
    return {"general_calls_per_s": round(ours), "oracle_calls_per_s": round(slow)}


def mismatches(centres: int) -> dict[str, float]:
    wrong, calls = [], 0
    for number in range(centres):
        scenario = any_centre(number)
        plan, sample = plan_of(scenario), draw(scenario)
        calls += len(sample)
        if general.play(plan, sample).differences(oracle.play(plan, sample)):
            wrong.append(number)
    print(f"{centres} centres at random, {calls:,} calls: {len(wrong)} differ from the oracle {wrong[:5]}")
    return {"oracle_mismatches": len(wrong), "oracle_centres": centres, "oracle_calls": calls}


if __name__ == "__main__":
    main()

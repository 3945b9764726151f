"""T6, and what the formulas say for several classes; figures that must not change from one machine to the next."""

import subprocess
import sys
from math import inf

import numpy as np
import pytest

from quinze.science.callcentre.durations import Empirical, Exponential, Fixed, Lognormal
from quinze.science.callcentre.engine.mm_priority import PriorityQueue, simulate, unit_queue
from quinze.science.callcentre.errors import ScenarioError
from quinze.science.queueing.priorities import mean_waits_s


def test_t6_two_priorities() -> None:
    waits = simulate(unit_queue(servers=20, load=0.9, shares=(0.3, 0.7)), customers=10_000_000, seed=1, warm_up=100_000)
    assert waits.mean == pytest.approx([0.0377239, 0.3772390], rel=0.03)
    assert np.abs(waits.mean - [0.0377239, 0.3772390]) == pytest.approx([0, 0], abs=4 * waits.half_width.max())


def test_four_classes_agree_with_cobham() -> None:
    shares = (0.1, 0.2, 0.3, 0.4)
    waits = simulate(unit_queue(servers=7, load=0.85, shares=shares), customers=4_000_000, seed=5)
    exact = mean_waits_s([share * 7 * 0.85 * 3600 for share in shares], handling_s=1, agents=7)
    assert waits.mean == pytest.approx(exact, rel=0.03)


@pytest.mark.parametrize(
    ("duration", "variation"),
    [(Fixed(1), 0.0), (Lognormal(1, 0.8), 0.64), (Empirical((0.5, 1.5)), 0.25), (Exponential(1), 1.0)],
)
def test_one_server_and_any_duration_agree_with_pollaczek_and_khinchine(duration: object, variation: float) -> None:
    """W = rho / (1 - rho) * (1 + c²) / 2 seconds for services of one second."""
    queue = PriorityQueue(servers=1, rate=0.7, shares=(1.0,), durations=(duration,))  # type: ignore[arg-type]
    waits = simulate(queue, customers=2_000_000, seed=2)
    assert waits.mean == pytest.approx([0.7 / 0.3 * (1 + variation) / 2], rel=0.03)


def test_more_may_wait_than_there_was_room_for_at_first() -> None:
    queue = PriorityQueue(servers=1, rate=2.0, shares=(0.1, 0.9), durations=(Fixed(1), Fixed(1)))
    waits = simulate(queue, customers=40_000, seed=3)
    assert waits.customers.sum() == pytest.approx(20_000, rel=0.02)  # half of them still wait
    assert waits.mean[0] < 1
    assert waits.mean[1] > 1000


def test_the_same_seed_gives_the_same_numbers() -> None:
    queue = unit_queue(servers=20, load=0.9, shares=(0.3, 0.7))
    first, again, other = (simulate(queue, customers=50_000, seed=seed) for seed in (7, 7, 8))
    assert first.mean.tolist() == again.mean.tolist()
    assert first.mean.tolist() != other.mean.tolist()


@pytest.mark.parametrize(
    "wrong",
    [{"servers": 0}, {"rate": -1.0}, {"rate": inf}, {"rate": float("nan")}, {"shares": (0.5, 0.4)}, {"shares": (1.0,)}],
)
def test_absurd_queues_are_refused(wrong: dict[str, object]) -> None:
    given = {"servers": 2, "rate": 1.0, "shares": (0.5, 0.5), "durations": (Fixed(1), Fixed(1))} | wrong
    with pytest.raises(ScenarioError):
        PriorityQueue(**given)  # type: ignore[arg-type]


def test_importing_the_engines_does_not_read_numba() -> None:
    program = (
        "import sys, quinze.science.callcentre.engine.bilevel, quinze.science.callcentre.engine.mm_priority; "
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

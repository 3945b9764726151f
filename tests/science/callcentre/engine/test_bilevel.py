"""T8, T9, T11, and the slow engine on the same calls."""

import numpy as np
import pytest

from quinze.science.callcentre.durations import Exponential, Fixed, Lognormal
from quinze.science.callcentre.engine.bilevel import Flow, simulate
from quinze.science.callcentre.engine.kernels.levels import A, V, X
from quinze.science.callcentre.errors import ScenarioError

from .flows import steady, t11


@pytest.mark.parametrize(
    ("n2", "answered", "urgent"),
    [(1, 2.8571, 0), (2, 5.7143, 0), (3, 8.5714, 0), (20, 9.5238, 3.8095), (25, 9.5238, 3.8095)],
)
def test_t8_the_fluid_phases(n2: int, answered: float, urgent: float) -> None:
    """Throughput by second of ten N1 agents always busy, all durations constant."""
    flow = steady(
        per_hour=3_600_000,
        staff=(10, n2),
        shares=(0.1, 0.4, 0),
        talk=Fixed(1),
        conference=Fixed(0.5),
        vital=Fixed(3),
        second=Fixed(4),
        order=(V, X, A, X, A, X, A, X, A, X),
    )
    flown = simulate(flow, seed=1, most=200_000, room=1 << 18)
    assert flown.answered.sum() / flown.last == pytest.approx(answered, abs=1.5e-3)
    assert flown.second[0] / flown.last == pytest.approx(answered / 10, abs=1.5e-3)
    assert flown.second[1] / flown.last == pytest.approx(urgent, abs=1.5e-3)


def test_t8_exponential_durations_lose_a_sixth_at_the_phase_boundary() -> None:
    flow = steady(
        per_hour=3_600_000,
        staff=(10, 4),
        shares=(0.1, 0.4, 0),
        talk=Exponential(1),
        conference=Exponential(0.5),
        vital=Exponential(3),
        second=Exponential(4),
    )
    flown = simulate(flow, seed=1, most=400_000, room=1 << 18)
    assert flown.answered.sum() / flown.last == pytest.approx(8.0, abs=0.1)


def test_t9_two_queues_in_a_row() -> None:
    flow = steady(per_hour=3 * 3600, staff=(4, 8), shares=(0, 1, 0), talk=Exponential(1), second=Exponential(2))
    flown = simulate(flow, seed=4, most=8_000_000, limits=(0.5, 1, 2))
    assert flown.wait.sum() / flown.presented.sum() == pytest.approx(0.5094340, rel=0.01)
    assert flown.quality[0] == pytest.approx(0.6910127, abs=0.002)
    assert flown.second_wait[1] == pytest.approx(0.3569811, rel=0.015)


@pytest.mark.parametrize(("per_hour", "qs30", "urgent", "hold"), [(120, 0.902, 23, 8), (150, 0.786, 99, 16)])
def test_t11_two_levels(per_hour: float, qs30: float, urgent: float, hold: float) -> None:
    flown = simulate(t11(per_hour=per_hour), seed=1, most=8_000_000)
    assert flown.quality[1] == pytest.approx(qs30, abs=0.001)
    assert flown.second_wait[1] == pytest.approx(urgent, abs=2)
    assert flown.second_wait[0] == pytest.approx(hold, abs=0.5)


def test_agents_come_and_go_with_the_hours() -> None:
    """One agent more at N1 in the second hour, at equal demand: fewer wait then, and nobody is lost on the way."""
    flow = t11(per_hour=150)
    staff = np.array([[3, 4], [6, 6], [1, 1], [1, 1], [1, 1]])
    days = Flow(
        rates=np.full(2000, 150 / 3600),
        slot=3600,
        staff=np.tile(staff, 1000),
        shares=flow.shares,
        talk=flow.talk,
        conference=flow.conference,
        second=flow.second,
    )
    flown = simulate(days, seed=3, period=2)
    assert flown.presented.sum() == pytest.approx(300_000, rel=0.01)
    assert flown.answered.tolist() == flown.presented.tolist()
    quality = flown.within[:, 1] / flown.presented
    assert quality[1] > quality[0] + 0.05


def test_who_is_impatient_leaves() -> None:
    """M/M/3+M: one level only, everybody closed by N1 (exact: birth and death)."""
    flow = Flow(
        rates=np.array([3.0]),
        slot=1e12,
        staff=np.array([[3], [1], [1], [1], [1]]),
        shares=(0, 0, 0),
        talk=Exponential(1),
        conference=Fixed(0),
        second=(Fixed(1),) * 3,
        patience=2.0,
    )
    weights = [1.0]
    for n in range(1, 200):
        weights.append(weights[-1] * 3.0 / (min(n, 3) + max(0, n - 3) * 0.5))
    queue = sum(max(0, n - 3) * weight for n, weight in enumerate(weights)) / sum(weights)
    flown = simulate(flow, seed=1, most=4_000_000)
    assert 1 - flown.answered.sum() / flown.presented.sum() == pytest.approx(queue * 0.5 / 3.0, rel=0.01)


def test_a_queue_without_bound_is_said() -> None:
    flow = steady(per_hour=3600, staff=(9, 1), shares=(0, 1, 0), talk=Fixed(1), second=Fixed(60))
    with pytest.raises(OverflowError):
        simulate(flow, seed=1, most=10_000, room=1 << 10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rates": np.array([0.0])},
        {"rates": np.array([np.nan])},
        {"staff": np.zeros((5, 1), np.int64)},
        {"staff": np.ones((4, 1), np.int64)},
        {"shares": (0.5, 0.5, 0.5)},
        {"patience": -1.0},
        {"slot": 0.0},
    ],
)
def test_absurd_flows_are_refused(wrong: dict[str, object]) -> None:
    given: dict[str, object] = {
        "rates": np.array([1.0]),
        "slot": 3600.0,
        "staff": np.ones((5, 1), np.int64),
        "shares": (0.1, 0.2, 0.3),
        "talk": Fixed(1),
        "conference": Fixed(1),
        "second": (Fixed(1),) * 3,
    }
    Flow(**given)  # type: ignore[arg-type]
    with pytest.raises(ScenarioError):
        Flow(**given | wrong)  # type: ignore[arg-type]


def test_classes_of_one_level_share_a_law() -> None:
    flow = Flow(
        rates=np.array([1.0]),
        slot=3600.0,
        staff=np.ones((5, 1), np.int64),
        shares=(0.1, 0.2, 0.3),
        talk=Fixed(1),
        conference=Fixed(1),
        second=(Fixed(1), Lognormal(1, 0.5), Fixed(1)),
    )
    with pytest.raises(ScenarioError):
        simulate(flow, seed=1, most=10)

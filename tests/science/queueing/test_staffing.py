"""Posts for one slot and for all; people behind the posts; what is refused."""

import subprocess
import sys

import numpy as np
import pytest

from quinze.science.queueing.bounds import Unacceptable
from quinze.science.queueing.offered_load import loads
from quinze.science.queueing.staffing import Goal, Shrinkage, posts, posts_of_all, staff

GOALS = [Goal(), Goal(patience_s=120), Goal(target=0.99, within_s=60, occupancy=0.5, patience_s=45, least=2)]


@pytest.mark.parametrize("goal", GOALS)
def test_the_least_number_of_posts_reaches_the_goal_and_one_less_does_not(goal: Goal) -> None:
    for calls in (0.5, 7, 38, 134, 900, 20_000):
        found, load = posts(calls, handling_s=150, goal=goal), calls / 24
        assert goal.served(calls_per_hour=calls, handling_s=150, agents=found) >= goal.target
        assert load / found <= goal.occupancy + 1e-9
        fewer = goal.served(calls_per_hour=calls, handling_s=150, agents=found - 1) if found > goal.least else 0
        assert fewer < goal.target or load / (found - 1) > goal.occupancy


@pytest.mark.parametrize("goal", GOALS)
def test_a_whole_array_gives_what_each_slot_gives_alone(goal: Goal) -> None:
    draw = np.random.default_rng(15)
    rates, durations = np.exp(draw.normal(3.5, 1.2, (40, 24))), draw.uniform(30, 400, (40, 24))
    rates[0] = 0
    found = posts_of_all(rates, handling_s=durations, goal=goal)
    assert found.shape == (40, 24)
    alone = [
        posts(float(rate), handling_s=float(time), goal=goal)
        for rate, time in zip(rates.flat, durations.flat, strict=True)
    ]
    assert found.ravel().tolist() == alone


@pytest.mark.parametrize("goal", GOALS[1:])
def test_one_duration_for_all_gives_the_same_posts(goal: Goal) -> None:
    draw = np.random.default_rng(7)
    rates = np.exp(draw.normal(3.5, 1.0, 6_000))
    rates[:3] = (0.0, rates.max(), 1e-6)
    looked_up = posts_of_all(rates, handling_s=150.0, goal=goal)
    solved = posts_of_all(rates, handling_s=np.append(np.full(5_999, 150.0), 151.0), goal=goal)
    assert looked_up[:-1].tolist() == solved[:-1].tolist()
    assert int(looked_up.min()) >= goal.least


def test_large_centres_and_tiny_occupancies_are_solved_by_both_ways() -> None:
    for goal in (Goal(occupancy=0.02), Goal(occupancy=0.02, patience_s=60)):
        assert posts_of_all([2000.0], handling_s=150, goal=goal).tolist() == [posts(2000, handling_s=150, goal=goal)]
    for goal in (Goal(), Goal(patience_s=120)):
        assert posts_of_all([200_000.0], handling_s=150, goal=goal).tolist() == [
            posts(200_000, handling_s=150, goal=goal)
        ]


@pytest.mark.parametrize(
    ("rates", "said"),
    [([10, -2, 5], "(rang 2) : « -2 »"), ([10, float("nan")], "(rang 2) : « nan »"), ([1e9], "(rang 1)")],
)
def test_an_array_says_where_its_bad_figure_stands(rates: list[float], said: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        posts_of_all(rates, handling_s=150, goal=Goal())
    assert said in str(refused.value)


def test_a_load_that_ten_thousand_posts_do_not_serve_is_refused() -> None:
    for found in (
        lambda: posts(400_000, handling_s=150, goal=Goal()),
        lambda: posts_of_all([400_000], handling_s=150, goal=Goal()),
    ):
        with pytest.raises(Unacceptable, match="10 000 postes"):
            found()


@pytest.mark.parametrize(
    "wrong", [{"target": 1.0}, {"occupancy": 0.0}, {"within_s": -1}, {"patience_s": 0.0}, {"least": -1}]
)
def test_an_impossible_goal_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(Unacceptable):
        Goal(**wrong)  # type: ignore[arg-type]


def test_each_part_of_the_shrinkage_is_taken_from_what_the_others_leave() -> None:
    shrinkage = Shrinkage(absence=0.1, leave=0.2, training=0.05, breaks=0.1)
    assert shrinkage.whole == pytest.approx(1 - 0.9 * 0.8 * 0.95 * 0.9)
    assert shrinkage.heads(10) == pytest.approx(10 / (0.9 * 0.8 * 0.95 * 0.9))
    assert [name for name, _ in shrinkage.factors] == ["Absences", "Congés", "Formation", "Pauses"]


def test_one_post_all_day_is_five_and_a_half_people() -> None:
    found = staff([1] * 24, shrinkage=Shrinkage(0, 0, 0, 0), hours_per_fte=1607)
    assert (found.post_hours, found.round_the_clock) == (8760, 1)
    assert found.fte == pytest.approx(5.451, abs=1e-3)
    with pytest.raises(Unacceptable, match="créneau"):
        staff([], shrinkage=Shrinkage(), hours_per_fte=1607)


def test_work_comes_after_calls_and_none_is_lost() -> None:
    calls = [0.0] * 10 + [240.0] + [0.0] * 85
    for spread in (None, 0.0, 1.0):
        found = loads(calls, slot_s=900, handling_s=600, spread=spread)
        assert sum(found) == pytest.approx(240 / 3600 * 600, rel=1e-6)
        assert found[10] > 0 < found[11]
        assert found[9] == pytest.approx(0, abs=1e-6)


def test_a_steady_rate_gives_its_steady_load() -> None:
    for spread in (None, 0.8):
        assert loads([120.0] * 8, slot_s=900, handling_s=150, spread=spread) == pytest.approx([5.0] * 8)


def test_exponential_work_by_its_integral() -> None:
    """One slot of 60 calls/h, half-hours, mean half an hour: in its own slot 1 − (1 − 1/e) of it is done."""
    found = loads([60.0, *[0.0] * 200], slot_s=1800, handling_s=1800)
    assert found[0] == pytest.approx(30 * (1 - (1 - np.exp(-1))))
    assert found[1] == pytest.approx(30 * (1 - np.exp(-1)) ** 2)


def test_pages_import_the_formulas_without_numpy_and_numba() -> None:
    names = ["abandonment", "erlang", "fluid", "offered_load", "priorities", "staffing", "tandem"]
    code = "; ".join(f"import quinze.science.queueing.{name}" for name in names)
    loaded = subprocess.run(
        [sys.executable, "-c", code + "; import sys; print({'numba', 'numpy', 'django'} & sys.modules.keys())"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert loaded.stdout.strip() == "set()"

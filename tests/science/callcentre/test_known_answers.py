"""The simulator against what is known otherwise: exact formulas, and the fluid phases of the two-level centre."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from quinze.science.callcentre.durations import Exponential, Fixed
from quinze.science.callcentre.engine.general import play
from quinze.science.callcentre.episodes import End, Episodes
from quinze.science.callcentre.intervals import interval
from quinze.science.callcentre.log import Log
from quinze.science.callcentre.model import Level, Scenario
from quinze.science.callcentre.plan import plan_of
from quinze.science.callcentre.results import Results, simulate
from quinze.science.callcentre.sample import Sample, draw

from .centres import one_queue, two_levels

MINUTE = 60
REPLICATIONS = pytest.mark.parametrize("replications", [40, pytest.param(600, marks=pytest.mark.long)])


def close(results: Results, level: Level, measure: Callable[[Episodes], float], expected: float, *, within: float):
    """The known value is inside the 99 % interval of the replications, which is narrow enough to mean something:
    `within`, for forty replications."""
    each = results.each(measure, level=level)
    found = interval(each, confidence=0.99)
    assert found.holds(expected), f"{found} and {expected}"
    assert found.half_width < within * (40 / len(each)) ** 0.5


def mean_wait(waits: Episodes) -> float:
    return float(np.nanmean(waits.wait)) / MINUTE


def of_kind(kind: int) -> Callable[[Episodes], float]:
    return lambda waits: mean_wait(waits.where(waits.kind == kind))


@REPLICATIONS
def test_t5_fifty_agents_and_callers_who_lose_patience(replications):
    scenario = one_queue(agents=50, per_hour=48 * 60, talk=Exponential(60), patience=Exponential(120), slots=5)
    results = simulate(replace(scenario, warm_up=1), replications=replications)
    close(results, Level.N1, lambda waits: float((waits.wait > 0).mean()), 0.467774, within=0.06)
    close(results, Level.N1, lambda waits: float((waits.end == End.ABANDONED).mean()), 0.0309122, within=0.006)
    close(results, Level.N1, lambda waits: MINUTE * mean_wait(waits), 3.70947, within=0.8)


@REPLICATIONS
def test_t6_two_priorities(replications):
    scenario = one_queue(agents=20, per_hour=18 * 60, talk=Exponential(60), urgent_share=0.3, slots=10)
    results = simulate(replace(scenario, warm_up=2), replications=replications)
    close(results, Level.N1, of_kind(0), 0.0377239, within=0.005)
    close(results, Level.N1, of_kind(1), 0.3772390, within=0.15)


@REPLICATIONS
def test_t9_two_levels_in_a_row_without_hold(replications):
    """Burke: what leaves a queue without memory is Poisson again."""
    scenario = two_levels(
        n1=4,
        n2=8,
        per_hour=3 * 60,
        vital=0,
        urgent=1,
        front=Exponential(60),
        briefing=Fixed(0),
        vital_talk=Fixed(1),
        urgent_talk=Exponential(120),
        slots=36,
    )
    results = simulate(replace(scenario, warm_up=4), replications=replications)
    close(results, Level.N1, mean_wait, 0.5094340, within=0.1)
    close(results, Level.N1, lambda waits: float((waits.wait <= 30).mean()), 0.6910127, within=0.04)
    close(results, Level.N2_AMU, mean_wait, 0.3569811, within=0.1)


def fluid(n2: int) -> Scenario:
    """T7: saturated, ten agents at the front, one call in ten held, four passed on; everything lasts its mean."""
    return two_levels(
        n1=10,
        n2=n2,
        per_hour=11 * 60,
        vital=0.1,
        urgent=0.4,
        front=Fixed(MINUTE),
        briefing=Fixed(MINUTE / 2),
        vital_talk=Fixed(3 * MINUTE),
        urgent_talk=Fixed(4 * MINUTE),
        slots=24,
        regular=True,
    )


def in_turn(scenario: Scenario, sample: Sample) -> Sample:
    """One call in ten vital and four urgent exactly, in turn."""
    kind = np.array([0, 3, 1, 3, 1, 3, 1, 3, 1, 3], dtype=np.int8)[np.arange(len(sample)) % 10]
    talk = np.array([[MINUTE, 3 * MINUTE], [MINUTE, 4 * MINUTE], [0, 0], [MINUTE, 0]])[kind]
    briefing = np.where(kind == 0, MINUTE / 2, 0)
    return replace(
        sample,
        kind=kind,
        steps=np.where(kind == 3, 1, 2).astype(np.int8),
        talk=talk.astype(np.float64),
        conference=np.stack([np.zeros(len(kind)), briefing], axis=1),
    )


def per_minute(instants: np.ndarray, plan_horizon: float) -> float:
    """After the first third: the queues are full and the rhythm is set."""
    begin = plan_horizon / 3
    return float(((instants > begin) & (instants <= plan_horizon)).sum()) / (plan_horizon - begin) * MINUTE


@pytest.mark.parametrize(
    ("n2", "front", "vital", "urgent"),
    [(1, 2.8571, 0.2857, 0), (2, 5.7143, 0.5714, 0), (3, 8.5714, 0.8571, 0), (25, 9.5238, 0.9524, 3.8095)],
)
def test_t8_a_saturated_centre_follows_its_fluid_phases(n2, front, vital, urgent):
    scenario = fluid(n2)
    plan, sample = plan_of(scenario), draw(scenario)
    sample = in_turn(scenario, sample)
    log: Log = play(plan, sample)
    assert per_minute(log.released[:, 0], plan.horizon) == pytest.approx(front, rel=0.02)
    assert per_minute(log.closed[sample.kind == 0], plan.horizon) == pytest.approx(vital, rel=0.02)
    assert per_minute(log.closed[sample.kind == 1], plan.horizon) == pytest.approx(urgent, rel=0.02, abs=0.01)


@REPLICATIONS
@pytest.mark.parametrize(("per_hour", "qs30", "urgent_wait", "vital_hold"), [(120, 0.902, 23, 8), (150, 0.786, 99, 16)])
def test_t11_one_agent_holds_while_the_other_level_is_busy(per_hour, qs30, urgent_wait, vital_hold, replications):
    """Published to three digits and to the second: the interval is widened by half of the last digit."""
    scenario = two_levels(
        n1=3,
        n2=6,
        per_hour=per_hour,
        vital=0.05,
        urgent=0.75,
        front=Exponential(45),
        briefing=Exponential(20),
        vital_talk=Exponential(150),
        urgent_talk=Exponential(150),
        slots=64,
    )
    results = simulate(replace(scenario, warm_up=8), replications=replications)
    found = interval(results.each(lambda waits: float((waits.wait <= 30).mean()), level=Level.N1), confidence=0.99)
    assert abs(found.mean - qs30) <= found.half_width + 0.0005
    for kind, known in ((1, urgent_wait), (0, vital_hold)):
        wait = interval([MINUTE * value for value in results.each(of_kind(kind), level=Level.N2_AMU)], confidence=0.99)
        assert abs(wait.mean - known) <= wait.half_width + 0.5

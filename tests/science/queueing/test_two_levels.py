"""Priorities, flows and tandems: limits that must hold whatever the figures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.science.queueing.bounds import Unacceptable
from quinze.science.queueing.erlang import erlang_c
from quinze.science.queueing.fluid import BiLevel, Phase, flow, recovery_s
from quinze.science.queueing.known_answers import TWO_LEVELS
from quinze.science.queueing.priorities import mean_waits_s
from quinze.science.queueing.tandem import blind, with_hold

SAS = BiLevel(vital=0.05, passed_on=0.75, answer_s=45, conference_s=20, vital_s=150, passed_on_s=150)


def test_the_ratio_of_the_levels_is_computed_from_the_work() -> None:
    assert SAS.fluid_ratio == pytest.approx((0.05 * 170 + 0.75 * 150) / (45 + 0.05 * 20))
    assert round(SAS.fluid_ratio, 1) == 2.6
    assert SAS.workload_s == pytest.approx(167)


@pytest.mark.parametrize(("level_2", "phase"), [(2, Phase.HOLDING), (8, Phase.PILING), (27, Phase.FLUID)])
def test_the_phase_says_what_piles_up(level_2: int, phase: Phase) -> None:
    assert (SAS if level_2 > 2 else TWO_LEVELS).phase(level_1=10, level_2=level_2) is phase
    assert phase.label


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0, 2000))
def test_no_more_goes_through_than_comes_in_or_than_people_can_do(level_1: int, level_2: int, calls: float) -> None:
    found = flow(SAS, level_1=level_1, level_2=level_2, calls_per_hour=calls)
    assert 0 <= found.answered <= calls + 1e-9
    assert found.answered * SAS.level_1_s <= 3600 * level_1 + 1e-6
    work = found.vital * 170 + found.passed_on * 150
    assert work <= 3600 * level_2 + 1e-6
    assert found.passed_on <= 0.75 * found.answered + 1e-9


def test_shares_that_exceed_the_whole_are_refused() -> None:
    with pytest.raises(Unacceptable, match="Part vitale plus part transmise"):
        BiLevel(vital=0.4, passed_on=0.75, answer_s=45, conference_s=20, vital_s=150, passed_on_s=150)


def test_a_burst_melts_in_the_time_of_what_is_spare() -> None:
    assert recovery_s(30, calls_per_hour=120, works_s=[60], agents=[4]) == pytest.approx(900)
    both = recovery_s(30, calls_per_hour=120, works_s=[60, 120], agents=[4, 6])
    assert both == pytest.approx(900 + 1800)
    assert recovery_s(30, calls_per_hour=240, works_s=[60], agents=[4]) is None


@given(st.floats(1, 300), st.floats(1, 300), st.integers(1, 30))
def test_the_mean_of_the_classes_is_that_of_a_queue_without_classes(first: float, second: float, agents: int) -> None:
    level = erlang_c(calls_per_hour=first + second, handling_s=100, agents=agents)
    waits = mean_waits_s((first, second), handling_s=100, agents=agents)
    if level.load < 0.999 * agents:
        mean = (first * waits[0] + second * waits[1]) / (first + second)
        assert mean == pytest.approx(level.mean_wait_s, rel=1e-6, abs=1e-9)
        assert waits[0] <= waits[1]


def test_an_overload_of_the_last_class_leaves_the_first_one_served() -> None:
    vital, others = mean_waits_s((18, 400), handling_s=150, agents=8)
    assert vital < 30
    assert others == math.inf


def test_a_transfer_that_is_nobodys_leaves_level_2_idle() -> None:
    two = blind(calls_per_hour=100, answer_s=45, level_1=3, passed_on=0, passed_on_s=150, level_2=1)
    assert two.level_2.mean_wait_s == 0


def test_without_vital_calls_the_hold_changes_nothing() -> None:
    model = BiLevel(vital=0, passed_on=0.75, answer_s=45, conference_s=20, vital_s=150, passed_on_s=150)
    held = with_hold(model, calls_per_hour=120, level_1=3, level_2=6)
    exact = blind(calls_per_hour=120, answer_s=45, level_1=3, passed_on=0.75, passed_on_s=150, level_2=6)
    assert held.answered_within(30) == pytest.approx(exact.level_1.served_within(30))
    assert held.passed_on_wait_s == pytest.approx(exact.level_2.mean_wait_s)


@pytest.mark.parametrize(
    ("calls", "exact", "one_level", "hold_s", "wait_s"), [(120, 0.902, 0.926, 8, 23), (150, 0.786, 0.740, 16, 99)]
)
def test_levels_solved_apart_are_close_to_the_exact_chain(
    calls: float, exact: float, one_level: float, hold_s: float, wait_s: float
) -> None:
    """T11: two levels lose at 120 calls an hour and win at 150, at equal people and equal work."""
    found = with_hold(SAS, calls_per_hour=calls, level_1=3, level_2=6)
    assert found.answered_within(30) == pytest.approx(exact, abs=0.0015)
    assert found.vital_hold_s == pytest.approx(hold_s, abs=0.6)
    assert found.passed_on_wait_s == pytest.approx(wait_s, abs=1.5)
    together = erlang_c(calls_per_hour=calls, handling_s=SAS.workload_s, agents=9)
    assert together.served_within(30) == pytest.approx(one_level, abs=0.0005)


@pytest.mark.parametrize(("calls", "points"), [(135, 0), (165, 13), (175, 21)])
def test_where_two_levels_pay(calls: float, points: int) -> None:
    two = with_hold(SAS, calls_per_hour=calls, level_1=3, level_2=6).answered_within(30)
    one = erlang_c(calls_per_hour=calls, handling_s=SAS.workload_s, agents=9).served_within(30)
    assert round(100 * (two - one)) == points

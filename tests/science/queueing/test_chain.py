"""The exact chain of two levels with hold: T10 is in the known answers; here, what it must reduce to."""

from dataclasses import replace

import pytest

from quinze.science.queueing.bounds import Unacceptable
from quinze.science.queueing.chain import with_hold_exact
from quinze.science.queueing.erlang import erlang_c
from quinze.science.queueing.known_answers import SAS
from quinze.science.queueing.tandem import with_hold


def test_without_vital_calls_it_is_erlang_c_at_both_levels() -> None:
    """Burke: the second level is fed by a Poisson process again."""
    found = with_hold_exact(replace(SAS, vital=0.0), calls_per_hour=60, level_1=2, level_2=3)
    first = erlang_c(calls_per_hour=60, handling_s=45, agents=2)
    second = erlang_c(calls_per_hour=45, handling_s=150, agents=3)
    assert found.answered_within == pytest.approx(first.served_within(30), abs=1e-6)
    assert found.level_1_wait_s == pytest.approx(first.mean_wait_s, rel=1e-5)
    assert found.passed_on_wait_s == pytest.approx(second.mean_wait_s, rel=1e-4)


def test_levels_solved_apart_are_a_tenth_of_a_point_low() -> None:
    exact = with_hold_exact(SAS, calls_per_hour=60, level_1=2, level_2=4)
    apart = with_hold(SAS, calls_per_hour=60, level_1=2, level_2=4)
    assert apart.answered_within(30) == pytest.approx(exact.answered_within, abs=0.004)
    assert apart.vital_hold_s == pytest.approx(exact.vital_hold_s, abs=1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"calls_per_hour": 300}, "moins d’appels"),
        ({"level_1": 40, "level_2": 60}, "une douzaine"),
        ({"calls_per_hour": -1}, "Appels par heure"),
        ({"level_2": 0}, "Nombre de postes"),
    ],
)
def test_what_it_cannot_solve_is_refused(changed: dict[str, int], said: str) -> None:
    with pytest.raises(Unacceptable, match=said):
        with_hold_exact(SAS, **{"calls_per_hour": 60, "level_1": 2, "level_2": 4} | changed)


def test_one_duration_at_level_2_only() -> None:
    with pytest.raises(Unacceptable, match="la même pour tous"):
        with_hold_exact(replace(SAS, vital_s=200.0), calls_per_hour=60, level_1=2, level_2=4)

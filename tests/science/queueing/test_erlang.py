"""One level: against the equations of balance solved without any formula, at the edges, and at 10,000 agents."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.science.queueing.abandonment import erlang_a
from quinze.science.queueing.bounds import Unacceptable
from quinze.science.queueing.erlang import blocking, erlang_c, load_for, waiting

CALLS, HANDLING, PATIENCE = st.floats(1, 400), st.floats(20, 600), st.floats(15, 1200)


def balance(calls_per_hour: float, handling_s: float, agents: int, patience_s: float) -> tuple[float, float]:
    """(waits, hangs up) from birth and death alone, state by state."""
    arrival, state, states, index = calls_per_hour / 3600, 1.0, [1.0], 0
    while index < agents + 3000 and not (index > agents and state < 1e-18 * max(states)):
        index += 1
        state *= arrival / (min(index, agents) / handling_s + max(0, index - agents) / patience_s)
        states.append(state)
    whole = math.fsum(states)
    queued = math.fsum((index - agents) * weight for index, weight in enumerate(states) if index > agents)
    return math.fsum(states[agents:]) / whole, queued / whole / patience_s / arrival


@given(CALLS, HANDLING, st.integers(1, 40), PATIENCE)
def test_erlang_a_is_the_solution_of_its_birth_and_death(
    calls: float, handling: float, agents: int, patience: float
) -> None:
    level = erlang_a(calls_per_hour=calls, handling_s=handling, agents=agents, patience_s=patience)
    waits, abandons = balance(calls, handling, agents, patience)
    assert level.waiting == pytest.approx(waits, abs=1e-11)
    assert level.abandoned == pytest.approx(abandons, abs=1e-11)
    assert level.served_within(0) == pytest.approx(1 - waits, abs=1e-11)
    assert level.served_within(86_400) == pytest.approx(1 - abandons, abs=1e-11)


@given(CALLS, HANDLING, st.integers(1, 40), PATIENCE, st.floats(0, 300))
def test_a_call_is_answered_abandoned_or_still_waiting(
    calls: float, handling: float, agents: int, patience: float, after: float
) -> None:
    level = erlang_a(calls_per_hour=calls, handling_s=handling, agents=agents, patience_s=patience)
    parts = level.served_within(after), level.abandoned_within(after), level.longer_than(after)
    assert sum(parts) == pytest.approx(1, abs=1e-9)
    assert all(-1e-12 <= part <= 1 for part in parts)
    assert level.served_within(after) <= level.served_within(after + 10) + 1e-12


def test_callers_of_endless_patience_are_those_of_erlang_c() -> None:
    patient = erlang_a(calls_per_hour=200, handling_s=180, agents=14, patience_s=86_400)
    endless = erlang_c(calls_per_hour=200, handling_s=180, agents=14)
    assert patient.served_within(20) == pytest.approx(endless.served_within(20), abs=2e-4)


@pytest.mark.parametrize("load", [0.2, 0.95, 1.0, 1.1, 3.0])
def test_ten_thousand_agents_are_stable(load: float) -> None:
    calls = 10_000 * load * 24
    level = erlang_a(calls_per_hour=calls, handling_s=150, agents=10_000, patience_s=120)
    assert 0 <= level.waiting <= 1
    assert level.abandoned == pytest.approx(max(0, 1 - 1 / load), abs=0.005)
    assert 0 <= level.served_within(30) <= 1 - level.abandoned + 1e-12
    assert 0 <= waiting(10_000, load=10_000 * load) <= 1


def test_erlang_b_of_ten_thousand_lines_goes_both_ways() -> None:
    load = load_for(10_000, blocking=0.01)
    assert blocking(10_000, load=load) == pytest.approx(0.01, rel=1e-9)


def test_a_quantile_is_where_that_share_has_waited_less() -> None:
    level = erlang_a(calls_per_hour=120, handling_s=150, agents=5, patience_s=120)
    for share in (0.5, 0.9, 0.99):
        assert level.longer_than(level.wait_quantile_s(share)) == pytest.approx(1 - share, abs=1e-7)


def test_too_many_calls_are_never_served_without_abandonment() -> None:
    level = erlang_c(calls_per_hour=300, handling_s=150, agents=5)
    assert (level.stable, level.waiting, level.served_within(30), level.mean_wait_s) == (False, 1, 0, math.inf)
    assert level.wait_quantile_s(0.9) == math.inf


def test_no_call_at_all_waits_for_nothing() -> None:
    assert erlang_c(calls_per_hour=0, handling_s=150, agents=0).served_within(0) == 1
    quiet = erlang_a(calls_per_hour=0, handling_s=150, agents=1, patience_s=60)
    assert (quiet.waiting, quiet.abandoned, quiet.served_within(0), quiet.longer_than(0)) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"calls_per_hour": -1.0}, "Appels par heure : « -1 » n’est pas accepté ; il faut un nombre de 0 à"),
        ({"calls_per_hour": math.nan}, "« nan »"),
        ({"calls_per_hour": math.inf}, "« inf »"),
        ({"handling_s": 0}, "Durée moyenne de traitement, en secondes : « 0 »"),
        ({"agents": 1_000_000}, "Nombre de postes : « 1 000 000 » n’est pas accepté ; il faut un nombre entier de"),
        ({"agents": 2.5}, "« 2,5 »"),
        ({"agents": -3}, "« -3 »"),
        ({"handling_s": True}, "« True »"),
        ({"handling_s": "150"}, "« 150 »"),
    ],
)
def test_a_figure_that_no_call_centre_has_is_refused_in_words(figures: dict[str, float], said: str) -> None:
    asked = {"calls_per_hour": 100, "handling_s": 150, "agents": 8} | figures
    with pytest.raises(Unacceptable) as refused:
        erlang_c(**asked)  # type: ignore[arg-type]
    assert said in str(refused.value).replace("\u202f", " ")
    with pytest.raises(Unacceptable):
        erlang_a(**asked, patience_s=120)  # type: ignore[arg-type]


def test_a_patience_of_nothing_and_an_erlang_a_without_agent_are_refused() -> None:
    with pytest.raises(Unacceptable, match="Patience"):
        erlang_a(calls_per_hour=100, handling_s=150, agents=8, patience_s=0)
    with pytest.raises(Unacceptable, match="de 1 à"):
        erlang_a(calls_per_hour=100, handling_s=150, agents=0, patience_s=60)

"""The compiled engine and the slow one tell the same story, call by call, to the last bit."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.science.callcentre import oracle
from quinze.science.callcentre.engine import bilevel, general
from quinze.science.callcentre.model import Scenario
from quinze.science.callcentre.plan import plan_of
from quinze.science.callcentre.sample import draw
from tests.bench.france_data import flow_of, scenario_of
from tests.science.callcentre.any_centre import any_centre
from tests.science.callcentre.centres import whole_sas

from .same_calls import sample_of


def differences(scenario: Scenario) -> list[str]:
    plan, sample = plan_of(scenario), draw(scenario)
    return general.play(plan, sample).differences(oracle.play(plan, sample))


def test_a_whole_day_of_a_whole_sas() -> None:
    assert differences(whole_sas(slots=96)) == []


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_any_centre(number: int) -> None:
    assert differences(any_centre(number)) == []


@pytest.mark.long
def test_ten_thousand_centres() -> None:
    assert [number for number in range(10_000) if differences(any_centre(number))] == []


def test_a_change_of_one_call_is_seen() -> None:
    """The comparison itself can fail."""
    plan, sample = plan_of(whole_sas(slots=4)), draw(whole_sas(slots=4))
    log = general.play(plan, sample)
    sample.talk[3, 0] += 1e-9
    assert general.play(plan, sample).differences(log) != []


def test_nobody_calls() -> None:
    scenario = whole_sas(slots=4, per_slot=0)
    assert differences(scenario) == []


def test_the_fast_engine_gives_the_waits_of_the_general_one() -> None:
    """A crowded centre with its doctors, impatient callers and lognormal durations: the very calls that `bilevel` drew,
    given to the general engine, are answered at the same instants at each level."""
    slots = 48
    flow = replace(
        flow_of(400_000),
        rates=np.full(slots, 70 / 3600),
        staff=np.tile(np.array([[2], [2], [1], [2], [2]]), slots),
    )
    calls = bilevel.simulate(flow, seed=9, most=2000, logged=2000).calls
    log = general.play(plan_of(scenario_of(flow, "86", seed=1)), sample_of(calls, flow))
    for step, row, least in ((0, "started", 1700), (1, "started_2", 1100), (2, "started_3", 800)):
        fast = calls[bilevel.ROWS.index(row)]
        known = np.isfinite(fast)
        assert known.sum() > least
        assert log.answered[known, step] == pytest.approx(fast[known], abs=1e-5)
        # its run ends with the last arrival: what is then in progress is not told
        assert np.isfinite(log.answered[:, step]).sum() - known.sum() < 10
    left = np.isnan(calls[bilevel.ROWS.index("started")])
    assert left.sum() > 50
    assert np.isfinite(log.left[left, 0]).all()


def test_importing_the_general_engine_does_not_read_numba() -> None:
    program = "import sys, quinze.science.callcentre.engine.general; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

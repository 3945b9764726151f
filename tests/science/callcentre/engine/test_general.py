"""The compiled engine and the slow one tell the same story, call by call, to the last bit."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.science.callcentre import oracle
from quinze.science.callcentre.durations import Exponential
from quinze.science.callcentre.engine import bilevel, general
from quinze.science.callcentre.model import Scenario
from quinze.science.callcentre.plan import plan_of
from quinze.science.callcentre.sample import Sample, draw
from tests.science.callcentre.any_centre import any_centre
from tests.science.callcentre.centres import two_levels, whole_sas

from .flows import t11


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
    """The calls of a run of `bilevel`, given to the general engine."""
    calls = bilevel.simulate(t11(per_hour=150), seed=9, most=400, logged=400).calls
    scenario = two_levels(
        n1=3,
        n2=6,
        per_hour=150,
        vital=0.05,
        urgent=0.75,
        front=Exponential(45),
        briefing=Exponential(20),
        vital_talk=Exponential(150),
        urgent_talk=Exponential(150),
    )
    log = general.play(plan_of(scenario), sample_of(calls))
    assert log.answered[:, 0] == pytest.approx(calls[bilevel.ROWS.index("started")], abs=1e-5)
    reached = ~np.isnan(calls[bilevel.ROWS.index("started_2")])
    assert reached.sum() > 300
    assert log.answered[reached, 1] == pytest.approx(calls[bilevel.ROWS.index("started_2")][reached], abs=1e-5)


def sample_of(calls: np.ndarray) -> Sample:
    """What the fast engine drew. Who never reached N2 is given a talk that begins after everything else."""
    row = dict(zip(bilevel.ROWS, calls, strict=True))
    n = calls.shape[1]
    code = row["code"].astype(int)
    nothing = np.zeros(n)
    return Sample(
        arrival=np.ascontiguousarray(row["arrival"]),
        kind=np.array([0, 0, 1, 1, 2, 2, 3], np.int8)[code],
        centre=np.zeros(n, np.int32),
        steps=np.where(code < 6, 2, 1).astype(np.int8),
        talk=np.stack([row["talk"], np.nan_to_num(row["length_2"])], axis=1),
        conference=np.stack([nothing, np.nan_to_num(row["conference"])], axis=1),
        wrap_up=np.zeros((n, 2)),
        patience=np.full((n, 1), np.inf),
        later_patience=np.full((n, 2), np.inf),
        redial=np.zeros((n, 0)),
        redial_delay=np.zeros((n, 0)),
    )


def test_importing_the_general_engine_does_not_read_numba() -> None:
    program = "import sys, quinze.science.callcentre.engine.general; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

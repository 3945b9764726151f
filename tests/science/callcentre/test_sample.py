from dataclasses import replace

import numpy as np
import pytest

from quinze.science.callcentre.durations import DAY, Duration, Empirical, Exponential, Fixed, Lognormal
from quinze.science.callcentre.errors import ScenarioError
from quinze.science.callcentre.model import Arrivals, Scenario, Surge
from quinze.science.callcentre.sample import draw

from .centres import one_queue, whole_sas


def busier(scenario: Scenario, factor: float) -> Scenario:
    (centre,) = scenario.centres
    rates = tuple(rate * factor for rate in centre.arrivals.per_slot)
    return replace(scenario, centres=(replace(centre, arrivals=replace(centre.arrivals, per_slot=rates)),))


def test_two_scenarios_of_the_same_seed_share_their_callers():
    scenario = one_queue(agents=5, per_hour=100, talk=Lognormal(60, 0.5), patience=Exponential(90))
    quiet, busy = draw(scenario), draw(busier(scenario, 1.2))
    shared = len(quiet)
    assert len(busy) > shared
    assert (busy.talk[:shared] == quiet.talk).all()
    assert (busy.patience[:shared] == quiet.patience).all()
    assert busy.arrival[:shared] == pytest.approx(quiet.arrival / 1.2)


def test_another_patience_changes_nothing_else():
    scenario = one_queue(agents=5, per_hour=100, talk=Lognormal(60, 0.5), patience=Exponential(90))
    patient = replace(scenario, levels=(replace(scenario.levels[0], patience=Exponential(180)), *scenario.levels[1:]))
    before, after = draw(scenario), draw(patient)
    assert (before.arrival == after.arrival).all()
    assert (before.talk == after.talk).all()
    assert after.patience == pytest.approx(before.patience * 2)


def test_replications_and_seeds_are_different_and_repeatable():
    scenario = whole_sas()
    assert (draw(scenario, replication=3).arrival == draw(scenario, replication=3).arrival).all()
    assert not np.array_equal(draw(scenario, replication=3).arrival, draw(scenario, replication=4).arrival)
    assert not np.array_equal(draw(scenario).arrival, draw(scenario, seed=2).arrival)


def test_calls_and_tasks_come_by_rising_arrival():
    sample = draw(whole_sas())
    assert (np.diff(sample.arrival) >= 0).all()
    assert set(sample.kind.tolist()) == {0, 1, 2, 3, 5}
    assert all(column.flags.c_contiguous for column in (sample.talk, sample.patience, sample.redial))


@pytest.mark.parametrize("duration", [Fixed(40), Exponential(40), Lognormal(40, 0.8), Empirical((20, 60))])
def test_durations_have_their_mean(duration: Duration):
    sample = draw(one_queue(agents=5, per_hour=1000, talk=duration, slots=192))
    assert sample.talk.mean() == pytest.approx(40, abs=40 * 4 * 0.8 / len(sample) ** 0.5)


def test_over_dispersion_spreads_the_days_and_keeps_the_mean():
    scenario = one_queue(agents=5, per_hour=100, talk=Fixed(40), slots=96 * 40)
    rates = scenario.centres[0].arrivals.per_slot
    spread = replace(scenario.centres[0], arrivals=Arrivals(per_slot=rates, day_cv=0.3, slot_cv=0.1))
    days = np.bincount((draw(replace(scenario, centres=(spread,))).arrival // DAY).astype(int), minlength=40)
    assert days.std() / days.mean() == pytest.approx(0.3, abs=0.1)
    assert days.mean() == pytest.approx(2400, rel=0.15)


def test_a_surge_multiplies_the_calls_of_its_hours():
    scenario = one_queue(agents=5, per_hour=1000, talk=Fixed(40), slots=8)
    calls = draw(replace(scenario, incidents=(Surge(factor=4, start_slot=4, end_slot=8),))).arrival
    assert (calls >= 3600).sum() / (calls < 3600).sum() == pytest.approx(4, rel=0.15)


def test_what_is_absurd_is_refused_with_what_is_accepted():
    scenario = one_queue(agents=5, per_hour=100, talk=Fixed(40))
    with pytest.raises(ScenarioError, match=r"0.0 n’est pas accepté ; il faut de 1 à 14400 secondes"):
        one_queue(agents=5, per_hour=100, talk=Fixed(0))
    with pytest.raises(ScenarioError, match="1000000 n’est pas accepté ; il faut de 0 à 10000 agents"):
        one_queue(agents=10**6, per_hour=100, talk=Fixed(40))
    with pytest.raises(ScenarioError, match=r"leur somme est 1\.2"):
        replace(scenario, classes=(replace(scenario.classes[0], share=0.2), *scenario.classes[1:]))
    with pytest.raises(ScenarioError, match="95 quarts d’heure ; le scénario en a 96"):
        replace(scenario, centres=(replace(scenario.centres[0], arrivals=Arrivals(per_slot=(1.0,) * 95)),))
    with pytest.raises(ScenarioError, match="nan n’est pas accepté"):
        Arrivals(per_slot=(float("nan"),))

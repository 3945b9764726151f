"""Counts and means against a centre small enough to be counted by hand."""

from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from distributed import LocalCluster

from quinze.science.callcentre.durations import Exponential, Fixed, Lognormal
from quinze.science.callcentre.ensembles import spread_over
from quinze.science.callcentre.episodes import End, Episodes
from quinze.science.callcentre.errors import ScenarioError
from quinze.science.callcentre.intervals import interval
from quinze.science.callcentre.model import Arrivals, Level, Surge
from quinze.science.callcentre.oracle import play as oracle
from quinze.science.callcentre.results import by_slot, service, simulate

from .centres import one_queue, whole_sas


def waits(*given: tuple[End, float]) -> Episodes:
    n = len(given)
    return Episodes(
        slot=np.zeros(n, dtype=np.int32),
        level=np.zeros(n, dtype=np.int32),
        centre=np.zeros(n, dtype=np.int32),
        kind=np.zeros(n, dtype=np.int8),
        end=np.array([end for end, _ in given], dtype=np.int8),
        wait=np.array([wait for _, wait in given]),
        held=np.zeros(n),
        replication=np.zeros(n, dtype=np.int32),
    )


def test_the_three_denominators_of_qs():
    told = service(
        waits(
            (End.ANSWERED, 5),
            (End.ANSWERED, 25),
            (End.ANSWERED, 50),
            (End.ABANDONED, 10),
            (End.ABANDONED, 40),
            (End.DIVERTED, 240),
            (End.BUSY, float("nan")),
        )
    )
    assert (told.presented, told.busy, told.short, told.abandoned, told.diverted, told.answered) == (6, 1, 1, 2, 1, 3)
    assert told.qs[20] == (1 / 6, 1 / 5, 1 / 3)
    assert told.qs[30] == (2 / 6, 2 / 5, 2 / 3)
    assert told.qs[60] == (3 / 6, 3 / 5, 3 / 3)
    assert told.answered_rate == 3 / 6
    assert told.abandon_rate == 1 / 5
    assert told.mean_wait == pytest.approx(80 / 3)
    assert told.mean_stay == pytest.approx(130 / 5)
    assert told.quantiles[50] == 25


def test_nothing_that_happened_is_not_zero():
    told = service(waits())
    assert isnan(told.qs[30][0])
    assert isnan(told.mean_wait)
    assert isnan(told.quantiles[99])


def test_a_centre_counted_by_hand():
    """A call every 90 s from 45 s on, which lasts 100 s, one agent: the k-th one waits 10·k seconds."""
    scenario = one_queue(agents=1, per_hour=40, talk=Fixed(100), slots=2)
    (centre,) = scenario.centres
    regular = replace(centre, arrivals=Arrivals(per_slot=(10.0, 10.0), regular=True))
    results = simulate(replace(scenario, centres=(regular,)), replications=1)
    first = results.at(Level.N1, slot=0)
    assert first.presented == 10
    assert first.mean_wait == pytest.approx(45)
    (present,) = results.presences
    assert present.busy[:, 0] == pytest.approx([(900 - 45) / 900, 1])
    assert present.staffed[:, 0].tolist() == [1, 1]
    assert present.queue_max[:, 0].tolist() == [1, 2]
    # the tenth waits 90 s from 855 s on: half of it belongs to the second quarter-hour
    assert present.queue_mean[0, 0] == pytest.approx(sum(range(0, 90, 10)) / 900 + 45 / 900)


def test_every_presented_call_is_somewhere():
    results = simulate(whole_sas(), replications=2)
    for _, _, told in by_slot(results):
        assert told.presented == told.answered + told.abandoned + told.diverted + told.unanswered
        assert all(quantile >= 0 or isnan(quantile) for quantile in told.quantiles.values())
    assert results.at(Level.N1).held > 0
    assert results.at(Level.N1).abandoned > 0


def test_the_mean_queue_is_the_arrivals_times_the_wait():
    """Little's law on each level, whatever the mechanism."""
    scenario = replace(whole_sas(), incidents=(), slots=32)
    results = simulate(scenario, replications=1)
    (present,) = results.presences
    for level in (Level.N2_AMU, Level.N2_SNP):
        mine = results.waits.where((results.waits.level == level) & (results.waits.end == End.ANSWERED))
        assert present.queue_mean[:, level].sum() * 900 == pytest.approx(mine.wait.sum(), rel=0.1)


def test_occupation_is_the_work_offered_to_the_agents():
    scenario = replace(one_queue(agents=10, per_hour=300, talk=Lognormal(60, 0.5), slots=16), warm_up=4)
    occupation = simulate(scenario, replications=5).occupation()["ARM"]
    assert occupation.mean == pytest.approx(0.5, abs=0.04)
    assert 0 < occupation.half_width < 0.05


def test_the_warm_up_is_not_counted():
    scenario = one_queue(agents=2, per_hour=60, talk=Exponential(60), slots=8)
    whole, later = simulate(scenario, replications=1), simulate(replace(scenario, warm_up=4), replications=1)
    assert later.at(Level.N1).presented == sum(whole.at(Level.N1, slot=slot).presented for slot in range(4, 8))


def test_an_interval_is_that_of_student():
    assert interval([1.0, 2.0, 3.0]).half_width == pytest.approx(2.4841, abs=1e-4)
    assert interval([1.0, float("nan"), 3.0]).mean == 2
    assert isnan(interval([1.0]).half_width)
    assert isnan(interval([]).mean)


def test_a_year_is_too_many_calls_for_one_replication_when_a_surge_makes_it_so():
    year = one_queue(agents=50, per_hour=300, talk=Fixed(60), slots=96 * 365)
    with pytest.raises(ScenarioError, match="appels et tâches attendus"):
        replace(year, incidents=(Surge(factor=4, start_slot=0, end_slot=96 * 365),))


def same_elsewhere(spread) -> None:
    scenario = whole_sas(slots=4)
    here = simulate(scenario, replications=3, engine=oracle)
    elsewhere = simulate(scenario, replications=3, engine=oracle, spread=spread)
    assert (here.waits.wait[here.waits.end != End.BUSY] == elsewhere.waits.wait[elsewhere.waits.end != End.BUSY]).all()
    assert here.occupation() == elsewhere.occupation()


def test_replications_played_on_a_cluster_are_the_same():
    with (
        LocalCluster(n_workers=1, processes=False, host="127.0.0.1", protocol="tcp", dashboard_address=None) as cluster,
        spread_over(address=cluster.scheduler_address) as spread,
    ):
        same_elsewhere(spread)


@pytest.mark.long
@pytest.mark.parametrize("dask", [False, True])
def test_replications_played_by_processes_of_this_machine_are_the_same(dask):
    with spread_over(workers=2, dask=dask) as spread:
        same_elsewhere(spread)


def test_a_cluster_that_cannot_be_is_refused():
    with pytest.raises(ScenarioError, match="0 n’est pas accepté"), spread_over(workers=0):
        pass

"""Many scenarios at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from quinze.science.callcentre import oracle
from quinze.science.callcentre.drills import more_agents, more_calls
from quinze.science.callcentre.engine import general
from quinze.science.callcentre.errors import ScenarioError
from quinze.science.callcentre.model import Level
from quinze.science.callcentre.results import Results, simulate
from quinze.science.callcentre.sweeps import sweep, waits_of

from .centres import whole_sas

DAY = whole_sas(slots=4)
SCENARIOS = {"day": DAY, "more": more_calls(DAY, 1.5), "long": whole_sas(slots=8)}


def waits(results: Results) -> list[list[float]]:
    return [results.waits.wait.tolist(), results.waits.replication.tolist(), results.presences[-1].busy.tolist()]


def test_a_sweep_gives_what_each_simulation_gives() -> None:
    swept = sweep(SCENARIOS, replications=3)
    assert list(swept) == list(SCENARIOS)
    for name, scenario in SCENARIOS.items():
        assert repr(waits(swept[name])) == repr(waits(simulate(scenario, replications=3, engine=general.play)))


def test_both_engines_and_threads_give_the_same() -> None:
    with ThreadPoolExecutor(2) as pool:
        swept = sweep(SCENARIOS, replications=3, spread=pool.map)
    slow = sweep(SCENARIOS, replications=3, engine=oracle.play)
    assert [repr(waits(one)) for one in swept.values()] == [repr(waits(one)) for one in slow.values()]


def test_one_seed_for_all_brings_the_same_callers() -> None:
    others = {"one": replace(DAY, seed=1), "other": replace(DAY, seed=2)}
    apart, alike = sweep(others, replications=1), sweep(others, replications=1, seed=9)
    assert repr(waits(apart["one"])) != repr(waits(apart["other"]))
    assert repr(waits(alike["one"])) == repr(waits(alike["other"]))


def test_progress_is_told_after_each_replication() -> None:
    told: list[tuple[int, int]] = []
    sweep(SCENARIOS, replications=2, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 6) for done in range(1, 7)]


def test_each_scenario_keeps_its_own_number_of_replications() -> None:
    swept = sweep({"one": replace(DAY, replications=1), "two": replace(DAY, replications=2)})
    assert [len(one.presences) for one in swept.values()] == [1, 2]


def test_no_scenario_or_no_replication_is_refused() -> None:
    with pytest.raises(ScenarioError):
        sweep({})
    with pytest.raises(ScenarioError):
        sweep({"day": DAY}, replications=0)


def test_variants_of_a_day_share_their_draws_and_change_nothing() -> None:
    variants = {
        "one more": more_agents(DAY, 1, level=Level.N1),
        "more calls": more_calls(DAY, 1.5),
        "one less": more_agents(DAY, -1, level=Level.N3_AMU),
    }
    with ThreadPoolExecutor(2) as pool:
        found = waits_of(variants, replications=3, seed=DAY.seed, spread=pool.map)
    for name, scenario in variants.items():
        alone = simulate(scenario, replications=3)
        assert repr(found[name].waits) == repr(alone.waits)
        assert found[name].each(len, level=Level.N1) == alone.each(len, level=Level.N1)

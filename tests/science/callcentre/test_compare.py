"""Two organisations on the same callers, and the questions of the supervisor."""

from dataclasses import replace
from math import isnan

import pytest

from quinze.science.callcentre.compare import abandoned, compare, mean_wait, never_answered, qs
from quinze.science.callcentre.drills import (
    agents_absent,
    crisis,
    crisis_drill,
    more_agents,
    more_calls,
    recovery_slots,
    slot_at,
    telephone_down,
    what_if,
)
from quinze.science.callcentre.durations import Exponential
from quinze.science.callcentre.errors import ScenarioError
from quinze.science.callcentre.intervals import interval
from quinze.science.callcentre.model import Level, Outage, Surge
from quinze.science.callcentre.results import simulate

from .centres import one_queue, whole_sas


def busy_front(*, slots: int = 12):
    return one_queue(agents=4, per_hour=200, talk=Exponential(60), patience=Exponential(120), slots=slots)


def test_a_scenario_compared_with_itself_differs_in_nothing():
    same = compare(busy_front(), busy_front(), replications=3)
    assert same.difference(qs(30), Level.N1).mean == 0
    assert same.difference(mean_wait, Level.N1).half_width == 0
    assert not same.differs(abandoned, Level.N1)


def test_the_same_callers_tell_more_than_other_callers_would():
    scenario = busy_front()
    comparison = compare(scenario, more_agents(scenario, 1, level=Level.N1), replications=8)
    paired = comparison.difference(qs(30), Level.N1)
    before, after = comparison.values(qs(30), Level.N1)
    assert paired.mean == pytest.approx(after.mean - before.mean)
    assert paired.half_width < (before.half_width**2 + after.half_width**2) ** 0.5
    assert comparison.differs(qs(30), Level.N1)


def test_a_measure_without_any_call_says_nothing():
    nobody = one_queue(agents=1, per_hour=0, talk=Exponential(60), slots=4)
    comparison = compare(nobody, nobody, replications=2)
    assert isnan(comparison.difference(qs(30), Level.N1).mean)
    assert isnan(comparison.difference(never_answered, Level.N1).mean)
    assert not comparison.differs(qs(30), Level.N1)


def test_one_replication_compares_nothing():
    with pytest.raises(ScenarioError, match="1 ; il en faut au moins 2"):
        compare(busy_front(), busy_front(), replications=1)


def test_agents_are_added_in_their_hours_and_never_below_nobody():
    changed = more_agents(whole_sas(slots=8), -3, level=Level.N1, start_slot=2, end_slot=4)
    assert changed.centres[0].groups[0].agents == (2, 2, 0, 0, 2, 2, 2, 2)
    assert changed.centres[0].groups[1:] == whole_sas(slots=8).centres[0].groups[1:]
    with pytest.raises(ScenarioError, match="aucun groupe dont N2_SNP"):
        more_agents(whole_sas(), 1, level=Level.N2_SNP)


def test_more_calls_are_the_same_calls_closer_together():
    assert more_calls(busy_front(), 1.2).centres[0].arrivals.per_slot == (60.0,) * 12


def test_incidents_are_added_to_those_of_the_day():
    scenario = telephone_down(crisis(whole_sas(), start_slot=30), start=3600)
    assert scenario.incidents == (Surge(factor=4, start_slot=30, end_slot=32), Outage(start=3600, end=4800))
    assert agents_absent(whole_sas(), group="MRU").incidents[-1].end_slot == 32
    with pytest.raises(ScenarioError, match="« MRX » n’existe pas"):
        agents_absent(whole_sas(), group="MRX")


def test_what_if_answers_each_question_of_the_supervisor():
    answers = what_if(simulate(whole_sas(slots=4), replications=2))
    assert set(answers) == {
        *("calls+20%", "calls-20%"),
        *(f"{level}{change}" for level in ("N1", "N2_AMU", "N3_AMU", "N3_SNP", "N4") for change in ("+1", "-1")),
    }
    assert len({id(answer.before) for answer in answers.values()}) == 1


def test_a_crisis_is_felt_then_forgotten():
    drill = crisis_drill(busy_front(slots=24), start_slot=6, slots=2, factor=4, replications=3)
    assert drill.differs(qs(30), Level.N1)
    recovery = recovery_slots(drill, Level.N1, end_slot=8)
    assert recovery is not None
    assert recovery <= 8
    assert recovery_slots(drill, Level.N1, end_slot=24) is None


def test_a_recovery_that_never_comes_is_not_one():
    overwhelmed = replace(one_queue(agents=2, per_hour=100, talk=Exponential(60), slots=12), replications=2)
    drill = crisis_drill(overwhelmed, start_slot=2, slots=4, factor=8)
    assert recovery_slots(drill, Level.N1, end_slot=6) is None


def test_an_hour_of_the_day_is_found_in_the_scenario():
    evening = replace(busy_front(slots=24), starts_at=22 * 60)
    assert slot_at(evening, 22 * 60) == 0
    assert slot_at(evening, 90) == 14
    with pytest.raises(ScenarioError, match="pas dans le scénario"):
        slot_at(evening, 12 * 60)


def test_an_interval_contains_its_mean():
    assert interval([1.0, 2.0, 4.0]).holds(7 / 3)

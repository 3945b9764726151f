"""The slow engine on the whole model: what must hold on every day of every centre."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.science.callcentre.durations import Exponential, Fixed
from quinze.science.callcentre.log import Door, Log
from quinze.science.callcentre.model import Absence, Level, Outage, Pooling, Redial, Scenario, Surge
from quinze.science.callcentre.oracle import World, play, rules_of
from quinze.science.callcentre.plan import Plan, plan_of
from quinze.science.callcentre.sample import Sample, draw
from quinze.science.distribution import Core
from quinze.science.distribution.journal import state_from_json, state_to_json

from .centres import one_queue, two_levels, whole_sas


def day(scenario: Scenario) -> tuple[Plan, Sample, Log]:
    plan, sample = plan_of(scenario), draw(scenario)
    return plan, sample, play(plan, sample)


SCENARIOS = st.builds(
    lambda seed, rate, incident, pooled, redials: replace(
        whole_sas(slots=4, per_slot=rate),
        seed=seed,
        incidents=(incident,),
        centres=(whole_sas(slots=4, per_slot=rate).centres[0],)
        + ((replace(whole_sas(slots=4, per_slot=2 * rate).centres[0], name="voisin"),) if pooled is not None else ()),
        pooling=None if pooled is None else Pooling(levels=(Level.N1, Level.N3_SNP), after=pooled),
        redial=Redial(after_abandon=0.5, after_busy=0.9, delay=Exponential(60), attempts=redials),
    ),
    seed=st.integers(0, 2**32),
    rate=st.floats(0, 40),
    incident=st.sampled_from(
        [
            Outage(start=600, end=1800),
            Absence(group="ARM de filière", agents=3, start_slot=1, end_slot=3),
            Surge(factor=4, start_slot=1, end_slot=3),
        ]
    ),
    pooled=st.sampled_from([None, 0.0, 20.0]),
    redials=st.integers(0, 3),
)


@settings(max_examples=8, deadline=None)
@given(SCENARIOS)
def test_no_call_is_lost_and_no_agent_is_in_two(scenario):
    plan, sample, log = day(scenario)
    everybody_has_one_end(plan, sample, log)
    nobody_does_two_things(plan, log)
    each_serves_their_own(plan, sample, log)


def everybody_has_one_end(plan: Plan, sample: Sample, log: Log) -> None:
    last = (~np.isnan(log.presented)).sum(axis=1) - 1
    gone = ~np.isnan(log.left[np.arange(len(sample)), last])
    hung_up_for_good = (~np.isnan(log.hung_up) & np.isnan(log.answered)).any(axis=1)
    ends = np.stack([gone, ~np.isnan(log.diverted), ~np.isnan(log.closed), hung_up_for_good])
    assert (ends.sum(axis=0) == 1).all()
    assert ((log.door != Door.NOT_LEFT) == ~np.isnan(log.left)).all()
    for row in np.flatnonzero(~np.isnan(log.closed)):
        steps = sample.steps[row]
        assert not np.isnan(log.released[row, :steps]).any()
        assert np.isnan(log.queued[row, steps:]).all()


def nobody_does_two_things(plan: Plan, log: Log) -> None:
    for agent in range(len(plan.agent_group)):
        mine = log.agent == agent
        work = sorted(zip(log.answered[mine], log.free[mine], strict=True))
        assert all(one[1] <= next_one[0] for one, next_one in pairwise(work))


def each_serves_their_own(plan: Plan, sample: Sample, log: Log) -> None:
    rows, steps = np.nonzero(log.agent >= 0)
    levels = plan.level[sample.kind[rows], steps]
    queues = sample.centre[rows] * 6 + levels
    groups = plan.agent_group[log.agent[rows, steps]]
    assert (plan.tier[groups, queues] >= 0).all()
    waited = log.answered[rows, steps] - log.queued[rows, steps]
    assert (waited - plan.answer_delay[levels] >= plan.after[groups, queues] - 1e-9).all()


@settings(max_examples=5, deadline=None)
@given(SCENARIOS, st.integers(0, 400))
def test_a_switch_stopped_and_resumed_in_the_middle_gives_the_same_day(scenario, turns):
    plan, sample = plan_of(scenario), draw(scenario)
    world = World(plan, sample)
    for _ in range(turns):
        world.turn()
    written = json.loads(json.dumps(state_to_json(world.core.state)))
    world.core = Core(rules_of(plan), state=state_from_json(written, rules_of(plan)))
    while world.turn():
        pass
    assert world.log.differences(play(plan, sample)) == []


def test_calls_of_one_priority_are_answered_in_the_order_they_came():
    _, sample, log = day(one_queue(agents=3, per_hour=200, talk=Exponential(60), urgent_share=0.2, slots=8))
    for kind in (0, 1):
        mine = sample.kind == kind
        answered = log.answered[mine, 0][np.argsort(log.queued[mine, 0], kind="stable")]
        assert (np.diff(answered) >= 0).all()


def test_no_lesser_call_is_answered_while_a_vital_one_waits():
    _, sample, log = day(one_queue(agents=3, per_hour=200, talk=Exponential(60), urgent_share=0.2, slots=8))
    queued, answered = log.queued[:, 0], log.answered[:, 0]
    for row in np.flatnonzero(sample.kind == 0):
        waiting = (answered > queued[row]) & (answered < answered[row])
        assert not (sample.kind[waiting] != 0).any()


def test_the_reserve_is_never_taken_by_a_lesser_call():
    scenario = two_levels(
        n1=6,
        n2=4,
        per_hour=90,
        vital=0.2,
        urgent=0.6,
        front=Fixed(30),
        briefing=Fixed(20),
        vital_talk=Exponential(150),
        urgent_talk=Exponential(150),
        slots=16,
    )
    kept = replace(scenario.levels[Level.N2_AMU], reserve=2)
    scenario = replace(scenario, levels=(scenario.levels[0], kept, *scenario.levels[2:]))
    _, sample, log = day(scenario)
    start, end = log.answered[:, 1], log.free[:, 1]
    for row in np.flatnonzero((sample.kind == 1) & ~np.isnan(start)):
        busy = ((start <= start[row]) & (end > start[row])).sum()
        assert busy <= 2  # the one just taken included: two of four stay idle
    assert ((start - log.queued[:, 1])[sample.kind == 0] == 0).any()


def test_vital_calls_are_held_until_the_second_level_has_been_briefed():
    _, sample, log = day(
        two_levels(
            n1=4,
            n2=2,
            per_hour=60,
            vital=0.3,
            urgent=0.3,
            front=Fixed(30),
            briefing=Fixed(20),
            vital_talk=Fixed(100),
            urgent_talk=Fixed(100),
            slots=8,
        )
    )
    vital = sample.kind == 0
    assert (log.released[vital, 0] == log.briefed[vital, 1]).all()
    assert (log.briefed[vital, 1] - log.answered[vital, 1]) == pytest.approx(20)
    assert (log.released[~vital, 0] == log.ended[~vital, 0]).all()


def test_during_an_outage_everybody_hears_the_busy_tone_and_some_call_again():
    scenario = replace(
        one_queue(agents=10, per_hour=400, talk=Fixed(60), slots=8),
        incidents=(Outage(start=1000, end=2200),),
        redial=Redial(after_busy=1, delay=Fixed(300), attempts=5),
    )
    _, _, log = day(scenario)
    down = (log.presented >= 1000) & (log.presented < 2200)
    assert ((log.door == Door.BUSY) == down).all()
    assert not np.isnan(log.closed).any()


def test_a_centre_without_anybody_left_keeps_its_calls_waiting_and_stops():
    scenario = one_queue(agents=1, per_hour=100, talk=Fixed(60), slots=4)
    (centre,) = scenario.centres
    gone = replace(centre.groups[0], agents=(1, 1, 0, 0))
    _, _, log = day(replace(scenario, centres=(replace(centre, groups=(gone,)),)))
    assert np.nanmax(log.answered) < 1800
    assert np.isnan(log.answered[-1, 0])

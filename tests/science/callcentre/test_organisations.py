"""One level or two at equal work; several centres or one queue."""

from dataclasses import replace

import numpy as np
import pytest

from quinze.science.callcentre.compare import compare, mean_wait, qs
from quinze.science.callcentre.durations import Empirical, Exponential, Fixed, Lognormal
from quinze.science.callcentre.engine.general import play
from quinze.science.callcentre.errors import ScenarioError
from quinze.science.callcentre.model import Level, Pooling, Scenario
from quinze.science.callcentre.organisations import established_slots, one_level, sum_of, variance
from quinze.science.callcentre.plan import plan_of
from quinze.science.callcentre.results import simulate
from quinze.science.callcentre.sample import draw

from .centres import one_queue, two_levels, whole_sas


def bilevel(per_hour: float, *, slots: int = 40) -> Scenario:
    """T11: three at the front, six behind, 167 seconds of agent a call."""
    return replace(
        two_levels(
            n1=3,
            n2=6,
            per_hour=per_hour,
            vital=0.05,
            urgent=0.75,
            front=Exponential(45),
            briefing=Exponential(20),
            vital_talk=Exponential(150),
            urgent_talk=Exponential(150),
            slots=slots,
        ),
        warm_up=4,
    )


def test_a_sum_of_durations_keeps_mean_and_variance():
    total = sum_of([Exponential(40), Lognormal(100, 0.5), Fixed(20), Empirical((10, 30))])
    assert total.mean == pytest.approx(180)
    assert variance(total) == pytest.approx(40**2 + 50**2 + 10**2)
    assert sum_of([Fixed(20), Fixed(30)]) == Fixed(50)


def test_both_organisations_do_the_same_work_with_the_same_people():
    two = bilevel(60)
    one = one_level(two)
    assert one.centres[0].groups[0].agents == (9,) * 40
    work = sum(rules.share * sum(step.talk.mean for step in rules.path) for rules in one.classes)
    assert work == pytest.approx(167)
    busy = [np.mean([p.busy.sum(axis=1).mean() for p in simulate(s, replications=20).presences]) for s in (two, one)]
    assert busy[1] == pytest.approx(busy[0], rel=0.05)


def test_two_levels_win_when_the_centre_is_crowded():
    """T11: +13 points at 165 an hour."""
    crowded = compare(one_level(bilevel(175, slots=28)), bilevel(175, slots=28), replications=5)
    assert crowded.difference(qs(30), Level.N1).mean > 0
    assert established_slots(crowded, width=24) == {4: 1}


def test_two_levels_lose_when_it_is_quiet():
    """T11: 0.902 against 0.926 at 120 an hour."""
    quiet = compare(one_level(bilevel(120)), bilevel(120), replications=60)
    assert quiet.difference(qs(30), Level.N1).mean == pytest.approx(-0.024, abs=0.015)
    assert quiet.differs(qs(30), Level.N1)


def test_what_an_organisation_cannot_be_made_of_is_refused():
    with pytest.raises(ScenarioError, match="n’a qu’un niveau"):
        one_level(one_queue(agents=3, per_hour=60, talk=Fixed(60)))


def test_the_rest_of_the_path_and_of_the_people_is_unchanged():
    one = one_level(whole_sas())
    assert [step.level for step in one.classes[2].path] == [Level.N1, Level.N3_SNP, Level.N4]
    assert [group.name for group in one.centres[0].groups] == ["ARM", "MRU", "MRL", "OSNP"]
    assert one.centres[0].background[0].level is Level.N1


def neighbours(*rates: float) -> Scenario:
    """Centres of four agents each."""
    alone = one_queue(agents=4, per_hour=60, talk=Exponential(150), slots=24)
    (centre,) = alone.centres
    centres = tuple(
        replace(centre, name=f"centre {index}", arrivals=replace(centre.arrivals, per_slot=(rate / 4,) * 24))
        for index, rate in enumerate(rates)
    )
    return replace(alone, centres=centres, warm_up=4)


def test_one_virtual_queue_answers_better_at_equal_staff():
    alone = neighbours(80, 60, 40)
    pooled = replace(alone, pooling=Pooling(levels=(Level.N1,)))
    comparison = compare(alone, pooled, replications=20)
    assert comparison.difference(qs(30), Level.N1).mean > 0.05
    assert comparison.differs(qs(30), Level.N1)
    assert comparison.difference(mean_wait, Level.N1).mean < 0


def test_help_between_centres_waits_for_its_threshold_and_own_agents_answer_first():
    scenario = replace(neighbours(100, 20), pooling=Pooling(levels=(Level.N1,), after=60))
    plan, sample = plan_of(scenario), draw(scenario)
    log = play(plan, sample)
    abroad = plan.group_centre[plan.agent_group[log.agent[:, 0]]] != sample.centre
    waited = log.answered[:, 0] - log.queued[:, 0]
    assert abroad.any()
    assert (waited[abroad] >= 60).all()

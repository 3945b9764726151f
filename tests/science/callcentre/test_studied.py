"""The day of a capacity study, played: it must say what the formulas of the study say."""

from dataclasses import replace

import pytest

from quinze.science.callcentre.errors import ScenarioError
from quinze.science.callcentre.model import Level
from quinze.science.callcentre.results import simulate
from quinze.science.callcentre.studied import scenario_of
from quinze.science.queueing.capacity import Durations, Flows, Organisation, Study, plan

STUDY = Study(calls_by_hour=(60.0,) * 24, daily_spread=0)


def posts_of(study: Study) -> dict[str, list[int]]:
    return {need.line.key: [hour.posts for hour in need.hours] for need in plan(study)}


@pytest.mark.parametrize("organisation", list(Organisation))
def test_the_first_answer_is_that_of_the_formula(organisation: Organisation) -> None:
    """Lognormal durations wait a little less than the exponential ones of the formula."""
    study = replace(STUDY, organisation=organisation)
    front = plan(study)[0]
    played = simulate(scenario_of(study, posts=posts_of(study), name="86", replications=20))
    told = played.at(Level.N1)
    assert told.presented == pytest.approx(20 * 24 * 60, rel=0.02)
    assert told.qs[30][0] == pytest.approx(front.served, abs=0.03)


def test_calls_reach_each_level_in_their_shares() -> None:
    flows = Flows(vital=0.1, amu=0.2, snp=0.4, doctor_amu=0.5, doctor_snp=1)
    study = replace(STUDY, flows=flows)
    played = simulate(scenario_of(study, posts=posts_of(study), name="86", replications=5))
    answered = played.at(Level.N1).answered
    shares = {Level.N2_AMU: 0.3, Level.N2_SNP: 0.4, Level.N3_AMU: 0.15, Level.N3_SNP: 0.4}
    for level, share in shares.items():
        assert played.at(level).presented / answered == pytest.approx(share, abs=0.02)
    assert played.at(Level.N1).held == pytest.approx(0.1 * answered, rel=0.1)


def test_a_conversation_that_cannot_be_played_is_refused() -> None:
    study = replace(STUDY, durations=Durations(answer_s=0.2))
    with pytest.raises(ScenarioError, match="durée moyenne de conversation"):
        scenario_of(study, posts=posts_of(study), name="86", replications=2)

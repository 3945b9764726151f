"""Algorithm 2: the seats of a stale agenda come after the others of their level, and are never withheld."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings

from quinze.science.charter import Offer
from quinze.science.ranking import Candidate, Ranking, RankingInputs, explain, inputs_from_json, inputs_to_json, run

from .strategies import questions
from .test_ranking_reasons import usual
from .worked_case import AT, seat, worked_case


def second(inputs: RankingInputs) -> Ranking:
    return run(2, inputs)


def of(*candidates: Candidate) -> Ranking:
    return second(worked_case(candidates=candidates))


def without_stale(inputs: RankingInputs) -> RankingInputs:
    return replace(inputs, candidates=tuple(replace(each, stale_feed=False) for each in inputs.candidates))


@settings(max_examples=60, deadline=None)
@given(questions())
def test_without_a_stale_agenda_it_is_algorithm_1(inputs: RankingInputs) -> None:
    one, two = run(1, without_stale(inputs)), run(2, without_stale(inputs))
    assert (one.levels, one.refusals) == (two.levels, two.refusals)
    assert (one.algorithm, two.algorithm) == (1, 2)


@settings(max_examples=100, deadline=None)
@given(questions())
def test_a_stale_agenda_ranks_its_seats_last_and_withholds_none(inputs: RankingInputs) -> None:
    """Complaint 18: a stale feed is ranked down, never deleted."""
    ranking, fresh = second(inputs), second(without_stale(inputs))
    known = {each.id: each for each in inputs.candidates}
    assert {refusal.candidate for refusal in ranking.refusals} == {refusal.candidate for refusal in fresh.refusals}
    for level in ranking.levels:
        late = [known[p.candidate].stale_feed and bool(p.slots) for p in level.proposals]
        assert late == sorted(late)


@settings(max_examples=100, deadline=None)
@given(questions())
def test_a_stale_agenda_moves_nobody_else(inputs: RankingInputs) -> None:
    stale = {each.person for each in inputs.candidates if each.stale_feed}
    others = tuple(each for each in inputs.candidates if each.person not in stale)
    names = {each.id for each in others}
    kept = [[p.candidate for p in level.proposals if p.candidate in names] for level in second(inputs).levels]
    alone = [[p.candidate for p in level.proposals] for level in second(replace(inputs, candidates=others)).levels]
    assert kept == alone


def test_it_is_said_to_the_osnp_and_in_the_explanation() -> None:
    late = usual(id="tard", practitioner="tard", label="Dr Tard", stale_feed=True, seats=(seat("x", 11),))
    sure = usual(id="sûr", practitioner="sûr", label="Dr Sûr", seats=(seat("y", 16),))
    ranking = of(late, sure)
    assert [p.candidate for p in ranking.proposals] == ["sûr", "tard"]
    said = explain(ranking)
    assert "agenda non actualisé" in said.sentence("tard")
    assert "agenda non actualisé" not in said.sentence("sûr")
    assert said.higher("tard").startswith("après Dr Sûr : son agenda n'est pas actualisé")


def test_one_patient_more_by_telephone_owes_nothing_to_an_agenda() -> None:
    ranking = of(usual(stale_feed=True, seats=(), accepts_overbooking=True, overbooking_left=1))
    assert ranking.first is not None
    assert ranking.first.offer is Offer.OVERBOOKING
    assert "agenda" not in explain(ranking).sentence(ranking.first.candidate)


def test_of_two_places_of_one_doctor_the_one_whose_agenda_is_read_is_shown() -> None:
    stale = usual(id="a", practitioner="d", stale_feed=True, seats=(seat("x", 11),))
    read = usual(id="b", practitioner="d", seats=(seat("y", 16),))
    ranking = of(stale, read)
    assert [(p.candidate, [o.candidate for o in p.others]) for p in ranking.proposals] == [("b", ["a"])]


def test_an_absence_still_counts_for_a_stale_agenda() -> None:
    away = usual(stale_feed=True, seats=(seat("x", 11),), absent_until=AT + timedelta(days=2))
    assert of(away).first is None


def test_a_record_names_its_algorithm_and_replays() -> None:
    inputs = replace(worked_case(candidates=(usual(stale_feed=True),)), algorithm=2)
    stored = inputs_from_json(inputs_to_json(inputs))
    assert run(stored.algorithm, stored) == run(2, inputs)
    assert run(1, stored).first is None

"""What must hold, whatever the charter and whoever the candidates are."""

import hmac
import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.science.charter import Participation, charter_from_json
from quinze.science.ranking import (
    Ranking,
    RankingInputs,
    explain,
    inputs_from_json,
    inputs_to_json,
    rank,
    ranking_to_json,
    run,
    seed_for,
    why_not,
)
from quinze.science.ranking.ordering import draw

from .strategies import newcomers, questions
from .worked_case import AT, doctor, seat, worked_case

EXAMPLES = settings(max_examples=150)


def in_charter_order(ranking: Ranking) -> list[str]:
    """Every proposed person, greyed levels included."""
    people = {candidate.id: candidate.person for candidate in ranking.inputs.candidates}
    return [people[proposal.candidate] for _, proposal in ranking.placed()]


def rank_of(ranking: Ranking, person: str) -> int:
    people = {candidate.id: candidate.person for candidate in ranking.inputs.candidates}
    ranks = [p.rank for _, p in ranking.placed() if people[p.candidate] == person and p.rank is not None]
    return ranks[0] if ranks else 10_000


@EXAMPLES
@given(questions(), st.randoms(use_true_random=False))
def test_permuting_candidates_and_seats_changes_nothing(inputs: RankingInputs, shuffle: random.Random) -> None:
    people = [replace(c, seats=tuple(shuffle.sample(c.seats, len(c.seats)))) for c in inputs.candidates]
    shuffle.shuffle(people)
    permuted = replace(inputs, candidates=tuple(people))
    assert ranking_to_json(rank(permuted)) == ranking_to_json(rank(inputs))


@EXAMPLES
@given(questions(), st.data())
def test_renaming_moves_only_among_exact_ties(inputs: RankingInputs, data: st.DataObject) -> None:
    alone = [c for c in inputs.candidates if not c.practitioner and c.id not in inputs.need.referring_ids]
    if not alone:
        return
    renamed = data.draw(st.sampled_from(alone))
    people = tuple(replace(c, id="renamed") if c is renamed else c for c in inputs.candidates)
    before, after = rank(inputs), rank(replace(inputs, candidates=people))

    assert [(level.number, p.keys) for level, p in after.placed()] == [(lv.number, p.keys) for lv, p in before.placed()]
    others_before = [person for person in in_charter_order(before) if person != renamed.id]
    assert [person for person in in_charter_order(after) if person != "renamed"] == others_before


@EXAMPLES
@given(questions(), st.data())
def test_adding_a_candidate_keeps_the_order_of_the_others(inputs: RankingInputs, data: st.DataObject) -> None:
    newcomer = data.draw(newcomers(inputs.at))
    before, after = rank(inputs), rank(replace(inputs, candidates=(*inputs.candidates, newcomer)))
    assert [person for person in in_charter_order(after) if person != "new"] == in_charter_order(before)
    still_open = {p.candidate for p in after.proposals}
    assert [p.candidate for p in before.proposals if p.candidate in still_open] == [
        p.candidate for p in after.proposals if p.candidate in {q.candidate for q in before.proposals}
    ]


@EXAMPLES
@given(questions(), st.data())
def test_removing_a_seat_never_improves_a_rank(inputs: RankingInputs, data: st.DataObject) -> None:
    seated = [c for c in inputs.candidates if c.seats]
    if not seated:
        return
    loser = data.draw(st.sampled_from(seated))
    lost = data.draw(st.sampled_from(loser.seats))
    kept = tuple(s for s in loser.seats if s is not lost)
    people = tuple(replace(c, seats=kept) if c is loser else c for c in inputs.candidates)
    assert rank_of(rank(replace(inputs, candidates=people)), loser.person) >= rank_of(rank(inputs), loser.person)


@EXAMPLES
@given(questions())
def test_every_candidate_appears_exactly_once(inputs: RankingInputs) -> None:
    ranking = rank(inputs)
    shown = [p.candidate for p in (*ranking.proposals, *ranking.waiting)]
    under = [other.candidate for p in (*ranking.proposals, *ranking.waiting) for other in p.others]
    refused = [refusal.candidate for refusal in ranking.refusals]
    assert sorted([*shown, *under, *refused]) == sorted(c.id for c in inputs.candidates)


@EXAMPLES
@given(questions())
def test_a_doctor_appears_once(inputs: RankingInputs) -> None:
    people = in_charter_order(rank(inputs))
    assert len(people) == len(set(people))


@EXAMPLES
@given(questions())
def test_json_round_trip_and_replay(inputs: RankingInputs) -> None:
    stored = json.dumps(inputs_to_json(inputs), sort_keys=True)
    replayed = inputs_from_json(json.loads(stored))
    assert replayed == inputs
    assert json.dumps(inputs_to_json(replayed), sort_keys=True) == stored
    assert ranking_to_json(run(replayed.algorithm, replayed)) == ranking_to_json(rank(inputs))
    json.dumps(ranking_to_json(rank(inputs)), allow_nan=False)


@EXAMPLES
@given(questions())
def test_everyone_gets_an_explanation(inputs: RankingInputs) -> None:
    ranking = rank(inputs)
    words = explain(ranking)
    for candidate in inputs.candidates:
        assert why_not(ranking, candidate.id)
    for index, (_, proposal) in enumerate(ranking.placed()):
        assert words.sentence(proposal.candidate).startswith("niveau ")
        assert bool(words.higher(proposal.candidate)) == (index > 0)
    for level in ranking.levels:
        assert words.level(level.number).startswith(f"niveau {level.number} ")


@EXAMPLES
@given(questions())
def test_proposed_seats_are_bookable(inputs: RankingInputs) -> None:
    seats = {s.slot: s for c in inputs.candidates for s in c.seats}
    for _, proposal in rank(inputs).placed():
        for slot in proposal.slots:
            assert seats[slot].free > 0
            assert seats[slot].start <= inputs.need.deadline
            assert seats[slot].start >= inputs.at or (seats[slot].plage and seats[slot].end > inputs.at)


def test_identical_doctors_share_ten_thousand_requests_equally() -> None:
    doctors = tuple(doctor(name, seat(f"s{name}", 11), minutes=10) for name in "VWXYZ")
    charter = charter_from_json(
        {"version": "1", "title": "Équité", "levels": [{"name": "Tous", "who": "participants", "offer": ["snp"]}]}
    )
    base = worked_case(candidates=doctors, charter=charter)
    wins = dict.fromkeys("VWXYZ", 0)
    requests = 10_000
    for number in range(requests):
        first = rank(replace(base, seed=seed_for(f"DRFR15{number:06d}", "1"))).first
        assert first is not None
        wins[first.candidate] += 1
    share = 1 / len(wins)
    deviation = (requests * share * (1 - share)) ** 0.5
    assert all(abs(count - requests * share) <= 3 * deviation for count in wins.values()), wins


def test_two_places_give_a_doctor_one_draw_only() -> None:
    """Otherwise opening a second place would win ties twice as often."""
    facts = {"minutes": 10, "participation": Participation.INDIVIDUAL}
    two = [doctor(f"V{n}", seat(f"s{n}", 11), practitioner="V", **facts) for n in (1, 2)]
    people = (*two, doctor("W", seat("w", 11), **facts))
    wins = sum(
        rank(worked_case(candidates=people, seed=seed_for(f"R{number}", "1"))).proposals[0].candidate == "W"
        for number in range(1000)
    )
    assert abs(wins - 500) <= 3 * (1000 / 4) ** 0.5


def test_the_clock_of_the_machine_is_not_read() -> None:
    far = worked_case()
    assert far.at == AT
    later = replace(far, at=AT + timedelta(days=400), need=replace(far.need, deadline=AT + timedelta(days=402)))
    assert {r.reason.value for r in rank(later).refusals} == {"no_seat", "quota"}


@pytest.mark.parametrize("seed", ["", "a" * 63, "a" * 64, "é" * 40, "a" * 200])
def test_the_draw_is_the_hmac_that_anyone_can_recompute(seed: str) -> None:
    assert draw(seed, "p12") == hmac.digest(seed.encode(), b"p12", "sha256").hex()

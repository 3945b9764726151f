"""Who each selector designates, what each offer asks for, and the order inside a level."""

from dataclasses import replace
from typing import Any

import pytest

from quinze.science.charter import Offer, Participation, charter_from_json
from quinze.science.ranking import EMERGENCY, Candidate, Need, Ranking, Seat, rank

from .worked_case import NEED, doctor, seat, structure, worked_case


def ranked(level: dict[str, Any], *people: Candidate, need: Need = NEED, **changes: Any) -> Ranking:
    document = {"version": "1", "title": "Un niveau", "default_radius": None}
    whole = {"name": "Niveau", "offer": ["snp", "pro", "public", "cpts", "contact"]} | level
    charter = charter_from_json(document | {"levels": [whole]})
    return rank(worked_case(charter=charter, candidates=people, need=need, **changes))


def order(ranking: Ranking) -> list[str]:
    return [proposal.candidate for proposal in ranking.proposals]


def gp(name: str = "X", hour: int = 11, minute: int = 0, **facts: Any) -> Candidate:
    offer = facts.pop("offer", Offer.SNP)
    return doctor(name, seat(f"s{name}", hour, minute, offer=offer), **({"minutes": 10} | facts))


def remote(**facts: Any) -> Seat:
    return replace(seat("vr", 11), modalities=frozenset({"VR"}), **facts)


WHO: list[tuple[Any, Candidate]] = [
    ("referring_doctor", gp("A")),
    ("referring_doctor", gp(practitioner="A")),
    ("referring_doctor_structure", gp(structure_ids=frozenset({"msp"}))),
    ("cpts_of_patient", gp(cpts_ids=frozenset({"sud"}))),
    ("cpts_of_place", gp(cpts_ids=frozenset({"nord"}))),
    ("participants", gp()),
    ({"participants": ["individual", "msp"]}, gp(participation=Participation.MSP)),
    ({"structure_kind": ["SOS", "MMG"]}, structure("X", "MMG")),
    ({"profession": ["60"]}, gp(profession="60", specialty="")),
    ({"filiere": ["psy"]}, gp(filieres=frozenset({"psy"}))),
    ("teleconsultation", gp(modalities=frozenset({"VR"}))),
    ("emergency_department", structure("X", EMERGENCY)),
]
ANYONE = replace(NEED, professions=frozenset(), modalities=frozenset(), place_cpts_ids=frozenset({"nord"}))


@pytest.mark.parametrize(("who", "designated"), WHO)
def test_a_selector_designates_its_own_and_nobody_else(who: Any, designated: Candidate) -> None:
    if who == "teleconsultation":
        designated = replace(designated, seats=(remote(),))
    stranger = doctor("Z", seat("z", 11), minutes=10, participation=Participation.SOS)
    assert order(ranked({"who": who}, designated, stranger, need=ANYONE)) == [designated.id]


def test_participants_of_another_way_need_to_be_named() -> None:
    assert order(ranked({"who": "participants"}, gp(participation=Participation.MSP))) == []


def test_non_participants_by_their_public_seats_only() -> None:
    level = {"who": "not_participating_with_public_slots", "offer": ["public"]}
    people = (
        gp("X", participation=None, offer=Offer.PUBLIC),
        gp("Y", participation=None, offer=Offer.PRO),
        gp("Z", offer=Offer.PUBLIC),
    )
    assert order(ranked(level, *people)) == ["X"]


def test_teleconsultation_uses_remote_seats_only() -> None:
    people = doctor("X", seat("office", 10, 30), remote(), minutes=200)
    first = ranked({"who": "teleconsultation"}, people, need=ANYONE).first
    assert first is not None
    assert first.slots == ("vr",)


@pytest.mark.parametrize("kind", ["SOS", "CSNP", "MMG", "TLC", EMERGENCY])
def test_structures_reached_by_telephone_need_no_seat(kind: str) -> None:
    first = ranked({"who": {"structure_kind": [kind]}}, structure("X", kind)).first
    assert first is not None
    assert (first.offer, first.start) == (Offer.CONTACT, None)


def test_other_structures_need_a_seat_or_their_consent_to_be_called() -> None:
    level = {"who": {"structure_kind": ["CDS"]}}
    assert order(ranked(level, structure("X", "CDS"))) == []
    assert order(ranked(level, structure("X", "CDS", accepts_contact=True))) == ["X"]
    assert order(ranked(level | {"offer": ["snp"]}, structure("X", "CDS", accepts_contact=True))) == []


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ({"modality": ["AMB"]}, ["X"]),
        ({"modality": ["HH"]}, []),
        ({"specialty": ["SM54"]}, ["X"]),
        ({"specialty": ["SM40"]}, []),
        ({"min_age_months": 480}, ["X"]),
        ({"max_age_months": 480}, []),
        ({"mobility": ["bed"]}, []),
        ({"vulnerability": ["isolated"]}, ["X"]),
    ],
)
def test_conditions_on_the_need(needs: dict[str, Any], expected: list[str]) -> None:
    need = replace(NEED, vulnerabilities=frozenset({"isolated"}), mobility="walks")
    assert order(ranked({"who": "participants", "needs": needs}, gp(), need=need)) == expected


def test_an_unknown_age_fulfils_no_condition_on_age() -> None:
    need = replace(NEED, age_months=None)
    assert order(ranked({"who": "participants", "needs": {"max_age_months": 9999 // 10}}, gp(), need=need)) == []


@pytest.mark.parametrize(
    ("key", "first", "second", "tied"),
    [
        ("earliest", gp("P", 11, 14), gp("Q", 11, 15), gp("R", 11, 1)),
        ("nearest", gp("P", minutes=9), gp("Q", minutes=10), gp("R", minutes=5)),
        (
            "fairest",
            gp("P", solicitations_28d=2, offered_28d=30),
            gp("Q", solicitations_28d=4, offered_28d=30),
            gp("R", solicitations_28d=2, offered_28d=40),
        ),
        (
            "continuity",
            gp("P", seen_within_12_months=True),
            gp("Q"),
            gp("R", seen_within_12_months=True),
        ),
    ],
)
def test_each_key_and_its_step(key: str, first: Candidate, second: Candidate, tied: Candidate) -> None:
    ranking = ranked({"who": "participants", "order": [key]}, second, tied, first)
    assert order(ranking)[2] == second.id
    keys = {proposal.candidate: proposal.keys for proposal in ranking.proposals}
    assert keys[first.id] == keys[tied.id] < keys[second.id]


def test_the_steps_belong_to_the_charter() -> None:
    charter = charter_from_json(
        {
            "version": "1",
            "title": "Pas d'une minute",
            "steps": {"earliest_minutes": 1, "nearest_minutes": 1, "fairest": 0.01},
            "levels": [{"name": "Tous", "who": "participants", "offer": ["snp"], "order": ["earliest"]}],
        }
    )
    people = tuple(gp(name, 11, minute) for minute, name in enumerate("EDCBA"))
    assert order(rank(worked_case(charter=charter, candidates=people))) == ["E", "D", "C", "B", "A"]


def test_no_seat_sorts_after_every_seat() -> None:
    level = {"who": "participants", "offer": ["snp", "overbooking"], "order": ["earliest"]}
    called = doctor("P", minutes=1, accepts_overbooking=True, overbooking_left=3)
    assert order(ranked(level, called, gp("Q", 23))) == ["Q", "P"]


def test_a_doctor_is_shown_by_the_best_place() -> None:
    two = (gp("P1", 16, practitioner="P"), gp("P2", 11, practitioner="P"))
    ranking = ranked({"who": "participants", "order": ["earliest"]}, *two, gp("Q", 12))
    assert order(ranking) == ["P2", "Q"]
    assert ranking.first is not None
    assert [other.candidate for other in ranking.first.others] == ["P1"]


def test_the_territory_gives_the_radius_when_the_charter_says_so() -> None:
    level = {"who": "participants", "within": "territory"}
    people = (gp("P", km=9.9), gp("Q", km=10.1))
    assert order(ranked(level, *people, territory_km=10.0)) == ["P"]
    assert sorted(order(ranked(level, *people))) == ["P", "Q"]


def test_an_empty_level_stays_visible_with_its_cause() -> None:
    [level] = ranked({"who": "participants", "within": {"minutes": 5}}, gp("P"), gp("Q")).levels
    assert (level.proposals, level.concerned) == ((), 2)
    assert [(reason.value, count) for reason, count in level.refused] == [("too_far", 2)]

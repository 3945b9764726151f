from dataclasses import replace
from datetime import timedelta

import pytest

from quinze.science.charter import charter_from_json
from quinze.science.ranking import explain, rank, why_not

from .worked_case import AT, DOCUMENT, NEED, doctor, seat, worked_case

RANKING = rank(worked_case())


@pytest.mark.parametrize(
    ("candidate", "sentence"),
    [
        ("B", "niveau 2, Même structure, 4,2 km (12 min), libre à 16 h 20, pas sollicité en 28 jours"),
        (
            "C",
            (
                "niveau 3, CPTS Sud Vienne, 4,2 km (18 min), libre à 11 h,"
                " sollicité 6 fois en 28 jours (0,15 par place offerte)"
            ),
        ),
        (
            "H",
            (
                "niveau 5, Surnuméraires, 4,2 km (9 min), accepte encore 1 surnuméraire,"
                " pas sollicité en 28 jours (0,00 par place offerte)"
            ),
        ),
        ("SOS", "niveau 6, SOS Médecins, 15 min, à joindre par téléphone, pas sollicité en 28 jours"),
    ],
)
def test_a_proposal_in_words(candidate: str, sentence: str) -> None:
    assert explain(RANKING).sentence(candidate) == sentence


def test_the_sentence_of_the_issue_book() -> None:
    """Where fairness is no key of the level, the share is not shown."""
    document = DOCUMENT | {"levels": [level | {"order": ["earliest"]} for level in DOCUMENT["levels"]]}
    facts = {"minutes": None, "cpts_ids": frozenset({"sud"}), "via": "CPTS Sud Vienne", "solicitations_28d": 2}
    document["levels"][2]["within"] = {"km": 20}
    someone = doctor("X", seat("x", 14, 20), **facts)
    ranking = rank(worked_case(candidates=(someone,), charter=charter_from_json(document)))
    expected = "niveau 3, CPTS Sud Vienne, 4,2 km, libre à 14 h 20, sollicité 2 fois en 28 jours"
    assert explain(ranking).sentence("X") == expected


@pytest.mark.parametrize(
    ("candidate", "words"),
    [
        ("B", ""),
        ("D", "au niveau 2 (« Même structure ») s'il faisait partie de : la structure du médecin traitant"),
        (
            "C",
            (
                "après Dr D : il aurait fallu avoir été aussi peu sollicité"
                " (0,05 par place offerte, et non 0,15 par place offerte)"
            ),
        ),
        ("E", "au niveau 3 (« CPTS du patient ») s'il faisait partie de : la CPTS du patient"),
        (
            "H",
            (
                "au niveau 4 (« Participants ») avec une offre de ce type :"
                " place dédiée au SAS ou place réservée aux professionnels"
            ),
        ),
    ],
)
def test_what_would_have_put_it_higher(candidate: str, words: str) -> None:
    assert explain(RANKING).higher(candidate) == words


def test_an_exact_tie_says_that_it_was_drawn() -> None:
    twins = tuple(doctor(name, seat(name, 11), minutes=10) for name in ("P", "Q"))
    ranking = rank(worked_case(candidates=twins))
    first, second = (proposal.candidate for proposal in ranking.proposals)
    expected = f"à égalité avec Dr {first}, départagés par le tirage reproductible de la demande"
    assert explain(ranking).higher(second) == expected


@pytest.mark.parametrize(
    ("candidate", "words"),
    [
        (
            "A",
            (
                "écarté : aucune place libre avant l'échéance (jeudi 26 novembre à 10 h)"
                " ; médecin traitant : tentative à tracer"
            ),
        ),
        ("F", "écarté : au-delà de la distance de tous les niveaux : 4,2 km (55 min)"),
        ("G", "écarté : quota de surnuméraires atteint"),
        (
            "E",
            (
                "rang 4 : niveau 4, Participants, 4,2 km (35 min), libre à 10 h 40,"
                " pas sollicité en 28 jours (0,00 par place offerte)"
            ),
        ),
        (
            "SOS",
            (
                "sans rang à cette heure : niveau 6, SOS Médecins, 15 min, à joindre par téléphone,"
                " pas sollicité en 28 jours ; niveau 6 fermé à cette heure, ouvre à 19 h"
            ),
        ),
        (
            "unknown",
            "n'était pas parmi les candidats de cette recherche (hors de la zone de recherche ou non inscrit)",
        ),
    ],
)
def test_why_not_for_everyone(candidate: str, words: str) -> None:
    assert why_not(RANKING, candidate) == words


def test_other_refusals_give_their_figures() -> None:
    people = (
        doctor("P", seat("p", 11), minutes=10, absent_until=AT + timedelta(days=1, hours=4, minutes=5)),
        doctor("Q", seat("q", 11), minutes=10, takes_new_patients=False),
    )
    ranking = rank(worked_case(candidates=people))
    assert why_not(ranking, "P") == "écarté : absent, retour demain à 14 h 05"
    assert why_not(ranking, "Q") == "écarté : restriction posée par le médecin : ne prend pas de nouveaux patients"


def test_an_empty_level_tells_its_cause() -> None:
    assert explain(RANKING).level(1) == (
        "niveau 1 ouvert ; vide : 1 candidat (1 : aucune place libre avant l'échéance)"
    )


def test_other_places_are_explained_under_the_one_shown() -> None:
    places = tuple(doctor(f"P{n}", seat(f"p{n}", 10 + n), minutes=10, practitioner="P") for n in (1, 2))
    ranking = rank(worked_case(candidates=places))
    assert why_not(ranking, "P2").startswith("autre lieu du même praticien ; rang 1 : niveau 4, ")


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Paris", "libre à 14 h 20"),
        ("Indian/Reunion", "libre à 17 h 20"),
        ("America/St_Barthelemy", "libre à 9 h 20"),
        ("Pacific/Noumea", "libre demain à 0 h 20"),
    ],
)
def test_hours_are_those_of_the_place(zone: str, words: str) -> None:
    ranking = rank(worked_case(zone=zone, candidates=(doctor("X", seat("x", 14, 20), minutes=10),)))
    assert words in explain(ranking).sentence("X")


def test_further_days_are_named() -> None:
    need = replace(NEED, deadline=AT + timedelta(days=9))
    people = (doctor("X", replace(seat("x", 9), start=AT + timedelta(days=7), end=AT + timedelta(days=8)), minutes=1),)
    assert "libre mardi 1er décembre à 10 h" in explain(rank(worked_case(candidates=people, need=need))).sentence("X")

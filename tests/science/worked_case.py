"""The worked case of the charter's definition: request R on a Tuesday at 10:00, and its nine candidates."""

from datetime import UTC, datetime, timedelta
from typing import Any

from quinze.science.charter import Offer, Participation, charter_from_json, local_moment
from quinze.science.ranking import EMERGENCY, Candidate, Kind, Need, RankingInputs, Seat, seed_for

ZONE = "Europe/Paris"
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""10:00 in Paris."""

DOCUMENT: dict[str, Any] = {
    "version": "86-1",
    "title": "Charte d'adressage de la Vienne",
    "authors": ["Comité territorial"],
    "agreed_on": "2026-09-01",
    "default_radius": {"minutes": 30},
    "default_order": ["earliest"],
    "levels": [
        {"name": "Médecin traitant", "who": "referring_doctor", "offer": ["snp", "pro", "public"], "within": None},
        {"name": "Même structure", "who": "referring_doctor_structure", "offer": ["snp", "pro", "public"]},
        {
            "name": "CPTS du patient",
            "who": "cpts_of_patient",
            "offer": ["snp"],
            "order": ["fairest", "earliest", "nearest"],
        },
        {
            "name": "Participants",
            "who": "participants",
            "offer": ["snp", "pro"],
            "within": {"minutes": 40},
            "order": ["earliest", "fairest"],
        },
        {
            "name": "Surnuméraires",
            "who": "participants",
            "offer": ["overbooking"],
            "within": {"minutes": 40},
            "opens": {"after_minutes": 15, "unserved_hours": 48},
            "order": ["fairest", "nearest"],
        },
        {
            "name": "SOS Médecins",
            "who": {"structure_kind": ["SOS"]},
            "offer": ["contact"],
            "when": [{"days": [0, 1, 2, 3, 4], "from": "19:00", "to": "24:00"}, {"days": [5, 6]}],
        },
        {
            "name": "Service d'urgences",
            "who": "emergency_department",
            "offer": ["contact"],
            "within": None,
            "opens": {"unserved_hours": 48},
        },
    ],
}


def seat(slot: str, hour: int, minute: int = 0, *, day: int = 24, offer: Offer = Offer.SNP) -> Seat:
    """In Paris hours: UTC + 1 that week."""
    start = datetime(2026, 11, day, hour - 1, minute, tzinfo=UTC)
    return Seat(slot, start, start + timedelta(minutes=15), offer, frozenset({"AMB"}))


def doctor(letter: str, *seats: Seat, **facts: Any) -> Candidate:
    known: dict[str, Any] = {
        "profession": "10",
        "specialty": "SM54",
        "km": 4.2,
        "participation": Participation.INDIVIDUAL,
    }
    return Candidate(letter, f"Dr {letter}", seats=seats, **(known | facts))


def structure(letter: str, kind: str, **facts: Any) -> Candidate:
    return Candidate(letter, letter, kind=Kind.STRUCTURE, structure_kinds=frozenset({kind}), **facts)


CPTS: dict[str, Any] = {"cpts_ids": frozenset({"sud"}), "via": "CPTS Sud Vienne"}
CANDIDATES = (
    doctor("A", seat("a1", 9, day=28), minutes=5, structure_ids=frozenset({"msp"})),
    doctor("B", seat("b1", 16, 20), seat("b2", 17), minutes=12, structure_ids=frozenset({"msp"})),
    doctor("C", seat("c1", 11), minutes=18, solicitations_28d=6, offered_28d=40, **CPTS),
    doctor("D", seat("d1", 14, 30), minutes=22, solicitations_28d=1, offered_28d=30, **CPTS),
    doctor("E", seat("e1", 10, 40), minutes=35),
    doctor("F", seat("f1", 11), minutes=55),
    doctor("G", minutes=8, accepts_overbooking=True, overbooking_left=0),
    doctor("H", minutes=9, accepts_overbooking=True, overbooking_left=1),
    structure("SOS", "SOS", minutes=15),
    structure("ED", EMERGENCY, minutes=20),
)
NEED = Need(
    request="R",
    asked_at=AT,
    deadline=AT + timedelta(hours=48),
    professions=frozenset({"10"}),
    specialties=frozenset({"SM54"}),
    modalities=frozenset({"AMB"}),
    age_months=40 * 12,
    patient_known=True,
    referring_ids=frozenset({"A"}),
    referring_structure_ids=frozenset({"msp"}),
    patient_cpts_ids=frozenset({"sud"}),
)


def worked_case(**changes: Any) -> RankingInputs:
    at = changes.get("at", AT)
    moment = local_moment(at, zone=ZONE, is_holiday=False, is_pdsa=False)
    facts: dict[str, Any] = {
        "algorithm": 1,
        "need": NEED,
        "at": at,
        "moment": moment,
        "zone": ZONE,
        "charter": charter_from_json(DOCUMENT),
        "candidates": CANDIDATES,
        "seed": seed_for("R", "86-1"),
    }
    return RankingInputs(**(facts | changes))

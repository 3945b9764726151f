"""The charter a SAS starts its first draft from: an example to be argued by its doctors, never in force by itself."""

from typing import Any

EVERY_PARTICIPATION = ["individual", "cpts", "msp", "cds", "sos"]
ON_CALL_HOURS: list[dict[str, Any]] = [
    {"days": [0, 1, 2, 3, 4], "from": "19:00", "to": "24:00"},
    {"days": [5, 6], "from": "00:00", "to": "24:00"},
    {"holidays": "only", "from": "00:00", "to": "24:00"},
]


def default_document() -> dict[str, Any]:
    return {
        "version": "1",
        "title": "Charte d’adressage",
        "authors": [],
        "agreed_on": None,
        "default_radius": "territory",
        "default_order": ["earliest", "nearest"],
        "steps": {"earliest_minutes": 15, "nearest_minutes": 5, "fairest": 0.05},
        "levels": _levels(),
    }


def _levels() -> list[dict[str, Any]]:
    return [
        _level("Médecin traitant", "referring_doctor", ["snp", "cpts", "pro", "public"], None, ["earliest"]),
        _level(
            "Même structure que le médecin traitant",
            "referring_doctor_structure",
            ["snp", "cpts", "pro", "public"],
            {"minutes": 30},
            ["earliest"],
        ),
        _level(
            "CPTS du patient", "cpts_of_patient", ["snp", "cpts"], {"minutes": 30}, ["fairest", "earliest", "nearest"]
        ),
        _level(
            "Médecins participants",
            {"participants": EVERY_PARTICIPATION},
            ["snp", "pro", "public"],
            {"minutes": 40},
            ["earliest", "fairest"],
        ),
        _level(
            "Surnuméraire, avec l’accord du médecin",
            {"participants": EVERY_PARTICIPATION},
            ["overbooking"],
            {"minutes": 40},
            ["fairest", "nearest"],
            opens={"after_minutes": 15, "unserved_hours": 48},
        ),
        _level(
            "SOS Médecins et maison médicale de garde",
            {"structure_kind": ["SOS", "MMG"]},
            ["snp", "contact"],
            None,
            ["nearest"],
            when=ON_CALL_HOURS,
        ),
        _level(
            "Centres de soins non programmés et centres de santé",
            {"structure_kind": ["CSNP", "CDS"]},
            ["snp", "public", "contact"],
            {"minutes": 40},
            ["nearest"],
            opens={"unserved_hours": 48},
        ),
        _level(
            "Service d’urgences", "emergency_department", ["contact"], None, ["nearest"], opens={"unserved_hours": 48}
        ),
    ]


def _level(
    name: str,
    who: Any,
    offer: list[str],
    within: dict[str, int] | None,
    order: list[str],
    *,
    when: list[dict[str, Any]] | None = None,
    opens: dict[str, int] | None = None,
) -> dict[str, Any]:
    return {
        "name": name,
        "who": who,
        "offer": offer,
        "within": within,
        "when": when or [],
        "needs": {},
        "opens": opens or {},
        "order": order,
    }

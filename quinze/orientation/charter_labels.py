"""The charter in French words: what its keeper picks and what everyone reads."""

from dataclasses import dataclass
from typing import Any

SELECTORS = {
    "referring_doctor": "médecin traitant",
    "referring_doctor_structure": "même structure que le médecin traitant",
    "cpts_of_patient": "CPTS du patient",
    "cpts_of_place": "CPTS du lieu",
    "participants": "médecins participants",
    "structure_kind": "structures de type…",
    "profession": "professions…",
    "filiere": "filière…",
    "not_participating_with_public_slots": "non-participants à créneaux publics",
    "teleconsultation": "téléconsultation",
    "emergency_department": "service d’urgences",
}
OFFERS = {
    "snp": "créneaux SAS",
    "cpts": "créneaux CPTS",
    "pro": "créneaux soignants",
    "public": "créneaux publics",
    "overbooking": "surnuméraire avec accord",
    "contact": "contact sans créneau",
}
ORDERS = {
    "earliest": "le plus tôt",
    "nearest": "le plus proche",
    "fairest": "le moins sollicité",
    "continuity": "déjà vu ce patient",
}
WITHIN = {"default": "distance par défaut", "minutes": "minutes de trajet", "km": "kilomètres", "none": "sans limite"}
MODALITIES = {"AMB": "cabinet", "HH": "visite", "VR": "vidéo"}
PARTICIPATIONS = {
    "individual": "à titre individuel",
    "cpts": "par leur CPTS",
    "msp": "par leur MSP",
    "cds": "par leur centre de santé",
    "sos": "par SOS Médecins",
}
DAYS = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")


@dataclass(frozen=True, slots=True)
class LevelWords:
    name: str
    who: str
    offer: str
    within: str
    when: str
    opens: str
    order: str


def level_words(level: dict[str, Any], default_order: list[str]) -> LevelWords:
    who = level["who"]
    selector, values = next(iter(who.items())) if isinstance(who, dict) else (who, [])
    return LevelWords(
        name=level["name"],
        who=SELECTORS[selector].rstrip("…")
        + (f" : {', '.join(PARTICIPATIONS.get(v, v) for v in values)}" if values else ""),
        offer=", ".join(OFFERS[offer] for offer in level["offer"]),
        within=_within(level.get("within", "default")),
        when=" ; ".join(map(window_words, level.get("when") or [])) or "toujours",
        opens=_opens(level.get("opens") or {}),
        order=", puis ".join(ORDERS[key] for key in level.get("order") or default_order),
    )


def _within(within: Any) -> str:
    if not isinstance(within, dict):
        return WITHIN["none" if within is None else "default"]
    unit, value = next(iter(within.items()))
    return f"{value:g} {'min' if unit == 'minutes' else 'km'}".replace(".", ",")


def _opens(opens: dict[str, int]) -> str:
    parts = []
    if "after_minutes" in opens:
        parts.append(f"après {opens['after_minutes']} min")
    if "unserved_hours" in opens:
        parts.append(f"si rien au-dessus avant {opens['unserved_hours']} h")
    return " ou ".join(parts) or "aussitôt"


def window_words(window: dict[str, Any]) -> str:
    """One window in the words that the form reads back."""
    words = ["fériés"] if window.get("holidays") == "only" else []
    if "days" in window:
        words.append(", ".join(DAYS[day] for day in window["days"]))
    if window.get("holidays") == "never":
        words.append("hors fériés")
    if window.get("pdsa") is not None:
        words.append("pdsa" if window["pdsa"] else "hors pdsa")
    return " ".join([*words, f"{window.get('from', '00:00')}-{window.get('to', '24:00')}"])

"""What a formula accepts. A figure outside is refused in words: its name, its value, what would do."""

import math
from typing import NamedTuple

MOST_AGENTS = 10_000


class Unacceptable(ValueError):  # noqa: N818  (a figure that no call centre has)
    """`label`, `value` and `accepted` are French and together make the message."""

    def __init__(self, label: str, value: object, accepted: str) -> None:
        super().__init__(f"{label} : « {_shown(value)} » n’est pas accepté ; il faut {accepted}.")
        self.label, self.value, self.accepted = label, value, accepted


class Bound(NamedTuple):
    label: str
    least: float
    most: float
    whole: bool = False

    @property
    def accepted(self) -> str:
        kind = "un nombre entier" if self.whole else "un nombre"
        return f"{kind} de {_shown(self.least)} à {_shown(self.most)}"


BOUNDS = {
    "agents": Bound("Nombre de postes", 0, MOST_AGENTS, whole=True),
    "staffed": Bound("Nombre de postes", 1, MOST_AGENTS, whole=True),
    "load": Bound("Charge, en erlangs", 0, 100_000),
    "calls_per_hour": Bound("Appels par heure", 0, 100_000_000),
    "handling_s": Bound("Durée moyenne de traitement, en secondes", 0.1, 86_400),
    "patience_s": Bound("Patience moyenne, en secondes", 1, 86_400),
    "within_s": Bound("Délai visé, en secondes", 0, 86_400),
    "duration_s": Bound("Durée, en secondes", 0, 86_400),
    "slot_s": Bound("Durée d’un créneau, en secondes", 60, 86_400),
    "share": Bound("Part", 0, 1),
    "target": Bound("Part des appels à servir dans le délai", 0, 0.9999),
    "blocking": Bound("Part des appels perdus", 0.000_001, 0.999),
    "occupancy": Bound("Occupation maximale", 0.01, 1),
    "least": Bound("Nombre minimal de postes", 0, MOST_AGENTS, whole=True),
    "absence": Bound("Taux d’absence", 0, 0.9),
    "leave": Bound("Taux de congés", 0, 0.9),
    "training": Bound("Taux de formation", 0, 0.9),
    "breaks": Bound("Taux de pauses", 0, 0.9),
    "hours_per_fte": Bound("Heures annuelles d’un équivalent temps plein", 100, 3_000),
    "burst": Bound("Appels d’une rafale", 0, 1_000_000),
    "level_1": Bound("Postes de niveau 1", 0, MOST_AGENTS, whole=True),
    "level_2": Bound("Postes de niveau 2", 0, MOST_AGENTS, whole=True),
}


def check(**quantities: float) -> None:
    """Raises Unacceptable for the first figure that is no number, not finite, or out of the bounds of its name."""
    for name, value in quantities.items():
        check_as(BOUNDS[name], value)


def check_as(bound: Bound, value: float) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not bound.least <= value <= bound.most:
        raise Unacceptable(bound.label, value, bound.accepted)
    if bound.whole and value != int(value):
        raise Unacceptable(bound.label, value, bound.accepted)


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}".replace(",", " ")
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)

"""Sorts of shifts that cover a need, by role: those to begin with, and how they are written. No database here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.science.rosters import Kind, Unusable

MINUTES_OF_DAY = 24 * 60
STEP = 15
MOST_STARTS, MOST_KINDS = 24, 12  # of one kind; of one role
COVERED = (Role.ARM, Role.OSNP, Role.REGULATEUR_AMU, Role.REGULATEUR_SNP)
ROLE_OF_LINE = {
    "arm": Role.ARM,
    "n1": Role.ARM,
    "n2_amu": Role.ARM,
    "n2_snp": Role.OSNP,
    "n3_amu": Role.REGULATEUR_AMU,
    "n3_snp": Role.REGULATEUR_SNP,
}


@dataclass(frozen=True, slots=True)
class RoleKind:
    role: str
    kind: Kind


def _kind(role: Role, name: str, hours: float, starts: Sequence[float], pause: int = 0) -> RoleKind:
    minutes = tuple(round(60 * start) for start in starts)
    return RoleKind(role.value, Kind(name, round(60 * hours), minutes, pause))


# Usual lengths, ours: a SAS replaces them with its own. Doctors pause between two calls; at night a room does too.
DEFAULT = (
    _kind(Role.ARM, "Jour 12 h", 12, (7, 8), 30),
    _kind(Role.ARM, "Nuit 12 h", 12, (19, 20)),
    _kind(Role.ARM, "Renfort 10 h", 10, (9, 10, 11, 12, 13), 30),
    _kind(Role.ARM, "Renfort 7 h 30", 7.5, (7, 9, 14, 16), 30),
    _kind(Role.OSNP, "Journée 8 h", 8, (8, 9, 10, 12), 30),
    _kind(Role.OSNP, "Jour 12 h", 12, (8,), 30),
    _kind(Role.OSNP, "Nuit 12 h", 12, (20,)),
    _kind(Role.REGULATEUR_AMU, "Jour 12 h", 12, (8,)),
    _kind(Role.REGULATEUR_AMU, "Nuit 12 h", 12, (20,)),
    _kind(Role.REGULATEUR_AMU, "Renfort 6 h", 6, (8, 10, 14, 16, 18)),
    _kind(Role.REGULATEUR_SNP, "Vacation 4 h", 4, (8, 12, 16, 20)),
    _kind(Role.REGULATEUR_SNP, "Vacation 6 h", 6, (8, 14, 18)),
    _kind(Role.REGULATEUR_SNP, "Nuit 8 h", 8, (0,)),
    _kind(Role.REGULATEUR_SNP, "Nuit 12 h", 12, (20,)),
)


def minute_of(text: str) -> int:
    """« 07:30 », « 7h30 » or « 7 h » → 450. Raises Refusal."""
    hours, _, minutes = text.strip().lower().replace(" ", "").replace("h", ":").partition(":")
    if not (hours.isdecimal() and (minutes or "0").isdecimal() and len(hours) < 3 and len(minutes) < 3):
        raise Refusal(f"« {text.strip()[:20]} » n’est pas une heure : 07:30 est attendu.", code="hour")
    found = 60 * int(hours) + int(minutes or 0)
    if found >= MINUTES_OF_DAY or int(minutes or 0) > 59:
        raise Refusal(f"« {text.strip()[:20]} » n’est pas une heure : de 00:00 à 23:59.", code="hour")
    return found


def starts_of(text: str) -> tuple[int, ...]:
    parts = [part for part in text.replace(";", ",").split(",") if part.strip()]
    if not 1 <= len(parts) <= MOST_STARTS:
        raise Refusal(
            f"De 1 à {MOST_STARTS} heures de début, séparées par des virgules.", field="starts", code="starts"
        )
    try:
        return tuple(sorted({minute_of(part) for part in parts}))
    except Refusal as wrong:
        raise Refusal(wrong.message, field="starts", code="starts") from wrong


def shown(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def kind_of(*, name: str, minutes: int, starts: Sequence[int], pause: int = 0, cost: float = 100) -> Kind:
    """Raises Refusal for what covering refuses, and for what does not fall on a quarter-hour."""
    if minutes % STEP or any(start % STEP for start in starts):
        raise Refusal(f"Garde « {name} » : durée et débuts tombent sur un quart d’heure.", field="starts", code="step")
    try:
        return Kind(name, minutes, tuple(starts), pause, cost / 100)
    except Unusable as wrong:
        raise Refusal(str(wrong), code="kind") from wrong


def from_tables(tables: Sequence[Mapping[str, Any]]) -> tuple[RoleKind, ...]:
    """`[[gardes]]` of a file: poste, nom, debuts, duree, pause, cout. Raises Refusal with the name that is wrong."""
    return tuple(_from_table(each) for each in tables)


def _from_table(table: Mapping[str, Any]) -> RoleKind:
    known = {"poste", "nom", "debuts", "duree", "pause", "cout"}
    if unknown := sorted(table.keys() - known):
        raise Refusal(
            f"Nom inconnu d’une garde : {', '.join(unknown[:5])}. Noms acceptés : {', '.join(sorted(known))}."
        )
    role = str(table.get("poste", ""))
    if role not in COVERED:
        raise Refusal(f"Garde : poste « {role[:20]} » ; il faut {', '.join(COVERED)}.")
    starts = table.get("debuts", [])
    if not isinstance(starts, list):
        raise Refusal('Garde : « debuts » est une liste d’heures, ["07:00", "19:00"].')
    numbers = [table.get("pause", 0), table.get("cout", 100)]
    if not all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in numbers):
        raise Refusal("Garde : « pause » (minutes) et « cout » (100 : ordinaire) sont des nombres.")
    return RoleKind(role, kind_of(
        name=str(table.get("nom", "Garde"))[:40], minutes=minute_of(str(table.get("duree", ""))),
        starts=starts_of(",".join(map(str, starts))), pause=int(numbers[0]), cost=float(numbers[1]),
    ))  # fmt: skip

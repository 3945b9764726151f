"""Reading one field of an untrusted document: a fault is noted, a harmless value takes its place, reading goes on."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from .calendar import DAY_MINUTES
from .errors import Fault

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reader stands: the path for the program, the label for the person."""

    faults: list[Fault]
    path: str = ""
    label: str = ""

    def at(self, key: str, label: str) -> "Place":
        path = f"{self.path}.{key}" if self.path else key
        return Place(self.faults, path, f"{self.label}, {label}" if self.label else label)

    def item(self, index: int, label: str = "") -> "Place":
        return Place(self.faults, f"{self.path}[{index}]", label or f"{self.label} n° {index + 1}")

    def refuse(self, message: str) -> None:
        start = self.label[:1].upper() + self.label[1:]
        self.faults.append(Fault(self.path, f"{start} : {message}" if start else message))


def mapping(raw: Any, place: Place, *, known: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        place.refuse("un objet JSON est attendu.")
        return {}
    for key in sorted(str(key) for key in raw if key not in known):
        place.refuse(f"champ inconnu « {key} » ; champs possibles : {', '.join(sorted(known))}.")
    return raw


def text(raw: Any, place: Place) -> str:
    if not isinstance(raw, str) or not raw.strip():
        place.refuse("un texte non vide est attendu.")
        return "?"
    if len(raw) > LONGEST_TEXT:
        place.refuse(f"{len(raw)} caractères, le maximum est {LONGEST_TEXT}.")
    return raw.strip()


def whole(raw: Any, place: Place, *, low: int, high: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        place.refuse("un nombre entier est attendu.")
        return low
    return int(_bounded(raw, place, low=low, high=high))


def decimal(raw: Any, place: Place, *, low: float, high: float) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        place.refuse("un nombre est attendu.")
        return low
    return _bounded(raw, place, low=low, high=high)


def _bounded(raw: float, place: Place, *, low: float, high: float) -> float:
    if low <= raw <= high:
        return raw
    place.refuse(f"{_french(raw)} est hors bornes (de {_french(low)} à {_french(high)}).")
    return low


def _french(number: float) -> str:
    return f"{number:.12g}".replace(".", ",")


def choice(raw: Any, place: Place, *, among: type[E]) -> E:
    if isinstance(raw, str) and raw in among.__members__.values():
        return among(raw)
    values = ", ".join(member.value for member in among)
    place.refuse(f"« {raw} » n'est pas prévu ; valeurs possibles : {values}.")
    return next(iter(among))


def flag(raw: Any, place: Place) -> bool | None:
    if raw is None or isinstance(raw, bool):
        return raw
    place.refuse("vrai, faux ou rien est attendu.")
    return None


def items(raw: Any, place: Place, read: Callable[[Any, Place], T], *, least: int = 0, most: int = 50) -> list[T]:
    if not isinstance(raw, list | tuple):
        place.refuse("une liste est attendue.")
        return []
    if not least <= len(raw) <= most:
        place.refuse(f"{len(raw)} élément(s) ; il en faut de {least} à {most}.")
    found = [read(value, place.item(index)) for index, value in enumerate(raw[:most])]
    twice = [value for index, value in enumerate(found) if value in found[:index]]
    if twice:
        place.refuse(f"« {twice[0]} » est écrit deux fois.")
    return found


def day(raw: Any, place: Place) -> date | None:
    if raw is None:
        return None
    try:
        return date.fromisoformat(raw)
    except (TypeError, ValueError):
        place.refuse("une date de la forme 2026-11-22 est attendue.")
        return None


def clock(raw: Any, place: Place) -> int:
    if not isinstance(raw, str) or not CLOCK.fullmatch(raw):
        place.refuse("une heure de la forme 19:00 est attendue (24:00 pour minuit le soir).")
        return 0
    minute = int(raw[:2]) * 60 + int(raw[3:])
    return min(minute, DAY_MINUTES)

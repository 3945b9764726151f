"""Reading the tables of a file: a key that is unknown, missing or of another kind is refused with its place."""

from collections.abc import Callable
from typing import Any, TypeVar

from .errors import ScenarioError

T = TypeVar("T")
REQUIRED: Any = object()


class Table:
    """One table of a file; `place` is where it is, in the words of the file."""

    def __init__(self, raw: Any, place: str, *, known: set[str]) -> None:
        if not isinstance(raw, dict):
            raise ScenarioError(place, f"{raw!r} ; une table est attendue.")
        self.raw, self.name = raw, place
        for key in raw:
            if key not in known:
                raise ScenarioError(self.place(key), f"clé inconnue ; sont acceptées : {', '.join(sorted(known))}.")

    def place(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def has(self, key: str) -> bool:
        return key in self.raw

    def get(self, key: str, read: Callable[[Any, str], T], default: T = REQUIRED) -> T:
        if key in self.raw:
            return read(self.raw[key], self.place(key))
        if default is REQUIRED:
            raise ScenarioError(self.place(key), "valeur absente ; elle est obligatoire.")
        return default

    def items(self, key: str, read: Callable[[Any, str], T], default: tuple[T, ...] = REQUIRED) -> tuple[T, ...]:
        return self.get(key, lambda raw, place: each(raw, place, read), default)


def each(raw: Any, place: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
    if not isinstance(raw, list):
        raise ScenarioError(place, f"{raw!r} ; une liste est attendue.")
    return tuple(read(item, f"{place}[{number}]") for number, item in enumerate(raw, 1))


def text(raw: Any, place: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ScenarioError(place, f"{raw!r} ; un texte est attendu.")
    return raw


def number(raw: Any, place: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ScenarioError(place, f"{raw!r} ; un nombre est attendu.")
    return raw


def whole(raw: Any, place: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ScenarioError(place, f"{raw!r} ; un nombre entier est attendu.")
    return raw


def flag(raw: Any, place: str) -> bool:
    if not isinstance(raw, bool):
        raise ScenarioError(place, f"{raw!r} ; true ou false est attendu.")
    return raw


def minutes_of_day(raw: Any, place: str) -> int:
    """ "HH:MM", from 00:00 to 24:00, on a quarter-hour."""
    hour, _, minute = text(raw, place).partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and len(minute) == 2):
        raise ScenarioError(place, f"{raw!r} ; une heure « HH:MM » est attendue.")
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > 24 * 60 or total % 15:
        raise ScenarioError(place, f"{raw!r} ; une heure de 00:00 à 24:00, par quart d’heure, est attendue.")
    return total


def chosen(names: dict[str, T]) -> Callable[[Any, str], T]:
    def read(raw: Any, place: str) -> T:
        if not isinstance(raw, str) or raw not in names:
            raise ScenarioError(place, f"{raw!r} ; sont acceptés : {', '.join(names)}.")
        return names[raw]

    return read


def inside(place: str, make: Callable[[], T]) -> T:
    """What the model itself refuses is told with its place in the file."""
    try:
        return make()
    except ScenarioError as error:
        if error.place.startswith(place):
            raise
        raise ScenarioError(f"{place}, {error.place}", str(error).removeprefix(f"{error.place} : ")) from error

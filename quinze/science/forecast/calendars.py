"""What kind of day a date is, for a department of France: public holiday, bridge, school holiday of its zone.

Public holidays come from the package `holidays`; school holidays from data/school_holidays.csv (source and version
beside it). Corsica and overseas set their own school dates: they have no zone here. Whoever has their calendar brings
it (school.py); otherwise a forecast says that it does without.
"""

import csv
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
import numpy as np
import numpy.typing as npt

from quinze.science.forecast.errors import Unusable

Bools = npt.NDArray[np.bool_]
SATURDAY, SUNDAY = 5, 6
PARIS = "Europe/Paris"
_FILE = Path(__file__).parent / "data" / "school_holidays.csv"
_DEPARTEMENTS_OF_ZONES = {
    "A": "01 03 07 15 16 17 19 21 23 24 25 26 33 38 39 40 42 43 47 58 63 64 69 70 71 73 74 79 86 87 89 90",
    "B": "02 04 05 06 08 10 13 14 18 22 27 28 29 35 36 37 41 44 45 49 50 51 52 53 54 55 56 57 59 60 61 62 67 68 72 "
    "76 80 83 84 85 88",
    "C": "09 11 12 30 31 32 34 46 48 65 66 75 77 78 81 82 91 92 93 94 95",
}
SCHOOL_ZONES = {code: zone for zone, codes in _DEPARTEMENTS_OF_ZONES.items() for code in codes.split()}
_ALSACE_MOSELLE = {"57": "57", "67": "6AE", "68": "6AE"}
_OVERSEAS = {
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "976": "976",
    "975": "PM",
    "987": "PF",
    "988": "NC",
}
_TIME_ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
_CORSICA = frozenset({"2A", "2B"})
DEPARTEMENTS = frozenset(SCHOOL_ZONES) | _CORSICA | frozenset(_OVERSEAS)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a series was counted: what its calendar and its local time are."""

    departement: str
    time_zone: str = ""
    school: tuple[tuple[date, date], ...] = ()
    """School holidays brought by the reader, in order: first day, day school begins again. Empty: those of the zone."""

    def __post_init__(self) -> None:
        if self.departement not in DEPARTEMENTS:
            raise Unusable(
                f"Département inconnu : « {self.departement} ». Accepté : 01 à 95, 2A, 2B, 971 à 976, 987, 988."
            )
        if not self.time_zone:
            object.__setattr__(self, "time_zone", _TIME_ZONES.get(self.departement, PARIS))
        _zone(self.time_zone)

    @property
    def zone(self) -> ZoneInfo:
        return _zone(self.time_zone)

    @property
    def school_zone(self) -> str | None:
        return SCHOOL_ZONES.get(self.departement)

    @property
    def school_periods(self) -> Sequence[tuple[date, date]]:
        return self.school or _periods().get(self.school_zone or "", ())


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise Unusable(f"Fuseau horaire inconnu : « {name} ». Accepté : un nom comme Europe/Paris.") from unknown


@dataclass(frozen=True, slots=True)
class Days:
    """Kinds of consecutive days, one entry a day. `school_known`: the calendar of the zone covers that day."""

    first: date
    weekday: npt.NDArray[np.int64]
    public: Bools
    bridge: Bools
    school: Bools
    school_known: Bools


@lru_cache(maxsize=128)
def days_of(place: Place, first: date, count: int) -> Days:
    dates = [first + timedelta(days=index) for index in range(count)]
    off = public_holidays(place.departement, years=tuple(range(first.year - 1, dates[-1].year + 2)))
    return Days(
        first,
        np.array([day.weekday() for day in dates]),
        np.array([day in off for day in dates]),
        np.array([_is_bridge(day, off) for day in dates]),
        np.array([is_school_holiday(place, day) for day in dates]),
        np.array([school_known(place, day) for day in dates]),
    )


@cache
def public_holidays(departement: str, *, years: tuple[int, ...]) -> frozenset[date]:
    subdivision = _ALSACE_MOSELLE.get(departement) or _OVERSEAS.get(departement)
    return frozenset(holidays.country_holidays("FR", subdiv=subdivision, years=years))


def _is_bridge(day: date, off: frozenset[date]) -> bool:
    """A working day alone between a public holiday and a week-end."""

    def rests(some: date) -> bool:
        return some.weekday() >= SATURDAY or some in off

    before, after = day - timedelta(days=1), day + timedelta(days=1)
    return not rests(day) and rests(before) and rests(after) and (before in off or after in off)


def is_school_holiday(place: Place, day: date) -> bool:
    periods = place.school_periods
    index = bisect_right(periods, (day, date.max)) - 1
    return index >= 0 and day < periods[index][1]


def school_known(place: Place, day: date) -> bool:
    periods = place.school_periods
    return bool(periods) and periods[0][0] <= day < periods[-1][1]


def school_known_until(place: Place) -> date | None:
    periods = place.school_periods
    return periods[-1][1] if periods else None


@cache
def _periods() -> dict[str, Sequence[tuple[date, date]]]:
    found: dict[str, list[tuple[date, date]]] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            period = (date.fromisoformat(row["first"]), date.fromisoformat(row["after"]))
            found.setdefault(row["zone"], []).append(period)
    return {zone: tuple(sorted(periods)) for zone, periods in found.items()}

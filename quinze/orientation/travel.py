"""How long a person of the territory travels: the roads of their commune first, country roads beyond, never over water.

`TABLE` names the factors and the shores in use; every ranking logs it, and keeps the minutes that it used.
"""

import json
import math
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quinze.science.distance import (
    ACCESS_MINUTES,
    ROADS,
    Density,
    kilometres_from,
    kilometres_to_all,
    travel_minutes,
)
from quinze.science.waters import Water, apart, box_of, dry_km, straight_km, waters_from_json

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
NEARBY_KM = 5.0
DENSE_TOWN, TOWN, VILLAGE = 60_000, 8_000, 400  # inhabitants: the commune's area is not in the open lists
WATERS = waters_from_json(json.loads((Path(__file__).parent / "data" / "waters.json").read_text(encoding="utf-8")))
TABLE = f"density 1, waters {WATERS.version}"


class Journeys:
    """From one place to many others: kilometres rounded to 0.1, and minutes; neither where no road goes."""

    def __init__(self, lat: float, lon: float, density: Density) -> None:
        self.here, self.density = (lat, lon), density
        self.kilometres = kilometres_from(lat, lon)
        self.waters: tuple[Water, ...] = WATERS.around(self.here)
        self.box = box_of(self.waters) if self.waters else None

    def to(self, lat: float | None, lon: float | None) -> tuple[float | None, int | None]:
        if lat is None or lon is None:
            return None, None
        if self.box is None or apart(self.box, self.here, (lat, lon)):
            km: float | None = self.kilometres(lat, lon)
        else:
            km = dry_km(self.here, (lat, lon), self.waters, straight=self._straight)
        if km is None:
            return None, None
        km = round(km, 1)
        return km, minutes_for(km, density=self.density)

    def to_all(self, lats: Floats, lons: Floats) -> tuple[Floats, Integers]:
        """The same for many places at once; -1 minutes, and no kilometre, where `to` answers neither."""
        straight, placed = kilometres_to_all(*self.here, lats=lats, lons=lons), ~(np.isnan(lats) | np.isnan(lons))
        km: Floats = np.round(np.where(placed, straight, 0.0), 1).astype(np.float64)
        minutes: Integers = np.where(placed, minutes_for_all(km, density=self.density), -1)
        for index in self._over_water(lats, lons, placed):
            dry, took = self.to(float(lats[index]), float(lons[index]))
            km[index], minutes[index] = (0.0, -1) if dry is None or took is None else (dry, took)
        return km, minutes

    def _over_water(self, lats: Floats, lons: Floats, placed: Booleans) -> list[int]:
        """Those of whom the straight line may meet a shore or an estuary."""
        near = np.zeros(len(lats), np.bool_)
        lat, lon = self.here
        for south, north, west, east in (water.box for water in self.waters):
            apart = ((lats < south) & (lat < south)) | ((lats > north) & (lat > north))
            apart |= ((lons < west) & (lon < west)) | ((lons > east) & (lon > east))
            near |= ~apart
        found: list[int] = np.flatnonzero(placed & near).tolist()
        return found

    def _straight(self, a: tuple[float, float], b: tuple[float, float]) -> float:
        return self.kilometres(*b) if a == self.here else straight_km(a, b)


@lru_cache(maxsize=256)
def journeys_from(lat: float, lon: float, density: Density) -> Journeys:
    return Journeys(lat, lon, density)


def density_of(population: int | None) -> Density:
    people = population or VILLAGE
    if people >= DENSE_TOWN:
        return Density.DENSE
    if people >= TOWN:
        return Density.INTERMEDIATE
    return Density.SPARSE if people >= VILLAGE else Density.VERY_SPARSE


@lru_cache(maxsize=16_384)
def minutes_for(km: float, *, density: Density) -> int:
    """Nobody crosses a département at the pace of a town centre: beyond 5 km the road is an open one."""
    if km <= NEARBY_KM:
        return travel_minutes(km, density=density)
    return travel_minutes(NEARBY_KM, density=density) + math.ceil((km - NEARBY_KM) * _pace(Density.SPARSE))


def minutes_for_all(km: Floats, *, density: Density) -> Integers:
    nearby = np.ceil(ACCESS_MINUTES + 60 * km * ROADS[density].detour / ROADS[density].km_per_hour)
    beyond = travel_minutes(NEARBY_KM, density=density) + np.ceil((km - NEARBY_KM) * _pace(Density.SPARSE))
    return np.where(km <= NEARBY_KM, nearby, beyond).astype(np.int64)


def km_within(minutes: int, *, density: Density) -> float:
    """The farthest place that `minutes_for` may put within these minutes; a bound for the search, never an answer."""
    nearby = travel_minutes(NEARBY_KM, density=density)
    if minutes <= nearby:
        return NEARBY_KM
    return NEARBY_KM + (minutes - nearby) / _pace(Density.SPARSE)


def _pace(density: Density) -> float:
    roads = ROADS[density]
    return 60 * roads.detour / roads.km_per_hour

"""How long a person of the territory travels: the roads of their commune first, country roads beyond."""

import math
from functools import lru_cache

from quinze.science.distance import ROADS, Density, travel_minutes

NEARBY_KM = 5.0
DENSE_TOWN, TOWN, VILLAGE = 60_000, 8_000, 400  # inhabitants: the commune's area is not in the open lists


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


def km_within(minutes: int, *, density: Density) -> float:
    """The farthest place that `minutes_for` may put within these minutes; a bound for the search, never an answer."""
    nearby = travel_minutes(NEARBY_KM, density=density)
    if minutes <= nearby:
        return NEARBY_KM
    return NEARBY_KM + (minutes - nearby) / _pace(Density.SPARSE)


def _pace(density: Density) -> float:
    roads = ROADS[density]
    return 60 * roads.detour / roads.km_per_hour

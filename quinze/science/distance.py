"""How far, and how long by road: an estimate that a territory can explain, not a route.

Minutes = 3 (door to road, parking) + 60 × km × detour ÷ speed, rounded up. The classes are those of Insee's communal
density grid, read from the population density of the commune; detour and speed are working values, to be replaced by
a territory that has measured its own.
"""

import math
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0088
ACCESS_MINUTES = 3


class Density(StrEnum):
    DENSE = "dense"
    INTERMEDIATE = "intermediate"
    SPARSE = "sparse"
    VERY_SPARSE = "very_sparse"


class RoadFactors(NamedTuple):
    detour: float
    km_per_hour: float


ROADS = {
    Density.DENSE: RoadFactors(1.40, 20),
    Density.INTERMEDIATE: RoadFactors(1.35, 35),
    Density.SPARSE: RoadFactors(1.30, 50),
    Density.VERY_SPARSE: RoadFactors(1.40, 50),
}


def density_class(people_per_km2: float) -> Density:
    if people_per_km2 >= 1500:
        return Density.DENSE
    if people_per_km2 >= 300:
        return Density.INTERMEDIATE
    return Density.SPARSE if people_per_km2 >= 25 else Density.VERY_SPARSE


def haversine_km(latitude: float, longitude: float, *, to_latitude: float, to_longitude: float) -> float:
    return kilometres_from(latitude, longitude)(to_latitude, to_longitude)


def kilometres_from(latitude: float, longitude: float) -> Callable[[float, float], float]:
    """The distance from one point to many others: what belongs to that point is computed once."""
    phi, sin, cos, radians = math.radians(latitude), math.sin, math.cos, math.radians
    cos_phi, twice_radius = cos(phi), 2 * EARTH_RADIUS_KM

    def kilometres(to_latitude: float, to_longitude: float) -> float:
        to_phi = radians(to_latitude)
        half_height = sin((to_phi - phi) / 2) ** 2
        half_width = sin(radians(to_longitude - longitude) / 2) ** 2
        chord = half_height + cos_phi * cos(to_phi) * half_width
        return twice_radius * math.asin(math.sqrt(min(1.0, chord)))

    return kilometres


def kilometres_to_all(
    latitude: float, longitude: float, *, lats: NDArray[np.float64], lons: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The same formula for many points; NaN where one is not known."""
    phi, to_phi = math.radians(latitude), np.radians(lats)
    half_height = np.sin((to_phi - phi) / 2) ** 2
    half_width = np.sin(np.radians(lons - longitude) / 2) ** 2
    chord = half_height + math.cos(phi) * np.cos(to_phi) * half_width
    found: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, chord)))
    return found


def travel_minutes(km: float, *, density: Density) -> int:
    roads = ROADS[density]
    return math.ceil(ACCESS_MINUTES + 60 * km * roads.detour / roads.km_per_hour)

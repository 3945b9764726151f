"""The offer of the demonstration: who practises where, in which structure, and takes part in the SAS or not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import hypot
from random import Random

from quinze.accounts.models import Sas
from quinze.availability.models import Absence, Audience, Modality, OpeningRule
from quinze.base.codes import fold
from quinze.base.periods import local_instant, period
from quinze.directory.models import (
    Commune,
    Membership,
    Participation,
    Place,
    Professional,
    Structure,
    StructureCommune,
)
from quinze.interop.demo import names
from quinze.interop.demo.stories import GP, NURSE

PHARMACIST, PHYSIO, DENTIST, MIDWIFE = "21", "70", "40", "50"  # TRE_G15
OTHERS = ((NURSE, 330), (PHARMACIST, 150), (PHYSIO, 190), (DENTIST, 120), (MIDWIFE, 45))
SPECIALISTS = (("SM40", 14), ("SM15", 10), ("SM38", 8), ("SM42", 16))  # paediatrics, ophthalmology, ENT…, TRE_R38
GENERAL_PRACTICE = "SM54"
GPS = 430
SECTORS = ("1", "1", "1", "1", "OPTAM", "1", "1", "2", "1", "1", "1", "", "1", "1", "NC", "1", "1", "1")


@dataclass
class Offer:
    sas: Sas
    random: Random
    at: datetime
    communes: list[Commune]
    weights: list[int]
    cpts: list[Structure] = field(default_factory=list)
    cpts_of: dict[str, Structure] = field(default_factory=dict)  # INSEE → CPTS
    gps: list[Professional] = field(default_factory=list)
    places: dict[int, Place] = field(default_factory=dict)  # professional → main place

    @property
    def today(self) -> date:
        return self.at.date()


def build(*, sas: Sas, at: datetime, seed: int, scale: int = 1) -> Offer:
    """Create the whole offer; `scale` multiplies people, not structures, for load tests."""
    communes = list(
        Commune.objects.filter(departement_id=sas.code, lat__isnull=False, population__isnull=False).order_by("insee")
    )
    offer = Offer(sas, Random(seed), at, communes, [commune.population or 1 for commune in communes])
    _structures(offer)
    _general_practitioners(offer, GPS * scale)
    _other_professionals(offer, scale)
    return offer


# --- structures -------------------------------------------------------------------------------------------------


def _structures(offer: Offer) -> None:
    towns = sorted(offer.communes, key=lambda commune: -(commune.population or 0))
    _cpts(offer)
    for town in towns[2:14]:
        _structure(offer, "MSP", f"MSP de {town.name}", town)
    for kind, name, town in (
        ("CDS", "Centre de santé des Couronneries", towns[0]),
        ("SOS", "SOS Médecins du Poitou", towns[0]),
        ("CSNP", "Centre de soins non programmés du Clain", towns[0]),
        ("MMG", "Maison médicale de garde de Poitiers", towns[0]),
        ("MMG", "Maison médicale de garde de Châtellerault", towns[1]),
        ("ED", "Urgences du CHU fictif de Poitiers", towns[0]),
        ("ED", "Urgences fictives de Châtellerault", towns[1]),
    ):
        structure = _structure(offer, kind, name, town)
        Participation.objects.create(
            sas=offer.sas,
            structure=structure,
            via="structure",
            during=_since(offer, 400),
            accepts_visits=kind == "SOS",
            takes_reorientations=kind in ("CSNP", "MMG"),
        )


def _cpts(offer: Offer) -> None:
    """Three CPTS: the communes nearest to one of three centres."""
    centres = (
        ("CPTS Poitiers et Clain", 46.58, 0.34),
        ("CPTS Nord Vienne", 46.85, 0.45),
        ("CPTS Sud Vienne", 46.36, 0.45),
    )
    offer.cpts = [_structure(offer, "CPTS", name, None) for name, *_ in centres]
    for commune in offer.communes:
        gaps = [hypot((commune.lat or 0) - lat, ((commune.lon or 0) - lon) * 0.69) for _, lat, lon in centres]
        offer.cpts_of[commune.insee] = offer.cpts[gaps.index(min(gaps))]
    StructureCommune.objects.bulk_create(
        StructureCommune(structure=structure, commune_id=insee) for insee, structure in offer.cpts_of.items()
    )


def _structure(offer: Offer, kind: str, name: str, town: Commune | None) -> Structure:
    structure = Structure.objects.create(
        kind=kind, name=name, phone=names.landline(offer.random), sas=offer.sas, finess=_finess(offer)
    )
    if town is not None:
        place = _place(offer, town)
        place.structure, place.name = structure, name
        place.save()
    return structure


# --- people -----------------------------------------------------------------------------------------------------


def _general_practitioners(offer: Offer, count: int) -> None:
    people = names.doctor_names(offer.random, count)
    offer.gps = Professional.objects.bulk_create(
        _professional(offer, GP, GENERAL_PRACTICE, person, rank) for rank, person in enumerate(people)
    )
    houses = {s.name.removeprefix("MSP de "): s for s in Structure.objects.filter(sas=offer.sas, kind="MSP")}
    places: list[Place] = []
    memberships: list[Membership] = []
    participations: list[Participation] = []
    kinds: list[str] = []
    for gp in offer.gps:
        place = _place(offer, _draw(offer), professional=gp)
        house = houses.get(place.commune.name)
        if house and offer.random.random() < 0.6:
            place.structure, place.name = house, house.name
            memberships.append(Membership(professional=gp, structure=house, during=_since(offer, 900)))
        place.sector = SECTORS[len(places) % len(SECTORS)]
        places.append(place)
        kinds.append(_participation(offer, gp, place, memberships, participations))
    for place in Place.objects.bulk_create(places):
        offer.places[place.professional_id or 0] = place
    Membership.objects.bulk_create(memberships)
    Participation.objects.bulk_create(participations)
    rules = [rule for gp, kind in zip(offer.gps, kinds, strict=True) for rule in _rules(offer, gp, kind)]
    OpeningRule.objects.bulk_create(rules)
    _absences(offer)


def _participation(
    offer: Offer, gp: Professional, place: Place, memberships: list[Membership], participations: list[Participation]
) -> str:
    """Decide how this GP takes part: none, public, individual, cpts. About 45 % do, as surveyed."""
    kind = offer.random.choices(("none", "public", "individual", "cpts"), (38, 17, 25, 20))[0]
    cpts = offer.cpts_of[place.commune_id]
    if kind == "cpts" or offer.random.random() < 0.25:
        memberships.append(Membership(professional=gp, structure=cpts, during=_since(offer, 700)))
    if kind == "none":
        return kind
    more = offer.random.random() < 0.5 and kind != "public"
    participations.append(
        Participation(
            sas=offer.sas,
            professional=gp,
            via="cpts" if kind == "cpts" else "individual",
            via_structure=cpts if kind == "cpts" else None,
            during=_since(offer, offer.random.randrange(60, 900)),
            accepts_overbooking=more,
            overbooking_per_day=offer.random.choice((1, 2, 2, 3)) if more else 0,
            accepts_visits=offer.random.random() < 0.3,
            accepts_teleconsultation=offer.random.random() < 0.35,
            shows_public_slots=kind == "public" or offer.random.random() < 0.2,
            shows_pro_slots=offer.random.random() < 0.3,
            takes_reorientations=len(participations) % 3 == 0,
        )
    )
    return kind


def _rules(offer: Offer, gp: Professional, kind: str) -> Iterator[OpeningRule]:
    """Two to five ranges a week that never overlap: each falls in its own half-day."""
    if kind == "none":
        return
    place, random = offer.places[gp.pk], offer.random
    halves = random.sample(
        [(day, half) for day in range(6) for half in (0, 1) if (day, half) != (5, 1)], k=random.randrange(2, 6)
    )
    for day, half in halves:
        starts = time(
            random.choice((8, 9, 10)) if half == 0 else random.choice((14, 15, 16, 17)), random.choice((0, 30))
        )
        minutes = random.choice((60, 90, 120))
        audience = _audience(random, kind)
        plage = audience == Audience.SNP and random.random() < 0.12
        yield OpeningRule(
            place=place,
            weekday=day,
            starts=starts,
            ends=(datetime.combine(offer.today, starts) + timedelta(minutes=minutes)).time(),
            valid_from=offer.today - timedelta(days=35),
            kind="plage" if plage else "slots",
            slot_minutes=random.choice((15, 20, 20, 30)),
            capacity=4 if plage else 1,
            modalities=_modalities(random),
            audience=audience,
            cpts=offer.cpts_of[place.commune_id] if audience == Audience.CPTS else None,
            created_at=offer.at,
        )


def _audience(random: Random, kind: str) -> str:
    if kind == "public":
        return random.choice((Audience.PUBLIC, Audience.PUBLIC, Audience.PRO))
    if kind == "cpts":
        return random.choice((Audience.CPTS, Audience.CPTS, Audience.SNP))
    return random.choice((Audience.SNP, Audience.SNP, Audience.SNP, Audience.PRO))


def _modalities(random: Random) -> list[str]:
    first = [Modality.CABINET.value]
    roll = random.random()
    if roll < 0.15:
        return [*first, Modality.VIDEO.value]
    return [*first, Modality.HOME.value] if roll < 0.22 else first


def _absences(offer: Offer) -> None:
    """One doctor in twelve is away now, some until Thursday morning, some for weeks."""
    zone = offer.sas.zone
    Absence.objects.bulk_create(
        Absence(
            professional=gp,
            during=period(
                local_instant(offer.today - timedelta(days=offer.random.randrange(1, 6)), time(8), zone),
                local_instant(offer.today + timedelta(days=offer.random.choice((1, 2, 2, 5, 12))), time(8), zone),
            ),
            reason=offer.random.choice(("congés", "formation", "")),
            created_at=offer.at,
        )
        for gp in offer.gps[::12]
    )


def _other_professionals(offer: Offer, scale: int) -> None:
    wanted = [(code, "") for code, count in OTHERS for _ in range(count * scale)]
    wanted += [(GP, specialty) for specialty, count in SPECIALISTS for _ in range(count * scale)]
    people = names.doctor_names(offer.random, len(wanted))
    made = Professional.objects.bulk_create(
        _professional(offer, code, specialty, person, GPS * scale + rank)
        for rank, ((code, specialty), person) in enumerate(zip(wanted, people, strict=True))
    )
    places = Place.objects.bulk_create(_place(offer, _draw(offer), professional=person) for person in made)
    _volunteer_nurses(
        offer, [place for person, place in zip(made, places, strict=True) if person.profession == NURSE][::12]
    )


def _volunteer_nurses(offer: Offer, places: list[Place]) -> None:
    """Who visit at home when the SAS asks, on three days of the week."""
    Participation.objects.bulk_create(
        Participation(
            sas=offer.sas, professional=place.professional, via="individual", during=_since(offer, 200),
            accepts_visits=True,
        )
        for place in places
    )  # fmt: skip
    OpeningRule.objects.bulk_create(
        OpeningRule(
            place=place,
            weekday=(rank + 2 * day) % 7,
            starts=time(14),
            ends=time(16),
            valid_from=offer.today - timedelta(days=35),
            kind="slots",
            slot_minutes=30,
            capacity=1,
            modalities=[Modality.HOME.value],
            audience=Audience.SNP,
            created_at=offer.at,
        )
        for rank, place in enumerate(places)
        for day in range(3)
    )


# --- pieces -----------------------------------------------------------------------------------------------------


def _professional(
    offer: Offer, profession: str, specialty: str, person: tuple[str, str, str], rank: int
) -> Professional:
    sex, given, family = person
    return Professional(
        rpps=fictitious_rpps(offer.sas, rank),
        civility="Dr" if profession == GP else "",
        gender=sex,
        given_name=given,
        family_name=family,
        search_name=fold(f"{family} {given}"),
        profession=profession,
        specialty=specialty,
        source="demo",
    )


def fictitious_rpps(sas: Sas, rank: int) -> str:
    """An 11-digit identifier of a block that is not given out, with its Luhn check digit."""
    body = f"1099{sum(map(ord, sas.code)) % 10}{rank:05d}"
    digits = [int(c) * (2 if i % 2 == 1 else 1) for i, c in enumerate(f"{body}0"[::-1])]
    return f"{body}{-sum(d - 9 if d > 9 else d for d in digits) % 10}"


def _finess(offer: Offer) -> str:
    return f"8699{offer.random.randrange(100_000):05d}"


def _draw(offer: Offer) -> Commune:
    return offer.random.choices(offer.communes, offer.weights)[0]


def _place(offer: Offer, commune: Commune, professional: Professional | None = None) -> Place:
    spread = 0.004 + min(commune.population or 0, 90_000) / 90_000 * 0.02
    return Place(
        professional=professional,
        address=f"{offer.random.randrange(1, 60)} {offer.random.choice(ADDRESSES)}",
        commune=commune,
        lat=(commune.lat or 0) + offer.random.uniform(-spread, spread),
        lon=(commune.lon or 0) + offer.random.uniform(-spread, spread) * 1.4,
        zone=commune.zone,
        phones=[names.landline(offer.random)],
        wheelchair=offer.random.choice((True, True, False, None)),
        languages=offer.random.choices(([], ["en"], ["ar"], ["en", "es"], ["pt"]), (70, 15, 6, 6, 3))[0],
        source="demo",
    )


def _since(offer: Offer, days: int) -> object:
    return period(offer.at - timedelta(days=days))


ADDRESSES: Sequence[str] = (
    "place du Marronnier",
    "rue des Écoles",
    "rue du Clain",
    "avenue de la Gare",
    "rue de la Mairie",
    "allée des Tanneurs",
    "route de Poitiers",
    "rue de l’Hôtel-Dieu",
    "rue du Marché",
    "boulevard du Pont",
    "rue des Vignes",
    "place de l’Église",
)

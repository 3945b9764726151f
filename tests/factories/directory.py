"""Territories and offer for tests. `from tests.factories import directory as make`, then make.commune(...)."""

from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.base.codes import fold
from quinze.base.periods import period
from quinze.directory.models import (
    Commune,
    Delegation,
    Departement,
    Membership,
    OpeningLine,
    Participation,
    Place,
    Power,
    Professional,
    SasCommune,
    SasParameter,
    Structure,
)

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = count(1)


def departement(code: str = "86", **fields: Any) -> Departement:
    defaults = {
        "name": f"Département {code}",
        "region_code": "75",
        "region": "Nouvelle-Aquitaine",
        "zone": "Europe/Paris",
        "default_radius_km": 15.0,
        "published_radius_km": 20.0,
    }
    return Departement.objects.update_or_create(code=code, defaults=defaults | fields)[0]


def commune(name: str = "Poitiers", **fields: Any) -> Commune:
    """`departement` may be a code; `insee` is made up in it when absent."""
    owner = fields.pop("departement", "86")
    if isinstance(owner, str):
        owner = Departement.objects.filter(code=owner).first() or departement(owner)
    digits = 5 - len(owner.code)
    defaults = {
        "insee": f"{owner.code}{next(_numbers) % 10**digits:0{digits}d}",
        "search_name": fold(name),
        "postal_codes": ["86000"],
        "population": 1000,
        "lat": 46.58,
        "lon": 0.34,
        "position": "exact",
        "zone": owner.zone,
    }
    return Commune.objects.create(name=name, departement=owner, **defaults | fields)


def sas(code: str = "86", *, communes: tuple[Commune, ...] = (), **fields: Any) -> Sas:
    defaults = {"name": f"SAS {code}", "zone": "Europe/Paris"}
    made, _ = Sas.objects.get_or_create(code=code, defaults=defaults | fields)
    for covered in communes:
        SasCommune.objects.get_or_create(sas=made, commune=covered)
    return made


def rpps(number: int | None = None) -> str:
    """A well-formed RPPS: ten digits and their Luhn key."""
    body = f"109{(number if number is not None else next(_numbers)):07d}"
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body))]
    return f"{body}{-sum(d - 9 if d > 9 else d for d in doubled) % 10}"


def professional(family_name: str = "Aubépine", given_name: str = "Rose", **fields: Any) -> Professional:
    """A general practitioner, unless told otherwise."""
    defaults = {
        "rpps": rpps(),
        "civility": "Dr",
        "gender": "F",
        "profession": "10",
        "specialty": "SM54",
        "search_name": fold(f"{family_name} {given_name}"),
    }
    return Professional.objects.create(family_name=family_name, given_name=given_name, **defaults | fields)


def structure(kind: str = "MSP", name: str = "MSP des Tilleuls", **fields: Any) -> Structure:
    return Structure.objects.create(kind=kind, name=name, **fields)


def membership(professional: Professional, structure: Structure, **fields: Any) -> Membership:
    return Membership.objects.create(
        professional=professional, structure=structure, **{"during": period(SINCE)} | fields
    )


def place(owner: Professional | Structure, commune: Commune, **fields: Any) -> Place:
    """Where the professional, or the structure, practises."""
    kind = "professional" if isinstance(owner, Professional) else "structure"
    defaults = {
        kind: owner,
        "address": "1 rue des Essences",
        "lat": commune.lat,
        "lon": commune.lon,
        "zone": commune.zone,
        "phones": ["+33536490001"],
    }
    return Place.objects.create(commune=commune, **defaults | fields)


def participation(owner: Professional | Structure, sas: Sas, **fields: Any) -> Participation:
    kind = "professional" if isinstance(owner, Professional) else "structure"
    defaults = {kind: owner, "during": period(SINCE), "via": "individual" if kind == "professional" else "structure"}
    return Participation.objects.create(sas=sas, **defaults | fields)


def snp_opening(sas: Sas) -> list[OpeningLine]:
    """Monday to Friday 8–20, Saturday 8–12."""
    days = [(day, time(20)) for day in range(5)] + [(5, time(12))]
    return OpeningLine.objects.bulk_create(
        OpeningLine(sas=sas, line="SNP", weekday=day, starts=time(8), ends=end, valid_from=date(2024, 1, 1))
        for day, end in days
    )


def parameter(sas: Sas, name: str, value: Any, *, at: datetime = SINCE) -> SasParameter:
    return SasParameter.objects.create(sas=sas, name=name, value=value, during=period(at), set_at=at)


def delegation(professional: Professional, actor: Actor, **fields: Any) -> Delegation:
    """Accepted long ago, for everything, unless told otherwise. `places` may be given."""
    places = fields.pop("places", ())
    defaults = {"powers": list(Power.values), "during": period(SINCE), "accepted_at": SINCE, "asked_by": "delegate"}
    made = Delegation.objects.create(professional=professional, delegate=actor.user, sas=actor.sas, **defaults | fields)
    made.places.set(places)
    return made

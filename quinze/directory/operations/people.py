from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from quinze.accounts.actor import Actor
from quinze.base import phones
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.periods import period
from quinze.directory import identifiers
from quinze.directory.models import Commune, Membership, Place, Professional, Structure
from quinze.directory.models.offer import StructureKind
from quinze.directory.names import person_key
from quinze.directory.operations.journal import record


@dataclass(frozen=True, slots=True)
class Identity:
    """What the registers say of a person."""

    family_name: str
    given_name: str
    profession: str  # TRE_G15
    specialty: str = ""  # TRE_R38
    civility: str = ""
    gender: str = ""
    rpps: str = ""
    adeli: str = ""
    idnps: str = ""


def create_professional(identity: Identity, *, by: Actor, at: datetime) -> Professional:
    with refuse_violations():
        professional = Professional.objects.create(**_identity_columns(identity), source_updated_at=at)
        record("Fiche créée", professional, by=by, at=at)
    return professional


def change_professional(professional: Professional, identity: Identity, *, by: Actor, at: datetime) -> Professional:
    columns = _identity_columns(identity)
    changed = _assign(professional, columns)
    with refuse_violations():
        professional.save(update_fields=list(columns))
        record("Fiche modifiée", professional, by=by, at=at, **changed)
    return professional


def _identity_columns(identity: Identity) -> dict[str, Any]:
    if not identity.family_name.strip():
        raise Refusal("Le nom est nécessaire.", field="family_name")
    if not (identity.profession.isdigit() and len(identity.profession) == 2):
        raise Refusal("Choisissez une profession.", field="profession")
    return {
        **_national_ids(identity),
        "family_name": identity.family_name.strip(),
        "given_name": identity.given_name.strip(),
        "search_name": person_key(identity.family_name, identity.given_name),
        "civility": identity.civility,
        "gender": identity.gender,
        "profession": identity.profession,
        "specialty": identity.specialty,
        "source": "quinze",  # corrected here: the national extraction no longer overwrites it
    }


def _national_ids(identity: Identity) -> dict[str, str | None]:
    """A prefixed RPPS or ADELI typed as « identifiant national » is kept where it belongs."""
    other = identifiers.idnps(identity.idnps) if identity.idnps else identifiers.NationalId()
    found = {
        "rpps": identifiers.rpps(identity.rpps) if identity.rpps else other.rpps,
        "adeli": identifiers.adeli(identity.adeli) if identity.adeli else other.adeli,
        "idnps": other.idnps,
    }
    if not any(found.values()):
        raise Refusal("Donnez au moins un identifiant : RPPS, ADELI ou identifiant national.", field="rpps")
    return found


def create_structure(
    *, kind: str, name: str, finess: str = "", siret: str = "", phone: str = "", by: Actor, at: datetime
) -> Structure:
    with refuse_violations():
        structure = Structure.objects.create(sas=by.sas, **_structure_columns(kind, name, finess, siret, phone))
        record("Structure créée", structure, by=by, at=at)
    return structure


def change_structure(
    structure: Structure,
    *,
    kind: str,
    name: str,
    finess: str = "",
    siret: str = "",
    phone: str = "",
    by: Actor,
    at: datetime,
) -> Structure:
    _check_owned(structure, by)
    columns = _structure_columns(kind, name, finess, siret, phone)
    changed = _assign(structure, columns)
    with refuse_violations():
        structure.save(update_fields=list(columns))
        record("Structure modifiée", structure, by=by, at=at, **changed)
    return structure


def _structure_columns(kind: str, name: str, finess: str, siret: str, phone: str) -> dict[str, Any]:
    if kind not in StructureKind.values:
        raise Refusal("Choisissez le type de la structure.", field="kind")
    if not name.strip():
        raise Refusal("Donnez le nom de la structure.", field="name")
    return {
        "kind": kind,
        "name": name.strip(),
        "finess": identifiers.finess(finess) if finess else None,
        "siret": identifiers.siret(siret) if siret else None,
        "phone": phones.normalise(phone, field="phone"),
    }


def _check_owned(structure: Structure, by: Actor) -> None:
    if structure.sas_id not in (None, by.sas.pk):
        raise Refusal("Cette structure est tenue par un autre SAS.", code="other_sas")


@transaction.atomic
def join_structure(professional: Professional, structure: Structure, *, by: Actor, at: datetime) -> Membership:
    Professional.objects.select_for_update(no_key=True).get(pk=professional.pk)
    with refuse_violations():
        row = Membership.objects.create(professional=professional, structure=structure, during=period(at))
        record("Appartenance ajoutée", professional, by=by, at=at, structure=structure)
    return row


@transaction.atomic
def leave_structure(membership: Membership, *, by: Actor, at: datetime) -> Membership:
    row = Membership.objects.select_for_update().get(pk=membership.pk)
    if row.during.upper is not None and row.during.upper <= at:
        return row
    if row.during.lower >= at:
        raise Refusal("Cette appartenance n’a pas encore commencé.", field="structure")
    row.during = period(row.during.lower, at)
    row.save(update_fields=["during"])
    record("Appartenance terminée", row.professional, by=by, at=at, structure=row.structure)
    return row


@dataclass(frozen=True, slots=True)
class Address:
    """A place of practice. Without coordinates, those of the commune; its zone is always the commune's."""

    commune: Commune
    address: str
    name: str = ""
    phones: tuple[str, ...] = ()
    email: str = ""
    lat: float | None = None
    lon: float | None = None
    sector: str = ""
    wheelchair: bool | None = None
    languages: tuple[str, ...] = ()
    information: str = ""


@transaction.atomic
def add_place(owner: Professional | Structure, address: Address, *, by: Actor, at: datetime) -> Place:
    whose = {"professional": owner} if isinstance(owner, Professional) else {"structure": owner}
    place = Place.objects.create(**whose, **_place_columns(address))
    record("Lieu ajouté", owner, by=by, at=at, address=place.address, commune=place.commune)
    return place


@transaction.atomic
def change_place(place: Place, address: Address, *, by: Actor, at: datetime) -> Place:
    columns = _place_columns(address)
    changed = _assign(place, columns)
    place.save(update_fields=list(columns))
    record("Lieu modifié", _owner(place), by=by, at=at, **changed)
    return place


@transaction.atomic
def close_place(place: Place, *, by: Actor, at: datetime) -> Place:
    """Kept, since bookings were made there, but offered no more."""
    place.is_active = False
    place.save(update_fields=["is_active"])
    record("Lieu fermé", _owner(place), by=by, at=at, address=place.address)
    return place


def _owner(place: Place) -> Professional | Structure:
    owner = place.professional or place.structure
    if owner is None:
        raise AssertionError("a constraint gives every place an owner")
    return owner


def _assign(row: Model, columns: dict[str, Any]) -> dict[str, Any]:
    """Set the columns; answer those that change, with their new values."""
    changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in columns.items():
        setattr(row, name, value)
    return changed


def _place_columns(address: Address) -> dict[str, Any]:
    if (address.lat is None) != (address.lon is None):
        raise Refusal("Donnez la latitude et la longitude, ou aucune des deux.", field="lat")
    columns = {field.name: getattr(address, field.name) for field in fields(address)}
    numbers = [phones.normalise(phone, field="phones") for phone in address.phones]
    return columns | {
        "phones": [number for number in dict.fromkeys(numbers) if number],
        "languages": list(dict.fromkeys(address.languages)),
        "lat": address.lat if address.lat is not None else address.commune.lat,
        "lon": address.lon if address.lon is not None else address.commune.lon,
        "zone": address.commune.zone,
        "address": address.address.strip(),
        "is_active": True,
        "source": "quinze",
    }

"""Emergency departments send people to town: their IOA registers them, then searches and books as an OSNP does."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Commune, Structure
from quinze.directory.queries.emergency import departments_of, place_of_department
from quinze.orientation.models import OrientationRequest
from quinze.orientation.operations.requests import claim, create_request
from quinze.orientation.rules import may_reorient
from quinze.patients.models import Patient
from quinze.patients.operations import change_identity, provisional
from quinze.patients.queries import patient as patient_of
from quinze.patients.queries import root

WITHIN = timedelta(hours=48)  # of unscheduled care
PRIORITY = "P2"
NUMBER = "SELECT nextval('orientation_reorientation_number')"


@dataclass(frozen=True, slots=True)
class Reoriented:
    """Who is there: somebody known of the SAS, or what they say of themselves (as `change_identity` takes it)."""

    known: int | None = None
    traits: dict[str, Any] = field(default_factory=dict)
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the doctor of the department asks: as of a regulated call, without any symptom."""

    decided_by: str
    deadline: datetime
    profession: str = "10"
    specialty: str = "SM54"
    modalities: Iterable[str] = ("AMB",)
    instruction: str = ""
    commune: Commune | None = None  # where the person goes from; none: the department


def reorient(
    *, department: Structure, person: Reoriented, wish: Wish, accepted: bool, by: Actor, at: datetime
) -> OrientationRequest:
    """The request, in the hands of this IOA. Refused without the doctor who decided and the person who accepts."""
    if not may_reorient(by) or department not in departments_of(by, at=at):
        raise NotFound("Ces urgences ne sont pas les vôtres.")
    if not wish.decided_by.strip():
        raise Refusal("Dites quel médecin des urgences a décidé la réorientation.", field="decided_by")
    if not accepted:
        raise Refusal("La personne peut refuser : elle reste alors aux urgences.", field="accepted")
    with transaction.atomic():
        patient = _patient(person, by=by, at=at)
        request = create_request(
            sas=by.sas,
            case_number=_number(at),
            patient=patient,
            priority=PRIORITY,
            deadline=wish.deadline,
            limit_at=at + WITHIN,
            profession=wish.profession,
            specialty=wish.specialty,
            modalities=wish.modalities,
            instruction=wish.instruction.strip(),
            callback_phone=person.phone,
            emergency=department,
            decided_by=wish.decided_by.strip(),
            by=by,
            at=at,
            **_origin(department, wish.commune),
        )
        return claim(request=request, by=by, at=at)


def _number(at: datetime) -> str:
    """There is no case file: what happens is told under a number of its own."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBER)
        (rank,) = cursor.fetchone()
    return f"REO{at:%y%j}{rank:07d}"


def _patient(person: Reoriented, *, by: Actor, at: datetime) -> Patient:
    if person.known is not None:
        return root(patient_of(person.known, by=by))
    made = provisional(sas=by.sas, at=at, phone=person.phone)
    return change_identity(made, person.traits) if person.traits else made


def _origin(department: Structure, town: Commune | None) -> dict[str, Any]:
    """From the department itself when the person says no other commune."""
    here = place_of_department(department)
    if here is not None and (town is None or town.pk == here.commune_id):
        return {"commune": here.commune, "lat": here.lat, "lon": here.lon, "address": here.address}
    return {"commune": town}

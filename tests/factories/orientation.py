"""An offer, a charter and requests, for tests.

from tests.factories import orientation as make, then make.territory(), make.doctor(...), make.request(...).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.accounts.roles import Role
from quinze.availability.models import Absence, Slot
from quinze.base.periods import period
from quinze.directory.models import Commune, Place, Professional, Structure
from quinze.orientation import operations
from quinze.orientation.default_charter import default_document
from quinze.orientation.models import Booking, CharterVersion, OrientationRequest
from quinze.orientation.queries import SearchView
from quinze.patients.models import Patient
from tests.factories import directory, patients
from tests.factories.accounts import make_actor
from tests.factories.availability import slot as make_slot

AT = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)  # Tuesday, 10:00 in Poitiers
HERE = (46.58, 0.34)
KM_NORTH = 1 / 111.195  # degrees of latitude in one kilometre
_numbers = count(1)


@dataclass
class Territory:
    """A SAS with its charter in force, its people at their posts, and one commune where requests come from."""

    sas: Sas
    commune: Commune
    osnp: Actor
    referent: Actor
    doctor: Actor
    charter: CharterVersion
    cpts: Structure = field(repr=False)


def territory(code: str = "86", *, document: Any = None, at: datetime = AT) -> Territory:
    directory.departement(code)
    commune = directory.commune("Poitiers", departement=code, lat=HERE[0], lon=HERE[1], population=5000)
    sas = directory.sas(code, communes=(commune,))
    directory.snp_opening(sas)
    cpts = directory.structure("CPTS", "CPTS Sud Vienne", sas=sas)
    cpts.zone_communes.create(commune=commune)
    referent = make_actor(Role.REFERENT, sas, at=at)
    return Territory(
        sas=sas,
        commune=commune,
        osnp=make_actor(Role.OSNP, sas, at=at),
        referent=referent,
        doctor=make_actor(Role.REGULATEUR_SNP, sas, at=at),
        charter=published_charter(sas, by=referent, document=document, at=at - timedelta(days=100)),
        cpts=cpts,
    )


def published_charter(sas: Sas, *, by: Actor, document: Any = None, at: datetime = AT) -> CharterVersion:
    draft = operations.start_draft(sas=sas, by=by, at=at)
    text = document or default_document()
    draft = operations.save_draft(
        draft=draft, title="Charte d’adressage", authors="Comité", document=text, by=by, at=at
    )
    return operations.publish(draft=draft, agreed_on=at.date(), by=by, at=at)


def doctor(land: Territory, name: str = "", *, km: float = 4.0, participates: bool = True, **fields: Any) -> Place:
    """A general practitioner who takes part, so many kilometres north of the request; the place is what is booked."""
    family = name or f"Érable {next(_numbers)}"
    person = directory.professional(family, "Hélène")
    member_of = fields.pop("member_of", ())
    place_fields = {
        key: fields.pop(key) for key in ("wheelchair", "languages", "email", "phones", "sector") if key in fields
    }
    if participates:
        directory.participation(person, land.sas, **fields)
    for structure in member_of:
        directory.membership(person, structure)
    return directory.place(person, land.commune, lat=HERE[0] + km * KM_NORTH, lon=HERE[1], **place_fields)


def structure(land: Territory, kind: str, name: str, *, km: float = 5.0) -> Place:
    made = directory.structure(kind, name, sas=land.sas, phone="+33549000000")
    return directory.place(made, land.commune, lat=HERE[0] + km * KM_NORTH, lon=HERE[1], phones=[])


def slot(place: Place, hours: float = 2, *, minutes: int = 20, at: datetime = AT, **fields: Any) -> Slot:
    """Free, dedicated to the SAS, starting so many hours after `at`."""
    start = at + timedelta(hours=hours)
    return make_slot(place, start, start + timedelta(minutes=minutes), **fields)


def absence(professional: Professional, *, start: datetime = AT - timedelta(days=1), days: float = 7) -> Absence:
    return Absence.objects.create(
        professional=professional, during=period(start, start + timedelta(days=days)), created_at=start
    )


def patient(land: Territory, **fields: Any) -> Patient:
    return patients.patient(land.sas, **{"phone": "+33639984127"} | fields)


def request(land: Territory, *, at: datetime = AT, hours: float = 48, **fields: Any) -> OrientationRequest:
    """Asked at `at`, to be seen within so many hours."""
    defaults = {
        "case_number": f"DRFR15{land.sas.code}0{at:%y%j}{next(_numbers):05d}",
        "patient": fields.pop("patient", None) or patient(land),
        "priority": "P2",
        "deadline": at + timedelta(hours=hours),
        "limit_at": at + timedelta(hours=48),
        "commune": land.commune,
        "lat": HERE[0],
        "lon": HERE[1],
        "email": "pinson@exemple.test",
    }
    return operations.create_request(sas=land.sas, by=land.doctor, at=at, **defaults | fields)


def searched(request: OrientationRequest, land: Territory, *, at: datetime = AT, **options: Any) -> SearchView:
    return operations.search(request=request, by=land.osnp, at=at, options=operations.SearchOptions(**options))


def held(
    request: OrientationRequest,
    place: Place,
    slot: Slot,
    land: Territory,
    *,
    at: datetime = AT,
    by: Actor | None = None,
) -> Booking:
    """A seat kept as an OSNP does it: search, choose, hold."""
    view = searched(request, land, at=at)
    owner = f"p{place.professional_id}" if place.professional_id else f"s{place.structure_id}"
    return operations.hold(
        request=request,
        ranking=view.ranking_id,
        candidate=f"{owner}@{place.pk}",
        slot=slot.pk,
        modality="AMB",
        by=by or land.osnp,
        at=at,
        reason="souhait du patient",
    )


def booked(
    request: OrientationRequest, place: Place, slot: Slot, land: Territory, *, at: datetime = AT, **fields: Any
) -> Booking:
    return operations.confirm(booking=held(request, place, slot, land, at=at), by=land.osnp, at=at, **fields)


def department(land: Territory, name: str = "Urgences du Clain") -> Structure:
    """An emergency department of the SAS, at the place where requests come from."""
    made = directory.structure("ED", name, sas=land.sas, phone="+33549000001", finess=f"86{next(_numbers):07d}")
    directory.place(made, land.commune, lat=HERE[0], lon=HERE[1], phones=[])
    return made


def nurse(land: Territory, house: Structure, *, at: datetime = AT) -> Actor:
    """An IOA of that department, at their post."""
    by = make_actor(Role.IOA, land.sas, at=at)
    house.nurses.create(user=by.user, during=period(at - timedelta(days=30)))
    return by


def takes_reorientations(house: Structure, land: Territory) -> None:
    directory.participation(house, land.sas, takes_reorientations=True)


def reoriented(
    land: Territory, house: Structure, by: Actor, name: str, *, at: datetime = AT, hours: float = 48, **fields: Any
) -> OrientationRequest:
    """Registered by the nurse, in their hands."""
    person = operations.Reoriented(traits={"family_name": name}, phone="+33639984127")
    wish = operations.Wish("Dr Grive", at + timedelta(hours=hours))
    return operations.reorient(department=house, person=person, wish=wish, by=by, at=at, **{"accepted": True} | fields)

"""A request that another regulation software brings: its doctor decided there, the orientation is done here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base.errors import Refusal
from quinze.directory.models import Commune, Professional
from quinze.directory.queries import parameter
from quinze.orientation.models import OrientationRequest
from quinze.orientation.operations.requests import claim, create_request
from quinze.patients.operations import change_identity, provisional
from quinze.regulation.decisions import LONGEST_HOURS, MODALITIES
from quinze.regulation.models import CaseFile, Step
from quinze.regulation.operations.opening import next_number
from quinze.regulation.operations.record import allow, line, write


@dataclass(frozen=True, slots=True)
class Brought:
    """What the other software said, completed by the OSNP. Nobody is named in its address: a name is typed here."""

    software: str
    profession: str
    specialty: str
    modalities: tuple[str, ...]
    within_hours: int
    address: str = ""
    commune: Commune | None = None
    lat: float | None = None
    lon: float | None = None
    referring_doctor: Professional | None = None
    referring_doctor_text: str = ""
    family_name: str = ""
    given_name: str = ""
    callback_phone: str = ""

    def check(self) -> None:
        if not self.modalities or any(code not in MODALITIES for code in self.modalities):
            raise Refusal("Choisissez au moins une façon d’être vu : cabinet, visite ou vidéo.", field="modalities")
        if not 1 <= self.within_hours <= LONGEST_HOURS:
            raise Refusal(f"« Vu avant » va de 1 à {LONGEST_HOURS} heures.", field="within_hours")


@transaction.atomic
def open_brought(brought: Brought, *, by: Actor, at: datetime) -> OrientationRequest:
    """A file of ours at the OSNP's step, its request already taken by who opens it.

    A file, though the medical one is elsewhere: the red button, the chronology and the follow-up stand on it.
    """
    allow(by.may(Capability.ORIENT), "Seul un OSNP reçoit l’appel d’un autre logiciel.")
    brought.check()
    case = _file(brought, by=by, at=at)
    text = f"Dossier ouvert par l’appel de {brought.software} : la régulation médicale est dans ce logiciel."
    write(case, lines=[line(case, by=by, at=at, kind="opened", text=text, software=brought.software)], at=at)
    request = create_request(
        sas=by.sas,
        case_number=case.number,
        patient=case.patient,
        priority=case.priority,
        profession=brought.profession,
        specialty=brought.specialty,
        modalities=brought.modalities,
        deadline=at + timedelta(hours=brought.within_hours),
        limit_at=case.snp_deadline or at + timedelta(hours=48),
        callback_phone=brought.callback_phone,
        address=brought.address,
        commune=brought.commune,
        lat=brought.lat,
        lon=brought.lon,
        by=by,
        at=at,
    )
    return claim(request=request, by=by, at=at)


def _file(brought: Brought, *, by: Actor, at: datetime) -> CaseFile:
    person = provisional(sas=by.sas, at=at, phone=brought.callback_phone)
    doctor = brought.referring_doctor
    known = {
        "family_name": brought.family_name,
        "given_name": brought.given_name,
        "referring_doctor_id": doctor.pk if doctor else None,
        "referring_doctor_text": "" if doctor else brought.referring_doctor_text[:160],
    }
    return CaseFile.objects.create(
        sas=by.sas,
        number=next_number(by.sas, at=at),
        opened_at=at,
        opened_by=by.user,
        patient=change_identity(person, known),
        step=Step.OSNP,
        stream="SNP",
        waiting_since=at,
        snp_deadline=at + timedelta(hours=parameter(by.sas, "snp_deadline_hours", at)),
        callback_phone=brought.callback_phone,
        address=brought.address,
        commune=brought.commune,
        lat=brought.lat,
        lon=brought.lon,
    )

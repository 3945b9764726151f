"""The agenda that the fake editor keeps: fictitious doctors of its own, their hours, and the FHIR that it says of them.

It writes its resources as an editor would, from nothing of our own agenda server: what one side gets wrong, the other
does not excuse.
"""

import uuid
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
NATIONAL, STRUCTURE = "urn:oid:1.2.250.1.71.4.2.1", "urn:oid:1.2.250.1.71.4.2.2"
HL7FR, SAS, GUIDE = (
    "http://interopsante.org/fhir",
    "http://sas.fr/fhir/StructureDefinition",
    "https://interop.esante.gouv.fr/ig/fhir/sas/StructureDefinition",
)
NOS = "https://mos.esante.gouv.fr/NOS"
LABELS = f"{NOS}/TRE_R314-TypeCreneau/FHIR/TRE-R314-TypeCreneau"
SPECIALTIES = f"{NOS}/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
ACTS, KINDS = "http://terminology.hl7.org/CodeSystem/v3-ActCode", "http://terminology.hl7.org/CodeSystem/v2-0276"
STRUCTURES = f"{NOS}/TRE_R66-CategorieEtablissement/FHIR/TRE-R66-CategorieEtablissement"
SERVICE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Slot.serviceType"
Resource = dict[str, Any]


PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
NOBODY_YET = {"type": [{"coding": [{"system": PARTICIPATION, "code": "ADM"}]}], "status": "needs-action"}


@dataclass(slots=True)
class Hour:
    """One time that the editor offers."""

    start: datetime
    minutes: int = 15
    label: str = "SNP"
    act: str = "AMB"
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    is_free: bool = True
    cpts: tuple[str, ...] = ()  # FINESS with their prefix, of those whose patients it is kept for


@dataclass(slots=True)
class Doctor:
    """`identifier` with its prefix: 8 and RPPS of a person, 3 and SIRET of an association SOS Médecins."""

    identifier: str
    family: str
    given: str
    line: str
    city: str
    postal_code: str
    hours: list[Hour] = field(default_factory=list)
    specialty: str = "SM54"

    @property
    def key(self) -> str:
        return self.identifier.lower()

    @property
    def is_association(self) -> bool:
        return self.identifier.startswith("3") and len(self.identifier) == 15


def hours(day: datetime, *times: str, minutes: int = 15, label: str = "SNP") -> list[Hour]:
    """Of the local day of `day`: "14:00", "14:15"…"""
    local = day.astimezone(PARIS)
    clock = (each.partition(":") for each in times)
    moments = (local.replace(hour=int(h), minute=int(m), second=0, microsecond=0) for h, _, m in clock)
    return [Hour(moment, minutes, label) for moment in moments]


def searchset(doctors: list[Doctor], *, of: str, since: datetime, until: datetime, asked: str) -> Resource:
    """The Bundle of the guide for these doctors; their free hours that begin in the window."""
    free = [(one, hour) for one in doctors for hour in one.hours if hour.is_free and since <= hour.start <= until]
    shown = [one for one in doctors if any(one is owner for owner, _ in free)]
    zones = dict.fromkeys(finess for _, hour in free for finess in hour.cpts)
    entries = [*(_slot(one, hour, of) for one, hour in free), *(each for one in shown for each in _around(one)),
               *(each for finess in zones for each in _of_cpts(finess))]  # fmt: skip
    made: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(free)}
    made["link"] = [{"relation": "self", "url": asked}]
    if entries:
        made["entry"] = [
            {"fullUrl": f"{of}/{each['resourceType']}/{each['id']}", "resource": each, "search": {"mode": mode}}
            for each, mode in ((each, "match" if each["resourceType"] == "Slot" else "include") for each in entries)
        ]
    return made


def _slot(doctor: Doctor, hour: Hour, of: str) -> Resource:
    profile = f"{GUIDE}/sas-sos-slot-aggregator" if doctor.is_association else f"{SAS}/FrSlotAgregateur"
    if hour.cpts:
        profile = f"{GUIDE}/sas-cpts-slot-aggregator"
    return {
        "resourceType": "Slot",
        "id": hour.key,
        "meta": {"profile": [profile], "security": [{"system": LABELS, "code": hour.label}]},
        "serviceType": [{"coding": [{"system": ACTS, "code": hour.act}]}, *map(_service_of_cpts, hour.cpts)],
        "specialty": [{"coding": [{"system": SPECIALTIES, "code": doctor.specialty}]}],
        "appointmentType": {"coding": [{"system": KINDS, "code": "ROUTINE"}]},
        "schedule": {"reference": f"Schedule/{doctor.key}"},
        "status": "free",
        "start": instant(hour.start),
        "end": instant(hour.start + timedelta(minutes=hour.minutes)),
        "comment": f"{of.removesuffix('/fhir')}/agenda/{doctor.key}?creneau={hour.key}",
    }


def instant(moment: datetime) -> str:
    return moment.astimezone(PARIS).isoformat(timespec="milliseconds")


def _around(doctor: Doctor) -> Iterator[Resource]:
    yield from _of_association(doctor) if doctor.is_association else _of_person(doctor)


def _of_person(doctor: Doctor) -> Iterator[Resource]:
    key = doctor.key
    yield {
        "resourceType": "Schedule",
        "id": key,
        "meta": {"profile": [f"{SAS}/FrScheduleAgregateur"]},
        "actor": [{"reference": f"Practitioner/{key}"}, {"reference": f"PractitionerRole/{key}"}],
    }
    yield {
        "resourceType": "Practitioner",
        "id": key,
        "meta": {"profile": [f"{SAS}/FrPractitionerAgregateur"]},
        "identifier": [
            {"type": _type("CodeSystem/fr-v2-0203", "IDNPS"), "system": NATIONAL, "value": doctor.identifier}
        ],
        "name": [{"family": doctor.family, "given": [doctor.given], "prefix": ["Dr"]}],
    }
    yield {
        "resourceType": "PractitionerRole",
        "id": key,
        "meta": {"profile": [f"{SAS}/FrPractitionerRoleExerciceAgregateur"]},
        "contained": [
            {
                "resourceType": "Location",
                "id": "lieu",
                "meta": {"profile": [f"{SAS}/FrLocationAgregateur"]},
                "identifier": [_internal(doctor)],
                "address": _address(doctor),
            }
        ],
        "practitioner": {"reference": f"Practitioner/{key}"},
        "location": [{"reference": "#lieu"}],
        "specialty": [{"coding": [{"system": SPECIALTIES, "code": doctor.specialty}]}],
    }


def _of_association(doctor: Doctor) -> Iterator[Resource]:
    key = doctor.key
    yield {
        "resourceType": "Schedule",
        "id": key,
        "meta": {"profile": [f"{GUIDE}/sas-sos-schedule-aggregator"]},
        "actor": [{"reference": f"Location/{key}"}],
    }
    yield {
        "resourceType": "Location",
        "id": key,
        "meta": {"profile": [f"{GUIDE}/sas-sos-location-aggregator"]},
        "identifier": [_internal(doctor)],
        "name": doctor.family,
        "address": _address(doctor),
        "managingOrganization": {"reference": f"Organization/{key}"},
    }
    number = {
        "type": _type("CodeSystem/fr-location-identifier-type", "IDNST"),
        "system": STRUCTURE,
        "value": doctor.identifier,
    }
    yield {
        "resourceType": "Organization",
        "id": key,
        "meta": {"profile": [f"{GUIDE}/sas-sos-organization-aggregator"]},
        "identifier": [number],
        "name": doctor.family,
    }


def _service_of_cpts(finess: str) -> Resource:
    service = {"url": SERVICE, "valueReference": {"reference": f"HealthcareService/{finess}"}}
    return {"extension": [service], "coding": [{"system": STRUCTURES, "code": "604"}]}


def _of_cpts(finess: str) -> Iterator[Resource]:
    yield {
        "resourceType": "HealthcareService",
        "id": finess,
        "meta": {"profile": [f"{GUIDE}/sas-cpts-healthcareservice-aggregator"]},
        "providedBy": {"reference": f"Organization/{finess}"},
    }
    types = [*_type("CodeSystem/fr-location-identifier-type", "IDNST")["coding"],
             {"system": "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203", "code": "IDNST"}]  # fmt: skip
    yield {
        "resourceType": "Organization",
        "id": finess,
        "meta": {"profile": [f"{GUIDE}/sas-cpts-organization-aggregator"]},
        "identifier": [{"type": {"coding": types}, "system": STRUCTURE, "value": finess}],
        "name": f"CPTS {finess}",
    }


def _internal(doctor: Doctor) -> Resource:
    kind = _type("CodeSystem/fr-location-identifier-type", "INTRN")
    return {"type": kind, "system": "https://editeur.exemple", "value": doctor.key}


def _address(doctor: Doctor) -> Resource:
    return {"line": [doctor.line], "city": doctor.city, "postalCode": doctor.postal_code}


def _type(system: str, code: str) -> Resource:
    return {"coding": [{"system": f"{HL7FR}/{system}", "code": code}]}


def declaration(doctor: Doctor, hour: Hour, *, regulator: Resource, key: str, created: datetime) -> Resource:
    """INT_R03: the appointment that a regulator took here. Of an association nobody is named yet."""
    operator = f"{HL7FR}/StructureDefinition/FrAppointmentOperator"
    return {
        "resourceType": "Appointment",
        "meta": {"profile": [f"{GUIDE}/sas-sos-appointment" if doctor.is_association else f"{SAS}/FrAppointmentSAS"]},
        "extension": [{"url": operator, "valueReference": {"identifier": regulator}}],
        "identifier": [{"system": "https://editeur.exemple/rdv", "value": key}],
        "status": "pending" if doctor.is_association else "booked",
        "start": instant(hour.start),
        "end": instant(hour.start + timedelta(minutes=hour.minutes)),
        "created": instant(created),
        "participant": [NOBODY_YET if doctor.is_association else seen_by(doctor.identifier)],
    }


def seen_by(identifier: str) -> Resource:
    """The participant: a doctor who accepted, by their national identifier."""
    who = {"type": _type("CodeSystem/fr-v2-0203", "IDNPS"), "system": NATIONAL, "value": identifier}
    return {"actor": {"identifier": who}, "status": "accepted"}


def replayed(recording: Resource, *, today: datetime) -> Resource:
    """A recorded Bundle with its hours moved by whole days, so that its first day is today; nothing else changes."""
    bundle = deepcopy(recording)
    slots = [entry["resource"] for entry in bundle.get("entry", []) if entry["resource"]["resourceType"] == "Slot"]
    starts = [datetime.fromisoformat(slot["start"]).astimezone(PARIS).date() for slot in slots]
    days = (today.astimezone(PARIS).date() - min(starts)).days if starts else 0
    for slot in slots:
        for name in ("start", "end"):
            local = datetime.fromisoformat(slot[name]).astimezone(PARIS)
            slot[name] = instant(datetime.combine(local.date() + timedelta(days=days), local.timetz()))
    return bundle

"""An Appointment of INT_R03 (FrAppointmentSAS, sas-sos-appointment): read at the border, and written.

It has no patient. Only what is written back is kept: whatever else a peer puts in it is read by nobody. Beyond the
profiles, as the exchange needs it: a status of the exchange, an end after the start, operators of the two known
systems, one professional at most and no patient.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from quinze.interop.fhir.facts import EXTENSIONS, IDENTIFIERS, PROFILES, Resource, identifier, meta
from quinze.interop.fhir.faults import Fault, Faulty
from quinze.interop.fhir.reading import COMMON, MOST_SAID, Reading, typed
from quinze.interop.fhir.regulator import CODES, NATIONAL, TECHNICAL, VALUES

PENDING, BOOKED, FULFILLED, NO_SHOW, CANCELLED = "pending", "booked", "fulfilled", "noshow", "cancelled"
STATUSES = (PENDING, BOOKED, FULFILLED, NO_SHOW, CANCELLED)
OTHER_STATUSES = frozenset(["proposed", "arrived", "entered-in-error", "checked-in", "waitlist"])  # of R4
ACCEPTED, NEEDS_ACTION = "accepted", "needs-action"
PROFESSIONALS, SOS = "appointment", "sos_appointment"  # names of our facts
OPERATOR = EXTENSIONS["appointment_operator"]
ELEMENTS = COMMON | {
    "identifier", "status", "cancelationReason", "serviceCategory", "serviceType", "specialty", "appointmentType",
    "reasonCode", "reasonReference", "priority", "description", "supportingInformation", "start", "end",
    "minutesDuration", "slot", "created", "comment", "patientInstruction", "basedOn", "participant", "requestedPeriod",
}  # fmt: skip
LONGEST_SYSTEM, LONGEST_VALUE = 200, 120
LONGEST = timedelta(hours=24)
YEARS = range(2000, 2101)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True, slots=True)
class Rdv:
    """What one declaration says. `practitioner`: national identifier with its prefix, empty while nobody is named."""

    system: str
    value: str
    status: str
    start: datetime
    end: datetime
    operator_system: str
    operator: str
    practitioner: str = ""
    is_accepted: bool = True
    created: datetime | None = None
    profile: str = PROFESSIONALS


def read(resource: Resource) -> Rdv:
    """Raises Faulty, with the faults found, MOST_SAID at most. Nothing is trusted but that it came from JSON."""
    reading = _Reading()
    said = reading.appointment(resource)
    if reading.faults or said is None:
        raise Faulty(reading.faults[:MOST_SAID])
    return said


def read_key(text: str) -> tuple[str, str]:
    """The `identifier=<system>|<value>` of a conditional update: any system, that of who declares."""
    system, bar, value = text.partition("|")
    if not bar or not system or not value or len(system) > LONGEST_SYSTEM or len(value) > LONGEST_VALUE:
        raise Faulty([Fault(400, "value", "Attendu : identifier=<système>|<valeur>, une seule fois.", "identifier")])
    return system, value


def write(rdv: Rdv, *, zone: str = "Europe/Paris", key: str = "") -> Resource:
    """Valid against its profile in both versions of the guide, as long as 1.1.0 knows its statuses: a participant
    who has not accepted is of 1.2.0 for professionals.
    """
    resource: Resource = {"resourceType": "Appointment"} | ({"id": key} if key else {})
    resource |= {
        "meta": meta(rdv.profile),
        "extension": [
            {
                "url": OPERATOR,
                "valueReference": {
                    "identifier": identifier(
                        rdv.operator_system, rdv.operator, ("identifier_type", CODES[rdv.operator_system])
                    )
                },
            }
        ],
        "identifier": [{"system": rdv.system, "value": rdv.value}],
        "status": rdv.status,
        "start": _written(rdv.start, zone),
        "end": _written(rdv.end, zone),
    }
    if rdv.created:
        resource["created"] = _written(rdv.created, zone)
    return resource | {"participant": [_participant(rdv)]}


def _participant(rdv: Rdv) -> Resource:
    said: Resource = {"status": ACCEPTED if rdv.is_accepted else NEEDS_ACTION}
    if rdv.practitioner:
        who = identifier(IDENTIFIERS["professional"], rdv.practitioner, ("identifier_type", "IDNPS"))
        return {"actor": {"identifier": who}} | said
    administrative = {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "ADM"}
    return {"type": [{"coding": [administrative]}]} | said


def _written(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).isoformat(timespec="milliseconds")


class _Reading(Reading):
    kind, elements = "Appointment", ELEMENTS

    def appointment(self, resource: Resource) -> Rdv | None:
        self.head(resource)
        system, value = self.key(resource)
        operator_system, operator = self.operator(resource)
        start, end = self.instant(resource, "start"), self.instant(resource, "end")
        practitioner, accepted = self.participants(resource)
        status, profile = self.status(resource), self.profile(resource)
        created = self.created(resource)
        if start and end and not timedelta(0) < end - start <= LONGEST:
            self.refused("La fin vient après le début, dans les 24 heures.", "Appointment.end")
        if self.faults or not (start and end):
            return None
        return Rdv(
            system=system, value=value, status=status, start=start, end=end, operator_system=operator_system,
            operator=operator, practitioner=practitioner, is_accepted=accepted, created=created, profile=profile,
        )  # fmt: skip

    # ---- what it is

    def key(self, resource: Resource) -> tuple[str, str]:
        found = list(self.each(resource, "identifier"))
        if len(found) > 1:
            self.wrong("Un seul identifiant de rendez-vous est prévu.", "Appointment.identifier")
        for one, where in found[:1]:
            system = self.text(one, "system", where, most=LONGEST_SYSTEM)
            value = self.text(one, "value", where, most=LONGEST_VALUE)
            if "|" in system:
                self.wrong("Un système d’identifiant est une adresse ou un OID.", f"{where}.system", "value")
            return system, value
        return "", ""

    def status(self, resource: Resource) -> str:
        said = resource.get("status")
        if said is None:
            self.wrong("Obligatoire.", "Appointment.status", "required")
        elif isinstance(said, str) and said in OTHER_STATUSES:
            self.refused(f"Statut non prévu par l’échange : attendu {', '.join(STATUSES)}.", "Appointment.status")
        elif said not in STATUSES:
            self.wrong(f"Statut inconnu : attendu {', '.join(STATUSES)}.", "Appointment.status", "code-invalid")
        return said if isinstance(said, str) else ""

    def profile(self, resource: Resource) -> str:
        """Others than ours, or none, are not refused."""
        head = resource.get("meta", {})
        said = head.get("profile", []) if isinstance(head, dict) else None
        if not isinstance(said, list):
            self.wrong("Un objet, et une liste d’adresses de profils, sont attendus.", "Appointment.meta")
            return PROFESSIONALS
        return SOS if PROFILES[SOS] in said else PROFESSIONALS

    # ---- when

    def instant(self, resource: Resource, name: str) -> datetime | None:
        said, where = resource.get(name), f"Appointment.{name}"
        if said is None:
            self.wrong("Obligatoire.", where, "required")
        elif not isinstance(said, str) or not _INSTANT.fullmatch(said):
            self.wrong("Un instant est attendu, avec son décalage : 2026-11-22T14:00:00+01:00.", where, "value")
        else:
            return self.read_instant(said, where)
        return None

    def read_instant(self, said: str, where: str) -> datetime | None:
        try:
            found = datetime.fromisoformat(said)
        except ValueError:
            self.wrong("Cet instant n’existe pas.", where, "value")
            return None
        if found.year not in YEARS:
            self.refused(f"L’année est attendue de {YEARS[0]} à {YEARS[-1]}.", where)
            return None
        return found

    def created(self, resource: Resource) -> datetime | None:
        """FHIR allows a mere date here: it says nothing that is used."""
        said = resource.get("created")
        if said is None or (isinstance(said, str) and _DATE.fullmatch(said)):
            return None
        return self.instant(resource, "created")

    # ---- who

    def operator(self, resource: Resource) -> tuple[str, str]:
        where = "Appointment.extension"
        said = resource.get("extension", [])
        if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
            self.wrong("Une liste d’extensions est attendue.", where)
            return "", ""
        found = [one for one in said if one.get("url") == OPERATOR]
        if len(found) != 1:
            self.wrong("Le régulateur est attendu, une fois (FrAppointmentOperator).", where, "required")
            return "", ""
        reference = found[0].get("valueReference")
        one = reference.get("identifier") if isinstance(reference, dict) else None
        if not isinstance(one, dict):
            self.wrong("L’identifiant du régulateur manque (valueReference.identifier).", where, "required")
            return "", ""
        return self.known(one, f"{where}.valueReference.identifier", (NATIONAL, TECHNICAL))

    def known(self, one: Resource, where: str, systems: tuple[str, ...]) -> tuple[str, str]:
        """An identifier of one of these systems, with its type and the form of its value."""
        system = self.text(one, "system", where, most=LONGEST_SYSTEM)
        value = self.text(one, "value", where, most=LONGEST_VALUE)
        if not system or not value:
            return "", ""
        if system not in systems:
            self.refused(f"Système non admis ici : attendu {' ou '.join(systems)}.", f"{where}.system")
        elif not typed(one.get("type"), CODES[system]):
            self.wrong(f"Le type attendu est {CODES[system]}.", f"{where}.type", "value")
        elif not VALUES[system].fullmatch(value):
            self.refused("Cette valeur n’est pas un identifiant de ce système.", f"{where}.value")
        return system, value.lower() if system == TECHNICAL else value

    def participants(self, resource: Resource) -> tuple[str, bool]:
        """The one professional, empty when nobody is named yet; and whether every participant has accepted."""
        found: list[str] = []
        accepted = True
        for one, where in self.each(resource, "participant"):
            status = one.get("status")
            if status not in (ACCEPTED, NEEDS_ACTION):
                self.wrong(f"Attendu : {ACCEPTED} ou {NEEDS_ACTION}.", f"{where}.status", "code-invalid")
            accepted &= status == ACCEPTED
            if "actor" not in one and not one.get("type"):
                self.wrong("Un participant a un type ou un acteur.", where, "invariant")
            if "actor" in one:
                found.append(self.actor(one["actor"], f"{where}.actor"))
        if len(set(found)) > 1:
            self.refused("Un seul professionnel est prévu.", "Appointment.participant")
        return (found[0] if found else ""), accepted

    def actor(self, said: Any, where: str) -> str:
        if not isinstance(said, dict):
            self.wrong("Un objet est attendu.", where)
            return ""
        if said.get("type") == "Patient" or str(said.get("reference", "")).startswith("Patient/"):
            self.refused("Aucun patient n’est admis dans cet échange.", where)
            return ""
        if not isinstance(said.get("identifier"), dict):
            self.refused("Le professionnel est attendu par son identifiant national.", f"{where}.identifier")
            return ""
        return self.known(said["identifier"], f"{where}.identifier", (NATIONAL,))[1]

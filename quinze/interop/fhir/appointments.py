"""INT_R03: editors declare the appointments that a regulator made in their agenda, and what becomes of them.

`POST Appointment` declares one; `PUT Appointment?identifier=…` says what it is now, or declares it. What is valid is
stored and acknowledged whatever we know of the professional, the regulator or the orientation: who cannot be told apart
now is matched by a person, and a warning says so to the editor.
"""

import logging
from typing import Any

from django.http import HttpResponse

from quinze.base import clock
from quinze.base.errors import Conflict, Refusal
from quinze.base.logs import where
from quinze.interop.fhir import appointment, bundle
from quinze.interop.fhir.appointment import Rdv
from quinze.interop.fhir.facts import Resource
from quinze.interop.fhir.faults import Fault, Faulty
from quinze.interop.fhir.http import QUIET, Call, Problem, answer, body_of, issue
from quinze.interop.fhir.receiving import Received, declared, declared_again
from quinze.interop.fhir.refused import Why, keep
from quinze.interop.fhir.settling import settle
from quinze.interop.models import EditorAppointment

SPELLINGS = ("identifier", "Identifier")  # the guide writes both
log = logging.getLogger(__name__)


def declare(call: Call) -> HttpResponse:
    """POST or PUT. What is refused is kept, without its body: an editor that sends it wrong is called by somebody."""
    body = None
    try:
        body = body_of(call)
        return create(call, body) if call.http.method == "POST" else update(call, body)
    except (Faulty, Refusal, Problem) as said:
        keep(body, Why.of(said), client=call.client, method=str(call.http.method), at=clock.now())
        raise


def create(call: Call, body: Resource) -> HttpResponse:
    """201 and its Location; 200 when the same was declared already. Faulty; Problem 409: its identifier is taken."""
    rdv = appointment.read(body)
    try:
        received = declared(rdv, client=call.client, at=clock.now())
    except Conflict as conflict:
        raise Problem(409, "duplicate", conflict.message, "Appointment.identifier") from conflict
    return _done(received, rdv)


def update(call: Call, body: Resource) -> HttpResponse:
    """200 and its Location, 201 when it was not known. Faulty: also when the body bears another identifier."""
    key = appointment.read_key(_criterion(call))
    rdv = appointment.read(body)
    if key != (rdv.system, rdv.value):
        fault = Fault(422, "business-rule", "L’identifiant du corps n’est pas celui de l’adresse.", "identifier")
        raise Faulty([fault])
    return _done(declared_again(rdv, client=call.client, at=clock.now()), rdv)


def _criterion(call: Call) -> str:
    """The one criterion; others would be ignored, and change another appointment than the one meant."""
    given = call.http.GET
    others = sorted(given.keys() - QUIET - set(SPELLINGS))
    if others:
        raise Faulty([Fault(400, "not-supported", "Critère non prévu.", name[:80]) for name in others])
    found = [value for name in SPELLINGS for value in given.getlist(name)]
    if len(found) != 1:
        raise Faulty([Fault(400, "required", "Attendu : identifier=<système>|<valeur>, une seule fois.", "identifier")])
    return found[0]


def _done(received: Received, rdv: Rdv) -> HttpResponse:
    """It is stored: nothing that happens from here on may be answered as a failure."""
    found = received.appointment
    try:
        settle(found.pk, at=clock.now())
    except Exception as error:  # noqa: BLE001  (whatever it is: the job tries again)
        log.error("INT_R03: stored, and left to the job: %s", where(error))
    headers = {"Location": f"{bundle.base()}/Appointment/{found.pk}"}
    status = 201 if received.is_new else 200
    return answer(_warnings(found, rdv) or appointment.write(rdv, key=str(found.pk)), status=status, headers=headers)


def _warnings(found: EditorAppointment, rdv: Rdv) -> Resource:
    """An OperationOutcome in place of the resource when somebody in it is not known here; empty otherwise."""
    said: list[dict[str, Any]] = []
    if rdv.practitioner and found.professional_id is None:
        text = "Rendez-vous enregistré. Ce professionnel n’est pas dans l’annuaire : il sera rapproché à la main."
        said.append(issue("not-found", text, "Appointment.participant.actor", severity="warning"))
    if found.user_id is None:
        text = "Rendez-vous enregistré. Ce régulateur n’est pas connu ici : il sera rapproché à la main."
        said.append(issue("not-found", text, "Appointment.extension", severity="warning"))
    return {"resourceType": "OperationOutcome", "issue": said} if said else {}

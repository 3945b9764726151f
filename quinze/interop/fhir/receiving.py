"""INT_R03, what is kept of a declaration: stored before it is acknowledged, once however often it comes."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from quinze.accounts.models import Sas
from quinze.base import live
from quinze.base.constraints import violated
from quinze.base.errors import Conflict, Refusal
from quinze.directory.queries import known_places, professional_by_national_id, sas_of
from quinze.interop.fhir.appointment import Rdv
from quinze.interop.fhir.operators import user_of
from quinze.interop.models import EditorAppointment, EditorAppointmentWord, FhirClient

TOPIC = "editor-appointments"
INSTANTS = ("start", "end", "created")


@dataclass(frozen=True, slots=True)
class Received:
    appointment: EditorAppointment
    is_new: bool


def declared(rdv: Rdv, *, client: FhirClient, at: datetime) -> Received:
    """A creation. The same one again changes nothing, even after later changes: what was sent twice is not news.

    Conflict: the identifier is known and something else was declared under it.
    """
    found = _find(rdv.system, rdv.value)
    if found is None:
        try:
            with transaction.atomic():
                return Received(_create(rdv, client=client, at=at), is_new=True)
        except IntegrityError as error:
            if violated(error) != "editor_appointment_once":
                raise
            found = EditorAppointment.objects.select_related("client").get(system=rdv.system, value=rdv.value)
    _require_same(found, client)
    if not found.words.filter(content=content_of(rdv)).exists():
        raise Conflict("Ce rendez-vous est déjà connu : modifiez-le par PUT ?identifier=….", code="duplicate")
    return Received(found, is_new=False)


def declared_again(rdv: Rdv, *, client: FhirClient, at: datetime) -> Received:
    """What it is now; an identifier that is not known is a creation. Refusal: another editor declared it."""
    if _find(rdv.system, rdv.value) is None:
        try:
            with transaction.atomic():
                return Received(_create(rdv, client=client, at=at), is_new=True)
        except IntegrityError as error:  # declared by another call while we looked
            if violated(error) != "editor_appointment_once":
                raise
    with transaction.atomic():
        locked = EditorAppointment.objects.select_for_update(of=("self",)).select_related("client")
        found = locked.get(system=rdv.system, value=rdv.value)
        _require_same(found, client)
        _change(found, rdv, client=client, at=at)
    return Received(found, is_new=False)


def content_of(rdv: Rdv) -> dict[str, Any]:
    """What is kept of it, and nothing else that the peer wrote."""
    said = {one.name: getattr(rdv, one.name) for one in fields(rdv)}
    return said | {name: said[name].isoformat() if said[name] else None for name in INSTANTS}


def rdv_of(appointment: EditorAppointment) -> Rdv:
    said = dict(appointment.content)
    return Rdv(**said | {name: datetime.fromisoformat(said[name]) if said[name] else None for name in INSTANTS})


def _find(system: str, value: str) -> EditorAppointment | None:
    return EditorAppointment.objects.select_related("client").filter(system=system, value=value).first()


def _require_same(found: EditorAppointment, client: FhirClient) -> None:
    """A certificate that follows another keeps its name: it is the same editor."""
    if found.client.common_name != client.common_name:
        raise Refusal("Ce rendez-vous a été déclaré par un autre éditeur.", field="Appointment.identifier")


def _create(rdv: Rdv, *, client: FhirClient, at: datetime) -> EditorAppointment:
    made = EditorAppointment(
        client=client, system=rdv.system, value=rdv.value, sas=client.sas, received_at=at, changed_at=at
    )
    _say(made, rdv)
    made.save(force_insert=True)
    _write(made, client=client, at=at)
    return made


def _change(found: EditorAppointment, rdv: Rdv, *, client: FhirClient, at: datetime) -> None:
    if found.content == content_of(rdv):
        return
    _say(found, rdv)
    found.revision += 1
    found.changed_at = at
    found.save()
    _write(found, client=client, at=at)


def _say(appointment: EditorAppointment, rdv: Rdv) -> None:
    appointment.content = content_of(rdv)
    appointment.status, appointment.starts_at = rdv.status, rdv.start
    appointment.user = user_of(rdv.operator_system, rdv.operator)
    appointment.professional = professional_by_national_id(rdv.practitioner) if rdv.practitioner else None
    appointment.sas = appointment.sas or _sas(appointment)


def _sas(appointment: EditorAppointment) -> Sas | None:
    """Where the professional practises, when that is in one SAS; else the one the regulator works for."""
    if appointment.professional is not None:
        found = sas_of(known_places(appointment.professional))
        if len(found) == 1:
            return found[0]
    if appointment.user is not None:
        own = list(Sas.objects.filter(grants__user=appointment.user).distinct()[:2])
        if len(own) == 1:
            return own[0]
    return None


def _write(appointment: EditorAppointment, *, client: FhirClient, at: datetime) -> None:
    EditorAppointmentWord.objects.create(
        appointment=appointment,
        revision=appointment.revision,
        at=at,
        client=client,
        status=appointment.status,
        content=appointment.content,
    )
    if appointment.sas_id is not None:
        live.publish(sas_id=appointment.sas_id, topics=[TOPIC], subject=f"rdv:{appointment.pk}", at=at)

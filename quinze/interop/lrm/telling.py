"""Our appointments told to the regulation software of the SAS (RS-SAS-RDV), as they are made and as they change.

The row of the outbox is written in the transaction of the act. Off without QUINZE_HUB_PLATFORM. One identifier for the
life of an appointment: a move is an update.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from quinze.base.at_once import AtOnce
from quinze.base.events import subscribe
from quinze.directory.models import Professional, Structure
from quinze.directory.models.offer import StructureKind
from quinze.interop.fhir.operators import operator_of
from quinze.interop.lrm import envelope, rdv
from quinze.interop.lrm.outbox import put_new
from quinze.interop.lrm.rdv import Organization, Practitioner, Rdv, Regulator
from quinze.interop.models import HubMessage, LrmPartner, ToldRdv
from quinze.orientation.events import OrientationEvent
from quinze.orientation.models import Booking

MADE = frozenset(["booked", "overbooking", "moved"])
CHANGED = frozenset(["cancelled", "fulfilled", "no_show", "corrected"])
SAID = {
    Booking.Status.BOOKED: rdv.BOOKED,
    Booking.Status.CONFIRMED: rdv.BOOKED,
    Booking.Status.CANCELLED: rdv.CANCELLED,
    Booking.Status.FULFILLED: rdv.FULFILLED,
    Booking.Status.NO_SHOW: rdv.NO_SHOW,
}
CATEGORIES = {
    StructureKind.SOS: "SOS",
    StructureKind.CPTS: "CPTS",
    StructureKind.MSP: "MSP",
    StructureKind.CDS: "CDS",
    StructureKind.MMG: "PDM",
}
RELATED = ("professional", "structure", "place__structure", "held_by", "sas")


def register() -> None:
    subscribe(OrientationEvent, hear, join=has_nothing_to_say)


def has_nothing_to_say(event: OrientationEvent, _act: AtOnce | None = None) -> bool:
    is_off = not settings.QUINZE_HUB_PLATFORM
    return is_off or event.data.get("booking_id") is None or event.kind not in MADE | CHANGED


def hear(event: OrientationEvent) -> None:
    """In the transaction of the act: the software hears what the booking says, or neither is written."""
    if has_nothing_to_say(event):
        return
    pk = event.data["booking_id"]
    partner = LrmPartner.objects.filter(sas=event.sas_id, ended_at__isnull=True).exclude(hub_id="").first()
    if partner is not None:
        _tell(int(pk), partner, is_move=event.kind == "moved", is_new=event.kind in MADE, at=event.at)


def _tell(pk: int, partner: LrmPartner, *, is_move: bool, is_new: bool, at: datetime) -> None:
    booking = Booking.objects.select_related(*RELATED).get(pk=pk)
    told = ToldRdv.objects.filter(booking__moved_to=pk).first() if is_move else None
    told = told or ToldRdv.objects.filter(booking=pk).first()
    if told is not None:
        if told.booking_id != pk:
            told.booking = booking
            told.save(update_fields=["booking"])
        emit(told, booking, rdv.UPDATE, at=at)
    elif is_new:
        made = ToldRdv.objects.create(partner=partner, booking=booking, created_at=at)
        emit(made, booking, rdv.CREATE, at=at)


def emit(told: ToldRdv, booking: Booking, method: str, *, at: datetime) -> HubMessage:
    """One message in the outbox, with the whole present state."""
    content = rdv.write(content_of(told, booking, method))
    sender, recipient = settings.QUINZE_HUB_PLATFORM, told.partner.hub_id
    return put_new(
        envelope.REPORT,
        lambda number, local: envelope.report(content, number=number, sender=sender, recipient=recipient, at=local),
        sas=booking.sas,
        sender=sender,
        recipient=recipient,
        at=at,
    )


def content_of(told: ToldRdv, booking: Booking, method: str) -> Rdv:
    """Instants in the zone of the SAS: the exchange wants an offset."""
    zone, structure = ZoneInfo(booking.sas.zone), booking.structure or booking.place.structure
    professional = booking.professional
    return Rdv(
        id=str(told.pk),
        method=method,
        created=told.created_at.astimezone(zone),
        start=booking.starts_at.astimezone(zone),
        end=booking.during.upper.astimezone(zone) if booking.during.upper else None,
        status=SAID[Booking.Status(booking.status)],
        category="PS" if professional else CATEGORIES.get(StructureKind(structure.kind), "") if structure else "",
        practitioner=_practitioner(professional) if professional else None,
        organization=_organization(structure) if structure else None,
        regulator=_regulator(booking),
    )


def _practitioner(professional: Professional) -> Practitioner | None:
    """An RPPS of a person (it begins with 1), or nobody: the exchange has no other identifier."""
    if not professional.rpps or not professional.rpps.startswith("1"):
        return None
    specialty = professional.specialty if professional.specialty.startswith("SM") else ""
    return Practitioner(
        rppsId=f"8{professional.rpps}",
        lastName=professional.family_name,
        firstName=professional.given_name,
        specialityCode=specialty,
        specialityUrl=rdv.SPECIALTIES if specialty else "",
        professionCode=professional.profession,
        professionUrl=rdv.PROFESSIONS,
    )


def _organization(structure: Structure) -> Organization | None:
    number = f"1{structure.finess}" if structure.finess else f"3{structure.siret}" if structure.siret else ""
    return Organization(number, structure.name) if number else None


def _regulator(booking: Booking) -> Regulator:
    """Who kept the seat; their card when one was proven, never an identifier of ours."""
    user = booking.held_by
    card = operator_of(user)
    return Regulator(user.family_name, user.given_name, user.email, regulatorId=card[1] if card else "")

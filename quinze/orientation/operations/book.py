from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.availability.models import Slot
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, Refusal
from quinze.base.periods import period
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.operations import straight
from quinze.orientation.operations.give import CHANNELS, give, tell_patient, words
from quinze.orientation.operations.holding import LOST, held, lost
from quinze.orientation.operations.journal import set_status, tell_booking
from quinze.orientation.operations.locks import lock_booking, lock_slots
from quinze.orientation.operations.messages import queue_doctor_cancellation
from quinze.orientation.operations.seats import free_expired
from quinze.orientation.queries.bookings import GIVEN
from quinze.orientation.queries.straight import to_give

Status = Booking.Status


def confirm(
    *,
    booking: Booking,
    by: Actor,
    at: datetime,
    instruction: str | None = None,
    notify: tuple[str, ...] = CHANNELS,
    told: bool = False,
) -> Booking:
    """A hold becomes an appointment. `told` when the patient is on the line and has heard it."""
    if kept := to_give(booking=booking.pk, at=at):
        given = straight.give(kept, instruction=instruction, notify=notify, told=told, by=by, at=at)
        if given:
            return given
    with refuse_violations():
        locked = held(booking, by=by, at=at)
        if instruction is not None:
            locked.instruction = instruction.strip()
        locked.hold_expires_at = None
        give(locked, kind="booked", head="Rendez-vous pris", by=by, at=at, notify=notify, told=told)
    return locked


def confirm_to_patient(*, booking: Booking, by: Actor, at: datetime) -> Booking:
    with transaction.atomic():
        locked = lock_booking(booking)
        if locked.status == Status.CONFIRMED:
            return locked
        if locked.status != Status.BOOKED:
            raise _not_given(locked)
        tell_patient(locked, by=by, at=at)
    return locked


def mark_doctor_notified(*, booking: Booking, by: Actor, at: datetime) -> Booking:
    """Told by telephone: a no-show counts only when the doctor knew (ORI-05)."""
    with transaction.atomic():
        locked = given(booking)
        locked.doctor_notified_at = locked.doctor_notified_at or at
        locked.save(update_fields=["doctor_notified_at"])
        tell_booking(locked, kind="doctor_notified", text=f"Médecin prévenu par {by.name}", by=by, at=at)
    return locked


def move(*, booking: Booking, slot: int, by: Actor, at: datetime, modality: str = "", reason: str = "") -> Booking:
    """The old seat comes back and the new one is taken together, or nothing changes."""
    try:
        with refuse_violations():
            return _move(booking, slot, modality=modality, reason=reason, by=by, at=at)
    except Refusal as refusal:
        if refusal.code not in LOST:
            raise
        raise lost(Slot.objects.get(pk=slot), booking.request, at=at) from refusal


def _move(booking: Booking, slot_pk: int, *, modality: str, reason: str, by: Actor, at: datetime) -> Booking:
    old = given(booking, slots=(slot_pk,))
    if old.during.upper <= at:
        raise Refusal("Ce rendez-vous est passé : notez son issue.", code="past")
    slot = _destination(old, lock_slots([slot_pk]).get(slot_pk), modality or old.modality, at)
    set_status(old, Status.MOVED, by=by, by_kind="staff", at=at, reason=reason)
    free_expired(slot, at=at)
    slot.refresh_from_db(fields=["taken", "status"])
    if slot.status != Slot.Status.OPEN or slot.taken >= slot.capacity:
        raise lost(slot, old.request, at=at)
    new = _booked_on(slot, old.request, modality or old.modality, instruction=old.instruction, by=by, at=at)
    old.moved_to = new
    old.save(update_fields=["moved_to"])
    if old.professional_id != new.professional_id:
        queue_doctor_cancellation(old, at=at)
    give(new, kind="moved", head="Rendez-vous déplacé", by=by, at=at, reason=f"Déplacé du {words(old)}"[:300])
    return new


def _destination(old: Booking, slot: Slot | None, modality: str, at: datetime) -> Slot:
    if slot is None or slot.pk == old.slot_id:
        raise Refusal("Choisissez un autre créneau.", field="slot")
    if slot.starts_at < at and not (slot.kind == "plage" and slot.ends_at > at):
        raise Refusal("Ce créneau est déjà passé : choisissez le suivant.", field="slot")
    if modality not in slot.modalities:
        raise Refusal("Ce créneau n’est pas offert dans cette modalité : choisissez-en une autre.", field="modality")
    return slot


def _booked_on(
    slot: Slot, request: OrientationRequest, modality: str, *, instruction: str, by: Actor, at: datetime
) -> Booking:
    return Booking.objects.create(
        sas=request.sas,
        request=request,
        patient=request.patient,
        kind=Booking.Kind.SLOT,
        slot=slot,
        professional_id=slot.professional_id,
        structure_id=slot.structure_id or (None if slot.professional_id else slot.place.structure_id),
        place=slot.place,
        during=period(slot.starts_at, slot.ends_at),
        starts_at=slot.starts_at,
        modality=modality,
        instruction=instruction,
        status=Status.BOOKED,
        status_at=at,
        held_by=by.user,
    )


def given(booking: Booking, *, slots: tuple[int, ...] = ()) -> Booking:
    """Locked, and still an appointment that is to take place."""
    locked = lock_booking(booking, slots=slots)
    if locked.status not in GIVEN:
        raise _not_given(locked)
    return locked


def _not_given(booking: Booking) -> Conflict:
    state = booking.get_status_display()
    code = "already_cancelled" if booking.status == Status.CANCELLED else "not_given"
    return Conflict(f"Ce rendez-vous est {state} : rechargez la page.", code=code, status=booking.status)

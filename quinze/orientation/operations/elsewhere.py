"""An appointment made in the agenda of an editor, as that agenda declares it: Quinze follows what it says."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from quinze.accounts.actor import Actor
from quinze.availability.models import Slot
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict
from quinze.base.periods import period
from quinze.directory.models import Place, Professional, Structure
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.models.booking import OURS
from quinze.orientation.operations.book import given
from quinze.orientation.operations.give import CHANNELS, give
from quinze.orientation.operations.journal import append_status, set_status, tell_booking
from quinze.orientation.operations.locks import lock_request, lock_slots
from quinze.orientation.operations.seats import free_expired, let_go
from quinze.orientation.queries.requests import OPEN, live_booking

Status = Booking.Status
EDITOR = "editor"  # by_kind of what the doctor's own software says


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where and when. Nobody is named at first when an association sends whoever is free."""

    place: Place
    professional: Professional | None
    structure: Structure | None
    starts_at: datetime
    ends_at: datetime
    said_by: str  # the editor, in words of the history


def book_elsewhere(
    *, request: OrientationRequest, where: Elsewhere, by: Actor, at: datetime, note: str = ""
) -> Booking:
    """The request has that appointment. The one it has already is kept when it is the same: whoever typed it was first.

    A hold of the same slot becomes it, another hold is given back. `by`: the regulator who made it there.
    Refusal: another appointment is taken already, or nothing waits any more.
    """
    with refuse_violations():
        locked = lock_request(request.pk)
        previous = live_booking(locked)
        if previous and previous.status != Status.HELD:
            return _same(previous, where)
        if locked.status not in OPEN:
            raise Conflict(f"Cette demande est {locked.get_status_display()}.", code="not_open")
        slot = _seat(where, at=at, also=previous.slot_id if previous else None)
        booking = _kept(previous, slot, by=by, at=at) or _made(locked, where, slot, by=by)
        booking.doctor_notified_at = at
        head = f"Rendez-vous pris chez {where.said_by}"
        give(booking, kind="booked", head=head, by=by, at=at, notify=CHANNELS, reason=note)
    return booking


def move_elsewhere(*, booking: Booking, where: Elsewhere, at: datetime) -> Booking:
    """Another hour, place or professional, said by the editor: a new row follows the old one, the person is told."""
    with refuse_violations():
        slots = Slot.objects.filter(_of_seat(where)).values_list("pk", flat=True)
        old = given(booking, slots=tuple(slots))
        if _is(old, where):
            return old
        note = f"Déplacé chez {where.said_by}"
        set_status(old, Status.MOVED, by=None, by_kind=EDITOR, at=at, reason=note)
        new = _made(old.request, where, _seat(where, at=at), by=None)
        new.instruction, new.held_by, new.doctor_notified_at = old.instruction, old.held_by, at
        new.status, new.status_at = Status.BOOKED, at
        new.save()
        old.moved_to = new
        old.save(update_fields=["moved_to"])
        give(new, kind="moved", head=f"Rendez-vous déplacé chez {where.said_by}", by=None, at=at, reason=note)
    return new


def name_doctor(*, booking: Booking, professional: Professional, said_by: str, at: datetime) -> Booking:
    """The association that was asked says who comes; hour and place stay."""
    with refuse_violations():
        locked = given(booking)
        if locked.professional_id == professional.pk:
            return locked
        locked.professional = professional
        locked.save(update_fields=["professional"])
        say_elsewhere(booking=locked, note=f"Médecin désigné par {said_by} : {professional}", at=at)
    return locked


def say_elsewhere(*, booking: Booking, note: str, at: datetime) -> None:
    """A word of the editor that changes neither hour nor person. The booking is locked."""
    append_status(booking, by=None, by_kind=EDITOR, at=at, reason=note)
    tell_booking(booking, kind="editor_said", text=note, by=None, at=at)


def _same(previous: Booking, where: Elsewhere) -> Booking:
    if _is(previous, where):
        return previous
    who = previous.professional or previous.structure
    raise Conflict(f"Cette demande a déjà un rendez-vous avec {who}.", code="already_booked")


def _is(booking: Booking, where: Elsewhere) -> bool:
    """With the same, at the same place and hour: two agendas may not give it the same length."""
    whose = where.professional.pk if where.professional else booking.professional_id
    there = (whose, where.place.pk, where.starts_at)
    return (booking.professional_id, booking.place_id, booking.starts_at) == there


def _of_seat(where: Elsewhere) -> Q:
    """The slot that the editor published for that hour, if it did; those of an association name nobody."""
    whose = Q(professional=where.professional) if where.structure is None else Q(structure=where.structure)
    return whose & Q(place=where.place, starts_at=where.starts_at, status=Slot.Status.OPEN) & ~Q(source=OURS)


def _seat(where: Elsewhere, *, at: datetime, also: int | None = None) -> Slot | None:
    """Locked, with a seat left; none: the booking stands without a slot."""
    found = Slot.objects.filter(_of_seat(where)).first()
    locked = lock_slots([found.pk if found else None, also])
    slot = locked.get(found.pk) if found else None
    if slot is None:
        return None
    free_expired(slot, at=at)
    slot.refresh_from_db(fields=["taken", "status"])
    return slot if slot.status == Slot.Status.OPEN else None


def _kept(previous: Booking | None, slot: Slot | None, *, by: Actor, at: datetime) -> Booking | None:
    """The hold in progress, when it is of this slot; any other is given back. Its slot is locked."""
    if previous is None:
        return None
    previous.refresh_from_db(fields=["status"])
    if previous.status != Status.HELD:
        return None
    if slot is not None and previous.slot_id == slot.pk:
        previous.hold_expires_at = None
        return previous
    let_go(previous, Status.RELEASED, by=by, at=at)
    if slot is not None:
        slot.refresh_from_db(fields=["taken"])
    return None


def _made(request: OrientationRequest, where: Elsewhere, slot: Slot | None, *, by: Actor | None) -> Booking:
    """Not saved yet. A slot that is full already gives no seat: the editor knows its own agenda."""
    free = slot if slot is not None and slot.taken < slot.capacity else None
    offered = free.modalities if free else request.modalities
    modality = next((one for one in request.modalities if one in offered), offered[0])
    booking = Booking(
        sas=request.sas,
        request=request,
        patient=request.patient,
        kind=Booking.Kind.SLOT if free else Booking.Kind.EDITOR,
        slot=free,
        professional=where.professional,
        structure=where.structure,
        place=where.place,
        during=period(where.starts_at, where.ends_at),
        starts_at=where.starts_at,
        modality=modality,
        instruction=request.instruction,
    )
    if by is not None:
        booking.held_by = by.user
    return booking

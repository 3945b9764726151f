"""The moment a seat becomes someone's: the same for a slot, an overbooking, a direct contact and a move."""

from datetime import datetime, timedelta

from quinze.accounts.actor import Actor
from quinze.availability.models import Modality
from quinze.directory.queries import parameter
from quinze.orientation.models import Booking
from quinze.orientation.operations.journal import append_status, tell_booking
from quinze.orientation.operations.messages import confirmation, doctor_notice, queue
from quinze.orientation.operations.requests import mark_booked
from quinze.orientation.operations.seats import who
from quinze.orientation.sentences import appointment

Status = Booking.Status
CHANNELS = ("sms", "email")
SHORT_NOTICE, SOONEST_REMINDER = timedelta(hours=2), timedelta(hours=4)


def give(
    booking: Booking,
    *,
    kind: str,
    head: str,
    by: Actor | None,
    at: datetime,
    notify: tuple[str, ...] = CHANNELS,
    told: bool = False,
    reason: str = "",
) -> None:
    """The booking, whose request is locked, is now given: history, chronology, messages and reminder follow.

    `by` is nobody when the software of the doctor says it. A doctor who knows already needs no notice.
    """
    booking.status, booking.status_at = Status.BOOKED, at
    booking.reminder_due_at = reminder_due(booking, at)
    booking.save()
    append_status(booking, by=by, by_kind="staff" if by else "editor", at=at, reason=reason)
    mark_booked(booking.request)
    tell_booking(booking, kind=kind, text=f"{head} : {words(booking)}", by=by, at=at)
    to_doctor = [] if booking.doctor_notified_at else doctor_notice(booking, at=at)
    queue([*confirmation(booking, channels=notify, at=at), *to_doctor])
    if told and by:
        tell_patient(booking, by=by, at=at)


def tell_patient(booking: Booking, *, by: Actor, at: datetime) -> None:
    booking.status, booking.status_at = Status.CONFIRMED, at
    booking.save(update_fields=["status", "status_at"])
    append_status(booking, by=by, by_kind="staff", at=at)
    tell_booking(booking, kind="confirmed", text=f"Rendez-vous confirmé au patient : {words(booking)}", by=by, at=at)


def words(booking: Booking) -> str:
    place = booking.place
    where = place.commune.name if booking.modality == Modality.CABINET else Modality(booking.modality).label
    return appointment(who=who(booking), starts_at=booking.starts_at, zone=place.zone, where=where)


def reminder_due(booking: Booking, at: datetime) -> datetime | None:
    return due(booking.starts_at, at, hours=parameter(booking.sas, "reminder_hours", at))


def due(starts_at: datetime, at: datetime, *, hours: int) -> datetime | None:
    """The SAS's delay; two hours before when the appointment is nearer than that; none for the next hours."""
    usual = starts_at - timedelta(hours=hours)
    if usual > at:
        return usual
    return starts_at - SHORT_NOTICE if starts_at - at > SOONEST_REMINDER else None

"""What orientation does when a folder below, or itself, says that something happened. Registered by apps.ready()."""

from quinze.availability.operations import AbsenceConsidered, AbsencePosted, Expected
from quinze.availability.operations.covers import CoverSaid
from quinze.availability.operations.feeds import BusyFound
from quinze.base.at_once import AtOnce
from quinze.base.events import subscribe
from quinze.directory.operations.delegation import DelegationSaid
from quinze.directory.operations.recruiting import ContactErased, ContactToWrite
from quinze.directory.rules import reaches
from quinze.orientation.events import OrientationEvent
from quinze.orientation.models import Booking, FreedSeat
from quinze.orientation.operations.informing import rectify
from quinze.orientation.operations.journal import tell_booking
from quinze.orientation.operations.notices import forget_contact, write_of_delegation, write_to_contact
from quinze.orientation.operations.rescue import free_seat
from quinze.orientation.operations.transport import follow_appointment
from quinze.orientation.queries.replacements import colliding, inside_absence
from quinze.patients.operations import record_accesses
from quinze.patients.queries import display_name

FREED = {
    "cancelled": FreedSeat.Cause.CANCELLED,
    "moved": FreedSeat.Cause.MOVED,
    "hold_expired": FreedSeat.Cause.NO_ANSWER,
}


def register() -> None:
    subscribe(AbsenceConsidered, say_who_is_expected)
    subscribe(AbsencePosted, tell_who_must_be_replaced)
    subscribe(BusyFound, tell_who_collides)
    subscribe(CoverSaid, tell_who_receives)
    subscribe(DelegationSaid, write_of_delegation)
    subscribe(OrientationEvent, tell_the_referring_doctor_otherwise, join=is_no_correction)
    subscribe(ContactToWrite, write_to_contact)
    subscribe(ContactErased, forget_contact)
    subscribe(OrientationEvent, keep_the_seat_that_comes_back, join=frees_no_seat)
    subscribe(OrientationEvent, look_at_the_transport_again, join=changes_no_journey)


def say_who_is_expected(event: AbsenceConsidered) -> None:
    """Names are shown to their doctor before the absence is posted, and that reading is written."""
    found = [
        booking
        for booking in inside_absence(
            professional_id=event.professional_id, place_id=event.place_id, during=event.during, at=event.at
        )
        if reaches(event.by, booking.place_id)
    ]
    event.expected.extend(
        Expected(booking.starts_at, display_name(booking.patient), booking.place.name or booking.place.commune.name)
        for booking in found
    )
    opened = [(booking.request.case_number, booking.patient) for booking in found]
    record_accesses(by=event.by, at=event.at, kind="agenda", opened=opened, why="absence à déclarer")


def tell_who_must_be_replaced(event: AbsencePosted) -> None:
    """Each request whose doctor will be away says so in its history, and open desks hear of it at once."""
    for booking in inside_absence(
        professional_id=event.professional_id, place_id=event.place_id, during=event.during, at=event.at
    ):
        text = f"{booking.professional} a déclaré une absence à l’heure du rendez-vous : patient à replacer"
        tell_booking(
            booking, kind="doctor_away", text=text, by=event.by, at=event.at, data={"absence_id": event.absence_id}
        )


def is_no_correction(event: OrientationEvent, _act: AtOnce) -> bool:
    return event.kind != "corrected"


def tell_the_referring_doctor_otherwise(event: OrientationEvent) -> None:
    """Who was written down as seen was not: the letter that says so is taken back."""
    if event.kind == "corrected" and event.data.get("booking_id") is not None:
        told = Booking.objects.select_related(
            "professional", "structure", "place__commune", "patient", "sas", "request"
        )
        rectify(booking=told.get(pk=event.data["booking_id"]), at=event.at)


def frees_no_seat(event: OrientationEvent, _act: AtOnce) -> bool:
    return event.kind not in FREED


def keep_the_seat_that_comes_back(event: OrientationEvent) -> None:
    """What was given and is free again is worth a call to somebody who waits."""
    cause = FREED.get(event.kind)
    if cause is None or event.data.get("booking_id") is None:
        return
    told = Booking.objects.select_related("slot")
    pk = event.data["booking_id"]
    old = told.filter(moved_to=pk).first() if event.kind == "moved" else told.get(pk=pk)
    if old is not None:
        free_seat(booking=old, cause=cause, at=event.at)


def changes_no_journey(event: OrientationEvent, _act: AtOnce) -> bool:
    return event.kind not in ("cancelled", "moved")


def look_at_the_transport_again(event: OrientationEvent) -> None:
    """Whoever was asked to carry the person must hear of the new hour, or that there is none."""
    pk = event.data.get("booking_id")
    if event.kind not in ("cancelled", "moved") or pk is None:
        return
    told = Booking.objects.select_related("request")
    new = told.get(pk=pk) if event.kind == "moved" else None
    old = told.filter(moved_to=pk).first() if new else told.get(pk=pk)
    if old is not None:
        follow_appointment(old=old, new=new, by_id=event.by_id, at=event.at)


def tell_who_collides(event: BusyFound) -> None:
    """The doctor's own calendar took an hour that the SAS had given: the same work as an absence."""
    for booking in colliding(
        professional_id=event.professional_id, place_id=event.place_id, periods=event.periods, at=event.at
    ):
        text = f"L’agenda de {booking.professional} est pris à l’heure du rendez-vous : patient à replacer"
        tell_booking(booking, kind="doctor_busy", text=text, by=None, at=event.at, data={"feed_id": event.feed_id})


def tell_who_receives(event: CoverSaid) -> None:
    """People expected in these hours are received by somebody else, or by their doctor again."""
    cover = event.cover
    for booking in inside_absence(
        professional_id=cover.professional_id, place_id=None, during=cover.during, at=event.at
    ):
        doctor = booking.professional
        text = (
            f"{doctor} reçoit de nouveau, et non {cover.words}"
            if event.withdrawn
            else (f"{cover.words}, reçoit à la place de {doctor}")
        )
        data = {"cover_id": cover.pk}
        tell_booking(booking, kind="doctor_replaced", text=text, by=event.by, at=event.at, data=data)

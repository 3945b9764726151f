from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import Refusal
from quinze.orientation.models import Booking
from quinze.orientation.operations.book import given
from quinze.orientation.operations.give import words
from quinze.orientation.operations.journal import set_status, tell_booking
from quinze.orientation.operations.messages import queue_cancellation, queue_doctor_cancellation
from quinze.orientation.operations.requests import mark_over, reopen
from quinze.orientation.queries.bookings import booking_by_link

Status = Booking.Status
BY = {"patient": "le patient", "doctor": "le médecin", "staff": "le SAS", "editor": "le logiciel du médecin"}


def cancel(*, booking: Booking, by_kind: str, at: datetime, by: Actor | None = None, reason: str = "") -> Booking:
    """The seat is free again at once, and the person goes back to the list while the deadline allows.

    `by_kind` editor: the doctor's own software says it, perhaps after the hour.
    """
    if by_kind != "patient" and not reason.strip():
        raise Refusal("Dites pourquoi le rendez-vous est annulé.", field="reason")
    with transaction.atomic():
        locked = given(booking)
        if locked.during.upper <= at and by_kind != "editor":
            raise Refusal("Ce rendez-vous est passé : notez son issue (venu, pas venu).", code="past")
        set_status(locked, Status.CANCELLED, by=by, by_kind=by_kind, at=at, reason=reason.strip())
        why = f" ({reason.strip()})" if reason.strip() else ""
        text = f"Rendez-vous annulé par {BY[by_kind]}{why} : {words(locked)}"
        tell_booking(locked, kind="cancelled", text=text, by=by, at=at, data={"by_kind": by_kind})
        _warn(locked, by_kind, at=at)
        _back_to_list(locked, by=by, at=at)
    return locked


def _warn(booking: Booking, by_kind: str, *, at: datetime) -> None:
    if by_kind != "patient" and booking.during.upper > at:
        queue_cancellation(booking, at=at)
    if by_kind not in ("doctor", "editor"):
        queue_doctor_cancellation(booking, at=at)


def _back_to_list(booking: Booking, *, by: Actor | None, at: datetime) -> None:
    request = booking.request
    if request.status != "booked":
        return
    if request.deadline > at:
        reopen(request, by=by, at=at, text="La demande attend de nouveau un rendez-vous")
    else:
        mark_over(request, by=by, at=at, text="Demande close : l’échéance est passée")


def cancel_by_link(token: str, *, at: datetime, reason: str = "") -> Booking:
    booking = booking_by_link(token, at=at)
    if booking.status == Status.CANCELLED:
        raise Refusal("Ce rendez-vous est déjà annulé : rien d’autre à faire.", code="already_cancelled")
    return cancel(booking=booking, by_kind="patient", at=at, reason=reason)

"""One fact, told everywhere at once: the request's own history, the chronology of the case, the open desks."""

from datetime import datetime
from typing import Any

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base import events, live
from quinze.directory.models import Power
from quinze.directory.operations.delegation import on_behalf
from quinze.orientation.events import OrientationEvent
from quinze.orientation.models import Booking, BookingStatus, OrientationRequest, RequestEvent

LONGEST = 500


def record(
    *,
    request: OrientationRequest,
    kind: str,
    text: str,
    by: Actor | None,
    at: datetime,
    data: dict[str, Any] | None = None,
    topics: tuple[str, ...] = (),
) -> RequestEvent:
    user = by.user if by else None
    data = {"request_id": request.pk, **(data or {})}
    with transaction.atomic():
        row = RequestEvent.objects.create(request=request, kind=kind, at=at, by=user, text=text[:LONGEST], data=data)
        events.emit(
            OrientationEvent(
                case_number=request.case_number,
                sas_id=request.sas_id,
                at=at,
                by_id=user.pk if user else None,
                kind=kind,
                text=text,
                data=data,
            )
        )
        live.publish(
            sas_id=request.sas_id,
            topics=["requests", f"request:{request.pk}", f"case:{request.case_number}", *topics],
            subject=f"request:{request.pk}",
            at=at,
        )
    return row


def set_status(
    booking: Booking,
    status: Booking.Status,
    *,
    by: Actor | None,
    by_kind: str,
    at: datetime,
    reason: str = "",
    also: tuple[str, ...] = (),
) -> None:
    """The column and its dated row, together."""
    booking.status, booking.status_at = status, at
    booking.save(update_fields=["status", "status_at", *also])
    append_status(booking, by=by, by_kind=by_kind, at=at, reason=reason)


def append_status(booking: Booking, *, by: Actor | None, by_kind: str, at: datetime, reason: str = "") -> None:
    if by is not None and by.mandate is not None:
        act = f"rendez-vous du dossier {booking.request.case_number}, {booking.get_status_display()}"
        on_behalf(by, Power.OUTCOMES, act, at=at, place_ids=[booking.place_id])
    BookingStatus.objects.create(
        booking=booking,
        status=booking.status,
        at=at,
        by=by.user if by else None,
        by_kind=by_kind,
        reason=reason[:300],
    )


def tell_booking(
    booking: Booking,
    *,
    kind: str,
    text: str,
    by: Actor | None,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> None:
    doctor = f"effecteur:{booking.professional_id}" if booking.professional_id else "structures"
    if by is not None and by.mandate is not None:
        text = f"{text}, par {by.name}"
    facts = {"booking_id": booking.pk, "professional_id": booking.professional_id, **(data or {})}
    record(request=booking.request, kind=kind, text=text, by=by, at=at, data=facts, topics=("slots", doctor))

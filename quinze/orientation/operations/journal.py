"""One fact, told everywhere at once: the request's own history, the chronology of the case, the open desks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base import events
from quinze.base.at_once import AtOnce
from quinze.base.rows import fresh
from quinze.directory.models import Power
from quinze.directory.operations.delegation import on_behalf
from quinze.orientation.events import OrientationEvent
from quinze.orientation.models import Booking, BookingStatus, OrientationRequest, RequestEvent

LONGEST = 500


@dataclass(frozen=True, slots=True)
class Told:
    """One fact, in the three forms in which it is told."""

    row: RequestEvent
    event: OrientationEvent
    live: dict[str, Any]  # the arguments of live.publish


def telling(
    *,
    request: OrientationRequest,
    kind: str,
    text: str,
    by: Actor | None,
    at: datetime,
    data: dict[str, Any] | None = None,
    topics: tuple[str, ...] = (),
) -> Told:
    """Nothing is written yet."""
    by_id = by.user.pk if by else None
    data = {"request_id": request.pk, **(data or {})}
    number, sas_id = request.case_number, request.sas_id
    row = fresh(RequestEvent, request_id=request.pk, kind=kind, at=at, by_id=by_id, text=text[:LONGEST], data=data)
    event = OrientationEvent(case_number=number, sas_id=sas_id, at=at, by_id=by_id, kind=kind, text=text, data=data)
    all_topics = ["requests", f"request:{request.pk}", f"case:{number}", *topics]
    return Told(row, event, {"sas_id": sas_id, "topics": all_topics, "subject": f"request:{request.pk}", "at": at})


def telling_of_booking(
    booking: Booking, *, kind: str, text: str, by: Actor | None, at: datetime, data: dict[str, Any] | None = None
) -> Told:
    if by is not None and by.mandate is not None:
        text = f"{text}, par {by.name}"
    doctor = f"effecteur:{booking.professional_id}" if booking.professional_id else "structures"
    facts = {"booking_id": booking.pk, "professional_id": booking.professional_id, **(data or {})}
    topics = ("slots", doctor)
    return telling(request=booking.request, kind=kind, text=text, by=by, at=at, data=facts, topics=topics)


def tell(*told: Told, after: AtOnce | None = None) -> None:
    """In one statement; `after` holds what changed, written before it is told."""
    act = after or AtOnce("given AS (SELECT)")
    for each in told:
        act.insert(each.row)
        act.publish(**each.live)
    with transaction.atomic(savepoint=False):
        act.write()
        for each in told:
            events.emit(each.event)


def record(
    *,
    request: OrientationRequest,
    kind: str,
    text: str,
    by: Actor | None,
    at: datetime,
    data: dict[str, Any] | None = None,
    topics: tuple[str, ...] = (),
) -> None:
    tell(telling(request=request, kind=kind, text=text, by=by, at=at, data=data, topics=topics))


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
    status_row(booking, by=by, by_kind=by_kind, at=at, reason=reason).save()


def status_row(booking: Booking, *, by: Actor | None, by_kind: str, at: datetime, reason: str = "") -> BookingStatus:
    """What the booking is now, dated; not written yet."""
    return fresh(
        BookingStatus,
        booking_id=booking.pk,
        status=booking.status,
        at=at,
        by_id=by.user.pk if by else None,
        by_kind=by_kind,
        reason=reason[:300],
        cause=booking.no_show_cause,
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
    on_behalf(by, Power.OUTCOMES, text, at=at, place_ids=[booking.place_id])
    tell(telling_of_booking(booking, kind=kind, text=text, by=by, at=at, data=data))

"""Rows are always locked in this order, so that no two operations wait for each other.

Request, participation (overbooking), slots by number, bookings; then, by the events, the case file. An operation on a
file that ends its requests therefore locks those before the file (regulation/operations/routing.py).

NO KEY: a line of history that names a row, written by whoever frees an expired hold of another request, waits for none
of these locks.
"""

from collections.abc import Iterable

from quinze.availability.models import Slot
from quinze.base.errors import NotFound
from quinze.orientation.models import Booking, OrientationRequest


def lock_request(pk: int) -> OrientationRequest:
    found = (
        OrientationRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("sas", "patient", "patient__referring_doctor", "commune", "taken_by")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("Cette demande n’existe plus. Revenez à la liste.")
    return found


def lock_slots(pks: Iterable[int | None]) -> dict[int, Slot]:
    wanted = sorted({pk for pk in pks if pk is not None})
    return {slot.pk: slot for slot in Slot.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")}


def lock_booking(booking: Booking, *, slots: Iterable[int | None] = ()) -> Booking:
    """The booking as it is now, its request and its slots being held too."""
    request = lock_request(booking.request_id)
    lock_slots([booking.slot_id, *slots])
    locked = (
        Booking.objects.select_for_update(of=("self",), no_key=True)
        .select_related("professional", "structure", "place__commune", "patient", "sas", "slot", "held_by")
        .get(pk=booking.pk)
    )
    locked.request = request
    return locked

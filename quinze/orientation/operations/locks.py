"""Rows are always locked in this order, so that no two operations wait for each other.

Request, slots by number, participation (overbooking, reorientations), bookings; then, by the events, the case file. An
operation on a file that ends its requests therefore locks those before the file (regulation/operations/routing.py).

NO KEY: a line of history that names a row, written by whoever frees an expired hold of another request, waits for none
of these locks.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError

from quinze.availability.models import Slot
from quinze.base.errors import NotFound
from quinze.base.written import Written
from quinze.orientation.models import Booking, OrientationRequest


def _locking(*, skip_locked: bool = False) -> QuerySet[OrientationRequest]:
    locked = OrientationRequest.objects.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked)
    return locked.select_related("sas", "patient", "patient__referring_doctor", "commune__departement", "taken_by")


FOR_ONE_ACT = Written(lambda pk: _locking().filter(pk=pk), pk=int)
NEXT_WAITING = Written(
    lambda sas: (
        _locking(skip_locked=True)
        .filter(sas_id=sas, status=OrientationRequest.Status.WAITING)
        .order_by("priority", "waiting_since", "pk")[:1]
    ),
    sas=int,
)


def lock_request(pk: int) -> OrientationRequest:
    require_transaction()
    found = FOR_ONE_ACT(pk=pk)
    if not found:
        raise NotFound("Cette demande n’existe plus. Revenez à la liste.")
    return found[0]


def lock_next_waiting(sas: int) -> OrientationRequest | None:
    """The most pressing one that nobody has, nor is taking at this instant."""
    require_transaction()
    return next(iter(NEXT_WAITING(sas=sas)), None)


def require_transaction() -> None:
    """Django says so when it writes the statement; ours was written long before. A lock that ends at once is none."""
    if connection.get_autocommit():
        raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")


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

"""One person, two appointments for the same care: the other one is given back in one act, when the OSNP says so."""

from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.orientation.models import Booking
from quinze.orientation.operations.cancelling import cancel
from quinze.orientation.operations.holding import release_hold
from quinze.orientation.operations.requests import close_without_booking
from quinze.orientation.queries.requests import OPEN

WHY = "doublon : la personne a un autre rendez-vous pour la même demande"


def drop_duplicate(*, booking: Booking, by: Actor, at: datetime) -> Booking:
    """Cancelled or released, and its own request closed: the person does not wait twice. The seat is free at once."""
    with transaction.atomic():
        if booking.status == Booking.Status.HELD:
            gone = release_hold(booking=booking, by=by, at=at)
        else:
            gone = cancel(booking=booking, by_kind="staff", reason=WHY, by=by, at=at)
        gone.request.refresh_from_db()
        if gone.request.status in OPEN:
            close_without_booking(request=gone.request, reason=WHY, by=by, at=at)
    return gone

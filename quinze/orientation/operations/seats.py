"""Seats that come back: holds given up, and holds that ran out."""

from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.availability.models import Slot
from quinze.orientation.models import Booking
from quinze.orientation.operations.journal import set_status, tell_booking
from quinze.orientation.operations.locks import lock_booking

Status = Booking.Status
WORDS = {
    Status.RELEASED: ("hold_released", "Créneau rendu"),
    Status.EXPIRED: ("hold_expired", "Retenue expirée, créneau rendu"),
}


def let_go(booking: Booking, status: Booking.Status, *, by: Actor | None, at: datetime) -> None:
    """The booking is locked and held. Its trigger gives the seat back in the same statement."""
    kind, text = WORDS[status]
    set_status(booking, status, by=by, by_kind="staff" if by else "system", at=at)
    tell_booking(booking, kind=kind, text=f"{text} : {who(booking)}", by=by, at=at)


def who(booking: Booking) -> str:
    return str(booking.professional or booking.structure)


def free_expired(slot: Slot, *, at: datetime) -> int:
    """The slot is locked: what its expired holds kept is free before anyone else asks for it."""
    expired = Booking.objects.select_for_update(of=("self",), no_key=True).filter(
        slot=slot, status=Status.HELD, hold_expires_at__lte=at
    )
    found = list(expired.select_related("request", "professional", "structure").order_by("pk"))
    for booking in found:
        let_go(booking, Status.EXPIRED, by=None, at=at)
    return len(found)


def sweep_expired(*, at: datetime, limit: int = 500) -> int:
    """Each hold in its own short transaction: one that is being confirmed right now costs the others nothing."""
    expired = Booking.objects.filter(status=Status.HELD, hold_expires_at__lte=at).order_by("hold_expires_at", "pk")
    return sum(_expire(booking, at) for booking in list(expired[:limit]))


def _expire(booking: Booking, at: datetime) -> int:
    with transaction.atomic():
        locked = lock_booking(booking)
        if locked.status != Status.HELD or locked.hold_expires_at is None or locked.hold_expires_at > at:
            return 0
        let_go(locked, Status.EXPIRED, by=None, at=at)
        return 1

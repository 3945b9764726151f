"""An appointment taken in the agenda of an editor, seen again in what that agenda still offers.

The editor's own word (INT_R03) is the proof; where it has not come, its offer says something: an hour that is gone is
taken, an hour still free may never have been.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from quinze.availability.models import EditorAgenda, OpeningRule, Slot
from quinze.orientation.models import Booking, RequestEvent
from quinze.orientation.operations.journal import tell_booking
from quinze.orientation.operations.locks import lock_booking
from quinze.orientation.queries.bookings import GIVEN

GRACE = timedelta(minutes=3)  # for the editor to write what was taken on its page
TAKEN, STILL_FREE = "editor_taken", "editor_still_free"


def reconcile(agenda: EditorAgenda, *, asked_at: datetime, declared: Collection[int], at: datetime) -> int:
    """The agenda was asked at `asked_at` and its answer is stored. `declared`: bookings that the editor itself said.

    Each thing is told once, in the file of the person. How many were.
    """
    owner = Q(professional=agenda.professional_id) if agenda.professional_id else Q(slot__structure=agenda.structure_id)
    expected = Booking.objects.filter(
        owner,
        status__in=(Booking.Status.HELD, *GIVEN),
        starts_at__gt=at,
        status_at__lte=asked_at,
        slot__source=agenda.source_id,
        slot__kind=OpeningRule.Kind.SLOTS,
    )
    found = list(expected.exclude(pk__in=declared).select_related("slot").order_by("pk"))
    return sum(_tell(booking, agenda, asked_at=asked_at, at=at) for booking in found)


def _tell(booking: Booking, agenda: EditorAgenda, *, asked_at: datetime, at: datetime) -> bool:
    kind = _kind(booking, asked_at=asked_at)
    if kind is None:
        return False
    with transaction.atomic():
        locked = lock_booking(booking)
        if _kind(locked, asked_at=asked_at) != kind or _is_told(locked, kind):
            return False
        who = agenda.source.name
        text = f"{who} ne propose plus cette heure : elle y est prise" if kind == TAKEN else _free(who)
        tell_booking(locked, kind=kind, text=text, by=None, at=at)
    return True


def _kind(booking: Booking, *, asked_at: datetime) -> str | None:
    """A hold that is still free there says nothing: the OSNP is on their way."""
    if booking.slot is None or booking.status not in (Booking.Status.HELD, *GIVEN):
        return None
    if booking.slot.status == Slot.Status.WITHDRAWN:
        return TAKEN
    is_late = booking.status in GIVEN and booking.status_at <= asked_at - GRACE
    return STILL_FREE if is_late else None


def _free(who: str) -> str:
    return f"{who} propose encore cette heure : le rendez-vous n’y est peut-être pas pris, vérifiez"


def _is_told(booking: Booking, kind: str) -> bool:
    """By the last word on this booking: an hour that is free, gone, then free again is told again."""
    told = RequestEvent.objects.filter(request=booking.request_id, kind__in=(TAKEN, STILL_FREE))
    last = told.filter(data__booking_id=booking.pk).order_by("-at", "-pk").values_list("kind", flat=True).first()
    return last == kind

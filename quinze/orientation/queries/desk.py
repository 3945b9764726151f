"""What the OSNP's page adds to a logged ranking: what became of its seats since, and how to widen it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from quinze.availability.models import Slot
from quinze.base.written import Written
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.queries.bookings import bookings
from quinze.orientation.queries.statements import rows as rows_of
from quinze.orientation.queries.views import SearchView

STEPS_KM = (5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150)
FULL = """SELECT id, status, taken, capacity FROM availability_slot
WHERE id = ANY(%(slots)s::bigint[]) AND NOT (status = 'open' AND taken < capacity)"""
TAKERS = """SELECT booking.slot_id, holder.given_name, holder.family_name
FROM orientation_booking booking JOIN accounts_user holder ON holder.id = booking.held_by_id
WHERE booking.slot_id = ANY(%(slots)s::bigint[]) AND booking.request_id <> %(request)s
    AND (status IN ('booked', 'confirmed', 'fulfilled', 'no_show') OR (status = 'held' AND hold_expires_at > %(at)s))
ORDER BY booking.id"""
# Seats counted as taken that this request may take: its own hold, and holds that have run out.
NOT_COUNTED = """SELECT slot_id FROM orientation_booking
WHERE slot_id = ANY(%(slots)s::bigint[]) AND status = 'held'
    AND (request_id = %(request)s OR hold_expires_at <= %(at)s)"""
LAST_BOOKING = Written(lambda request: bookings().filter(request_id=request).order_by("-pk")[:1], request=int)


@dataclass(frozen=True, slots=True)
class Gone:
    """One seat of the list that somebody else has now, and who."""

    slot_id: int
    words: str


class Seat(NamedTuple):
    """A seat that is not open with a place left."""

    id: int
    status: str
    taken: int
    capacity: int


def gone_seats(view: SearchView, *, request: OrientationRequest, at: datetime) -> dict[int, Gone]:
    """Three reads at most, whatever the number of proposals."""
    shown = _shown(view)
    rows = {row[0]: Seat(*row) for row in rows_of(FULL, {"slots": sorted(shown)})} if shown else {}
    if not rows:
        return {}
    asked = {"slots": sorted(rows), "request": request.pk, "at": at}
    takers = {slot: f"{given[:1]}. {family}" for slot, given, family in rows_of(TAKERS, asked)}  # the last one is told
    mine = Counter(slot for (slot,) in rows_of(NOT_COUNTED, asked))
    return {
        pk: Gone(pk, _gone_words(slot, takers.get(pk)))
        for pk, slot in rows.items()
        if slot.status != Slot.Status.OPEN or slot.taken - mine[pk] >= slot.capacity
    }


def _shown(view: SearchView) -> set[int]:
    found = [p for level in view.levels if level.is_open for p in level.proposals]
    return {slot.id for p in found for slot in (*p.slots, *(s for other in p.others for s in other.slots))}


def _gone_words(slot: Seat, taker: str | None) -> str:
    if slot.status != Slot.Status.OPEN:
        return "retiré par le médecin"
    return f"pris par {taker}" if taker else "pris par le cabinet"


def next_radius(view: SearchView) -> int | None:
    """The next step beyond what was searched."""
    now = view.options.max_km or view.radius_km
    return next((step for step in STEPS_KM if step > now), None)


def opening_reason(request: OrientationRequest) -> str:
    """Why levels were opened early, said once for the whole request."""
    last = request.events.filter(kind="widened").order_by("-at", "-pk").first()
    return last.text.partition(" : ")[2] if last else ""


def last_booking(request: OrientationRequest) -> Booking | None:
    """Whatever its status: a hold that ran out is told, an appointment given is shown."""
    return next(iter(LAST_BOOKING(request=request.pk)), None)

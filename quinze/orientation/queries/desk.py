"""What the OSNP's page adds to a logged ranking: what became of its seats since, and how to widen it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from quinze.availability.models import Slot
from quinze.base.written import Written
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.queries.bookings import bookings
from quinze.orientation.queries.statements import rows as rows_of
from quinze.orientation.queries.views import SearchView

STEPS_KM = (5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150)
COUNTED = ("booked", "confirmed", "fulfilled", "no_show")
FULL = """SELECT id, status, taken, capacity FROM availability_slot
WHERE id = ANY(%(slots)s::bigint[]) AND NOT (status = 'open' AND taken < capacity)"""
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
    """Two reads whatever the number of proposals."""
    shown = _shown(view)
    rows = {row[0]: Seat(*row) for row in rows_of(FULL, {"slots": sorted(shown)})} if shown else {}
    if not rows:
        return {}
    takers: dict[int, list[Booking]] = {pk: [] for pk in rows}
    for booking in _others(rows, request, at):
        takers[booking.slot_id or 0].append(booking)
    mine = _not_counted(rows, request, at)
    return {
        pk: Gone(pk, _gone_words(slot, takers[pk]))
        for pk, slot in rows.items()
        if slot.status != Slot.Status.OPEN or slot.taken - mine.get(pk, 0) >= slot.capacity
    }


def _shown(view: SearchView) -> set[int]:
    found = [p for level in view.levels if level.is_open for p in level.proposals]
    return {slot.id for p in found for slot in (*p.slots, *(s for other in p.others for s in other.slots))}


def _others(slots: Iterable[int], request: OrientationRequest, at: datetime) -> QuerySet[Booking]:
    live = Q(status__in=COUNTED) | Q(status="held", hold_expires_at__gt=at)
    found = Booking.objects.filter(live, slot__in=list(slots)).exclude(request=request)
    return found.select_related("held_by").order_by("pk")


def _not_counted(slots: Iterable[int], request: OrientationRequest, at: datetime) -> dict[int, int]:
    """Seats counted as taken that this request may take: its own hold, and holds that have run out."""
    free = Q(request=request) | Q(hold_expires_at__lte=at)
    found = Booking.objects.filter(free, slot__in=list(slots), status="held").values_list("slot", flat=True)
    counts: dict[int, int] = {}
    for slot in found:
        counts[slot or 0] = counts.get(slot or 0, 0) + 1
    return counts


def _gone_words(slot: Seat, takers: list[Booking]) -> str:
    if slot.status != Slot.Status.OPEN:
        return "retiré par le médecin"
    if not takers:
        return "pris par le cabinet"
    user = takers[-1].held_by
    return f"pris par {user.given_name[:1]}. {user.family_name}"


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

"""What the OSNP's page adds to a logged ranking: what became of its seats since, and how to widen it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from quinze.availability.models import Slot
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.queries.bookings import bookings
from quinze.orientation.queries.views import SearchView

STEPS_KM = (5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150)
COUNTED = ("booked", "confirmed", "fulfilled", "no_show")


@dataclass(frozen=True, slots=True)
class Gone:
    """One seat of the list that somebody else has now, and who."""

    slot_id: int
    words: str


def gone_seats(view: SearchView, *, request: OrientationRequest, at: datetime) -> dict[int, Gone]:
    """Two reads whatever the number of proposals."""
    full = Slot.objects.filter(pk__in=_shown(view)).exclude(status=Slot.Status.OPEN, taken__lt=F("capacity"))
    rows = {slot.pk: slot for slot in full.only("pk", "status", "taken", "capacity")}
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


def _gone_words(slot: Slot, takers: list[Booking]) -> str:
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
    return bookings().filter(request=request).order_by("-pk").first()

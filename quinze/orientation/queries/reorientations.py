"""The people whom emergency departments send to town: their list for those who sent them, and their figures."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Count, OuterRef, Q, Subquery

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.base.errors import NotFound
from quinze.directory.models import Structure
from quinze.directory.models.offer import StructureKind
from quinze.directory.queries.emergency import departments_of
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.queries.bookings import GIVEN, NEVER_GIVEN, bookings
from quinze.orientation.queries.requests import OPEN, request_of, requests_of
from quinze.orientation.rules import may_orient
from quinze.patients.queries import age_words, display_name

Status = Booking.Status
LISTED = timedelta(days=7)  # those still open are listed for ever
NAMES = 12


class Standing(StrEnum):
    """Where one person stands. Every reorientation is in exactly one."""

    OPEN = "open"  # no appointment yet, or none any more
    EXPECTED = "expected"
    SEEN = "seen"
    MISSED = "missed"
    CANCELLED = "cancelled"  # and nobody looks for another one
    NONE = "none"  # closed, or given back, without an appointment


AFTER = {Status.FULFILLED: Standing.SEEN, Status.NO_SHOW: Standing.MISSED}


def standing(request_status: str, booking_status: str | None) -> Standing:
    """`booking_status`: of the last appointment that was given, None when there was none."""
    if request_status in OPEN:
        return Standing.OPEN
    if booking_status is None:
        return Standing.NONE
    if booking_status in GIVEN:
        return Standing.EXPECTED
    return AFTER.get(Status(booking_status), Standing.CANCELLED)


@dataclass(frozen=True, slots=True)
class Sent:
    """One person of the list. `booking`: the last appointment given, whatever became of it."""

    request: OrientationRequest
    booking: Booking | None
    name: str
    age: str

    @property
    def standing(self) -> Standing:
        return standing(self.request.status, self.booking.status if self.booking else None)


def request_for(*, by: Actor, pk: int, at: datetime) -> OrientationRequest:
    """Of the whole SAS for its OSNP; for an IOA, of the departments where they work. Anything else does not exist."""
    found = request_of(sas=by.sas, pk=pk)
    if may_orient(by):
        return found
    if found.emergency_id not in [each.pk for each in departments_of(by, at=at)]:
        raise NotFound("Cette demande n’est pas de vos urgences. Revenez à la liste.")
    return found


def sent_by(
    departments: Sequence[Structure],
    *,
    sas: Sas,
    at: datetime,
    today: date,
    over: timedelta = LISTED,
    most: int | None = None,
) -> list[Sent]:
    """Those of so long before `at`, and whoever is still open; the latest first, `most` of them. Two reads."""
    recent = Q(status__in=OPEN) | Q(requested_at__gt=at - over)
    mine = requests_of(sas=sas).filter(recent, emergency__in=departments)
    asked = list(mine.order_by("-requested_at", "-pk")[:most])
    given = bookings().filter(request__in=asked).exclude(status__in=NEVER_GIVEN).order_by("pk")
    last = {booking.request_id: booking for booking in given}
    return [Sent(one, last.get(one.pk), display_name(one.patient), age_words(one.patient, on=today)) for one in asked]


def slip_of(request: OrientationRequest) -> Booking:
    """The appointment that the slip says."""
    booking = bookings().filter(request=request, status__in=GIVEN).order_by("-pk").first()
    if booking is None:
        raise NotFound("Aucun rendez-vous n’est pris : il n’y a rien à imprimer.")
    return booking


def deciders_of(departments: Sequence[Structure], *, at: datetime) -> list[str]:
    """Who decided lately, so that a name is typed once."""
    found = OrientationRequest.objects.filter(emergency__in=departments, requested_at__gt=at - LISTED)
    names = found.order_by("-requested_at").values_list("decided_by", flat=True)[:100]
    return list(dict.fromkeys(names))[:NAMES]


# ---- figures


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one department over a period."""

    department: str
    counts: dict[Standing, int]

    @property
    def sent(self) -> int:
        return sum(self.counts.values())

    @property
    def seen(self) -> int:
        return self.counts[Standing.SEEN]

    @property
    def missed(self) -> int:
        return self.counts[Standing.MISSED]

    @property
    def expected(self) -> int:
        return self.counts[Standing.EXPECTED] + self.counts[Standing.OPEN]

    @property
    def without(self) -> int:
        return self.counts[Standing.NONE] + self.counts[Standing.CANCELLED]

    @property
    def share(self) -> int | None:
        """Percentage seen, of those whose outcome is known."""
        known = self.seen + self.missed
        return round(100 * self.seen / known) if known else None


def figures(
    *, sas: Sas, since: datetime, until: datetime, departments: Sequence[Structure] | None = None
) -> list[Figures]:
    """Of these departments, of all those of the SAS unless told; by name, those that sent nobody included. One read for
    the departments, one for the counts.
    """
    houses = departments
    if houses is None:
        houses = list(Structure.objects.filter(sas=sas, kind=StructureKind.ED).order_by("name", "pk"))
    last = Booking.objects.filter(request=OuterRef("pk")).exclude(status__in=NEVER_GIVEN).order_by("-pk")
    sent = OrientationRequest.objects.filter(
        sas=sas, emergency__in=houses, requested_at__gte=since, requested_at__lt=until
    ).annotate(last=Subquery(last.values("status")[:1]))
    counts: dict[int | None, Counter[Standing]] = defaultdict(Counter)
    for house, status, booking, many in sent.values_list("emergency", "status", "last").annotate(Count("pk")):
        counts[house][standing(status, booking)] += many
    return [Figures(house.name, counts[house.pk]) for house in houses]

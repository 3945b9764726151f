"""Acts of a nurse that a doctor assists by video: what the OSNP reads, and the hours of the doctor."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from quinze.accounts.actor import Actor
from quinze.orientation.models import Assistance, Booking, OrientationRequest
from quinze.orientation.queries.bookings import GIVEN
from quinze.patients.queries import display_name

Status = OrientationRequest.Status
LIVE = (Status.WAITING, Status.TAKEN, Status.BOOKED)
MOST = 20


@dataclass(frozen=True, slots=True)
class Remote:
    """One act at which this doctor is expected, with its appointment once there is one."""

    assistance: Assistance
    booking: Booking | None

    @property
    def name(self) -> str:
        return display_name(self.assistance.request.patient)


def assistance_of(request: OrientationRequest) -> Assistance | None:
    return Assistance.objects.filter(request=request.pk).first()


def remote_acts(*, by: Actor, at: datetime) -> list[Remote]:
    """Those of this doctor, the nearest first, then those that have no hour yet. Two reads, one when there is none."""
    wanted = Assistance.objects.filter(user=by.user, request__sas=by.sas, request__status__in=LIVE)
    found = list(wanted.select_related("request__patient").order_by("request__deadline", "pk")[:MOST])
    if not found:
        return []
    given: dict[int, Booking | None] = defaultdict(lambda: None)
    bookings = Booking.objects.filter(request__in=[each.pk for each in found], status__in=GIVEN)
    for booking in bookings.select_related("professional", "place__commune"):
        given[booking.request_id] = booking
    acts = [Remote(each, given[each.pk]) for each in found]
    coming = [act for act in acts if act.booking is None or act.booking.during.upper > at]
    return sorted(coming, key=lambda act: (act.booking is None, act.booking.starts_at if act.booking else at))

from datetime import datetime

from django.db.models import QuerySet

from quinze.accounts.models import Sas
from quinze.base.errors import NotFound
from quinze.orientation.models import Booking, OrientationRequest, RankingLog, ReferringAttempt, RequestEvent

OPEN = (OrientationRequest.Status.WAITING, OrientationRequest.Status.TAKEN)
LIVE = (Booking.Status.HELD, Booking.Status.BOOKED, Booking.Status.CONFIRMED)


def requests_of(*, sas: Sas) -> QuerySet[OrientationRequest]:
    return OrientationRequest.objects.filter(sas=sas).select_related(
        "patient", "patient__referring_doctor", "commune", "taken_by", "requested_by"
    )


def worklist(*, sas: Sas, at: datetime) -> list[OrientationRequest]:  # noqa: ARG001  (same shape as every list)
    """Waiting and taken: P0 first, then who waits longest."""
    return list(requests_of(sas=sas).filter(status__in=OPEN).order_by("priority", "waiting_since", "pk"))


def request_of(*, sas: Sas, pk: int) -> OrientationRequest:
    found = requests_of(sas=sas).filter(pk=pk).first()
    if found is None:
        raise NotFound("Cette demande n’existe pas dans votre SAS. Revenez à la liste.")
    return found


def requests_of_case(*, sas: Sas, case_number: str) -> QuerySet[OrientationRequest]:
    return requests_of(sas=sas).filter(case_number=case_number).order_by("requested_at")


def events_of(request: OrientationRequest) -> QuerySet[RequestEvent]:
    return request.events.select_related("by").order_by("at", "pk")


def attempts_of(request: OrientationRequest) -> QuerySet[ReferringAttempt]:
    return request.attempts.select_related("by", "professional").order_by("at", "pk")


def latest_ranking(request: OrientationRequest) -> RankingLog | None:
    return request.rankings.select_related("charter", "by").order_by("-at", "-pk").first()


def ranking_of(*, request: OrientationRequest, pk: int) -> RankingLog:
    found = request.rankings.select_related("charter").defer("inputs").filter(pk=pk).first()
    if found is None:
        raise NotFound("Ce classement n’est pas celui de cette demande. Relancez la recherche.")
    return found


def live_booking(request: OrientationRequest) -> Booking | None:
    return (
        request.bookings.filter(status__in=LIVE).select_related("professional", "structure", "place__commune").first()
    )


def past_requests(*, sas: Sas, at: datetime, limit: int = 20) -> list[OrientationRequest]:
    """Those whose ranking was logged: a new charter is tried on them."""
    ranked = requests_of(sas=sas).filter(rankings__at__lte=at).distinct()
    return list(ranked.order_by("-requested_at")[:limit])

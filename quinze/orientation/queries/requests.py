from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, QuerySet

from quinze.accounts.models import Sas
from quinze.base.errors import NotFound
from quinze.base.written import Written
from quinze.orientation.models import Booking, OrientationRequest, RankingLog, ReferringAttempt, RequestEvent
from quinze.patients.queries import age_from, name_words

OPEN = (OrientationRequest.Status.WAITING, OrientationRequest.Status.TAKEN)
LIVE = (Booking.Status.HELD, Booking.Status.BOOKED, Booking.Status.CONFIRMED)
LARGEST = BigIntegerField.MAX_BIGINT  # the address of a page may hold any number
LISTED = (
    "pk", "status", "priority", "requested_at", "deadline", "limit_at", "profession", "specialty", "modalities",
    "patient__used_name", "patient__family_name", "patient__given_name", "patient__birth_date", "patient__age_months",
    "patient__age_declared_on", "commune__name", "taken_by", "taken_by__title", "taken_by__given_name",
    "taken_by__family_name", "requested_by__title", "requested_by__given_name", "requested_by__family_name",
)  # fmt: skip


class Line(NamedTuple):
    """One line of the list. A tuple, not the instances of four tables: nine desks read the list at each change."""

    pk: int
    status: str
    priority: str
    requested_at: datetime
    deadline: datetime
    limit_at: datetime
    profession: str
    specialty: str
    modalities: list[str]
    used_name: str
    family_name: str
    given_name: str
    birth_date: date | None
    age_months: int | None
    age_declared_on: date | None
    commune: str
    taken_by_id: int | None
    holder: str
    requested_by: str

    @property
    def name(self) -> str:
        return name_words(used_name=self.used_name, family_name=self.family_name, given_name=self.given_name)

    def age(self, *, on: date) -> str:
        return age_from(
            birth_date=self.birth_date, age_months=self.age_months, age_declared_on=self.age_declared_on, on=on
        )


def requests_of(*, sas: Sas) -> QuerySet[OrientationRequest]:
    return _requests(sas.pk)


def _requests(sas: int) -> QuerySet[OrientationRequest]:
    return OrientationRequest.objects.filter(sas_id=sas).select_related(
        "patient", "patient__referring_doctor", "commune__departement", "taken_by", "requested_by"
    )


WAITING = Written(
    lambda sas: (
        OrientationRequest.objects.filter(sas_id=sas, status__in=OPEN)
        .order_by("priority", "waiting_since", "pk")
        .values_list(*LISTED)
    ),
    sas=int,
)
BY_NUMBER = Written(lambda sas, pk: _requests(sas).filter(pk=pk), sas=int, pk=int)


def worklist(*, sas: Sas, at: datetime) -> list[Line]:  # noqa: ARG001  (same shape as every list)
    """Waiting and taken: P0 first, then who waits longest."""
    return [_line(row) for row in WAITING(sas=sas.pk)]


def _line(row: tuple[Any, ...]) -> Line:
    """People are named as `str(user)` names them."""
    said, commune, taken_by, holder, asking = row[:15], row[15], row[16], row[17:20], row[20:]
    people = " ".join(filter(None, holder)), " ".join(filter(None, asking))
    return Line._make([*said, commune or "", taken_by, *people])


def request_of(*, sas: Sas, pk: int) -> OrientationRequest:
    found = BY_NUMBER(sas=sas.pk, pk=pk) if pk <= LARGEST else []
    if not found:
        raise NotFound("Cette demande n’existe pas dans votre SAS. Revenez à la liste.")
    found[0].sas = sas
    return found[0]


def requests_of_case(*, sas: Sas, case_number: str) -> QuerySet[OrientationRequest]:
    return requests_of(sas=sas).filter(case_number=case_number).order_by("requested_at")


def events_of(request: OrientationRequest) -> QuerySet[RequestEvent]:
    return request.events.select_related("by").order_by("at", "pk")


def attempts_of(request: OrientationRequest) -> QuerySet[ReferringAttempt]:
    return request.attempts.select_related("by", "professional").order_by("at", "pk")


LATEST_RANKING = Written(
    lambda request: (
        RankingLog.objects.filter(request_id=request).select_related("charter", "by").order_by("-at", "-pk")[:1]
    ),
    request=int,
)
LIVE_BOOKING = Written(
    lambda request: (
        Booking.objects.filter(request_id=request, status__in=LIVE)
        .select_related("professional", "structure", "place__commune")
        .order_by("pk")[:1]
    ),
    request=int,
)


def latest_ranking(request: OrientationRequest) -> RankingLog | None:
    for found in LATEST_RANKING(request=request.pk):
        found.request = request
        return found
    return None


def ranking_of(*, request: OrientationRequest, pk: int) -> RankingLog:
    found = request.rankings.select_related("charter").defer("inputs").filter(pk=pk).first()
    if found is None:
        raise NotFound("Ce classement n’est pas celui de cette demande. Relancez la recherche.")
    return found


def live_booking(request: OrientationRequest) -> Booking | None:
    for found in LIVE_BOOKING(request=request.pk):
        found.request = request
        return found
    return None


def past_requests(*, sas: Sas, at: datetime, limit: int = 20) -> list[OrientationRequest]:
    """Those whose ranking was logged: a new charter is tried on them."""
    ranked = requests_of(sas=sas).filter(rankings__at__lte=at).distinct()
    return list(ranked.order_by("-requested_at")[:limit])

"""What doctors are being asked on their page, and what they answered."""

from datetime import datetime, timedelta
from typing import NamedTuple

from quinze.accounts.models import Sas
from quinze.base.errors import NotFound
from quinze.base.written import Written
from quinze.directory.models import Professional
from quinze.orientation.models import OrientationRequest, OverbookingAsk
from quinze.orientation.queries.requests import OPEN

PENDING = OverbookingAsk.State.PENDING
RECENT = timedelta(hours=1)
LAST_ASKED = Written(
    lambda request, since: (
        OverbookingAsk.objects.filter(request_id=request, asked_at__gt=since)
        .select_related("professional", "place")
        .order_by("-pk")[:1]
    ),
    request=int,
    since=datetime,
)

SAID = Written(
    lambda sas: (
        OverbookingAsk.objects.filter(request__sas_id=sas, request__status__in=OPEN)
        .order_by("pk")
        .values_list(
            "request",
            "pk",
            "state",
            "professional__civility",
            "professional__given_name",
            "professional__family_name",
            "answered_at",
            "expires_at",
        )
    ),
    sas=int,
)


class AskSaid(NamedTuple):
    pk: int
    state: str
    doctor: str
    answered_at: datetime | None
    expires_at: datetime


def pending_asks(professional: Professional, *, start: datetime, end: datetime, at: datetime) -> int:
    """Promised to nobody yet, and kept: what waits for an answer takes a place of the day's quota (complaint 7)."""
    waiting = OverbookingAsk.objects.filter(professional=professional, state=PENDING, expires_at__gt=at)
    return waiting.filter(starts_at__gte=start, starts_at__lt=end).count()


def asks_of(professional: Professional, *, at: datetime) -> list[OverbookingAsk]:
    """To be answered by this doctor now, the first to expire first."""
    found = OverbookingAsk.objects.filter(professional=professional, state=PENDING, expires_at__gt=at)
    return list(
        found.select_related("request__patient", "request__emergency", "place__commune", "sas", "asked_by").order_by(
            "expires_at", "pk"
        )
    )


def ask_of_doctor(*, professional: Professional, pk: int) -> OverbookingAsk:
    found = OverbookingAsk.objects.select_related("professional", "place").filter(professional=professional, pk=pk)
    return _required(found.first())


def ask_of_request(request: OrientationRequest, *, at: datetime) -> OverbookingAsk | None:
    """The one that waits for its answer; else the last one of the hour, with what was answered."""
    return next(iter(LAST_ASKED(request=request.pk, since=at - RECENT)), None)


def what_doctors_said(*, sas: Sas) -> dict[int, AskSaid]:
    """By request still to be given an appointment: the last doctor asked on their page, and where it stands."""
    return {row[0]: AskSaid._make((*row[1:3], " ".join(filter(None, row[3:6])), *row[6:])) for row in SAID(sas=sas.pk)}


def _required(ask: OverbookingAsk | None) -> OverbookingAsk:
    if ask is None:
        raise NotFound("Cette demande n’est pas la vôtre, ou n’existe plus.")
    return ask

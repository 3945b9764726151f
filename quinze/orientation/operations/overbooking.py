"""One patient more, with the doctor's consent: a typed act, with its quota and its trace."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from quinze.accounts.actor import Actor
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.periods import local_day, period
from quinze.directory.models import Participation, Place, Professional
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.operations.choices import chosen, log_choice
from quinze.orientation.operations.direct import open_for
from quinze.orientation.operations.give import CHANNELS, give
from quinze.orientation.operations.journal import record
from quinze.orientation.queries.asks import pending_asks
from quinze.orientation.queries.bookings import overbooked_on
from quinze.orientation.queries.requests import requests_of

LATE = timedelta(minutes=15)


def record_overbooking(
    *,
    request: OrientationRequest,
    professional: Professional,
    place: Place,
    starts_at: datetime,
    consent: str,
    by: Actor,
    at: datetime,
    ranking: int | None = None,
    minutes: int = 15,
    modality: str = "AMB",
    reason: str = "",
    notify: tuple[str, ...] = CHANNELS,
    told: bool = False,
) -> Booking:
    """The doctor said yes: who agreed, how, and for when."""
    _check(request, starts_at, consent=consent, at=at)
    if place.professional_id != professional.pk:
        raise Refusal("Ce lieu n’est pas celui de ce médecin.", field="place")
    choice = None
    if ranking is not None:
        key = f"p{professional.pk}@{place.pk}"
        choice = chosen(request=request, ranking=ranking, candidate=key, reason=reason)
    with refuse_violations():
        locked = open_for(request, by=by, at=at)
        take_from_quota(locked, professional, starts_at, at)
        booking = Booking(
            sas=locked.sas,
            request=locked,
            patient=locked.patient,
            kind=Booking.Kind.OVERBOOKING,
            professional=professional,
            place=place,
            during=period(starts_at, starts_at + timedelta(minutes=minutes)),
            starts_at=starts_at,
            modality=modality,
            instruction=locked.instruction,
            consent=consent.strip()[:200],
            held_by=by.user,
        )
        head = f"Surnuméraire accepté ({consent.strip()})"
        give(booking, kind="overbooking", head=head, by=by, at=at, notify=notify, told=told, reason=consent)
        if choice:
            log_choice(choice, reason=reason, by=by, at=at)
    return booking


def ask_overbooking(
    *, request: OrientationRequest, professional: Professional, answer: str, by: Actor, at: datetime
) -> None:
    """The doctor was called and did not agree, or did not answer: it counts as a solicitation, once per request."""
    if not answer.strip():
        raise Refusal("Notez la réponse du médecin : complet, ne répond pas…", field="answer")
    found = requests_of(sas=by.sas).get(pk=request.pk)
    record(
        request=found,
        kind="overbooking_call",
        text=f"Surnuméraire demandé au {professional} : {answer.strip()}",
        by=by,
        at=at,
        data={"professional_id": professional.pk},
        topics=(f"effecteur:{professional.pk}",),
    )


def _check(request: OrientationRequest, starts_at: datetime, *, consent: str, at: datetime) -> None:
    if not consent.strip():
        raise Refusal("Dites qui a donné son accord, et comment.", field="consent")
    if starts_at < at - LATE:
        raise Refusal("Cette heure est passée : convenez d’une autre.", field="starts_at")
    if starts_at > request.deadline:
        raise Refusal("Cette heure est après l’échéance fixée par le médecin.", field="starts_at")


def take_from_quota(request: OrientationRequest, professional: Professional, starts_at: datetime, at: datetime) -> None:
    """The participation's row lock makes two desks take turns, so that the last place of the day is given once."""
    participation = (
        Participation.objects.select_for_update()
        .filter(sas=request.sas, professional=professional, during__contains=at)
        .first()
    )
    if participation is None or not participation.accepts_overbooking:
        raise Refusal("Ce médecin n’accepte pas de surnuméraire.", code="no_overbooking")
    zone = request.sas.zone
    start, end = local_day(starts_at.astimezone(ZoneInfo(zone)).date(), zone)
    given = overbooked_on(sas=request.sas, professional=professional, start=start, end=end)
    given += pending_asks(professional, start=start, end=end, at=at)
    if given >= participation.overbooking_per_day:
        raise Refusal(
            f"Ce médecin a déjà ses {given} surnuméraires de la journée : demandez à un autre.",
            code="quota",
            given=given,
        )

"""« Un patient de plus ? » asked of a doctor on their page, and their own answer: yes gives the appointment at once."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from quinze.accounts.actor import Actor
from quinze.base import live
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, Refusal
from quinze.directory.models import Place, Power, Professional
from quinze.directory.operations.delegation import on_behalf
from quinze.directory.queries import parameter
from quinze.orientation.models import OrientationRequest, OverbookingAsk
from quinze.orientation.operations.choices import chosen
from quinze.orientation.operations.journal import Told, tell, telling
from quinze.orientation.operations.locks import lock_request
from quinze.orientation.operations.notices import write_of_ask
from quinze.orientation.operations.overbooking import LATE, record_overbooking, take_from_quota
from quinze.orientation.operations.requests import back_in_list
from quinze.orientation.operations.rescue import look_again
from quinze.orientation.queries.requests import OPEN
from quinze.orientation.sentences import moment

State = OverbookingAsk.State
PLACED = "La personne a été placée entre-temps : la demande au médecin est retirée"


def ask_doctor(
    *,
    request: OrientationRequest,
    professional: Professional,
    place: Place,
    starts_at: datetime,
    ranking: int,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> OverbookingAsk:
    """Shown on the doctor's page until it expires. The quota counts it, so that nobody else is promised the place."""
    if starts_at < at - LATE or starts_at > request.deadline:
        raise Refusal("Proposez une heure à venir, avant l’échéance fixée par le médecin.", field="starts_at")
    chosen(request=request, ranking=ranking, candidate=f"p{professional.pk}@{place.pk}", reason=reason)
    with refuse_violations():
        locked = lock_request(request.pk)
        if locked.status not in OPEN:
            raise Conflict(f"Cette demande est {locked.get_status_display()} : rechargez la page.", code="not_open")
        take_from_quota(locked, professional, starts_at, at)
        ask = OverbookingAsk.objects.create(
            sas=locked.sas, request=locked, professional=professional, place=place, starts_at=starts_at,
            modality=locked.modalities[0], ranking=ranking, reason=reason.strip()[:300], asked_at=at, asked_by=by.user,
            expires_at=min(at + timedelta(minutes=parameter(locked.sas, "rescue_minutes", at)), locked.deadline),
        )  # fmt: skip
        text = f"Un patient de plus demandé au {professional} sur sa page"
        tell(_told(ask, "overbooking_asked", text, by=by, at=at))
        write_of_ask(ask, at=at)
    return ask


def answer(*, ask: OverbookingAsk, accepts: bool, by: Actor, at: datetime) -> OverbookingAsk:
    """By the doctor. Yes: the person has the appointment, or the answer says why it came too late."""
    with transaction.atomic():
        locked = _pending(ask, at)
        said = "a accepté" if accepts else "a refusé"
        on_behalf(by, Power.OUTCOMES, f"{said} un patient de plus", at=at, place_ids=[locked.place_id])
        if not accepts:
            return _go_on(locked, State.REFUSED, f"{locked.professional} refuse un patient de plus", by=by, at=at)
        if locked.request.status not in OPEN:
            return _close(locked, State.WITHDRAWN, PLACED, by=by, at=at, kind="overbooking_ended")
        locked.state, locked.answered_at = State.WITHDRAWN, at  # its own place of the quota is free for its booking
        locked.save(update_fields=["state", "answered_at"])
        locked.booking = record_overbooking(
            request=locked.request, professional=locked.professional, place=locked.place, starts_at=locked.starts_at,
            consent=f"{by.name}, sur sa page", ranking=locked.ranking, modality=locked.modality, reason=locked.reason,
            by=by, at=at,
        )  # fmt: skip
        locked.state, locked.answered_by = State.ACCEPTED, by.user
        locked.save(update_fields=["state", "answered_by", "booking"])
        _publish(locked, at)
    return locked


def withdraw_ask(*, ask: OverbookingAsk, by: Actor, at: datetime) -> OverbookingAsk:
    """The OSNP found elsewhere, or will not wait."""
    with transaction.atomic():
        text = f"La demande au {ask.professional} est retirée"
        return _close(_pending(ask, at), State.WITHDRAWN, text, by=by, at=at, kind="overbooking_ended")


def expire_asks(*, at: datetime) -> int:
    """Unanswered: the place of the quota is free again, and it counts as a call to that doctor. A job that slept loses
    nothing: what ran out meanwhile comes back to the list now."""
    over = Q(expires_at__lte=at) | ~Q(request__status__in=OPEN)
    due = OverbookingAsk.objects.filter(over, state=State.PENDING).order_by("expires_at", "pk")
    return sum(_expire(ask, at) for ask in due[:500])


def _expire(ask: OverbookingAsk, at: datetime) -> int:
    with transaction.atomic():
        locked = _locked(ask)
        if locked.state != State.PENDING:
            return 0
        if locked.request.status not in OPEN:
            _close(locked, State.WITHDRAWN, PLACED, by=None, at=at, kind="overbooking_ended")
            return 1
        _go_on(locked, State.EXPIRED, f"{locked.professional} n’a pas répondu à temps", by=None, at=at)
        return 1


def _locked(ask: OverbookingAsk) -> OverbookingAsk:
    """The request first, as everywhere."""
    request = lock_request(ask.request_id)
    locked = (
        OverbookingAsk.objects.select_for_update(of=("self",)).select_related("professional", "place").get(pk=ask.pk)
    )
    locked.request = request
    return locked


def _pending(ask: OverbookingAsk, at: datetime) -> OverbookingAsk:
    locked = _locked(ask)
    if locked.state == State.PENDING and locked.expires_at > at:
        return locked
    said = "sans réponse à temps" if locked.state == State.PENDING else locked.get_state_display()
    raise Conflict(f"Cette demande est close ({said}) : rien d’autre à faire.", code="over")


def _close(ask: OverbookingAsk, state: str, text: str, *, by: Actor | None, at: datetime, kind: str) -> OverbookingAsk:
    _ends(ask, state, by=by, at=at)
    tell(_told(ask, kind, text, by=by, at=at))
    return ask


def _go_on(ask: OverbookingAsk, state: str, text: str, *, by: Actor | None, at: datetime) -> OverbookingAsk:
    """No, or no answer: the request is in the list again with what happened, and the seats that came back meanwhile
    are looked at for this person without waiting for their turn.
    """
    _ends(ask, state, by=by, at=at)
    back_in_list(ask.request, told=_told(ask, "overbooking_call", text, by=by, at=at), at=at)
    look_again(sas_id=ask.sas_id, at=at)
    return ask


def _ends(ask: OverbookingAsk, state: str, *, by: Actor | None, at: datetime) -> None:
    ask.state, ask.answered_at, ask.answered_by = State(state), at, by.user if by else None
    ask.save(update_fields=["state", "answered_at", "answered_by"])


def _told(ask: OverbookingAsk, kind: str, text: str, *, by: Actor | None, at: datetime) -> Told:
    hour = moment(ask.starts_at, ask.place.zone)
    data = {"professional_id": ask.professional_id, "ask_id": ask.pk}
    topics = (f"effecteur:{ask.professional_id}",)
    return telling(request=ask.request, kind=kind, text=f"{text} ({hour})", by=by, at=at, data=data, topics=topics)


def _publish(ask: OverbookingAsk, at: datetime) -> None:
    topics = [f"effecteur:{ask.professional_id}", f"request:{ask.request_id}"]
    live.publish(sas_id=ask.sas_id, topics=topics, subject=f"request:{ask.request_id}", at=at)

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.availability.models import Slot
from quinze.availability.queries.sources import kept_elsewhere
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, Refusal
from quinze.base.periods import period
from quinze.directory.queries import parameter
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.operations import straight
from quinze.orientation.operations.choices import Chosen, chosen, log_choice, pick
from quinze.orientation.operations.journal import append_status, tell_booking
from quinze.orientation.operations.locks import lock_booking, lock_request, lock_slots
from quinze.orientation.operations.seats import free_expired, let_go, who
from quinze.orientation.operations.terms import require_reorientations
from quinze.orientation.queries.doctors import next_seats
from quinze.orientation.queries.fitting import misfit
from quinze.orientation.queries.requests import OPEN, live_booking
from quinze.orientation.queries.straight import taker_of, wanted
from quinze.orientation.rules import may_finish_hold
from quinze.orientation.sentences import moment

Status = Booking.Status
TRIES = 2  # one who waited behind the winner reads again, and sees that the seat is gone
LOST = ("slot_never_over_capacity", "slot_is_open")


@dataclass(frozen=True, slots=True)
class Holding:
    """One wish for one seat, as it travels through the checks."""

    request: OrientationRequest
    slot: Slot
    modality: str
    by: Actor
    at: datetime


def hold(
    *,
    request: OrientationRequest,
    ranking: int,
    candidate: str,
    slot: int,
    modality: str,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> Booking:
    """Keeps one seat for a few minutes, visible to the other desks. A lost race says who won, and what is next."""
    for _ in range(TRIES):
        seat = wanted(request=request.pk, ranking=ranking, slot=slot, at=at)
        if seat is None:
            choice = chosen(request=request, ranking=ranking, candidate=candidate, reason=reason)
            break
        choice = pick(seat.log, candidate=candidate, reason=reason)
        if kept := straight.hold(seat, choice, modality=modality, reason=reason, by=by, at=at):
            return kept
        if seat.is_full and straight.is_clear(seat, choice, modality, at):
            raise lost(seat.slot, request, at=at, nearby=choice.next_candidates)
    try:
        with refuse_violations():
            return _hold(request, choice, slot, modality=modality, reason=reason, by=by, at=at)
    except Refusal as refusal:
        if refusal.code not in LOST:
            raise
        raise lost(Slot.objects.get(pk=slot), request, at=at, nearby=choice.next_candidates) from refusal


def _hold(
    request: OrientationRequest, choice: Chosen, slot_pk: int, *, modality: str, reason: str, by: Actor, at: datetime
) -> Booking:
    locked = lock_request(request.pk)
    if locked.status not in OPEN:
        raise Conflict(f"Cette demande est {locked.get_status_display()} : rechargez la page.", code="not_open")
    previous = live_booking(locked)
    slot = lock_slots([slot_pk, previous.slot_id if previous else None]).get(slot_pk)
    _let_previous_go(previous, by=by, at=at)
    require_reorientations(locked, choice.candidate, at=at, nearby=choice.next_candidates)
    wish = Holding(locked, _suitable(slot, choice, locked, modality, at), modality, by, at)
    free_expired(wish.slot, at=at)
    wish.slot.refresh_from_db(fields=["taken", "status"])
    if wish.slot.status != Slot.Status.OPEN or wish.slot.taken >= wish.slot.capacity:
        raise lost(wish.slot, locked, at=at, nearby=choice.next_candidates)
    booking = _create(wish)
    log_choice(choice, reason=reason, by=by, at=at)
    return booking


def _let_previous_go(previous: Booking | None, *, by: Actor, at: datetime) -> None:
    """One hold per request: choosing another seat gives the first one back."""
    if previous is None:
        return
    if previous.status != Status.HELD:
        raise Conflict(
            f"Un rendez-vous est déjà pris avec {who(previous)} : déplacez-le ou annulez-le.", code="already_booked"
        )
    let_go(previous, Status.RELEASED, by=by, at=at)


def _suitable(slot: Slot | None, choice: Chosen, request: OrientationRequest, modality: str, at: datetime) -> Slot:
    if slot is None or slot.place_id != choice.place_id:
        raise Refusal("Ce créneau n’est pas celui de cette proposition : relancez la recherche.", code="other_place")
    if modality not in slot.modalities or modality not in request.modalities:
        raise Refusal("Ce créneau n’est pas offert dans cette modalité : choisissez-en une autre.", field="modality")
    ended = slot.ends_at <= at if slot.kind == "plage" else slot.starts_at < at
    if ended:
        raise Refusal("Ce créneau est déjà passé : choisissez le suivant.", code="past")
    if reason := misfit(slot, request=request, at=at):
        raise Refusal(f"Ce créneau n’est pas pour cette demande : {reason}.", code="misfit")
    return slot


def _create(wish: Holding) -> Booking:
    slot, at = wish.slot, wish.at
    seconds = parameter(wish.request.sas, "hold_seconds", at)
    booking = Booking.objects.create(
        sas=wish.request.sas,
        request=wish.request,
        patient=wish.request.patient,
        kind=Booking.Kind.SLOT,
        slot=slot,
        professional_id=slot.professional_id,
        structure_id=slot.structure_id or (None if slot.professional_id else slot.place.structure_id),
        place_id=slot.place_id,
        during=period(slot.starts_at, slot.ends_at),
        starts_at=slot.starts_at,
        modality=wish.modality,
        instruction=wish.request.instruction,
        status=Status.HELD,
        status_at=at,
        hold_expires_at=at + timedelta(seconds=seconds),
        held_by=wish.by.user,
    )
    append_status(booking, by=wish.by, by_kind="staff", at=at)
    text = f"Créneau retenu : {who(booking)}, {moment(slot.starts_at, slot.place.zone)}"
    tell_booking(booking, kind="held", text=text, by=wish.by, at=at)
    return booking


def lost(slot: Slot, request: OrientationRequest, *, at: datetime, nearby: tuple[str, ...] = ()) -> Refusal:
    """Who has the seat now, and what to take instead."""
    seats = next_seats(slot=slot, request=request, at=at)
    if slot.status == Slot.Status.WITHDRAWN:
        text, code, taker = _withdrawn(slot), "withdrawn", ""
    else:
        taker, code = _taker(slot), "taken"
        text = f"Ce créneau vient d’être pris par {taker}."
    offer = " Le suivant du même médecin vous est proposé." if seats else " Voyez la proposition suivante."
    return Refusal(text + offer, code=code, who=taker, next=seats, proposal=nearby[0] if nearby else "")


def _withdrawn(slot: Slot) -> str:
    kept = kept_elsewhere([slot.pk]).get(slot.pk)
    return f"{kept.name} n’offre plus ce créneau." if kept else "Ce créneau vient d’être retiré par le médecin."


def _taker(slot: Slot) -> str:
    return taker_of(slot.pk) or "le cabinet"


def extend_hold(*, booking: Booking, by: Actor, at: datetime) -> Booking:
    with transaction.atomic():
        locked = held(booking, by=by, at=at)
        if locked.hold_extended or not parameter(locked.sas, "hold_extensions", at):
            raise Refusal("Cette retenue a déjà été prolongée : confirmez ou rendez le créneau.", code="extended")
        locked.hold_extended = True
        locked.hold_expires_at = at + timedelta(seconds=parameter(locked.sas, "hold_seconds", at))
        locked.save(update_fields=["hold_extended", "hold_expires_at"])
        tell_booking(locked, kind="hold_extended", text=f"Retenue prolongée : {who(locked)}", by=by, at=at)
    return locked


def release_hold(*, booking: Booking, by: Actor, at: datetime) -> Booking:
    """Gives the seat back. Once gone it stays gone: releasing twice changes nothing."""
    with transaction.atomic():
        locked = lock_booking(booking)
        if locked.status in (Status.RELEASED, Status.EXPIRED):
            return locked
        _require_held(locked, by=by)
        let_go(locked, Status.RELEASED, by=by, at=at)
    return locked


def held(booking: Booking, *, by: Actor, at: datetime, slots: Iterable[int] = ()) -> Booking:
    """The booking, locked, still held, not run out, and within reach of this person."""
    locked = lock_booking(booking, slots=slots)
    _require_held(locked, by=by)
    if locked.hold_expires_at is None or locked.hold_expires_at <= at:
        raise _expired()
    return locked


def _require_held(booking: Booking, *, by: Actor) -> None:
    if booking.status == Status.EXPIRED:
        raise _expired()
    if booking.status != Status.HELD:
        raise Conflict(f"Ce créneau n’est plus retenu : il est {booking.get_status_display()}.", code="not_held")
    if not may_finish_hold(by, held_by_id=booking.held_by_id, sas_id=booking.sas_id):
        raise Refusal(f"Ce créneau est retenu par {booking.held_by}.", code="not_holder")


def _expired() -> Refusal:
    return Refusal("La retenue a expiré et le créneau est rendu : choisissez-le de nouveau.", code="expired")

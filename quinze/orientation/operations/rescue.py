"""A freed seat is offered to those who wait, one person at a time, until someone takes it or its hour comes."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.availability.models import Slot
from quinze.base import live
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, Refusal
from quinze.directory.queries import parameter
from quinze.orientation.models import (
    Booking,
    EarlierWish,
    FreedSeat,
    OrientationRequest,
    RescueOffer,
    RescueStep,
)
from quinze.orientation.models.rescue import LIVE_OFFERS
from quinze.orientation.operations.book import confirm, move
from quinze.orientation.operations.choices import chosen, log_choice
from quinze.orientation.operations.holding import hold, release_hold
from quinze.orientation.operations.journal import record
from quinze.orientation.operations.locks import lock_request, lock_slots
from quinze.orientation.operations.requests import claim, release
from quinze.orientation.operations.searching import search
from quinze.orientation.queries.bookings import GIVEN
from quinze.orientation.queries.requests import live_booking
from quinze.orientation.queries.rescue import (
    Fit,
    Waiting,
    given_seats,
    in_own_search,
    open_seats,
    sas_of,
    slots_back,
    waiting_for,
    withdrawn_absences,
)
from quinze.orientation.sentences import moment

Act = Callable[[RescueOffer, Actor, datetime], None]
State, SeatState, Cause = RescueOffer.State, FreedSeat.State, FreedSeat.Cause
NOBODY_NOW = timedelta(minutes=2)  # before looking again for somebody
MOST_ASKED = 25  # searches for one seat in one pass
MOST_AT_ONCE = 5  # while an OSNP waits for the page; the job goes on from there
MOST_SEARCHES = 40  # in one pass: a seat begun is finished, the others have their turn fifteen seconds later
WHY = "Place libérée, proposée à qui attend"
NOT_MINE = ("over", "called")
TAKEN_ONE = ("one_rescue_of_a_seat_at_a_time", "one_rescue_of_a_person_at_a_time")


# ---- a seat comes back


def free_seat(*, booking: Booking, cause: str, at: datetime) -> None:
    """One row in the transaction that frees the seat; finding somebody is the work of `rescue_seats`, moments later."""
    slot = booking.slot
    if slot is None or not _still_useful(slot, at):
        return
    if cause == Cause.NO_ANSWER and FreedSeat.objects.filter(slot=slot, state=SeatState.OPEN).exists():
        return
    FreedSeat.objects.bulk_create([_seat(slot, booking.sas_id, cause, at, booking=booking)], ignore_conflicts=True)


def _return_seats(*, at: datetime) -> None:
    """An absence was withdrawn: its hours are open again, and those who searched meanwhile did not see them."""
    for absence in withdrawn_absences(at=at):
        slots = list(slots_back(absence, at=at))
        sas_ids = list(sas_of(absence.professional_id, at=at)) if slots else []
        rows = [_seat(slot, sas_id, Cause.RETURNED, at) for slot in slots for sas_id in sas_ids]
        FreedSeat.objects.bulk_create(rows)


def _still_useful(slot: Slot, at: datetime) -> bool:
    last = slot.ends_at if slot.kind == "plage" else slot.starts_at
    return slot.status == Slot.Status.OPEN and last > at


def _seat(slot: Slot, sas_id: int, cause: str, at: datetime, *, booking: Booking | None = None) -> FreedSeat:
    minutes = (slot.ends_at - slot.starts_at).total_seconds() / 60 / (slot.capacity if slot.kind == "plage" else 1)
    return FreedSeat(
        sas_id=sas_id,
        slot=slot,
        minutes=round(minutes),
        cause=cause,
        from_booking=booking,
        freed_at=at,
        look_again_at=at,
    )


def look_again(*, sas_id: int, at: datetime) -> None:
    """Somebody waits anew: the seats that fitted nobody are asked again at the next pass."""
    FreedSeat.objects.filter(sas=sas_id, state=SeatState.OPEN, look_again_at__gt=at).update(look_again_at=at)


# ---- the job: tidy, then propose


def rescue_seats(*, at: datetime, limit: int = 100) -> int:
    """How many people are to be called anew. Running it twice, or after a day without it, offers nothing stale.

    A crisis that frees hundreds of seats is worked off pass by pass, the soonest first: desks come before this job.
    """
    _return_seats(at=at)
    _lapse_offers(at=at)
    _close_seats(at=at)
    offers = searches = 0
    for seat in list(open_seats(at=at)[:limit]):
        offer, asked = _look_for_somebody(seat, at=at)
        offers, searches = offers + (offer is not None), searches + asked
        if searches >= MOST_SEARCHES:
            break
    return offers


def propose(*, seat: FreedSeat, at: datetime, most: int = MOST_ASKED) -> RescueOffer | None:
    """The first person whose own search proposes this seat. A seat already in someone's call is left to it."""
    return _look_for_somebody(seat, at=at, most=most)[0]


def _look_for_somebody(seat: FreedSeat, *, at: datetime, most: int = MOST_ASKED) -> tuple[RescueOffer | None, int]:
    """And how many searches it took. After fewer than the job makes, the seat stays due: the job looks further."""
    if RescueOffer.objects.filter(slot=seat.slot_id, state__in=LIVE_OFFERS).exists():
        return None, 0
    searches, people = 0, waiting_for(seat, at=at)
    for searches, one in enumerate(people[:most], start=1):
        fit = in_own_search(one.request, seat.slot, at=at)
        offer = _offer(seat, one, fit, at=at) if fit else None
        if offer:
            return offer, searches
    if most >= min(len(people), MOST_ASKED):
        FreedSeat.objects.filter(pk=seat.pk).update(look_again_at=at + NOBODY_NOW)
    return None, searches


def _offer(seat: FreedSeat, one: Waiting, fit: Fit, *, at: datetime) -> RescueOffer | None:
    """None when another worker was quicker: the constraints decide."""
    slot, request = seat.slot, one.request
    last = slot.ends_at if slot.kind == "plage" else slot.starts_at
    wait = timedelta(minutes=parameter(seat.sas, "rescue_minutes", at))
    offer = RescueOffer(
        seat=seat, slot=slot, request=request, instead_of=one.instead_of, candidate=fit.candidate, level=fit.level,
        level_name=fit.level_name[:200], modality=fit.modality, km=fit.km, starts_at=slot.starts_at,
        deadline=request.deadline, proposed_at=at, expires_at=min(at + wait, last, request.deadline),
    )  # fmt: skip
    try:
        with refuse_violations():
            _require_waiting(lock_request(request.pk), one.instead_of)
            offer.save()
            _step(offer, State.PROPOSED, by=None, at=at)
    except Refusal as refusal:
        if refusal.code not in (*TAKEN_ONE, "not_waiting"):
            raise
        return None
    return offer


def _require_waiting(request: OrientationRequest, instead_of: Booking | None) -> None:
    """Never to somebody who has just been given an appointment."""
    booked = live_booking(request)
    if (booked.pk if booked else None) != (instead_of.pk if instead_of else None):
        raise Refusal("Cette personne a déjà un rendez-vous.", code="not_waiting")


def _lapse_offers(*, at: datetime) -> None:
    """Out of time, or about a seat or a person that is no more to be served."""
    for offer in RescueOffer.objects.filter(state__in=LIVE_OFFERS).select_related("slot", "request", "instead_of"):
        if why := _stale(offer, at):
            with transaction.atomic():
                locked = _locked(offer)
                if locked.state in LIVE_OFFERS:
                    _close(locked, State.LAPSED, by=None, at=at, note=why)


def _stale(offer: RescueOffer, at: datetime) -> str:
    if offer.expires_at <= at:
        return "personne n’a appelé à temps" if offer.state == State.PROPOSED else "appel sans suite"
    if offer.slot.status != Slot.Status.OPEN:
        return "créneau retiré par le médecin"
    if offer.state == State.CALLING:
        return ""
    if offer.slot.taken >= offer.slot.capacity:
        return "place prise entre-temps"
    served = (
        offer.instead_of.status not in GIVEN if offer.instead_of else offer.request.status not in ("waiting", "taken")
    )
    return "la personne n’attend plus" if served else ""


def _close_seats(*, at: datetime) -> None:
    """Past, withdrawn, or given otherwise: each open row of a slot stands for one seat really free."""
    rows = FreedSeat.objects.filter(state=SeatState.OPEN).select_related("slot").order_by("slot", "freed_at", "pk")
    by_slot: dict[int, list[FreedSeat]] = {}
    for row in rows:
        by_slot.setdefault(row.slot_id, []).append(row)
    given = given_seats(by_slot)
    for seats in by_slot.values():
        slot = seats[0].slot
        last = slot.ends_at if slot.kind == "plage" else slot.starts_at
        if last <= at:
            _end(seats, SeatState.PAST, at)
        elif slot.status != Slot.Status.OPEN:
            _end(seats, SeatState.GONE, at)
        else:
            surplus = len(seats) - max(0, slot.capacity - given.get(slot.pk, 0))
            _end(seats[: max(0, surplus)], SeatState.TAKEN, at)


def _end(seats: list[FreedSeat], state: str, at: datetime) -> None:
    if not seats:
        return
    pks = [seat.pk for seat in seats]
    FreedSeat.objects.filter(pk__in=pks, state=SeatState.OPEN).update(state=state, closed_at=at)


# ---- the call


def call(*, offer: RescueOffer, by: Actor, at: datetime) -> RescueOffer:
    """The OSNP dials. Who waits has the seat kept meanwhile, so that what is said on the telephone is true."""
    return _act(offer, _call, by=by, at=at)


def accept(*, offer: RescueOffer, by: Actor, at: datetime) -> RescueOffer:
    """Yes: the seat is booked, or the later appointment moves to it. Either wholly, or not at all."""
    return _act(offer, _accept, by=by, at=at)


def decline(*, offer: RescueOffer, unreachable: bool, by: Actor, at: datetime, note: str = "") -> RescueOffer | None:
    """No, or no answer: written, and the next person is looked for at once."""
    with transaction.atomic():
        locked = _mine(offer, by)
        _give_back(locked, by=by, at=at)
        state = State.UNREACHABLE if unreachable else State.REFUSED
        _close(locked, state, by=by, at=at, note=note.strip())
        words = "ne répond pas à l’appel pour la place libérée" if unreachable else "refuse la place libérée"
        _tell(locked, words, by=by, at=at)
    seat = FreedSeat.objects.select_related("sas", "slot__place").get(pk=locked.seat_id)
    return propose(seat=seat, at=at, most=MOST_AT_ONCE) if seat.state == SeatState.OPEN else None


def _act(offer: RescueOffer, act: Act, *, by: Actor, at: datetime) -> RescueOffer:
    """What the charter or a race refuses closes the offer, says why, and lets the next person be found."""
    try:
        with transaction.atomic():
            locked = _mine(offer, by)
            lock_request(locked.request_id)  # and the seats before anything is told, which locks the file of the case
            lock_slots([locked.slot_id, locked.instead_of.slot_id if locked.instead_of else None])
            _require_offered(locked)
            act(locked, by, at)
    except Refusal as refusal:
        if refusal.code in NOT_MINE:
            raise
        with transaction.atomic():
            locked = _locked(offer)
            if locked.state in LIVE_OFFERS:
                _close(locked, State.LAPSED, by=by, at=at, note=refusal.message[:200])
        raise
    return locked


def _require_offered(offer: RescueOffer) -> None:
    """Read anew under its lock: an editor that was just asked again may have given it to somebody else."""
    if not Slot.objects.filter(pk=offer.slot_id, status=Slot.Status.OPEN).exists():
        raise Refusal("Cette place n’est plus offerte : elle vient d’être prise ou retirée. Passez à la suivante.")


def _call(offer: RescueOffer, by: Actor, at: datetime) -> None:
    if offer.state == State.CALLING and offer.called_by_id == by.user.pk:
        return
    seconds = timedelta(seconds=parameter(by.sas, "hold_seconds", at))
    offer.state, offer.called_by, offer.expires_at = State.CALLING, by.user, at + seconds
    if offer.instead_of is None:
        held = _hold(offer, by, at)
        offer.expires_at = held.hold_expires_at or offer.expires_at
    offer.save(update_fields=["state", "called_by", "expires_at"])
    _step(offer, State.CALLING, by=by, at=at)


def _hold(offer: RescueOffer, by: Actor, at: datetime) -> Booking:
    request = offer.request
    if request.status == OrientationRequest.Status.WAITING:
        request = claim(request=request, by=by, at=at)
    return hold(
        request=request, ranking=_ranking(offer, by, at), candidate=offer.candidate, slot=offer.slot_id,
        modality=offer.modality, by=by, at=at, reason=WHY,
    )  # fmt: skip


def _ranking(offer: RescueOffer, by: Actor, at: datetime) -> int:
    """The person's own search, made and logged now: what proves that the charter gives them this seat."""
    view = search(request=offer.request, by=by, at=at)
    proposals = (p for level in view.levels if level.is_open for p in level.proposals)
    seats = {s.id for p in proposals for s in (*p.slots, *(s for other in p.others for s in other.slots))}
    if offer.slot_id not in seats:
        raise Refusal("La charte ne propose plus cette place à cette personne : passez à la suivante.", code="unfit")
    return view.ranking_id


def _accept(offer: RescueOffer, by: Actor, at: datetime) -> None:
    later = offer.instead_of
    offer.booking = _moved(offer, later, by, at) if later else _booked(offer, by, at)
    offer.called_by = by.user
    _close(offer, State.ACCEPTED, by=by, at=at)
    _end([offer.seat], SeatState.REFILLED, at)
    EarlierWish.objects.filter(request=offer.request, ended_at__isnull=True).update(ended_at=at)
    _tell(offer, "accepte la place libérée", by=by, at=at)


def _booked(offer: RescueOffer, by: Actor, at: datetime) -> Booking:
    held = live_booking(offer.request)
    running = held and held.status == "held" and held.slot_id == offer.slot_id and (held.hold_expires_at or at) > at
    return confirm(booking=held if held and running else _hold(offer, by, at), by=by, at=at, told=True)


def _moved(offer: RescueOffer, later: Booking, by: Actor, at: datetime) -> Booking:
    choice = chosen(request=offer.request, ranking=_ranking(offer, by, at), candidate=offer.candidate, reason=WHY)
    booking = move(booking=later, slot=offer.slot_id, modality=offer.modality, by=by, at=at, reason="place plus tôt")
    log_choice(choice, reason=WHY, by=by, at=at)
    return booking


def _give_back(offer: RescueOffer, *, by: Actor, at: datetime) -> None:
    held = live_booking(offer.request)
    if offer.instead_of is None and held and held.status == "held" and held.slot_id == offer.slot_id:
        release_hold(booking=held, by=by, at=at)
    if offer.request.status == "taken" and offer.request.taken_by_id == by.user.pk and offer.state == State.CALLING:
        release(request=offer.request, by=by, at=at)


# ---- shared


def _locked(offer: RescueOffer) -> RescueOffer:
    rows = RescueOffer.objects.select_for_update(of=("self",))
    return rows.select_related(
        "seat", "slot__place", "slot__professional", "slot__structure", "request__sas", "request__patient",
        "request__commune", "request__taken_by", "instead_of",
    ).get(pk=offer.pk)  # fmt: skip


def _mine(offer: RescueOffer, by: Actor) -> RescueOffer:
    locked = _locked(offer)
    if locked.state not in LIVE_OFFERS:
        raise Conflict(f"Cette proposition est close ({locked.get_state_display()}) : prenez la suivante.", code="over")
    if locked.state == State.CALLING and locked.called_by_id != by.user.pk:
        raise Conflict(f"{locked.called_by} appelle déjà cette personne.", code="called")
    return locked


def _close(offer: RescueOffer, state: str, *, by: Actor | None, at: datetime, note: str = "") -> None:
    offer.state, offer.closed_at = State(state), at
    offer.save(update_fields=["state", "closed_at", "booking", "called_by"])
    FreedSeat.objects.filter(slot=offer.slot_id, state=SeatState.OPEN).update(look_again_at=at)
    _step(offer, state, by=by, at=at, note=note)


def _step(offer: RescueOffer, state: str, *, by: Actor | None, at: datetime, note: str = "") -> None:
    RescueStep.objects.create(offer=offer, state=state, at=at, by=by.user if by else None, note=note[:200])
    live.publish(sas_id=offer.seat.sas_id, topics=["rescue"], subject=f"rescue:{offer.pk}", at=at)


def _tell(offer: RescueOffer, words: str, *, by: Actor, at: datetime) -> None:
    who, place = offer.slot.professional or offer.slot.structure, offer.slot.place
    text = f"Le patient {words} : {who}, {moment(offer.starts_at, place.zone)}"
    record(request=offer.request, kind="rescue", text=text, by=by, at=at, data={"offer_id": offer.pk})


# ---- the waiting list of those who have an appointment


def wish_earlier(*, request: OrientationRequest, wanted: bool, by: Actor | None, at: datetime) -> None:
    """« Prévenez-moi si plus tôt », and its end. Saying it twice changes nothing."""
    with transaction.atomic():
        locked = lock_request(request.pk)
        known = EarlierWish.objects.filter(request=locked, ended_at__isnull=True)
        if known.exists() == wanted:
            return
        if wanted:
            EarlierWish.objects.create(request=locked, asked_at=at, by=by.user if by else None)
        else:
            known.update(ended_at=at)
        text = "À prévenir si une place plus tôt se libère" if wanted else "Ne souhaite plus venir plus tôt"
        record(request=locked, kind="earlier_wish", text=text, by=by, at=at, data={"wanted": wanted})

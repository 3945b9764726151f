"""An editor's appointment becomes a booking, and the booking follows what the editor says next.

Storing and settling are two transactions: what cannot be settled is kept, with the reason, for a person to see. The
row of the appointment is locked before the request; nothing locks them the other way round.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from quinze.accounts.actor import Actor
from quinze.accounts.models import User
from quinze.accounts.roles import Role
from quinze.base import live
from quinze.base.errors import Conflict, Refusal
from quinze.base.logs import where
from quinze.directory.models import Place
from quinze.directory.queries import professional_by_national_id
from quinze.interop.fhir import appointment as rdvs
from quinze.interop.fhir.matching import is_sos, match, places
from quinze.interop.fhir.receiving import TOPIC, rdv_of
from quinze.interop.models import EditorAppointment
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.operations.cancelling import cancel
from quinze.orientation.operations.elsewhere import (
    EDITOR,
    Elsewhere,
    book_elsewhere,
    move_elsewhere,
    name_doctor,
    say_elsewhere,
)
from quinze.orientation.operations.locks import lock_booking
from quinze.orientation.operations.outcome import OUTCOMES, correct_outcome, record_outcome
from quinze.orientation.queries.bookings import GIVEN

State = EditorAppointment.State
Status = Booking.Status
SAID = {rdvs.FULFILLED: Status.FULFILLED, rdvs.NO_SHOW: Status.NO_SHOW}
AT_ONCE = 100
AGAIN = timedelta(days=1)  # an outcome said before the hour is tried again until then
NO_PLACE = "Le lieu n’est pas dit et ce professionnel en a plusieurs, ou aucun : choisissez."
log = logging.getLogger(__name__)


def settle(pk: UUID, *, at: datetime) -> EditorAppointment:
    """What the last word means for the booking, if anything is still to be done. Twice at once is once."""
    with transaction.atomic():
        found = _locked(pk)
        if found.settled == found.revision:
            return found
        _try(found, lambda: _settle(found, at=at), at=at)
    return found


def link(
    appointment: EditorAppointment, *, request: OrientationRequest, place: Place | None, by: Actor, at: datetime
) -> EditorAppointment:
    """A person says to which orientation it belongs. Refusal: somebody did, or the request has another appointment."""
    with transaction.atomic():
        found = _locked(appointment.pk)
        if found.booking_id is not None:
            raise Conflict("Ce rendez-vous vient d’être rattaché : rechargez la page.", code="linked")
        if place is not None and place not in places(found, request):
            raise Refusal("Ce lieu n’est pas celui de ce professionnel.", field="place")
        _book(found, request, place, by=by, at=at)
        found.matched_by = by.user
        _done(found, "", at=at)
    return found


def set_aside(appointment: EditorAppointment, *, by: Actor, at: datetime) -> EditorAppointment:
    """A person says that it belongs to none: it stays counted."""
    with transaction.atomic():
        found = _locked(appointment.pk)
        if found.booking_id is not None:
            raise Conflict("Ce rendez-vous vient d’être rattaché : rechargez la page.", code="linked")
        found.state, found.matched_by = State.ALONE, by.user
        _done(found, "", at=at)
    return found


def settle_due(*, at: datetime) -> int:
    """What a fault, or an hour not come yet, left unsettled."""
    due = EditorAppointment.objects.exclude(settled=F("revision")).order_by("changed_at")
    keys = list(due.values_list("pk", flat=True)[:AT_ONCE])
    for pk in keys:
        try:
            settle(pk, at=at)
        except Exception as error:  # noqa: BLE001  (one that cannot be settled costs the others nothing)
            log.error("INT_R03: not settled: %s", where(error))
    return len(keys)


def _locked(pk: UUID) -> EditorAppointment:
    locked = EditorAppointment.objects.select_for_update(of=("self",))
    return locked.select_related("client", "professional", "user", "sas").get(pk=pk)


def _try(found: EditorAppointment, act: Callable[[], None], *, at: datetime) -> None:
    """A refusal is written beside the appointment, and undoes nothing but what was tried."""
    problem = ""
    try:
        with transaction.atomic():
            act()
    except Refusal as refusal:
        found.refresh_from_db(fields=["booking", "state", "sas"])
        found.state = found.state if found.booking_id else State.TO_MATCH
        problem = refusal.message
        if refusal.code == "too_early" and at - found.changed_at < AGAIN:
            found.problem = problem
            found.save(update_fields=["problem"])
            return
    _done(found, problem, at=at)


def _done(found: EditorAppointment, problem: str, *, at: datetime) -> None:
    found.problem, found.settled = problem[:300], found.revision
    found.save()
    if found.sas_id is not None:
        live.publish(sas_id=found.sas_id, topics=[TOPIC], subject=f"rdv:{found.pk}", at=at)


def _settle(found: EditorAppointment, *, at: datetime) -> None:
    if found.booking_id is not None:
        _follow(found, at=at)
        return
    if found.matched_by_id is not None or found.status == rdvs.CANCELLED:
        found.state = State.ALONE  # a person said so, or there is nothing left to link
        return
    candidates = match(found)
    found.state = State.TO_MATCH if candidates.sure or candidates.possible else State.ALONE
    request = candidates.only
    if request is None or found.user is None:
        return
    _book(found, request, None, by=_actor(found.user, request), at=at)


def _actor(user: User, request: OrientationRequest) -> Actor:
    return Actor(user=user, role=Role.OSNP, sas=request.sas)


# ---- becoming a booking


def _book(
    found: EditorAppointment, request: OrientationRequest, place: Place | None, *, by: Actor, at: datetime
) -> None:
    _require_known(found)
    where = _where(found, place or _only_place(found, request))
    note = "En attente de confirmation par l’éditeur" if found.status == rdvs.PENDING else ""
    found.booking = book_elsewhere(request=request, where=where, by=by, at=at, note=note)
    found.state, found.sas = State.LINKED, request.sas
    _outcome(found, at=at)


def _require_known(found: EditorAppointment) -> None:
    """The directory may have learnt of the professional since."""
    said = rdv_of(found).practitioner
    if said and found.professional is None:
        found.professional = professional_by_national_id(said)
        if found.professional is None and not is_sos(found):
            raise Refusal("Ce professionnel n’est pas dans l’annuaire : ajoutez-le, puis rattachez.", code="unknown")


def _only_place(found: EditorAppointment, request: OrientationRequest) -> Place:
    known = places(found, request)
    if len(known) != 1:
        raise Refusal(NO_PLACE, code="place")
    return known[0]


def _where(found: EditorAppointment, place: Place) -> Elsewhere:
    rdv = rdv_of(found)
    return Elsewhere(
        place=place,
        professional=found.professional,
        structure=place.structure if place.professional_id is None else None,
        starts_at=rdv.start,
        ends_at=rdv.end,
        said_by=found.client.name,
    )


# ---- following it


def _follow(found: EditorAppointment, *, at: datetime) -> None:
    if found.booking is None:
        raise ValueError(found.pk)
    booking = lock_booking(found.booking)
    if found.status == rdvs.CANCELLED:
        _cancelled(found, booking, at=at)
    elif booking.status in GIVEN:
        _kept(found, booking, at=at)
        _outcome(found, at=at)
    elif booking.status in OUTCOMES:
        _outcome(found, at=at)
    elif booking.status == Status.MOVED:
        raise Conflict("Déplacé ici entre-temps : voyez avec le cabinet lequel des deux tient.", code="moved")
    else:
        _again(found, booking, at=at)


def _cancelled(found: EditorAppointment, booking: Booking, *, at: datetime) -> None:
    if booking.status in GIVEN:
        cancel(booking=booking, by_kind=EDITOR, at=at, reason=f"annulé chez {found.client.name}")
    elif booking.status in OUTCOMES:
        said = booking.get_status_display()
        raise Conflict(f"L’éditeur l’annule, mais son issue est notée ici ({said}).", code="outcome")


def _kept(found: EditorAppointment, booking: Booking, *, at: datetime) -> None:
    """Still to take place: perhaps at another hour, with another professional, or now with a name."""
    rdv, said_by = rdv_of(found), found.client.name
    if found.professional is None and rdv.practitioner and booking.structure_id is None:
        raise Refusal("Le nouveau professionnel n’est pas dans l’annuaire.", code="unknown")
    same_hour = booking.starts_at == rdv.start
    if same_hour and booking.structure_id and found.professional and booking.professional_id is None:
        name_doctor(booking=booking, professional=found.professional, said_by=said_by, at=at)
    elif not same_hour or (found.professional and booking.professional_id != found.professional.pk):
        found.booking = move_elsewhere(booking=booking, where=_moved(found, booking), at=at)
    elif _was_pending(found) and found.status == rdvs.BOOKED:
        say_elsewhere(booking=booking, note=f"Confirmé par {said_by}", at=at)


def _moved(found: EditorAppointment, booking: Booking) -> Elsewhere:
    """At the same place when the same professional, or the same association, receives."""
    stays = booking.structure_id or found.professional is None or booking.professional_id == found.professional.pk
    return _where(found, booking.place if stays else _only_place(found, booking.request))


def _was_pending(found: EditorAppointment) -> bool:
    previous = found.words.filter(revision=found.revision - 1).values_list("status", flat=True).first()
    return previous == rdvs.PENDING


def _outcome(found: EditorAppointment, *, at: datetime) -> None:
    outcome = SAID.get(found.status)
    if outcome is None or found.booking is None:
        return
    said = f"dit par {found.client.name}"
    if found.booking.status in OUTCOMES or lock_booking(found.booking).status in OUTCOMES:
        correct_outcome(booking=found.booking, outcome=outcome, reason=said, by=None, by_kind=EDITOR, at=at)
    else:
        record_outcome(booking=found.booking, outcome=outcome, note=said, by=None, by_kind=EDITOR, at=at)


def _again(found: EditorAppointment, booking: Booking, *, at: datetime) -> None:
    """Cancelled here or there, and standing again there: given back to the same request if it still waits."""
    last = booking.statuses.order_by("-at", "-pk").first()
    if last is None or last.by_kind != EDITOR:
        raise Conflict("Annulé ici, mais il tient chez l’éditeur : appelez le cabinet.", code="cancelled_here")
    by = _actor(booking.held_by, booking.request)
    where = _where(found, booking.place)
    found.booking = book_elsewhere(request=booking.request, where=where, by=by, at=at, note="Rétabli par l’éditeur")
    _outcome(found, at=at)

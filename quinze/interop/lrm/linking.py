"""An appointment of the platform joins a file: a line of its chronology, and a booking where Quinze waits for one.

The row of the appointment is locked before the file and the request; nothing locks them the other way round.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base import live
from quinze.base.errors import Conflict, Refusal
from quinze.directory.models import Place
from quinze.interop.lrm import rdv
from quinze.interop.lrm.matching import case_of, places_of
from quinze.interop.lrm.rdv import Rdv
from quinze.interop.models import PlatformRdv
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.operations.cancelling import cancel
from quinze.orientation.operations.elsewhere import EDITOR, Elsewhere, book_elsewhere, move_elsewhere
from quinze.orientation.operations.outcome import record_outcome
from quinze.orientation.queries.bookings import GIVEN
from quinze.orientation.queries.requests import OPEN
from quinze.regulation.models import CaseFile
from quinze.regulation.operations.noted import note_from_outside

TOPIC = "platform-rdv"
PLATFORM = "la plateforme SAS"
KIND = "platform.rdv"
LASTS = timedelta(minutes=20)  # when no end is said
State = PlatformRdv.State
WORDS = {
    rdv.PENDING: "en attente de confirmation",
    rdv.BOOKED: "pris et confirmé",
    rdv.FULFILLED: "honoré",
    rdv.NO_SHOW: "non honoré",
    rdv.CANCELLED: "annulé",
}
OUTCOMES = {rdv.FULFILLED: Booking.Status.FULFILLED, rdv.NO_SHOW: Booking.Status.NO_SHOW}


def link(found: PlatformRdv, *, number: str, by: Actor, at: datetime, place: int | None = None) -> PlatformRdv:
    """`place`: where, when the professional has several. Refusal: no such file here, a place that is another's.
    Conflict: somebody linked it first, and to which file.
    """
    with transaction.atomic():
        locked = _locked(found)
        _require_free(locked)
        case = case_of(locked, number)
        if case is None:
            raise Refusal("Ce dossier n’existe pas dans votre SAS.", field="case")
        locked.state, locked.case, locked.matched_by, locked.changed_at = State.LINKED, case, by.user, at
        locked.save()
        told = rdv.read(locked.content)
        _note(locked, told, by=by, at=at)
        _book(locked, told, _place(locked, place), by=by, at=at)
        _tell(locked, at=at)
    return locked


def set_aside(found: PlatformRdv, *, by: Actor, at: datetime) -> PlatformRdv:
    """It belongs to no file of ours. It stays, counted, and a later word shows it again only to who looks."""
    with transaction.atomic():
        locked = _locked(found)
        _require_free(locked)
        locked.state, locked.matched_by, locked.changed_at = State.ALONE, by.user, at
        locked.save()
        _tell(locked, at=at)
    return locked


def follow(locked: PlatformRdv, told: Rdv, *, at: datetime) -> None:
    """A later word about an appointment that is linked. The row is locked; what cannot follow is said beside it."""
    _note(locked, told, by=None, at=at)
    if locked.booking is not None:
        _tried(locked, locked.booking, told, at=at)


def _locked(found: PlatformRdv) -> PlatformRdv:
    """Without a join: it would show the file as it was before the wait."""
    return PlatformRdv.objects.select_for_update().get(pk=found.pk)


def _require_free(locked: PlatformRdv) -> None:
    if locked.case is not None:
        raise Conflict(
            f"Ce rendez-vous vient d’être rattaché au dossier {locked.case.number[-5:]} : rechargez la page.",
            code="linked",
        )


def _note(found: PlatformRdv, told: Rdv, *, by: Actor | None, at: datetime) -> None:
    if found.case is None:
        raise ValueError(found.pk)
    when = told.start.astimezone(ZoneInfo(found.sas.zone))
    text = f"Rendez-vous de la plateforme SAS, {WORDS[told.status]} : {told.who}, {when:%d/%m à %H:%M}."
    note_from_outside(found.case, kind=KIND, text=text, by=by, at=at, rdv=found.pk, status=told.status)


def _tell(found: PlatformRdv, *, at: datetime) -> None:
    live.publish(sas_id=found.sas_id, topics=[TOPIC], subject=f"platform-rdv:{found.pk}", at=at)


# ---- a booking, where a request of this file waits and the place is not a guess


def _place(found: PlatformRdv, chosen: int | None) -> Place | None:
    """The one chosen, else the only one there is."""
    known = places_of(found)
    if chosen is None:
        return known[0] if len(known) == 1 else None
    if (place := next((one for one in known if one.pk == chosen), None)) is None:
        raise Refusal("Ce lieu n’est pas celui de ce professionnel.", field="place")
    return place


def _book(found: PlatformRdv, told: Rdv, place: Place | None, *, by: Actor, at: datetime) -> None:
    request = _waiting(found.case)
    if request is None or told.status not in (rdv.BOOKED, rdv.PENDING):
        return
    if place is None:
        found.problem = "Le lieu n’est pas dit : la demande reste ouverte, clôturez-la ou prenez le rendez-vous ici."
        found.save(update_fields=["problem"])
        return
    try:
        with transaction.atomic():
            found.booking = book_elsewhere(request=request, where=_where(found, told, place), by=by, at=at)
            found.save(update_fields=["booking"])
    except Refusal as refusal:
        _problem(found, refusal)


def _waiting(case: CaseFile | None) -> OrientationRequest | None:
    """One; with two, nobody says which."""
    found = list(OrientationRequest.objects.filter(case_number=case.number, status__in=OPEN)[:2]) if case else []
    return found[0] if len(found) == 1 else None


def _where(found: PlatformRdv, told: Rdv, place: Place) -> Elsewhere:
    return Elsewhere(
        place=place,
        professional=found.professional,
        structure=None,
        starts_at=told.start,
        ends_at=told.end or told.start + LASTS,
        said_by=PLATFORM,
    )


def _tried(found: PlatformRdv, booking: Booking, told: Rdv, *, at: datetime) -> None:
    """A refusal undoes what was tried and nothing else."""
    try:
        with transaction.atomic():
            _moved_on(found, booking, told, at=at)
    except Refusal as refusal:
        found.booking = Booking.objects.get(pk=booking.pk)
        _problem(found, refusal)
    else:
        found.problem = ""
        found.save(update_fields=["booking", "problem"])


def _problem(found: PlatformRdv, refusal: Refusal) -> None:
    found.problem = refusal.message[:300]
    found.save(update_fields=["problem"])


def _moved_on(found: PlatformRdv, booking: Booking, told: Rdv, *, at: datetime) -> None:
    if booking.status not in GIVEN:
        return
    if told.status == rdv.CANCELLED:
        cancel(booking=booking, by_kind=EDITOR, at=at, reason="annulé sur la plateforme SAS")
        return
    same = booking.professional_id == found.professional_id
    if not same or booking.starts_at != told.start:
        place = booking.place if same else _place(found, None)
        if place is None:
            raise Refusal("Le praticien a changé et son lieu n’est pas dit : voyez avec la plateforme.")
        found.booking = move_elsewhere(booking=booking, where=_where(found, told, place), at=at)
    if told.status in OUTCOMES:
        record_outcome(booking=found.booking or booking, outcome=OUTCOMES[told.status], by=None, at=at, by_kind=EDITOR)

"""SOS Médecins, a duty house, an emergency department: no seat to keep, a telephone call and an address."""

from datetime import datetime, timedelta

from quinze.accounts.actor import Actor
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, Refusal
from quinze.base.periods import period
from quinze.directory.models import Place
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.operations.choices import chosen, log_choice
from quinze.orientation.operations.give import CHANNELS, give
from quinze.orientation.operations.locks import lock_request, lock_slots
from quinze.orientation.operations.seats import let_go, who
from quinze.orientation.queries.requests import OPEN, live_booking

EXPECTED = timedelta(hours=1)


def record_contact(
    *,
    request: OrientationRequest,
    ranking: int,
    candidate: str,
    by: Actor,
    at: datetime,
    starts_at: datetime | None = None,
    consent: str = "",
    reason: str = "",
    instruction: str | None = None,
    modality: str = "",
    notify: tuple[str, ...] = CHANNELS,
    told: bool = False,
) -> Booking:
    """The person is sent there; `consent` says who answered there, when someone did."""
    choice = chosen(request=request, ranking=ranking, candidate=candidate, reason=reason)
    if choice.offer != "contact":
        raise Refusal("Cette proposition a des créneaux : choisissez-en un.", code="has_seats")
    place = Place.objects.select_related("structure", "commune").get(pk=choice.place_id)
    expected = starts_at or at
    with refuse_violations():
        locked = open_for(request, by=by, at=at)
        booking = Booking(
            sas=locked.sas,
            request=locked,
            patient=locked.patient,
            kind=Booking.Kind.CONTACT,
            professional_id=place.professional_id,
            structure_id=None if place.professional_id else place.structure_id,
            place=place,
            during=period(expected, max(expected + EXPECTED, locked.deadline)),
            starts_at=expected,
            modality=modality or locked.modalities[0],
            instruction=locked.instruction if instruction is None else instruction.strip(),
            consent=consent.strip()[:200],
            held_by=by.user,
        )
        agreed = f" ({consent.strip()})" if consent.strip() else ""
        give(booking, kind="contact", head=f"Adressage direct{agreed}", by=by, at=at, notify=notify, told=told)
        log_choice(choice, reason=reason, by=by, at=at)
    return booking


def open_for(request: OrientationRequest, *, by: Actor, at: datetime) -> OrientationRequest:
    """The request, locked, still waiting for an appointment; a hold in progress is given back."""
    locked = lock_request(request.pk)
    if locked.status not in OPEN:
        raise Conflict(f"Cette demande est {locked.get_status_display()} : rechargez la page.", code="not_open")
    previous = live_booking(locked)
    if previous is None:
        return locked
    if previous.status != Booking.Status.HELD:
        raise Conflict(f"Un rendez-vous est déjà pris avec {who(previous)}.", code="already_booked")
    lock_slots([previous.slot_id])
    let_go(previous, Booking.Status.RELEASED, by=by, at=at)
    return locked

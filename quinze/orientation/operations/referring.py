"""The referring doctor or nurse receives the patient: an appointment that is in nobody's shared agenda."""

from datetime import datetime, timedelta

from quinze.accounts.actor import Actor
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.periods import period
from quinze.directory.models import Place
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.operations.direct import open_for
from quinze.orientation.operations.give import CHANNELS, give
from quinze.orientation.referring import referring_for

LASTS, LATE = timedelta(minutes=15), timedelta(minutes=15)


def record_referring_appointment(
    *,
    request: OrientationRequest,
    place: Place,
    starts_at: datetime,
    consent: str,
    by: Actor,
    at: datetime,
    notify: tuple[str, ...] = CHANNELS,
    told: bool = False,
) -> Booking:
    """No quota and no charter here: the referring doctor comes before every level, and said yes."""
    _check(request, place, starts_at, consent=consent, at=at)
    who = referring_for(request.profession).the_words
    with refuse_violations():
        locked = open_for(request, by=by, at=at)
        booking = Booking(
            sas=locked.sas,
            request=locked,
            patient=locked.patient,
            kind=Booking.Kind.CONTACT,
            professional_id=place.professional_id,
            place=place,
            during=period(starts_at, starts_at + LASTS),
            starts_at=starts_at,
            modality=locked.modalities[0],
            instruction=locked.instruction,
            consent=consent.strip()[:200],
            held_by=by.user,
        )
        head = f"{who.capitalize()} reçoit lui-même ({consent.strip()})"
        give(booking, kind="contact", head=head, by=by, at=at, notify=notify, told=told)
    return booking


def _check(request: OrientationRequest, place: Place, starts_at: datetime, *, consent: str, at: datetime) -> None:
    referring = referring_for(request.profession)
    if place.professional_id is None or place.professional_id != referring.id_of(request.patient):
        raise Refusal(f"Ce lieu n’est pas celui {referring.of_words}.", field="place")
    if not consent.strip():
        raise Refusal("Dites qui a donné son accord, et comment.", field="consent")
    if starts_at < at - LATE:
        raise Refusal("Cette heure est passée : convenez d’une autre.", field="hour")

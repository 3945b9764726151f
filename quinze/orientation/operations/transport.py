"""How a person who cannot come by themselves goes to their appointment and home (ORI-11).

A doctor prescribes it, who and when are kept; the OSNP asks a company by telephone and notes what it answers. Nothing
here says why the person cannot come.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, Refusal
from quinze.base.phones import normalise
from quinze.orientation.models import Booking, Transport, TransportStep
from quinze.orientation.models.transport import LIVE_TRANSPORTS
from quinze.orientation.operations.book import given
from quinze.orientation.operations.journal import record, tell_booking
from quinze.orientation.operations.locks import lock_booking
from quinze.orientation.queries.bookings import OVERBOOKED
from quinze.orientation.sentences import moment

State = Transport.State
EARLIEST = timedelta(hours=12)  # a person is not fetched half a day before, nor brought home half a day after
NEXT: dict[str, frozenset[str]] = {
    State.TO_ASK: frozenset({State.ASKED, State.CONFIRMED, State.CANCELLED}),
    State.ASKED: frozenset({State.ASKED, State.CONFIRMED, State.REFUSED, State.CANCELLED}),
    State.REFUSED: frozenset({State.ASKED, State.CONFIRMED, State.CANCELLED}),
    State.CONFIRMED: frozenset({State.ASKED, State.CONFIRMED, State.REFUSED, State.CANCELLED, State.DONE}),
    State.REVIEW: frozenset({State.ASKED, State.CONFIRMED, State.REFUSED, State.CANCELLED}),
}


@dataclass(frozen=True, slots=True)
class Prescribed:
    """What the doctor decided."""

    kind: str
    there: bool
    back: bool
    prescriber: str
    prescribed_at: datetime


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who was asked, and the hours. Left empty, the company is the one asked before."""

    company: str = ""
    phone: str = ""
    pick_up_at: datetime | None = None
    return_at: datetime | None = None


def record_transport(*, booking: Booking, wish: Prescribed, by: Actor, at: datetime) -> Transport:
    """To be asked for. One there and one back at most, or one for both."""
    if not wish.prescriber.strip():
        raise Refusal("Dites quel médecin a prescrit le transport.", field="prescriber")
    if wish.prescribed_at > at:
        raise Refusal("Cette prescription est datée du futur : corrigez la date.", field="prescribed_at")
    with refuse_violations():
        locked = given(booking)
        transport = Transport(
            sas=locked.sas, booking=locked, kind=wish.kind, there=wish.there, back=wish.back,
            prescriber=wish.prescriber.strip()[:120], prescribed_at=wish.prescribed_at, state_at=at,
        )  # fmt: skip
        _write(transport, State.TO_ASK, by_id=by.user.pk, at=at)
        text = f"Transport à demander ({transport.words}), prescrit par {transport.prescriber}"
        tell_booking(locked, kind="transport", text=text, by=by, at=at, data={"transport_id": transport.pk})
    return transport


def change_transport(
    *, transport: Transport, state: str, seen: str, agreed: Agreed, by: Actor, at: datetime
) -> Transport:
    """`seen`: the state on the screen; where a colleague changed it since, nothing is written (Conflict)."""
    with refuse_violations():
        booking = lock_booking(transport.booking)
        locked = Transport.objects.select_for_update(of=("self",), no_key=True).get(pk=transport.pk)
        if locked.state != seen or locked.booking_id != booking.pk:
            raise Conflict(f"Ce transport est maintenant {locked.get_state_display()} : relisez.", code="changed")
        _may(locked, booking, state, at)
        if state != State.CANCELLED:
            _agree(locked, booking, agreed, state)
        _write(locked, state, by_id=by.user.pk, at=at)
        tell_booking(
            booking, kind="transport", text=_told(locked, booking), by=by, at=at, data={"transport_id": locked.pk}
        )
    return locked


def _may(transport: Transport, booking: Booking, state: str, at: datetime) -> None:
    if state not in NEXT.get(transport.state, frozenset()):
        known = dict(State.choices).get(state, "inconnu")
        raise Refusal(f"Un transport {transport.get_state_display()} ne devient pas {known}.", code="not_next")
    if state != State.CANCELLED and booking.status not in OVERBOOKED:
        raise Refusal("Le rendez-vous n’a plus lieu : prévenez le transporteur, puis annulez.", code="no_booking")
    if state == State.DONE and booking.starts_at > at:
        raise Refusal("Le rendez-vous n’a pas encore eu lieu.", code="too_early")


def _agree(transport: Transport, booking: Booking, agreed: Agreed, state: str) -> None:
    """The hours of an appointment that moved are not those of the new one: they are given again."""
    _check_hours(transport, booking, agreed)
    phone = normalise(agreed.phone, field="phone")
    if transport.state == State.REFUSED and not agreed.company.strip():
        raise Refusal("Dites à qui le transport est demandé.", field="company")
    if agreed.company.strip() and agreed.company.strip()[:120] != transport.company:
        transport.company, transport.phone = agreed.company.strip()[:120], ""
    transport.phone = phone or transport.phone
    if not transport.company:
        raise Refusal("Dites à qui le transport est demandé.", field="company")
    if state == State.REFUSED:
        transport.pick_up_at = transport.return_at = None
        return
    kept = transport.state != State.REVIEW
    transport.pick_up_at = agreed.pick_up_at or (transport.pick_up_at if kept else None)
    transport.return_at = agreed.return_at or (transport.return_at if kept else None)
    if state == State.CONFIRMED and transport.there and transport.pick_up_at is None:
        raise Refusal("Donnez l’heure de prise en charge.", field="pick_up")


def _check_hours(transport: Transport, booking: Booking, agreed: Agreed) -> None:
    start = booking.starts_at
    if agreed.pick_up_at is not None and not start - EARLIEST < agreed.pick_up_at < start:
        raise Refusal("La prise en charge vient avant le rendez-vous, le même jour.", field="pick_up")
    if agreed.return_at is not None and not start < agreed.return_at < start + EARLIEST:
        raise Refusal("Le retour vient après le rendez-vous, le même jour.", field="going_back")
    if (agreed.pick_up_at and not transport.there) or (agreed.return_at and not transport.back):
        wrong = "going_back" if agreed.return_at and not transport.back else "pick_up"
        raise Refusal("Ce transport ne fait pas ce trajet : laissez l’heure vide.", field=wrong)


def follow_appointment(*, old: Booking, new: Booking | None, by_id: int | None, at: datetime) -> None:
    """In the transaction that moves or cancels. What nobody was asked for needs no call: it is dropped with the
    appointment, or waits for the new one; the rest is to be told to the company.
    """
    live = Transport.objects.select_for_update(of=("self",), no_key=True)
    for transport in live.filter(booking=old, state__in=LIVE_TRANSPORTS).order_by("pk"):
        asked = transport.state not in (State.TO_ASK, State.REFUSED)
        transport.booking = new or old
        state = State.REVIEW if asked else State.CANCELLED if new is None else State(transport.state)
        _write(transport, state, by_id=by_id, at=at)
        what = "déplacé" if new else "annulé"
        then = f"à revoir avec {transport.company}" if asked else transport.get_state_display()
        text = f"Rendez-vous {what} : transport ({transport.words}) {then}"
        record(request=old.request, kind="transport", text=text, by=None, at=at, data={"transport_id": transport.pk})


@transaction.atomic
def _write(transport: Transport, state: str, *, by_id: int | None, at: datetime) -> None:
    transport.state, transport.state_at = State(state), at
    transport.save()
    TransportStep.objects.create(
        transport=transport, booking_id=transport.booking_id, state=state, at=at, by_id=by_id,
        company=transport.company, phone=transport.phone, pick_up_at=transport.pick_up_at,
        return_at=transport.return_at,
    )  # fmt: skip


def _told(transport: Transport, booking: Booking) -> str:
    hour = f", prise en charge {moment(transport.pick_up_at, booking.place.zone)}" if transport.pick_up_at else ""
    company = f" : {transport.company}" if transport.company else ""
    said = "" if transport.state in (State.CANCELLED, State.REFUSED) else hour
    return f"Transport {transport.get_state_display()} ({transport.words}){company}{said}"

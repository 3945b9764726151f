"""What the sheet of an appointment shows of its transports."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from quinze.availability.forms import RefusableForm
from quinze.orientation.forms.transport import AgreedForm, PrescribedForm, agreed_form
from quinze.orientation.models import Booking, Transport
from quinze.orientation.operations.transport import NEXT
from quinze.orientation.queries.bookings import GIVEN, OVERBOOKED
from quinze.orientation.queries.transport import transports_of

State = Transport.State
ACTS = {
    State.ASKED: "Demandé",
    State.CONFIRMED: "Confirmé",
    State.REFUSED: "Refusé",
    State.DONE: "Fait",
    State.CANCELLED: "Annuler le transport",
}


def cards(booking: Booking, at: datetime, refused: RefusableForm | None = None) -> dict[str, Any]:
    """What the sheet shows of the transports: each with the acts it allows, and the form of another one."""
    shown = transports_of(booking)
    for transport in shown:
        transport.booking = booking
    local = at.astimezone(ZoneInfo(booking.place.zone))
    empty = PrescribedForm(initial={"day": local.date(), "hour": local.time().replace(second=0, microsecond=0)})
    return {
        "transports": [_card(each, at, refused) for each in shown],
        "prescribed": refused if isinstance(refused, PrescribedForm) else empty,
        "prescribed_open": isinstance(refused, PrescribedForm),
        "may_prescribe": booking.status in GIVEN and booking.during.upper > at,
    }


def _card(transport: Transport, at: datetime, refused: RefusableForm | None) -> dict[str, Any]:
    possible = NEXT.get(transport.state, frozenset())
    stands = transport.booking.status in OVERBOOKED
    allowed = {state for state in possible if state == State.CANCELLED or stands}
    allowed -= {State.DONE} if transport.booking.starts_at > at else set()
    form = agreed_form(transport)
    if isinstance(refused, AgreedForm) and refused.prefix == form.prefix:
        form = refused
    if not transport.there:
        del form.fields["pick_up"]
    if not transport.back:
        del form.fields["going_back"]
    return {
        "transport": transport,
        "acts": [(state, label) for state, label in ACTS.items() if state in allowed],
        "asks": bool(allowed - {State.CANCELLED}),
        "form": form,
    }

"""Freed seats on the OSNP's desk: whom to call, what to say, what they answered."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.availability.models import Modality
from quinze.availability.queries.covers import Hour, receivers_at
from quinze.availability.receiving import Receiver, of
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.orientation import queries
from quinze.orientation.models import Booking, RescueOffer
from quinze.orientation.operations import rescue
from quinze.orientation.operations.freshness import look_again
from quinze.orientation.queries.inputs import origin_of
from quinze.orientation.queries.rescue import live_offers, offer_of, wishes_earlier
from quinze.orientation.sentences import clock as hour_words
from quinze.orientation.sentences import moment as day_and_hour
from quinze.orientation.travel import minutes_for
from quinze.orientation.views.osnp_words import when
from quinze.patients.operations import record_access
from quinze.patients.queries import display_name

RETURNS = {"suivi": "orientation:follow_up", "bureau": "orientation:desk"}


def cards(by: Actor, at: datetime) -> list[dict[str, Any]]:
    found = live_offers(sas=by.sas, at=at)
    receivers = receivers_at((offer.slot.professional_id, offer.starts_at) for offer in found)
    return [_card(offer, _who(offer, receivers), by, at) for offer in found]


def _who(offer: RescueOffer, receivers: Mapping[Hour, Receiver]) -> str:
    """Whom the person called would see."""
    slot = offer.slot
    owner = str(slot.professional or slot.structure)
    receiver = receivers.get((slot.professional_id or 0, offer.starts_at))
    if receiver:
        return receiver.in_place_of(owner)
    return f"{owner}, remplaçant {of(str(slot.place.replaces))}" if slot.place.replaces else owner


def _card(offer: RescueOffer, who: str, by: Actor, at: datetime) -> dict[str, Any]:
    slot, request = offer.slot, offer.request
    calling = offer.state == RescueOffer.State.CALLING
    return {
        "offer": offer,
        "who": who,
        "moment": when(slot.starts_at, at=at, zone=slot.place.zone),
        "name": display_name(request.patient),
        "left": time_left(offer.deadline - at),
        "phone": request.callback_phone or request.patient.phone,
        "minutes": _minutes(offer),
        "script": script(offer, who, at=at),
        "is_mine": calling and offer.called_by_id == by.user.pk,
        "caller": str(offer.called_by) if calling and offer.called_by_id != by.user.pk else "",
        "holder": str(request.taken_by) if request.taken_by_id not in (None, by.user.pk) else "",
    }


def time_left(left: timedelta) -> str:
    """« 3 h », « 45 min », « 2 j »: what remains before the deadline of the doctor."""
    minutes = max(0, int(left.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} j"


def _minutes(offer: RescueOffer) -> int | None:
    origin = origin_of(offer.request)
    if offer.km is None or origin is None or offer.modality != Modality.CABINET:
        return None
    return minutes_for(offer.km, density=origin.density)


def script(offer: RescueOffer, who: str, *, at: datetime) -> list[str]:
    """What to say, sentence by sentence. No symptom is asked: only whether something changed."""
    place, minutes = offer.slot.place, _minutes(offer)
    day = when(offer.starts_at, at=at, zone=place.zone).rpartition(" ")[0]
    moment = f"{day} à {hour_words(offer.starts_at, place.zone)}"
    where = f"à {place.commune.name}" if offer.modality == Modality.CABINET else Modality(offer.modality).label.lower()
    about = f", à environ {minutes} minutes de chez vous" if minutes else ""
    lines = [f"Bonjour, ici le SAS. Une place vient de se libérer {moment}, chez {who}, {where}{about}."]
    if offer.instead_of:
        later = day_and_hour(offer.instead_of.starts_at, offer.instead_of.place.zone)
        lines.append(f"Vous souhaitiez venir plus tôt : la prenez-vous à la place de votre rendez-vous du {later} ?")
        lines.append("Si vous refusez, votre rendez-vous ne change pas.")
    else:
        lines.append("Pouvez-vous y être ? Si vous refusez, nous continuons de chercher pour vous.")
    lines.append("Votre état a-t-il changé depuis votre appel ?")
    return lines


@requires(Capability.ORIENT)
@require_GET
def panel(request: HttpRequest) -> HttpResponse:
    """Only the panel, asked again by the live link."""
    by, at = actor_of(request), clock.now()
    back = request.GET.get("retour", "suivi")
    context = {"cards": cards(by, at), "at": at, "back": back if back in RETURNS else "suivi"}
    return render(request, "orientation/rescue_panel.html", context)


Act = Callable[[RescueOffer, Actor, datetime], str]


def _act(request: HttpRequest, pk: int, act: Act) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    offer = offer_of(sas=by.sas, pk=pk)
    try:
        messages.success(request, act(offer, by, at))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect(RETURNS.get(request.POST.get("retour", ""), RETURNS["suivi"]))


@requires(Capability.ORIENT)
@require_POST
def call(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, _call)


def _call(offer: RescueOffer, by: Actor, at: datetime) -> str:
    record_access(
        by=by,
        at=at,
        kind="orientation",
        reference=offer.request.case_number,
        patient=offer.request.patient,
        why="place libérée, appel",
    )
    look_again(slot=offer.slot_id, at=at)
    rescue.call(offer=offer, by=by, at=at)
    return f"Appelez {display_name(offer.request.patient)} : la place est gardée pendant l’appel."


@requires(Capability.ORIENT)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, _accept)


def _accept(offer: RescueOffer, by: Actor, at: datetime) -> str:
    look_again(slot=offer.slot_id, at=at)
    rescue.accept(offer=offer, by=by, at=at)
    return f"Place redonnée : {display_name(offer.request.patient)} a son rendez-vous."


@requires(Capability.ORIENT)
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    unreachable = request.POST.get("reponse") == "injoignable"
    return _act(request, pk, lambda offer, by, at: _decline(offer, by, at, unreachable))


def _decline(offer: RescueOffer, by: Actor, at: datetime, unreachable: bool) -> str:  # noqa: FBT001
    following = rescue.decline(offer=offer, unreachable=unreachable, by=by, at=at)
    noted = "Noté : injoignable." if unreachable else "Noté : refusé."
    return f"{noted} À appeler ensuite : {display_name(following.request.patient)}." if following else noted


@requires(Capability.ORIENT)
@require_POST
def wish(request: HttpRequest, pk: int) -> HttpResponse:
    """« Prévenir si plus tôt », on the sheet of an appointment: on, or off."""
    by, at = actor_of(request), clock.now()
    booking = queries.booking_of(sas=by.sas, pk=pk)
    wanted = not wishes_earlier(booking.request)
    rescue.wish_earlier(request=booking.request, wanted=wanted, by=by, at=at)
    messages.success(request, "Noté : à prévenir si plus tôt." if wanted else "Noté : garde cette heure.")
    return redirect("orientation:booking", pk)


def may_wish(booking: Booking, at: datetime) -> bool:
    return booking.status in ("booked", "confirmed") and booking.starts_at > at and booking.slot_id is not None

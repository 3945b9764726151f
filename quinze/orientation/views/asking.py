"""« Un patient de plus ? »: asked by an OSNP, answered by the doctor in one tap on their own page."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import requires
from quinze.accounts.capabilities import Capability
from quinze.availability.views import desk_of
from quinze.base.errors import Refusal
from quinze.directory.models import Power, Professional
from quinze.orientation.models import OverbookingAsk
from quinze.orientation.operations.asking import answer as answer_ask
from quinze.orientation.operations.asking import withdraw_ask
from quinze.orientation.queries.asks import ask_of_doctor, ask_of_request, asks_of
from quinze.orientation.views.osnp import opened, orienting
from quinze.orientation.views.osnp_words import when
from quinze.patients.queries import age_words

SAID = {
    "accepted": "Accepté : le patient et le SAS sont prévenus.",
    "refused": "Refusé : le SAS cherche ailleurs.",
    "withdrawn": "La personne a été placée entre-temps. Merci d’avoir répondu.",
}


def cards(professional: Professional, *, at: datetime) -> list[dict[str, Any]]:
    """Age and reason only: the name comes with the appointment."""
    return [_card(ask, at) for ask in asks_of(professional, at=at)]


def _card(ask: OverbookingAsk, at: datetime) -> dict[str, Any]:
    return {
        "ask": ask,
        "moment": when(ask.starts_at, at=at, zone=ask.place.zone),
        "age": age_words(ask.request.patient, on=at.date()),
    }


@requires(Capability.OWN_AVAILABILITY)
@require_GET
def asks(request: HttpRequest) -> HttpResponse:
    """Only the cards, asked by the page when it opens and each time something changes for this doctor."""
    desk = desk_of(request)
    found = cards(desk.professional, at=desk.at) if desk.may_rules else []
    context = {"asks": found, "live_topic": f"effecteur:{desk.professional.pk}"}
    return render(request, "orientation/_effecteur_asks.html", context)


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    desk = desk_of(request, Power.OUTCOMES)
    try:
        ask = ask_of_doctor(professional=desk.professional, pk=pk)
        told = answer_ask(ask=ask, accepts=request.POST.get("reponse") == "oui", by=desk.by, at=desk.at)
        messages.success(request, SAID[told.state])
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("orientation:effecteur_today")


@orienting
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The OSNP does not wait for the answer."""
    desk = opened(request, pk)
    ask = ask_of_request(desk.request, at=desk.at)
    try:
        if ask:
            withdraw_ask(ask=ask, by=desk.by, at=desk.at)
            messages.success(request, f"La demande au {ask.professional} est retirée.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("orientation:request", pk)

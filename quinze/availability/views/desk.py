"""Whose page it is, and where one goes back to."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from quinze.accounts.access import actor_of
from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.acting import acting_for
from quinze.directory.models import Power, Professional


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose page it is, and when."""

    by: Actor
    professional: Professional
    at: datetime

    @property
    def zone(self) -> str:
        return self.by.sas.zone

    @property
    def today(self) -> date:
        return self.at.astimezone(ZoneInfo(self.zone)).date()

    def may(self, power: str) -> bool:
        return self.by.mandate is None or power in self.by.mandate.powers

    @property
    def may_rules(self) -> bool:
        return self.may(Power.RULES)

    @property
    def may_outcomes(self) -> bool:
        return self.may(Power.OUTCOMES)


def desk_of(request: HttpRequest, *powers: Power) -> Desk:
    """One's own desk, or that of a doctor who delegated one of these powers to who asks; to read, when none is said."""
    at = clock.now()
    by, professional = acting_for(actor_of(request), request, at=at)
    if professional is None and by.role == Role.DELEGATAIRE:
        raise PermissionDenied("Aucun médecin ne vous a donné délégation : demandez-la dans la page Délégations.")
    if professional is None:
        raise PermissionDenied(
            "Votre compte n’est relié à aucun professionnel de l’annuaire : demandez-le au gestionnaire de comptes."
        )
    desk = Desk(by, professional, at)
    needed = powers or (Power.AGENDA,)
    if not any(desk.may(power) for power in needed):
        raise PermissionDenied(f"{professional} ne vous a pas délégué ceci : {needed[0].label}.")
    return desk


def by_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def week_url(request: HttpRequest) -> str:
    url, monday = reverse("orientation:effecteur_week"), request.POST.get("semaine", "")
    try:
        return f"{url}?semaine={date.fromisoformat(monday)}"
    except ValueError:
        return url


def leave(request: HttpRequest, url: str) -> HttpResponse:
    if by_htmx(request):
        return HttpResponse(status=200, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def gone(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    messages.error(request, refusal.message)
    return leave(request, week_url(request))

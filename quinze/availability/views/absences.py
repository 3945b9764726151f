"""Absences: announced, begun in one tap, ended."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from quinze.accounts.access import requires
from quinze.accounts.capabilities import Capability
from quinze.availability import operations, queries, sentences
from quinze.availability.forms import AbsenceForm
from quinze.availability.queries.stated import own_absence
from quinze.availability.views.desk import Desk, desk_of, gone, leave
from quinze.availability.views.rules import tell_change
from quinze.base.errors import Refusal
from quinze.base.periods import local_day
from quinze.directory.models import Place, Power


@requires(Capability.OWN_AVAILABILITY)
@require_http_methods(["GET", "POST"])
def absence(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    places = list(queries.places_of(desk.professional))
    form = AbsenceForm(request.POST or None, places=places, initial={"from_day": desk.today})
    if request.method == "POST" and form.is_valid():
        try:
            return _post_absence(request, desk, form, places)
        except Refusal as refusal:
            form.refuse(refusal)
    context = {"form": form, "absences": queries.absences_of(desk.professional, at=desk.at), "several": len(places) > 1}
    return render(request, "availability/absence.html", context, status=422 if form.errors else 200)


def _post_absence(request: HttpRequest, desk: Desk, form: AbsenceForm, places: Sequence[Place]) -> HttpResponse:
    place = next((place for place in places if place.pk == form.cleaned_data["place"]), None)
    zone = (place or places[0]).zone if places else desk.zone
    posted = operations.add_absence(
        desk.professional,
        start=form.start(zone),
        end=form.end(zone),
        place=place,
        reason=form.cleaned_data["reason"],
        by=desk.by,
        at=desk.at,
    )
    _tell_absence(request, posted)
    return leave(request, reverse("availability:absence"))


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def absence_now(request: HttpRequest) -> HttpResponse:
    """One tap: away from this minute to the end of the day."""
    desk = desk_of(request, Power.RULES)
    _, midnight = local_day(desk.today, desk.zone)
    try:
        _tell_absence(
            request, operations.add_absence(desk.professional, start=desk.at, end=midnight, by=desk.by, at=desk.at)
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return leave(request, reverse("orientation:effecteur_today"))


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def absence_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    try:
        known = own_absence(desk.professional, pk=pk)
        tell_change(request, "Absence retirée.", operations.withdraw_absence(known, by=desk.by, at=desk.at))
    except Refusal as missing:
        return gone(request, missing)
    back = "orientation:effecteur_today" if request.POST.get("retour") == "jour" else "availability:absence"
    return leave(request, reverse(back))


def _tell_absence(request: HttpRequest, posted: operations.PostedAbsence) -> None:
    messages.success(request, f"Absence enregistrée. {sentences.absence(posted)}")
    if waiting := sentences.to_replace(posted):
        messages.warning(request, waiting)

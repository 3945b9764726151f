"""Absences: announced, begun in one tap, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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

CONFIRMED, BACK = "oui", "non"


@dataclass(frozen=True, slots=True)
class Leave:
    """An absence as it was asked for, before it is posted."""

    start: datetime
    end: datetime | None
    place: Place | None = None
    reason: str = ""

    def expected(self, desk: Desk) -> list[operations.Expected]:
        return operations.expected_during(
            desk.professional, start=self.start, end=self.end, place=self.place, by=desk.by, at=desk.at
        )

    def post(self, desk: Desk) -> operations.PostedAbsence:
        return operations.add_absence(
            desk.professional,
            start=self.start,
            end=self.end,
            place=self.place,
            reason=self.reason,
            by=desk.by,
            at=desk.at,
        )


@requires(Capability.OWN_AVAILABILITY)
@require_http_methods(["GET", "POST"])
def absence(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    places = list(queries.places_of(desk.professional))
    form = AbsenceForm(request.POST or None, places=places, initial={"from_day": desk.today})
    if request.method == "POST" and form.is_valid() and request.POST.get("confirm") != BACK:
        try:
            return post_leave(request, desk, _leave(form, places, desk), back=reverse("availability:absence"))
        except Refusal as refusal:
            form.refuse(refusal)
    context = {"form": form, "absences": queries.absences_of(desk.professional, at=desk.at), "several": len(places) > 1}
    return render(request, "availability/absence.html", context, status=422 if form.errors else 200)


def _leave(form: AbsenceForm, places: Sequence[Place], desk: Desk) -> Leave:
    place = next((place for place in places if place.pk == form.cleaned_data["place"]), None)
    zone = (place or places[0]).zone if places else desk.zone
    return Leave(form.start(zone), form.end(zone), place, form.cleaned_data["reason"])


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def absence_now(request: HttpRequest) -> HttpResponse:
    """One tap: away from this minute, to the end of the day or until the doctor says so."""
    desk = desk_of(request, Power.RULES)
    back = reverse("orientation:effecteur_today")
    if request.POST.get("confirm") == BACK:
        return leave(request, back)
    until_back = request.POST.get("jusque") == "retour"
    _, midnight = local_day(desk.today, desk.zone)
    try:
        return post_leave(request, desk, Leave(desk.at, None if until_back else midnight), back=back)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return leave(request, back)


def post_leave(request: HttpRequest, desk: Desk, asked: Leave, *, back: str) -> HttpResponse:
    """Posted at once when nobody is expected; otherwise those who are expected are shown first."""
    if request.POST.get("confirm") != CONFIRMED and (expected := asked.expected(desk)):
        typed = [
            (name, value) for name, value in request.POST.items() if name not in ("csrfmiddlewaretoken", "confirm")
        ]
        context = {"expected": expected, "asked": asked, "typed": typed}
        return render(request, "availability/absence_confirm.html", context)
    posted = asked.post(desk)
    messages.success(request, f"Absence enregistrée. {sentences.absence(posted)}")
    if waiting := sentences.to_replace(posted):
        messages.warning(request, waiting)
    return leave(request, back)


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

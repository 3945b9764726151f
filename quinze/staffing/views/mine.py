"""One's own shifts: read, followed from a calendar, given or exchanged; one's absences."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.forms import refuse
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.staffing import operations as do
from quinze.staffing import roster_calendars
from quinze.staffing.planning_forms import WishForm
from quinze.staffing.queries import planning
from quinze.staffing.queries import rosters as queries
from quinze.staffing.roster_forms import AbsenceForm, SwapForm
from quinze.staffing.wishes import sentence

reader = requires(Capability.READ_ROSTER)


@reader
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """A POST declares an absence."""
    by, at = actor_of(request), clock.now()
    form = AbsenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            do.declare_absence(**form.cleaned_data, by=by, at=at)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "Absence notée : le planning ne vous propose plus sur ces jours.")
            return redirect("staffing:mine")
    return _shown(request, form=form)


def _shown(request: HttpRequest, *, form: AbsenceForm, wish: WishForm | None = None) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    held = [{"shift": each.shift, "told": do.told(each.shift), "on_site": each.on_site, "given": each.during.lower > at}
            for each in queries.shifts_of(by.user, at=at)]  # fmt: skip
    swaps = [
        {
            "swap": each,
            "given": do.told(each.given),
            "returned": do.told(each.returned) if each.returned else "",
            "to_me": each.taker_id == by.user.pk,
        }
        for each in queries.swaps_of(by.user)
    ]
    wish = wish or WishForm()
    wishes = [(each, sentence(each)) for each in planning.own_wishes(by.user)]
    context = {"held": held, "swaps": swaps, "form": form, "absences": _absences(by, at), "wish": wish,
               "wishes": wishes}  # fmt: skip
    return render(request, "staffing/mine.html", context, status=422 if form.errors or wish.errors else 200)


@reader
@require_POST
def add_wish(request: HttpRequest) -> HttpResponse:
    wish = WishForm(request.POST)
    if wish.is_valid():
        try:
            do.add_wish(**wish.asked(), by=actor_of(request), at=clock.now())
        except Refusal as refusal:
            refuse(wish, refusal)
        else:
            messages.success(request, "Souhait noté : il sera entendu au prochain planning.")
            return redirect("staffing:mine")
    return _shown(request, form=AbsenceForm(), wish=wish)


@reader
@require_POST
def withdraw_wish(request: HttpRequest, pk: int) -> HttpResponse:
    do.withdraw_wish(pk, by=actor_of(request))
    messages.success(request, "Souhait retiré.")
    return redirect("staffing:mine")


def _absences(by: Actor, at: datetime) -> list[dict[str, object]]:
    """`last`: an instant of the last day."""
    return [
        {"pk": each.pk, "first": each.during.lower, "last": each.during.upper - timedelta(seconds=1)}
        for each in queries.absences_of(by.user, at=at)
    ]


@reader
@require_POST
def withdraw_absence(request: HttpRequest, pk: int) -> HttpResponse:
    do.withdraw_absence(pk, by=actor_of(request))
    messages.success(request, "Absence retirée.")
    return redirect("staffing:mine")


@reader
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    shifts = [
        roster_calendars.Mine(each.shift.pk, each.shift.role, str(each.shift.sas), each.during.lower, each.during.upper)
        for each in queries.shifts_of(by.user, at=clock.now())
    ]
    response = HttpResponse(roster_calendars.of_person(shifts), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mes-gardes.ics"'
    return response


@reader
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    given = queries.own_shift(by.user, pk, at=at)
    if given is None:
        raise Http404("Vous n’avez pas cette garde.")
    colleagues = [user for user in queries.people_able(given) if user.pk != by.user.pk]
    theirs = queries.coming_shifts_of(colleagues, sas=given.sas, role=given.role, at=at)
    choices = [(str(each.pk), f"{each.user} : {do.told(each.shift)}") for each in theirs]
    form = SwapForm(request.POST or None, people=colleagues, theirs=choices)
    if request.method == "POST" and form.is_valid():
        chosen = next((each for each in theirs if str(each.pk) == form.cleaned_data["returned"]), None)
        try:
            if chosen and chosen.user_id != form.user.pk:
                raise Refusal("Cette garde n’est pas celle de ce collègue.", field="returned", code="not_theirs")
            returned = chosen.shift if chosen else None
            do.ask_swap(given=given, giver=by.user, taker=form.user, returned=returned, at=at)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"Demande envoyée à {form.user}. Rien ne change avant sa réponse.")
            return redirect("staffing:mine")
    context = {"form": form, "told": do.told(given)}
    return render(request, "staffing/swap.html", context, status=422 if form.errors else 200)


@reader
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    by, at, said = actor_of(request), clock.now(), request.POST.get("answer", "")
    try:
        if said == "withdraw":
            do.withdraw_swap(pk, user=by.user, at=at)
            messages.success(request, "Demande retirée.")
        elif said in {"yes", "no"}:
            do.answer_swap(pk, accepted=said == "yes", user=by.user, at=at)
            messages.success(request, "Échange fait : le planning est à jour." if said == "yes" else "Échange refusé.")
        else:
            raise Http404("Cette réponse n’existe pas.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("staffing:mine")

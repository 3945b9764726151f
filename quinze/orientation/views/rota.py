"""The week of a structure's members, and the duty turns of a CPTS, as its manager handles them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.availability.queries.planning import planning
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.base.periods import local_instant
from quinze.directory.models import Professional, Structure
from quinze.directory.queries.membership import managed, member_rows
from quinze.orientation.forms.rota import TurnForm
from quinze.orientation.models import DutyTurn
from quinze.orientation.operations.rota import add_turn, end_turn
from quinze.orientation.queries.rota import communes_of, turns_of

AHEAD = timedelta(days=92)
NEAR = timedelta(days=366)
manager = requires(Capability.MANAGE_STRUCTURE)


@dataclass(frozen=True, slots=True)
class House:
    """Whose structure, and when."""

    by: Actor
    structure: Structure
    at: datetime

    @property
    def today(self) -> date:
        return self.at.astimezone(ZoneInfo(self.by.sas.zone)).date()

    def members(self) -> list[Professional]:
        return [row.professional for row in member_rows(self.structure, at=self.at)]


def _house(request: HttpRequest, pk: int) -> House:
    by, at = actor_of(request), clock.now()
    return House(by, managed(by, pk, at=at), at)


@manager
@require_GET
def week(request: HttpRequest, pk: int) -> HttpResponse:
    """Who of the members opens what to the SAS, and who is on duty."""
    house = _house(request, pk)
    monday, zone = _monday(request, house), house.by.sas.zone
    start, end = (local_instant(monday + timedelta(days=n), datetime.min.time(), zone) for n in (0, 7))
    rows = planning(house.structure, house.members(), monday=monday, zone=zone, at=house.at)
    context = {
        "structure": house.structure,
        "days": [monday + timedelta(days=n) for n in range(7)],
        "today": house.today,
        "rows": rows,
        "silent": [row for row in rows if not row.seats],
        "turns": turns_of(house.structure, start=start, end=end, at=house.at),
        "monday": monday,
        "previous": monday - timedelta(days=7),
        "following": monday + timedelta(days=7),
    }
    return render(request, "orientation/structure_week.html", context)


def _monday(request: HttpRequest, house: House) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("semaine", ""))
    except ValueError:
        asked = house.today
    asked = min(max(asked, house.today - NEAR), house.today + NEAR)
    return asked - timedelta(days=asked.weekday())


@manager
@require_http_methods(["GET", "POST"])
def turns(request: HttpRequest, pk: int) -> HttpResponse:
    house = _house(request, pk)
    if house.structure.kind != "CPTS":
        raise NotFound("Un tour de garde est celui d’une CPTS.")
    form = TurnForm(
        request.POST or None,
        members=house.members(),
        zone=house.by.sas.zone,
        known=communes_of(house.structure),
        initial={"start_day": house.today, "end_day": house.today},
    )
    if request.method == "POST" and form.is_valid():
        try:
            add_turn(house.structure, form.turn(), by=house.by, at=house.at)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Tour de garde enregistré. Les demandes de la CPTS y passent dès son début.")
            return redirect("orientation:duty_turns", pk)
    context = {
        "structure": house.structure,
        "turns": turns_of(house.structure, start=house.at, end=house.at + AHEAD, at=house.at),
        "form": form,
        "at": house.at,
    }
    return render(request, "orientation/duty_turns.html", context, status=422 if form.errors else 200)


@manager
@require_POST
def end(request: HttpRequest, pk: int, turn_pk: int) -> HttpResponse:
    house = _house(request, pk)
    turn = DutyTurn.objects.filter(pk=turn_pk, structure=house.structure).select_related("structure").first()
    if turn is None:
        raise NotFound("Ce tour n’existe pas.")
    try:
        end_turn(turn, by=house.by, at=house.at)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "Tour retiré. Les rendez-vous déjà pris restent.")
    return redirect("orientation:duty_turns", pk)

"""When a structure itself receives (a health centre, a fixed point), stated by its manager."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.availability import operations, sentences
from quinze.availability.forms import RuleForm
from quinze.availability.queries.stated import rules_of_structure
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Structure
from quinze.directory.queries import participation, places_of
from quinze.directory.queries.membership import managed


@dataclass(frozen=True, slots=True)
class House:
    by: Actor
    structure: Structure
    at: datetime

    @property
    def today(self) -> date:
        return self.at.astimezone(ZoneInfo(self.by.sas.zone)).date()


def _house(request: HttpRequest, pk: int) -> House:
    by, at = actor_of(request), clock.now()
    return House(by, managed(by, pk, at=at), at)


def _form(house: House, data: Any = None) -> RuleForm:
    places = list(places_of(house.structure).filter(is_active=True))
    return RuleForm(data, places=places, today=house.today, specialty=house.structure.kind)


@requires(Capability.MANAGE_STRUCTURE)
@require_http_methods(["GET", "POST"])
def openings(request: HttpRequest, pk: int) -> HttpResponse:
    house = _house(request, pk)
    form = _form(house, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = operations.add_rule(form.spec(), by=house.by, at=house.at)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Ouverture enregistrée. {sentences.change(done.generation)}")
            return redirect("availability:structure_openings", pk)
    context = {
        "structure": house.structure,
        "groups": rules_of_structure(house.structure, on=house.today),
        "participation": participation(house.structure, house.by.sas, house.at),
        "form": form,
    }
    return render(request, "availability/structure.html", context, status=422 if form.errors else 200)


@requires(Capability.MANAGE_STRUCTURE)
@require_POST
def opening_end(request: HttpRequest, pk: int, rule_pk: int) -> HttpResponse:
    house = _house(request, pk)
    groups = rules_of_structure(house.structure, on=house.today)
    group = next((each for each in groups if any(rule.pk == rule_pk for rule in each.rules)), None)
    if group is None:
        raise NotFound("Cette ouverture n’existe plus.")
    try:
        done = operations.end_rule(group.rules, by=house.by, at=house.at)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"Ouverture supprimée. {sentences.change(done.generation)}")
    return redirect("availability:structure_openings", pk)

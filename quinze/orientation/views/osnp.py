"""The OSNP's desk: the list, one request, its proposals."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires, requires_any
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.queries import professional, search_professionals
from quinze.orientation import operations, queries
from quinze.orientation.forms import osnp as forms
from quinze.orientation.models import OrientationRequest
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries.asks import what_doctors_said
from quinze.orientation.queries.reorientations import request_for
from quinze.orientation.queries.requests import Line
from quinze.orientation.views import osnp_page as work
from quinze.orientation.views.osnp_words import need_said, said_words
from quinze.orientation.views.rescue import cards
from quinze.patients.operations import record_access

GROUPS = {"mine": "Ouvertes ici", "wait": "En attente", "taken": "Prises par un collègue"}
PEOPLE = 30  # read, to show the doctors first
orienting = requires_any(Capability.ORIENT, Capability.REORIENT)  # the IOA: for the people of their departments


# ---- the list


@requires(Capability.ORIENT)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The whole desk, or only its list when the live link asks for it."""
    by, at = actor_of(request), clock.now()
    part = request.headers.get("HX-Request") == "true"
    context = list_context(by, at) if part else list_context(by, at) | {"cards": cards(by, at), "back": "bureau"}
    return render(request, f"orientation/{'osnp_list' if part else 'osnp'}.html", context)


@dataclass(frozen=True, slots=True)
class Row:
    """What one line of the list shows."""

    pk: int
    priority: str
    requested_at: datetime
    deadline: datetime
    limit_at: datetime
    commune: str
    requested_by: str
    holder: str
    name: str
    age: str
    need: str
    said: str = ""  # by the doctor who was asked for one patient more


def list_context(by: Actor, at: datetime) -> dict[str, Any]:
    groups: dict[str, list[Row]] = {"mine": [], "wait": [], "taken": []}
    lines = queries.worklist(sas=by.sas, at=at)
    said = what_doctors_said(sas=by.sas) if lines else {}
    for line in lines:
        asked = said.get(line.pk)
        groups[_group(line, by)].append(_row(line, at, said_words(asked, by.sas.zone) if asked else ""))
    return {"groups": [(key, GROUPS[key], rows) for key, rows in groups.items() if rows], "at": at}


def _group(line: Line, by: Actor) -> str:
    if line.taken_by_id == by.user.pk:
        return "mine"
    return "wait" if line.status == OrientationRequest.Status.WAITING else "taken"


def _row(line: Line, at: datetime, said: str) -> Row:
    return Row(
        pk=line.pk,
        priority=line.priority,
        requested_at=line.requested_at,
        deadline=line.deadline,
        limit_at=line.limit_at,
        commune=line.commune,
        requested_by=line.requested_by,
        holder=line.holder,
        name=line.name,
        age=line.age(on=at.date()),
        need=need_said(line.specialty, line.profession, *line.modalities),
        said=said,
    )


@requires(Capability.ORIENT)
@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    found = operations.claim_next(sas=by.sas, by=by, at=at)
    if found is None:
        messages.info(request, "Personne n’attend : la liste est vide.")
        return redirect("orientation:desk")
    return _searched(request, found, by=by, at=at)


@orienting
@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    found = request_for(by=by, pk=pk, at=at)
    try:
        found = operations.claim(request=found, by=by, at=at)
    except Refusal as refusal:
        messages.warning(request, refusal.message)
        return redirect(work.home_of(by))
    return _searched(request, found, by=by, at=at)


def _searched(
    request: HttpRequest, found: OrientationRequest, *, by: Actor, at: datetime, options: SearchOptions | None = None
) -> HttpResponse:
    """A ranking of this very minute, then the page that shows it."""
    try:
        if options is None:
            operations.search_or_widen(request=found, by=by, at=at)
        else:
            operations.search(request=found, by=by, at=at, options=options)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("orientation:request", found.pk)


# ---- one request


def opened(request: HttpRequest, pk: int) -> work.Desk:
    """This SAS's request, whoever has it, or this department's; 404 for another's."""
    by, at = actor_of(request), clock.now()
    return work.Desk(request_for(by=by, pk=pk, at=at), by, at)


@orienting
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    desk = opened(request, pk)
    found = desk.request
    record_access(
        by=desk.by,
        at=desk.at,
        kind="orientation",
        reference=found.case_number,
        patient=found.patient,
        why="demande ouverte",
    )
    try:
        return work.page(request, desk)
    except Refusal as refusal:  # no charter in force: the person still has to be called
        return render(request, "orientation/osnp_blocked.html", {"refusal": refusal, "desk": desk}, status=409)


@orienting
@require_GET
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether someone else changed the request since this page was drawn."""
    desk, version = opened(request, pk), request.GET.get("version", "")
    context = {
        "found": desk.request,
        "version_said": version[:9],
        "live_topic": f"request:{pk}",
        "changed": version != str(desk.request.version),
    }
    return render(request, "orientation/osnp_state.html", context)


@orienting
@require_GET
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """How many seats of the order shown were lost since; the order itself does not move."""
    desk = opened(request, pk)
    log = queries.latest_ranking(desk.request)
    view = queries.view_of(log) if log and desk.is_mine else None
    lost = len(queries.gone_seats(view, request=desk.request, at=desk.at)) if view else 0
    return render(request, "orientation/osnp_changes.html", {"found": desk.request, "view": view, "changes": lost})


@orienting
@require_GET
def bar(request: HttpRequest, pk: int) -> HttpResponse:
    """The hold as it is now: still running, or gone."""
    desk = opened(request, pk)
    return work.bar_part(request, desk)


# ---- searching again


@orienting
@require_POST
def search(request: HttpRequest, pk: int) -> HttpResponse:
    """Review the order, filter, widen, or go back to the distances of the charter."""
    desk = opened(request, pk)
    now = _options_now(desk)
    if "max_km" not in request.POST:  # only « Revoir »
        return _searched(request, desk.request, by=desk.by, at=desk.at, options=now)
    form = forms.FilterForm(request.POST, request=desk.request)
    if not form.is_valid():
        return work.page(request, desk, filters=form, filters_open=True, status=422)
    options = form.options(opened=now.opened_levels, reason=now.opening_reason)
    return _searched(request, desk.request, by=desk.by, at=desk.at, options=options)


@orienting
@require_POST
def open_level(request: HttpRequest, pk: int) -> HttpResponse:
    desk, form = opened(request, pk), forms.OpeningForm(request.POST)
    if not form.is_valid():
        return work.page(
            request, desk, bar=work.typed_bar(desk, "ouvrir", request.POST.get("level", ""), form), status=422
        )
    now = _options_now(desk)
    opening = now.opened_levels | {form.cleaned_data["level"]}
    options = replace(now, opened_levels=frozenset(opening), opening_reason=form.cleaned_data["opening_reason"])
    return _searched(request, desk.request, by=desk.by, at=desk.at, options=options)


def _options_now(desk: work.Desk) -> SearchOptions:
    log = queries.latest_ranking(desk.request)
    options = queries.options_of(log) if log else SearchOptions()
    reason = queries.opening_reason(desk.request) if options.opened_levels else ""
    return replace(options, opening_reason=reason)


# ---- why not…


@orienting
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Doctors of the directory, while one types."""
    found = search_professionals(request.GET.get("q", "")[:80], sas=actor_of(request).sas, limit=PEOPLE)
    doctors_first = sorted(found, key=lambda person: person.profession != "10")
    return render(request, "orientation/osnp_people.html", {"people": doctors_first[:8]})


@orienting
@require_GET
def why_not(request: HttpRequest, pk: int) -> HttpResponse:
    desk, wanted = opened(request, pk), request.GET.get("professional", "")
    doctor = professional(int(wanted)) if wanted.isdecimal() else None
    log = queries.latest_ranking(desk.request)
    answer = queries.why_not(log=log, professional=doctor) if log and doctor else None
    return render(request, "orientation/osnp_why.html", {"answer": answer, "doctor": doctor})

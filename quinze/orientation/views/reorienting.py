"""The desk of an emergency department's nurse (IOA): who goes to town, where they are expected, and what came of it."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.base.spreadsheet import Cell, Table, download
from quinze.directory.models import Structure
from quinze.directory.queries.emergency import departments_of, place_of_department
from quinze.orientation import operations
from quinze.orientation.forms.reorienting import GENERAL_PRACTICE, NEW, CancelReorientationForm, ReorientForm
from quinze.orientation.models import OrientationRequest
from quinze.orientation.queries import reorientations as read
from quinze.orientation.views.osnp_words import need_words
from quinze.patients.models import Patient
from quinze.patients.operations import record_access, record_accesses
from quinze.patients.queries import age_words, display_name, of_same_traits

Standing = read.Standing
GROUPS = (
    ("À orienter", (Standing.OPEN,)),
    ("Attendues", (Standing.EXPECTED,)),
    ("Issue connue", (Standing.SEEN, Standing.MISSED)),
    ("Sans rendez-vous", (Standing.CANCELLED, Standing.NONE)),
)
WORDS = {
    Standing.SEEN: "vue",
    Standing.MISSED: "pas venue",
    Standing.CANCELLED: "rendez-vous annulé",
    Standing.NONE: "aucun rendez-vous",
}
STATES = WORDS | {Standing.OPEN: "à orienter", Standing.EXPECTED: "attendue"}
FIGURES = timedelta(days=28)
MOST_EXPORTED = 2000  # three times what the busiest department sends in four weeks
DEFAULTS = {"care": GENERAL_PRACTICE, "modalities": ["AMB"], "within_hours": 24, "sex": "UN"}
reorienting = requires(Capability.REORIENT)


# ---- the page


@reorienting
def desk(request: HttpRequest) -> HttpResponse:
    """The whole page, or only its list when the live link asks for it; posted, somebody is registered."""
    by, at = actor_of(request), clock.now()
    departments = departments_of(by, at=at)
    if request.method == "POST":
        return _register(request, departments, by=by, at=at)
    if request.headers.get("HX-Request") == "true":
        context = _list(_sent(departments, by, at), by, at)
        return render(request, "orientation/reorientations_list.html", context)
    return _page(request, departments, by=by, at=at)


def _page(
    request: HttpRequest, departments: list[Structure], *, by: Actor, at: datetime, form: ReorientForm | None = None
) -> HttpResponse:
    sent = _sent(departments, by, at)
    context = _list(sent, by, at) | {
        "departments": departments,
        "form": form or _empty_form(departments, _today(by, at)),
        "deciders": read.deciders_of(departments, at=at) if departments else [],
        "figures": read.figures(sas=by.sas, since=at - FIGURES, until=at, departments=departments),
    }
    if form is None:
        _record_reading(sent, by, at)
    return render(request, "orientation/reorientations.html", context, status=200 if form is None else 422)


def _today(by: Actor, at: datetime) -> date:
    return at.astimezone(ZoneInfo(by.sas.zone)).date()


def _sent(departments: list[Structure], by: Actor, at: datetime) -> list[read.Sent]:
    return read.sent_by(departments, sas=by.sas, at=at, today=_today(by, at)) if departments else []


def _list(sent: list[read.Sent], by: Actor, at: datetime) -> dict[str, Any]:
    rows = [(one, need_words(one.request), WORDS.get(one.standing, "")) for one in sent]
    groups = [(title, [row for row in rows if row[0].standing in standings]) for title, standings in GROUPS]
    return {"groups": [(title, found) for title, found in groups if found], "at": at, "by": by}


def _record_reading(sent: list[read.Sent], by: Actor, at: datetime, *, why: str = "liste des réorientations") -> None:
    """Opening the page shows names: it is written. What the live link draws again is not another reading."""
    opened = [(one.request.case_number, one.request.patient) for one in sent]
    record_accesses(by=by, at=at, kind="orientation", opened=opened, why=why)


# ---- the list leaves for a spreadsheet


HEADS = (
    "Numéro", "Arrivée", "Urgences", "Personne", "Âge", "Besoin", "Décidée par", "Enregistrée par", "Où elle en est",
    "Rendez-vous", "Avec", "Commune", "Pourquoi pas vue",
)  # fmt: skip


@reorienting
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The people of the figures, four weeks and whoever is still to orient, with what became of them. Each of them is
    read, which is written.
    """
    by, at = actor_of(request), clock.now()
    departments = departments_of(by, at=at)
    if not departments:
        raise NotFound("Aucunes urgences ne sont les vôtres : il n’y a rien à exporter.")
    sent = read.sent_by(departments, sas=by.sas, at=at, today=_today(by, at), over=FIGURES, most=MOST_EXPORTED + 1)
    shown = sent[:MOST_EXPORTED]
    _record_reading(shown, by, at, why="export des réorientations")
    houses = {house.pk: house.name for house in departments}
    rows = [_cells(one, houses, ZoneInfo(by.sas.zone)) for one in shown]
    if len(sent) > len(shown):
        rows.append([f"Les {MOST_EXPORTED} dernières seulement : d’autres, plus anciennes, n’y sont pas."])
    return download([Table("Réorientations", HEADS, rows)], name=f"reorientations-{at:%Y%m%d}", kind="csv")


def _cells(one: read.Sent, houses: dict[int, str], zone: ZoneInfo) -> list[Cell]:
    """Neither telephone nor instruction: the list does not show them either."""
    asked, booking = one.request, one.booking
    given = (_hour(booking.starts_at, zone), booking.who, booking.place.commune.name) if booking else ("", "", "")
    return [
        asked.case_number, _hour(asked.requested_at, zone), houses.get(asked.emergency_id or 0, ""), one.name, one.age,
        need_words(asked), asked.decided_by, str(asked.requested_by), STATES[one.standing], *given,
        booking.get_no_show_cause_display() if booking and booking.no_show_cause else "",
    ]  # fmt: skip


def _hour(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%d/%m/%Y %H:%M}"


# ---- somebody is registered


def _empty_form(departments: list[Structure], today: date) -> ReorientForm:
    first = departments[0] if departments else None
    here = place_of_department(first) if first else None
    town = {"commune": here.commune_id, "commune_text": here.commune.name} if here else {}
    return ReorientForm(departments=departments, today=today, initial=DEFAULTS | town | {"department": first})


def _register(request: HttpRequest, departments: list[Structure], *, by: Actor, at: datetime) -> HttpResponse:
    form = ReorientForm(request.POST, departments=departments, today=_today(by, at))
    if not form.is_valid():
        return _page(request, departments, by=by, at=at, form=form)
    known = _known(form, by=by, at=at)
    if known is None:
        return _page(request, departments, by=by, at=at, form=form)
    try:
        found = operations.reorient(
            department=form.cleaned_data["department"],
            person=form.person(known=known or None),
            wish=form.wish(at=at),
            accepted=form.cleaned_data["accepted"],
            by=by,
            at=at,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, departments, by=by, at=at, form=form)
    _search(request, found, by=by, at=at)
    return redirect("orientation:request", found.pk)


def _known(form: ReorientForm, *, by: Actor, at: datetime) -> int | None:
    """The person of that name and birth: their number, 0 for somebody new, None while the nurse has not said."""
    data = form.cleaned_data
    day = data["birth"].day
    if day is None:
        return 0
    traits = {"family_name": data["family_name"], "given_name": data["given_name"], "birth": day}
    people = of_same_traits(by=by, **traits)
    said = data["same"]
    if not people or said == NEW:
        return 0
    if any(str(each.pk) == said for each in people):
        return int(said)
    form.ask_whether_same([(str(each.pk), _known_words(each, by, at)) for each in people])
    return None


def _known_words(person: Patient, by: Actor, at: datetime) -> str:
    """What they can confirm, and nothing of their care."""
    since = person.created_at.astimezone(ZoneInfo(by.sas.zone))
    return f"{display_name(person)}, {age_words(person, on=_today(by, at))}, connu depuis le {since:%d/%m/%Y}"


def _search(request: HttpRequest, found: OrientationRequest, *, by: Actor, at: datetime) -> None:
    try:
        operations.search_or_widen(request=found, by=by, at=at)
    except Refusal as refusal:  # no charter in force: the person is registered, and their page says it
        messages.error(request, refusal.message)


# ---- once a seat is given


@reorienting
@require_GET
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """What the person leaves with, which is also the proof of the reorientation."""
    by, at = actor_of(request), clock.now()
    found = read.request_for(by=by, pk=pk, at=at)
    booking = read.slip_of(found)
    record_access(
        by=by, at=at, kind="orientation", reference=found.case_number, patient=found.patient, why="fiche imprimée"
    )
    context = {
        "found": found,
        "booking": booking,
        "department": found.emergency,
        "here": place_of_department(found.emergency) if found.emergency else None,
        "name": display_name(found.patient),
        "phones": booking.place.phones or [booking.structure.phone if booking.structure else ""],
        "need": need_words(found),
    }
    return render(request, "orientation/reorientation_slip.html", context)


@reorienting
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """While the person is still there: the seat is free again, and the search may go on."""
    by, at = actor_of(request), clock.now()
    found, form = read.request_for(by=by, pk=pk, at=at), CancelReorientationForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Dites pourquoi le rendez-vous est annulé.")
        return redirect("orientation:request", pk)
    try:
        booking = read.slip_of(found)
        operations.cancel(booking=booking, by_kind="staff", reason=form.cleaned_data["reason"], by=by, at=at)
        messages.success(request, "Rendez-vous annulé : la place est libre, la personne est de nouveau à orienter.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("orientation:request", pk)


# ---- for those who read the indicators of the SAS


PERIODS = (4, 12, 52)


@requires(Capability.READ_INDICATORS)
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Per department: how many, seen or not. Nobody is named."""
    by, at = actor_of(request), clock.now()
    asked = request.GET.get("semaines", "")
    weeks = int(asked) if asked in map(str, PERIODS) else PERIODS[0]
    found = read.figures(sas=by.sas, since=at - timedelta(weeks=weeks), until=at)
    context = {"figures": found, "weeks": weeks, "periods": PERIODS, "at": at}
    return render(request, "orientation/reorientation_figures.html", context)

"""The doctor's own pages: who comes today, the week, the figures."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import requires
from quinze.accounts.capabilities import Capability
from quinze.availability import queries as offer
from quinze.availability.forms import RefusableForm
from quinze.availability.queries.agenda import put_regulation
from quinze.availability.queries.feeds import has_stale_feed
from quinze.availability.views import Desk, desk_of, rule_form
from quinze.availability.views.covers import clashes_of
from quinze.base.errors import NotFound, Refusal
from quinze.base.periods import local_day
from quinze.directory.models import Participation, Power
from quinze.directory.queries.delegation import waiting_for
from quinze.directory.rules import reaches
from quinze.orientation.forms.effecteur import CancelForm, CorrectForm, LateForm, OutcomeForm
from quinze.orientation.models import Booking
from quinze.orientation.operations import announce_lateness, cancel, correct_outcome, record_outcome
from quinze.orientation.operations.lateness import MINUTES
from quinze.orientation.queries.bookings import booking_for_doctor
from quinze.orientation.queries.effecteur import Tally, Visit, put_names, tallies, to_answer, visits
from quinze.orientation.queries.replacements import conflicts_of
from quinze.orientation.views.asking import cards as asked_of
from quinze.patients.operations import record_accesses

SAID = {"fulfilled": "Noté : patient vu.", "no_show": "Noté : patient pas venu."}


@requires(Capability.OWN_AVAILABILITY)
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    return _day(request, desk_of(request))


def _day(request: HttpRequest, desk: Desk, *, refused: tuple[int, Any] | None = None) -> HttpResponse:
    midnight, _ = local_day(desk.today, desk.zone)
    lines = _within(desk, visits(desk.professional, day=desk.today, zone=desk.zone, at=desk.at))
    seen = offer.what_sas_sees(desk.professional, sas=desk.by.sas, at=desk.at)
    absences = offer.absences_of(desk.professional, at=desk.at)
    context = {
        "desk": desk,
        "live_topic": f"effecteur:{desk.professional.pk}",
        "visits": lines,
        "asks": asked_of(desk.professional, at=desk.at) if desk.may_rules else [],
        "to_answer": 0 if desk.by.mandate else waiting_for(desk.by, at=desk.at),
        "late_choices": MINUTES,
        "late": _within(desk, to_answer(desk.professional, before=midnight, at=desk.at)),
        "seen": seen,
        "seen_today": seen.days[0].slots,
        "absence": next((a for a in absences if a.during.lower <= desk.at), None),
        "week": _figures(desk, seen.participation, weeks=1)[0],
        "places": list(offer.places_of(desk.professional)),
        "clashes": clashes_of(desk),
        "collisions": conflicts_of(desk.professional, at=desk.at).count(),
        "stale_feed": has_stale_feed(desk.professional, sas=desk.by.sas, at=desk.at),
        "refused_pk": refused[0] if refused else None,
        "refused": refused[1] if refused else None,
    }
    live = request.headers.get("HX-Request") == "true"
    if not live:
        _record_reading(desk, lines)
    template = "orientation/_effecteur_day.html" if live else "orientation/effecteur_today.html"
    return render(request, template, context, status=422 if refused else 200)


def _within(desk: Desk, lines: list[Visit]) -> list[Visit]:
    """A delegate of one place reads the people of that place only."""
    return [line for line in lines if reaches(desk.by, line.booking.place_id)]


def _record_reading(desk: Desk, lines: list[Visit]) -> None:
    """The doctor reads these people's names and reasons: it is written, each time the page is opened."""
    opened = [(line.booking.request.case_number, line.booking.patient) for line in lines]
    record_accesses(by=desk.by, at=desk.at, kind="agenda", opened=opened, why=f"agenda du jour{desk.by.for_whom}")


@requires(Capability.OWN_AVAILABILITY)
@require_GET
def week(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request, Power.AGENDA, Power.RULES)
    shown = offer.week(desk.professional, monday=_monday(request, desk), zone=desk.zone, at=desk.at)
    put_regulation(shown, desk.professional)
    if desk.may(Power.AGENDA):
        put_names(shown, desk.professional, by=desk.by)
    seen = offer.what_sas_sees(desk.professional, sas=desk.by.sas, at=desk.at)
    context = {
        "desk": desk,
        "professional": desk.professional,
        "week": shown,
        "monday": shown.monday.isoformat(),
        "absences": offer.absences_of(desk.professional, at=desk.at),
        "seen": seen,
        "tally": _figures(desk, seen.participation, weeks=4),
        "made": offer.last_generation(),
    }
    return render(request, "orientation/effecteur_week.html", context | _rules_panel(request, desk))


def _rules_panel(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    """With `?regle=12` that rule is open for change, with `?regle=nouvelle` an empty one."""
    wanted, groups = request.GET.get("regle", ""), offer.rules_of(desk.professional, on=desk.today)
    group = next((g for g in groups if wanted.isdecimal() and int(wanted) in {r.pk for r in g.rules}), None)
    is_open = desk.may_rules and (group is not None or wanted == "nouvelle")
    form = rule_form(desk, group=group, on=request.GET.get("date", "")) if is_open else None
    return {"groups": groups, "form_is_open": is_open, "open_rule": group, "form": form}


def _monday(request: HttpRequest, desk: Desk) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("semaine", ""))
    except ValueError:
        asked = desk.today
    near = timedelta(days=366)
    asked = min(max(asked, desk.today - near), desk.today + near)
    return asked - timedelta(days=asked.weekday())


def _figures(desk: Desk, participation: Participation | None, *, weeks: int) -> list[Tally]:
    return tallies(desk.professional, sas=desk.by.sas, participation=participation, today=desk.today, weeks=weeks)


# ---- what became of an appointment


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def outcome(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, OutcomeForm(request.POST), _record)


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def cancel_booking(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, CancelForm(request.POST), _cancel)


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, CorrectForm(request.POST), _correct)


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def late(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, LateForm(request.POST), _late)


Act = Callable[[Desk, Booking, dict[str, Any]], str]


def _act(request: HttpRequest, pk: int, form: RefusableForm, act: Act) -> HttpResponse:
    """Done, or the day again with the refusal beside the patient and what was typed."""
    desk = desk_of(request, Power.OUTCOMES)
    try:
        booking = booking_for_doctor(professional=desk.professional, pk=pk)
    except NotFound as gone:
        messages.error(request, gone.message)
        return _to_today()
    if form.is_valid():
        try:
            messages.success(request, act(desk, booking, form.cleaned_data))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _to_today()
    return _day(request, desk, refused=(pk, form))


def _record(desk: Desk, booking: Booking, said: dict[str, Any]) -> str:
    record_outcome(
        booking=booking,
        outcome=said["outcome"],
        warned=said["warned"],
        cause=said["cause"],
        by=desk.by,
        at=desk.at,
        by_kind="doctor",
    )
    return SAID[said["outcome"]]


def _late(desk: Desk, booking: Booking, said: dict[str, Any]) -> str:
    sent = announce_lateness(booking=booking, minutes=said["minutes"], by=desk.by, at=desk.at)
    told = "le patient et le SAS sont prévenus" if sent else "le SAS est prévenu ; appelez le patient, il ne reçoit pas"
    return f"Retard de {said['minutes']} min annoncé : {told}."


def _cancel(desk: Desk, booking: Booking, said: dict[str, Any]) -> str:
    cancel(booking=booking, by_kind="doctor", reason=said["reason"], by=desk.by, at=desk.at)
    return "Rendez-vous annulé : le patient et le SAS sont prévenus."


def _correct(desk: Desk, booking: Booking, said: dict[str, Any]) -> str:
    correct_outcome(
        booking=booking, outcome=said["outcome"], reason=said["reason"], by=desk.by, at=desk.at, by_kind="doctor"
    )
    return f"Corrigé. {SAID[said['outcome']]}"


def _to_today() -> HttpResponse:
    return HttpResponseRedirect(reverse("orientation:effecteur_today"))

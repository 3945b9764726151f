"""What an OSNP still owes to people who have an appointment: remind, tell, note what came of it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.availability.forms import RefusableForm
from quinze.availability.opening import duration
from quinze.availability.queries.covers import Hour, receivers_at
from quinze.availability.receiving import Receiver
from quinze.base import clock
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.orientation import operations, queries
from quinze.orientation.forms.follow_up import CAUSES, CancelForm, MoveForm, OutcomeForm
from quinze.orientation.models import Booking, ReferringNotice
from quinze.orientation.operations.duplicates import drop_duplicate
from quinze.orientation.operations.freshness import look_again
from quinze.orientation.operations.informing import objects
from quinze.orientation.queries import SlotView
from quinze.orientation.queries.assisting import assistance_of
from quinze.orientation.queries.outcomes import outcomes
from quinze.orientation.queries.replacements import to_replace
from quinze.orientation.queries.rescue import saved_seats, wishes_earlier
from quinze.orientation.queries.transport import to_settle
from quinze.orientation.views import rescue
from quinze.orientation.views.osnp_words import seat_label, when
from quinze.orientation.views.transport_cards import cards as transport_cards
from quinze.patients.operations import record_access, record_accesses
from quinze.patients.queries import display_name, root

GIVEN = (Booking.Status.BOOKED, Booking.Status.CONFIRMED)
NEXT = 8
LONGEST_NUMBER = 19  # digits
FIGURES = timedelta(days=28)
AGES = ((0, "Aujourd’hui"), (1, "Hier"), (3, "Deux ou trois jours"), (7, "Une semaine"), (10_000, "Plus d’une semaine"))
MOST_STRANDED = 100


# ---- the lists


@requires(Capability.ORIENT)
@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    """Four lists, the people whose doctor will be away first; the live link asks for them again alone."""
    by, at = actor_of(request), clock.now()
    due = queries.follow_up(sas=by.sas, at=at)
    moved = to_replace(sas=by.sas, at=at)
    carried = to_settle(sas=by.sas, at=at)
    part = request.headers.get("HX-Request") == "true"
    context = {
        "due": due,
        "reminders": [_line(booking) for booking in due.reminders],
        "to_replace": [_line(booking) for booking in moved],
        "carried": [_line(each.booking) | {"transport": each} for each in carried],
        "outcomes": _by_age(due.outcomes, at=at, zone=by.sas.zone),
        "undelivered": due.undelivered,
        "causes": CAUSES,
        "at": at,
    }
    if not part:
        _record_reading(by, at, [*due.reminders, *moved, *(each.booking for each in carried), *due.outcomes])
        context |= {"cards": rescue.cards(by, at), "back": "suivi", **_figures(by, at)}
    return render(request, f"orientation/{'follow_up_lists' if part else 'follow_up'}.html", context)


def _figures(by: Actor, at: datetime) -> dict[str, Any]:
    """What the last four weeks gave back, and why people were not seen."""
    since = at - FIGURES
    saved = saved_seats(sas=by.sas, since=since, until=at)
    return {
        "saved": saved,
        "saved_hours": duration(saved.minutes / 60),
        "known": outcomes(sas=by.sas, since=since, until=at),
    }


def _line(booking: Booking) -> dict[str, Any]:
    phone = booking.request.callback_phone or booking.patient.phone
    return {"booking": booking, "name": display_name(booking.patient), "phone": phone}


def _by_age(bookings: list[Booking], *, at: datetime, zone: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """The most recent first: what is asked soon is answered; the older, the less anybody knows."""
    today = at.astimezone(ZoneInfo(zone)).date()
    aged = [((today - b.starts_at.astimezone(ZoneInfo(zone)).date()).days, b) for b in reversed(bookings)]
    groups = groupby(aged, key=lambda pair: next(words for most, words in AGES if pair[0] <= most))
    return [(words, [_line(booking) for _, booking in group]) for words, group in groups]


def _record_reading(by: Actor, at: Any, bookings: list[Booking]) -> None:
    opened = [(booking.request.case_number, booking.patient) for booking in bookings]
    record_accesses(by=by, at=at, kind="orientation", opened=opened, why="liste de suivi")


# ---- one appointment


@requires(Capability.ORIENT)
@require_GET
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    booking = queries.booking_of(sas=by.sas, pk=pk)
    record_access(
        by=by,
        at=at,
        kind="orientation",
        reference=booking.request.case_number,
        patient=booking.patient,
        why="suivi du rendez-vous",
    )
    return page(request, by, booking, at)


def page(
    request: HttpRequest, by: Actor, booking: Booking, at: Any, *, refused: RefusableForm | None = None
) -> HttpResponse:
    given = booking.status in GIVEN
    context = {
        "booking": booking,
        "name": display_name(booking.patient),
        "found": booking.request,
        "moment": when(booking.starts_at, at=at, zone=booking.place.zone),
        "is_given": given,
        "is_past": booking.starts_at <= at,
        "may_change": isinstance(refused, (MoveForm, CancelForm)) or (given and booking.during.upper > at),
        "may_note": isinstance(refused, OutcomeForm)
        or (booking.starts_at <= at and (given or booking.status in ("fulfilled", "no_show"))),
        "statuses": list(queries.statuses_of(booking)),
        "sent": list(booking.messages.order_by("pk")),
        "seats": _seats(booking, at, by.sas.zone) if given and booking.slot else [],
        "may_wish": rescue.may_wish(booking, at),
        "wishes_earlier": wishes_earlier(booking.request),
        "outcome": _form(refused, OutcomeForm),
        "assistance": assistance_of(booking.request),
        **_referring(booking),
        **transport_cards(booking, at, refused),
        "cancel": _form(refused, CancelForm),
        "move": _form(refused, MoveForm),
    }
    return render(request, "orientation/follow_up_booking.html", context, status=422 if refused else 200)


def _referring(booking: Booking) -> dict[str, Any]:
    person = root(booking.patient)
    return {
        "referring": str(person.referring_doctor or person.referring_doctor_text),
        "is_referring": person.referring_doctor_id is not None
        and person.referring_doctor_id == booking.professional_id,
        "objects": objects(person),
        "notice": ReferringNotice.objects.filter(booking=booking).select_related("message").first(),
    }


def _form(refused: RefusableForm | None, kind: type[RefusableForm]) -> RefusableForm:
    return refused if isinstance(refused, kind) else kind()


def _seats(booking: Booking, at: Any, zone: str) -> list[tuple[int, str]]:
    """The next free seats of the same doctor, in the modality given."""
    if booking.slot is None:
        return []
    found = queries.next_seats(slot=booking.slot, request=booking.request, at=at, limit=NEXT)
    usable = [slot for slot in found if booking.modality in slot.modalities]
    receivers = receivers_at((booking.professional_id, slot.starts_at) for slot in usable)
    return [(slot.id, _seat_words(slot, booking, receivers, at, zone)) for slot in usable]


def _seat_words(slot: SlotView, booking: Booking, receivers: Mapping[Hour, Receiver], at: Any, zone: str) -> str:
    words = seat_label(slot, at=at, zone=zone, modality=booking.modality, asked=[booking.modality])
    receiver = receivers.get((booking.professional_id or 0, slot.starts_at))
    return f"{words}, {receiver.words}" if receiver else words


# ---- acts


Act = Callable[[Actor, Booking, Any, dict[str, Any]], str]


def _act(request: HttpRequest, pk: int, act: Act, form: RefusableForm | None = None) -> HttpResponse:
    """Done, or the sheet with the refusal beside what was typed."""
    by, at = actor_of(request), clock.now()
    booking = queries.booking_of(sas=by.sas, pk=pk)
    if form is None or form.is_valid():
        try:
            messages.success(request, act(by, booking, at, form.cleaned_data if form else {}))
            return _after(request, booking)
        except Conflict as conflict:
            messages.error(request, conflict.message)
            return redirect("orientation:booking", pk)
        except Refusal as refusal:
            if form is None:
                messages.error(request, refusal.message)
                return redirect("orientation:booking", pk)
            form.refuse(refusal)
    return page(request, by, booking, at, refused=form)


def _after(request: HttpRequest, booking: Booking) -> HttpResponse:
    """Back where the button was: the lists, or the request that waits again."""
    if request.POST.get("retour") == "demande":
        return redirect("orientation:request", booking.request_id)
    return redirect("orientation:follow_up")


@requires(Capability.ORIENT)
@require_POST
def reminded(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, _remind)


def _remind(by: Actor, booking: Booking, at: Any, _said: dict[str, Any]) -> str:
    operations.mark_reminded(booking=booking, by=by, at=at)
    return f"Rappel noté : {display_name(booking.patient)}."


@requires(Capability.ORIENT)
@require_POST
def told(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, _tell)


def _tell(by: Actor, booking: Booking, at: Any, _said: dict[str, Any]) -> str:
    operations.confirm_to_patient(booking=booking, by=by, at=at)
    return "Noté : le patient sait l’heure et le lieu."


@requires(Capability.ORIENT)
@require_POST
def doctor_told(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, _tell_doctor)


def _tell_doctor(by: Actor, booking: Booking, at: Any, _said: dict[str, Any]) -> str:
    operations.mark_doctor_notified(booking=booking, by=by, at=at)
    return "Noté : le médecin est prévenu."


@requires(Capability.ORIENT)
@require_POST
def outcome(request: HttpRequest, pk: int) -> HttpResponse:
    form = OutcomeForm(request.POST)
    return _act(request, pk, lambda by, booking, at, _said: _note(by, booking, at, form), form)


def _note(by: Actor, booking: Booking, at: Any, form: OutcomeForm) -> str:
    """First answer, or its correction: both stay written."""
    answer, name = form.answer(), display_name(booking.patient)
    said = form.words()
    if booking.status in (Booking.Status.FULFILLED, Booking.Status.NO_SHOW):
        note = answer.pop("note")
        operations.correct_outcome(booking=booking, **answer, reason=note, by=by, at=at)
        return f"Issue corrigée : {name}, {said}."
    operations.record_outcome(booking=booking, by=by, at=at, **answer)
    return f"Noté : {name}, {said}."


@requires(Capability.ORIENT)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, _cancel, CancelForm(request.POST))


def _cancel(by: Actor, booking: Booking, at: Any, said: dict[str, Any]) -> str:
    kind = "patient" if said["by_patient"] else "staff"
    operations.cancel(booking=booking, by_kind=kind, reason=said["reason"], by=by, at=at)
    return "Rendez-vous annulé : la place est libre, la personne attend de nouveau dans la liste."


@requires(Capability.ORIENT)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """The other appointment of the same person, given up from the request on screen."""
    by, at = actor_of(request), clock.now()
    booking, back = queries.booking_of(sas=by.sas, pk=pk), request.POST.get("vers", "")
    try:
        drop_duplicate(booking=booking, by=by, at=at)
        messages.success(request, "L’autre rendez-vous est annulé : la place est libre, son médecin est prévenu.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    if back.isdecimal() and len(back) < LONGEST_NUMBER:
        return redirect("orientation:request", int(back))
    return redirect("orientation:booking", pk)


@requires(Capability.ORIENT)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, _move, MoveForm(request.POST))


def _move(by: Actor, booking: Booking, at: Any, said: dict[str, Any]) -> str:
    look_again(slot=said["slot"], at=at)
    new = operations.move(booking=booking, slot=said["slot"], reason=said["reason"], by=by, at=at)
    return f"Déplacé : {when(new.starts_at, at=at, zone=new.place.zone)}. Le patient est prévenu."


@requires(Capability.ORIENT)
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    message = queries.undelivered(sas=by.sas).filter(pk=pk).first()
    if message is None:
        raise NotFound("Ce message est déjà parti, ou n’existe pas.")
    operations.send_again(message=message, at=clock.now())
    messages.info(request, "Message remis en file.")
    return redirect("orientation:follow_up")

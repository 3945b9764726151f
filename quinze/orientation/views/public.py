"""What a patient opens from a message, without an account: their appointment, giving it back, stopping reminders."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from quinze.accounts.access import public
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.orientation import letters, operations, queries
from quinze.orientation.links import stop_path, stopped_booking_pk
from quinze.orientation.models import Booking
from quinze.orientation.operations.informing import has_referring, objects, record_objection
from quinze.orientation.operations.messages import appointment as said_of
from quinze.orientation.operations.messages import language_of
from quinze.orientation.operations.reminders import is_stopped
from quinze.orientation.operations.rescue import wish_earlier
from quinze.orientation.queries.bookings import GIVEN, bookings
from quinze.orientation.queries.rescue import wishes_earlier
from quinze.orientation.views.rescue import may_wish
from quinze.patients.queries import root

CHOICES = {"ne-pas-informer": True, "informer": False}
WISHES = {"plus-tot": True, "garder": False}


@public
@require_http_methods(["GET", "POST"])
def appointment(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows and asks; POST gives the seat back. A link prefetched by a mail reader cancels nothing."""
    at = clock.now()
    try:
        booking = queries.booking_by_link(token, at=at)
        said = request.POST.get("act", "")
        if request.method == "POST" and said in WISHES:
            return _wish(request, booking, WISHES[said])
        if request.method == "POST" and said in CHOICES:
            record_objection(booking=booking, wanted=CHOICES[said], by=None, at=at)
            return redirect(request.get_full_path())
        if request.method == "POST":
            booking = operations.cancel_by_link(token, at=at, reason=request.POST.get("reason", "")[:200])
            return _page(request, booking, cancelled=True)
        if booking.status not in GIVEN:
            raise _over(booking)
    except Refusal as refusal:
        return _page(request, None, status=410, refusal=refusal)
    person = root(booking.patient)
    return _page(
        request,
        booking,
        earlier=may_wish(booking, at),
        wishes=wishes_earlier(booking.request),
        has_referring=has_referring(person) and person.referring_doctor_id != booking.professional_id,
        objects=objects(person),
    )


def _wish(request: HttpRequest, booking: Booking, wanted: bool) -> HttpResponse:  # noqa: FBT001
    at = clock.now()
    if not may_wish(booking, at):
        raise _over(booking)
    wish_earlier(request=booking.request, wanted=wanted, by=None, at=at)
    return redirect(request.get_full_path())


def _page(request: HttpRequest, booking: Booking | None, *, status: int = 200, **shown: Any) -> HttpResponse:
    """In the language asked for by the page, else the patient's, else French."""
    asked, known = request.GET.get("lang", ""), letters.languages()
    language = asked if asked in known else language_of(booking.request) if booking else letters.FRENCH
    words = letters.texts(language)
    said = said_of(booking, language=language, in_place=booking.in_place) if booking else None
    context = {
        "booking": booking,
        "language": language,
        "direction": words["dir"],
        "words": words["page"],
        "languages": [(code, letters.texts(code)["name"]) for code in known],
        "moment": letters.moment_in(language, booking.starts_at, booking.place.zone) if booking else "",
        "where": said.where if said else "",
        "who": said.who if said else "",
        "stop": stop_path(booking.pk) if booking else "",
        "stopped": is_stopped(booking) if booking else False,
    }
    return render(request, "orientation/appointment.html", context | shown, status=status)


@public
@require_http_methods(["GET", "POST"])
def reminders(request: HttpRequest, token: str) -> HttpResponse:
    """STOP, by the link of an e-mail or the button of the page; and its contrary."""
    try:
        if request.method == "POST":
            resume = request.POST.get("act") == "reprendre"
            booking = operations.stop_reminders(token, at=clock.now(), resume=resume)
        else:
            booking = _booking_of(token)
    except Refusal as refusal:
        return _page(request, None, status=410, refusal=refusal)
    return _page(request, booking, only_reminders=True)


def _booking_of(token: str) -> Booking:
    found = bookings().filter(pk=stopped_booking_pk(token)).first()
    if found is None:
        raise NotFound("Ce rendez-vous n’existe plus. Rappelez le SAS si besoin.", code="bad_link")
    return found


def _over(booking: Booking) -> Refusal:
    if booking.status == Booking.Status.CANCELLED:
        return Refusal("Ce rendez-vous est déjà annulé : rien d’autre à faire.", code="already_cancelled")
    return Refusal("Ce rendez-vous n’est plus à annuler.", code="over")

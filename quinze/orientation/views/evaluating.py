"""The nurse's evaluation of one person, written from a telephone."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from quinze.accounts.access import requires
from quinze.accounts.capabilities import Capability
from quinze.availability.views import Desk, desk_of
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Power
from quinze.orientation.forms.evaluation import ReportForm
from quinze.orientation.models import Booking, Evaluation
from quinze.orientation.operations.evaluating import report
from quinze.orientation.queries.bookings import booking_for_doctor
from quinze.orientation.queries.evaluations import NONE, evaluation_of
from quinze.patients.operations import record_accesses
from quinze.patients.queries import age_words, display_name

SENT = "Évaluation envoyée : elle est dans la liste du médecin régulateur."


@requires(Capability.OWN_AVAILABILITY)
@require_http_methods(["GET", "POST"])
def evaluation(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked, what was already written, and the form. A delegate reads none of it."""
    desk = desk_of(request, Power.OUTCOMES)
    try:
        if desk.by.mandate:
            raise NotFound(NONE)
        booking = booking_for_doctor(professional=desk.professional, pk=pk)
        asked = evaluation_of(booking)
    except NotFound as gone:
        messages.error(request, gone.message)
        return redirect("orientation:effecteur_today")
    if request.method == "POST":
        return _write(request, desk, booking, asked)
    opened = [(booking.request.case_number, booking.patient)]
    record_accesses(by=desk.by, at=desk.at, kind="agenda", opened=opened, why="évaluation demandée")
    form = ReportForm(
        initial={"seen_at": desk.at.astimezone(ZoneInfo(booking.place.zone)).time(), "known": len(asked.reports.all())}
    )
    return _page(request, desk, booking, asked, form)


def _write(request: HttpRequest, desk: Desk, booking: Booking, asked: Evaluation) -> HttpResponse:
    form = ReportForm(request.POST)
    if form.is_valid():
        try:
            report(booking=booking, seen=form.seen(booking), known=form.cleaned_data["known"], by=desk.by, at=desk.at)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, SENT)
            return redirect("orientation:effecteur_today")
    return _page(request, desk, booking, asked, form)


def _page(request: HttpRequest, desk: Desk, booking: Booking, asked: Evaluation, form: ReportForm) -> HttpResponse:
    context = {
        "desk": desk,
        "booking": booking,
        "asked": asked,
        "form": form,
        "name": display_name(booking.patient),
        "age": age_words(booking.patient, on=desk.today),
        "phone": booking.request.callback_phone or booking.patient.phone,
    }
    return render(request, "orientation/effecteur_evaluation.html", context, status=422 if form.errors else 200)

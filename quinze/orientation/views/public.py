"""The one page a patient opens: their appointment, and giving it back, without an account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from quinze.accounts.access import public
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.orientation import operations, queries
from quinze.orientation.models import Booking
from quinze.orientation.queries.bookings import GIVEN


@public
@require_http_methods(["GET", "POST"])
def appointment(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows and asks; POST gives the seat back. A link prefetched by a mail reader cancels nothing."""
    at = clock.now()
    try:
        booking = queries.booking_by_link(token, at=at)
        if request.method == "POST":
            booking = operations.cancel_by_link(token, at=at, reason=request.POST.get("reason", "")[:200])
            return render(request, "orientation/appointment.html", {"booking": booking, "cancelled": True})
        if booking.status not in GIVEN:
            raise _over(booking)
    except Refusal as refusal:
        return render(request, "orientation/appointment.html", {"refusal": refusal}, status=410)
    return render(request, "orientation/appointment.html", {"booking": booking, "zone": booking.place.zone})


def _over(booking: Booking) -> Refusal:
    if booking.status == Booking.Status.CANCELLED:
        return Refusal("Ce rendez-vous est déjà annulé : rien d’autre à faire.", code="already_cancelled")
    return Refusal("Ce rendez-vous n’est plus à annuler.", code="over")

"""The transport of a person who cannot come by themselves: noted, asked for, confirmed, on the sheet of the visit."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.orientation import queries
from quinze.orientation.forms.transport import PrescribedForm, agreed_form
from quinze.orientation.operations.transport import change_transport, record_transport
from quinze.orientation.queries.transport import transport_of
from quinze.orientation.views.follow_up import page


@requires(Capability.ORIENT)
@require_POST
def prescribe(request: HttpRequest, pk: int) -> HttpResponse:
    by, at, form = actor_of(request), clock.now(), PrescribedForm(request.POST)
    booking = queries.booking_of(sas=by.sas, pk=pk)
    if form.is_valid():
        try:
            record_transport(booking=booking, wish=form.wish(booking.place.zone), by=by, at=at)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Transport noté : à demander.")
            return redirect("orientation:booking", pk)
    return page(request, by, booking, at, refused=form)


@requires(Capability.ORIENT)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    transport = transport_of(sas=by.sas, pk=pk)
    booking, form = transport.booking, agreed_form(transport, request.POST)
    state, seen = request.POST.get("state", ""), request.POST.get("seen", "")
    if form.is_valid():
        try:
            agreed = form.agreed(booking)
            done = change_transport(transport=transport, state=state, seen=seen, agreed=agreed, by=by, at=at)
        except Refusal as refusal:
            if refusal.field is None:
                messages.error(request, refusal.message)
                return redirect("orientation:booking", booking.pk)
            form.refuse(refusal)
        else:
            messages.success(request, f"Transport {done.get_state_display()}.")
            return redirect("orientation:booking", booking.pk)
    return page(request, by, queries.booking_of(sas=by.sas, pk=booking.pk), at, refused=form)

"""What the SAS sees of me, and one tap to change it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import requires
from quinze.accounts.capabilities import Capability
from quinze.availability import operations, queries
from quinze.availability.views.desk import desk_of
from quinze.base.errors import Refusal
from quinze.directory.models import Power


@requires(Capability.OWN_AVAILABILITY)
@require_GET
def seen(request: HttpRequest) -> HttpResponse:
    return _page(request)


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def slot_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Hidden, or shown; the page comes back where it was, with what the SAS sees now."""
    desk = desk_of(request, Power.RULES)
    sees = request.POST.get("sees") == "oui"
    try:
        operations.show_slot(desk.professional, pk=pk, sees=sees, by=desk.by, at=desk.at)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return _page(request)


def _page(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request)
    context = {
        "desk": desk,
        "seen": queries.what_sas_sees(desk.professional, sas=desk.by.sas, at=desk.at),
        "absences": queries.absences_of(desk.professional, at=desk.at),
    }
    part = request.headers.get("HX-Request") == "true"
    if request.method == "POST" and not part:
        return redirect(reverse("availability:seen"))
    return render(request, f"availability/{'_seen_days' if part else 'seen'}.html", context)

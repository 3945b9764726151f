"""What the national platform has not accepted of our appointments: why, since when, and sending it again."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import Sas
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.interop.fhir import declaring
from quinze.interop.models import DeclaredBooking

MOST = 200
COUNTED = timedelta(days=7)


@requires(Capability.SEE_ROOM)
@require_GET
def declared(request: HttpRequest) -> HttpResponse:
    """Oldest failure first; the live link asks for the list alone. No patient is named."""
    by, at = actor_of(request), clock.now()
    rows = list(declaring.not_accepted(sas=by.sas, at=at)[: MOST + 1])
    context = {
        "rows": rows[:MOST],
        "more": len(rows) > MOST,
        "is_on": declaring.is_on(),
        "address": settings.QUINZE_PLATFORM_URL,
        "figures": _figures(by.sas, at),
        "at": at,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, f"interop/{'declared_list' if part else 'declared'}.html", context)


def _figures(sas: Sas, at: datetime) -> dict[str, Any]:
    accepted = DeclaredBooking.objects.filter(sas=sas, accepted=F("revision"), accepted_at__gte=at - COUNTED)
    last = DeclaredBooking.objects.filter(sas=sas).order_by(F("accepted_at").desc(nulls_last=True)).first()
    return {"accepted": accepted.count(), "last": last.accepted_at if last else None}


@requires(Capability.SEE_ROOM)
@require_POST
def declare_again(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        declaring.send_again(sas=actor_of(request).sas, pk=pk, at=clock.now())
        messages.success(request, "Renvoyé : la réponse arrive dans la minute.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("interop:declared")


@requires(Capability.SEE_ROOM)
@require_POST
def declare_all_again(request: HttpRequest) -> HttpResponse:
    """After a certificate was renewed, or an address put right."""
    by, at = actor_of(request), clock.now()
    rows = list(declaring.not_accepted(sas=by.sas, at=at)[:MOST])
    for row in rows:
        declaring.send_again(sas=by.sas, pk=row.pk, at=at)
    messages.success(request, f"{len(rows)} rendez-vous renvoyés.")
    return redirect("interop:declared")

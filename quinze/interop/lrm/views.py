"""A regulation software opens Quinze on a request. What its address says leaves the address at once."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from quinze.accounts.access import actor_of, public, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.interop.lrm import calls
from quinze.interop.lrm.contract import Misread, read
from quinze.interop.lrm.finding import understood
from quinze.interop.lrm.forms import CallForm, call_form
from quinze.interop.lrm.opening import open_call
from quinze.interop.lrm.partners import partner, partner_of
from quinze.interop.models import LrmPartner
from quinze.orientation import operations
from quinze.orientation.models import OrientationRequest

UNKNOWN = "Ce logiciel n’est pas inscrit ici : demandez à votre administrateur de vérifier son adresse d’appel."


@public
@never_cache
@require_safe
def arrive(request: HttpRequest) -> HttpResponse:
    """Kept in the session, so that a login loses nothing; the next address says nothing of anybody."""
    try:
        call = read(request.META.get("QUERY_STRING", ""))
    except Misread as reason:
        return _refused(request, str(reason), status=400)
    known = partner_of(call.origin)
    if known is None:
        return _refused(request, UNKNOWN, status=403)
    key = calls.keep(request.session, call, partner=known.pk, at=clock.now())
    return _without_traces(HttpResponseRedirect(reverse("interop:lrm_call", args=[key]), status=303))


def _refused(request: HttpRequest, says: str, *, status: int) -> HttpResponse:
    return _without_traces(render(request, "interop/lrm_refused.html", {"says": says}, status=status))


def _without_traces(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    return response


@requires(Capability.ORIENT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest, key: str) -> HttpResponse:
    """Everything filled; one key searches. The second time leads to the request that was made."""
    by, at = actor_of(request), clock.now()
    received = calls.kept(request.session, key, at=at)
    software = partner(received.partner) if received else None
    if received is None or software is None:
        return render(request, "interop/lrm_refused.html", {"says": GONE}, status=410)
    if received.made is not None:
        return redirect("orientation:request", received.made)
    if software.sas_id != by.sas.pk:
        says = f"Cet appel vient d’un logiciel du {software.sas} : changez de poste pour l’ouvrir."
        return render(request, "interop/lrm_refused.html", {"says": says}, status=403)
    known = understood(received.call, sas=by.sas)
    form = call_form(received.call, known, request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _opened(request, key, form, software, by=by)
        if made is not None:
            calls.used(request.session, key, made=made.pk, at=at)
            return redirect("orientation:request", made.pk)
    context: dict[str, Any] = {"form": form, "software": software, "known": known, "received": received, "at": at}
    return render(request, "interop/lrm_call.html", context, status=422 if form.errors else 200)


GONE = "Cet appel n’est plus là : il date de plus d’une demi-heure, ou d’une autre session. Relancez-le du logiciel."


def _opened(
    request: HttpRequest, key: str, form: CallForm, software: LrmPartner, *, by: Actor
) -> OrientationRequest | None:
    """None: refused, said beside the field."""
    at = clock.now()
    try:
        made = open_call(key, form.brought(software.name), partner=software, by=by, at=at)
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    try:
        operations.search_or_widen(request=made, by=by, at=at)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return made

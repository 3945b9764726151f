"""Appointments of the platform that no machine can join to a file: the OSNP says whose they are."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.interop.lrm import rdv
from quinze.interop.lrm.linking import TOPIC, WORDS, link, set_aside
from quinze.interop.lrm.matching import files, places_of
from quinze.interop.models import PlatformRdv
from quinze.patients.operations import record_accesses

State = PlatformRdv.State
MOST = 50


@requires(Capability.ORIENT)
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """What is to be linked, the soonest first; then what was linked lately, with what did not follow."""
    by, at = actor_of(request), clock.now()
    rows = PlatformRdv.objects.filter(sas=by.sas).select_related("case", "matched_by")
    context = {
        "waiting": [_line(one) for one in rows.filter(state=State.TO_MATCH).order_by("starts_at", "pk")[:MOST]],
        "done": [_line(one) for one in rows.exclude(state=State.TO_MATCH).order_by("-changed_at", "-pk")[:MOST]],
        "topic": TOPIC,
        "at": at,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, f"interop/{'rdv_list' if part else 'rdv'}.html", context)


def _line(found: PlatformRdv) -> dict[str, Any]:
    told = rdv.read(found.content)
    return {"rdv": found, "told": told, "status": WORDS[told.status]}


@requires(Capability.ORIENT)
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    return _page(request, _own(by, pk), by)


def _own(by: Actor, pk: int) -> PlatformRdv:
    rows = PlatformRdv.objects.select_related("sas", "case", "matched_by", "professional", "user", "booking")
    found = rows.filter(sas=by.sas, pk=pk).first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, found: PlatformRdv, by: Actor, *, refused: str = "") -> HttpResponse:
    """Names are shown: each candidate counts as a file that was looked at."""
    at, text = clock.now(), request.GET.get("q", "").replace("\0", "")[:60]
    candidates = files(found, at=at, text=text) if found.state == State.TO_MATCH else []
    opened = [(one.key, one.person) for one in candidates if one.person is not None]
    record_accesses(by=by, at=at, kind="case_file", opened=opened, why="rendez-vous à rapprocher")
    context = {
        **_line(found),
        "candidates": candidates,
        "text": text,
        "places": places_of(found),
        "place": request.POST.get("place", ""),
        "chosen": request.POST.get("case", ""),
        "refused": refused,
        "words": list(found.words.order_by("revision")),
        "at": at,
    }
    return render(request, "interop/rdv_one.html", context, status=409 if refused else 200)


@requires(Capability.ORIENT)
@require_POST
def join(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    found = _own(by, pk)
    number = request.POST.get("case", "")
    try:
        if not number:
            raise Refusal("Choisissez un dossier, ou dites qu’aucun ne correspond.")
        where = request.POST.get("place", "")
        place = int(where) if where.isdecimal() and len(where) < 19 else None
        done = link(found, number=number, by=by, at=clock.now(), place=place)
    except Refusal as refusal:
        return _page(request, _own(by, pk), by, refused=refusal.message)
    messages.success(request, "Rendez-vous rattaché. Ses changements suivront d’eux-mêmes.")
    if done.problem:
        messages.warning(request, done.problem)
    return redirect("interop:rdv")


@requires(Capability.ORIENT)
@require_POST
def none(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    try:
        set_aside(_own(by, pk), by=by, at=clock.now())
    except Refusal as refusal:
        return _page(request, _own(by, pk), by, refused=refusal.message)
    messages.success(request, "Rendez-vous laissé sans dossier.")
    return redirect("interop:rdv")

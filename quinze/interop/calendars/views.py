"""The doctor's calendars: those that close slots, the address that gives the appointments back."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from quinze.accounts.access import public, requires
from quinze.accounts.capabilities import Capability
from quinze.availability import queries
from quinze.availability.operations import feeds as operations
from quinze.availability.queries.feeds import feeds_of, link_of, own_feed, stale_before
from quinze.availability.views import Desk, desk_of
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Power
from quinze.interop.calendars.forms import FeedForm, LinkForm
from quinze.interop.calendars.links import opened, url_of
from quinze.interop.calendars.writing import calendar_of
from quinze.interop.tasks import defer_pull
from quinze.orientation.queries.replacements import conflicts_of

READ_NOTED_EVERY = timedelta(minutes=5)


@requires(Capability.OWN_AVAILABILITY)
@require_http_methods(["GET", "POST"])
def calendars(request: HttpRequest) -> HttpResponse:
    """Health of each calendar; the form that links one more."""
    desk = desk_of(request, Power.RULES)
    form = FeedForm(request.POST or None, places=list(queries.places_of(desk.professional)))
    if request.method == "POST" and form.is_valid():
        try:
            feed = operations.add_feed(desk.professional, form.spec(), by=desk.by, at=desk.at)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            defer_pull(feed.pk)
            messages.success(request, f"Agenda relié : {feed.name}. Première lecture en cours.")
            return _back()
    if request.headers.get("HX-Request") == "true":
        return render(request, "interop/_calendar_list.html", _health(desk))
    context = _health(desk) | _link(desk) | {"form": form}
    return render(request, "interop/calendars.html", context, status=422 if form.errors else 200)


def _health(desk: Desk) -> dict[str, Any]:
    return {
        "desk": desk,
        "feeds": feeds_of(desk.professional, sas=desk.by.sas, at=desk.at),
        "conflicts": list(conflicts_of(desk.professional, at=desk.at)),
        "stale_minutes": int((desk.at - stale_before(desk.by.sas, at=desk.at)).total_seconds() // 60),
        "live_topic": f"effecteur:{desk.professional.pk}",
    }


def _link(desk: Desk) -> dict[str, Any]:
    """Shown to the doctor alone: it tells when patients come."""
    if desk.by.mandate is not None:
        return {"own_link": False}
    link = link_of(desk.professional)
    initial = {"with_slots": link.with_slots, "with_initials": link.with_initials} if link else None
    return {
        "own_link": True,
        "link": link,
        "link_url": url_of(link) if link else "",
        "link_form": LinkForm(initial=initial, prefix="lien"),
    }


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def calendar_end(request: HttpRequest, pk: int) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    try:
        feed = own_feed(desk.professional, pk=pk)
        done = operations.end_feed(feed, by=desk.by, at=desk.at)
    except Refusal as gone:
        messages.error(request, gone.message)
    else:
        count = done.created + done.reopened
        back = (
            f" {count} créneau{'x' if count > 1 else ''} de nouveau ouvert{'s' if count > 1 else ''}." if count else ""
        )
        messages.success(request, f"Agenda détaché : {feed.name}.{back}")
    return _back()


@requires(Capability.OWN_AVAILABILITY)
@require_POST
def calendar_read(request: HttpRequest, pk: int) -> HttpResponse:
    desk = desk_of(request, Power.RULES)
    try:
        feed = own_feed(desk.professional, pk=pk)
        operations.ask_again(feed, by=desk.by, at=desk.at)
    except Refusal as gone:
        messages.error(request, gone.message)
    else:
        defer_pull(feed.pk)
        messages.success(request, f"Lecture demandée : {feed.name}.")
    return _back()


# ---- the address given back


@requires(Capability.OWN_PARTICIPATION)
@require_POST
def link_renew(request: HttpRequest) -> HttpResponse:
    """The first address, or another one: the former opens nothing any more."""
    desk, form = desk_of(request), LinkForm(request.POST, prefix="lien")
    if form.is_valid():
        former = " L’ancienne ne sert plus." if link_of(desk.professional) else ""
        operations.renew_link(desk.professional, **form.cleaned_data, by=desk.by, at=desk.at)
        messages.success(request, f"Nouvelle adresse : collez-la dans votre agenda.{former}")
    return _back("#abonnement")


@requires(Capability.OWN_PARTICIPATION)
@require_POST
def link_content(request: HttpRequest) -> HttpResponse:
    desk, form = desk_of(request), LinkForm(request.POST, prefix="lien")
    if form.is_valid():
        try:
            operations.set_link(desk.professional, **form.cleaned_data, by=desk.by)
            messages.success(request, "Enregistré. Votre agenda le verra à sa prochaine lecture.")
        except Refusal as gone:
            messages.error(request, gone.message)
    return _back("#abonnement")


@requires(Capability.OWN_PARTICIPATION)
@require_POST
def link_end(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request)
    try:
        operations.end_link(desk.professional, by=desk.by, at=desk.at)
        messages.success(request, "Adresse révoquée : elle ne donne plus rien.")
    except Refusal as gone:
        messages.error(request, gone.message)
    return _back("#abonnement")


@public
@require_safe
def published(request: HttpRequest, token: str) -> HttpResponse:
    """Opened by calendar programs, without login: the signature of the address is the key."""
    at = clock.now()
    try:
        link = opened(token)
    except NotFound as unknown:
        return HttpResponse(unknown.message, status=404, content_type="text/plain; charset=utf-8")
    _note_reading(link.pk, link.last_read_at, at=at)
    content = calendar_of(link, at=at)
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    same = etag in request.headers.get("If-None-Match", "")
    answer = HttpResponse(status=304) if same else HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["ETag"], answer["Cache-Control"], answer["X-Robots-Tag"] = etag, "private, no-cache", "noindex"
    if not same:
        answer["Content-Disposition"] = 'inline; filename="sas.ics"'
    return answer


def _note_reading(pk: int, last: datetime | None, *, at: datetime) -> None:
    if last is None or at - last > READ_NOTED_EVERY:
        operations.note_link_read(pk, at=at)


def _back(anchor: str = "") -> HttpResponse:
    return HttpResponseRedirect(reverse("interop:calendars") + anchor)

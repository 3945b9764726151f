"""Announcements: the band of every page with its welcome, closing one's own, the page where they are written."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quinze.accounts import operations, queries
from quinze.accounts.access import actor_of, requires
from quinze.accounts.announcements import CLOSED
from quinze.accounts.capabilities import Capability
from quinze.accounts.forms import AnnouncementForm, refuse
from quinze.base import clock
from quinze.base.errors import Conflict, Refusal

PER_PAGE, REMEMBERED = 50, 50


@requires(Capability.OWN_ACCOUNT)
@require_GET
def band(request: HttpRequest) -> HttpResponse:
    """The part of a page that is read again when an announcement begins, ends or changes."""
    return render(request, "accounts/_announcements.html")


@requires(Capability.OWN_ACCOUNT)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """For this person until their next login; an incident is not closed, and stays."""
    request.session[CLOSED] = [*request.session.get(CLOSED, []), pk][-REMEMBERED:]
    return render(request, "accounts/_announcements.html") if getattr(request, "htmx", False) else redirect("/")


@requires(Capability.OWN_ACCOUNT)
@require_POST
def welcome_close(request: HttpRequest) -> HttpResponse:
    """For good, for the role of the post held now."""
    by = actor_of(request)
    operations.keep_welcomed(by.user, by.role)
    return HttpResponse() if getattr(request, "htmx", False) else redirect("/")


@requires(Capability.ANNOUNCE)
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    form = AnnouncementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.announce(**form.said(at), by=by, at=at)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "Annonce enregistrée : les pages ouvertes la montrent à son heure.")
            return redirect("accounts:announcements")
    page = Paginator(queries.announcements_of(by.sas), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "at": at}
    return render(request, "accounts/announcements.html", context, status=422 if form.errors else 200)


@requires(Capability.ANNOUNCE)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        operations.stop_announcement(pk, by=actor_of(request), at=clock.now())
    except Conflict as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, "Annonce arrêtée.")
    return redirect("accounts:announcements")

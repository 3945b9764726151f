"""The terms of use: read and accepted at login, before any desk; who has not accepted yet."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from quinze.accounts import entry, operations, queries
from quinze.accounts.access import actor_of, requires, signed_in
from quinze.accounts.capabilities import Capability
from quinze.accounts.terms import sections
from quinze.accounts.views.post import person
from quinze.base import clock
from quinze.base.errors import Refusal

PER_PAGE = 50


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """The version in force. Accepted already, it can still be read."""
    user, number = person(request), request.POST.get("version", "")
    if request.method == "POST":
        try:
            operations.accept_terms(user, number=int(number) if number.isdecimal() else 0, at=clock.now())
        except Refusal as refusal:
            messages.warning(request, refusal.message)
        else:
            return HttpResponseRedirect(entry.destination(request, user, at=clock.now()))
    current = queries.terms_in_force()
    context = {
        "version": current,
        "sections": sections(current.text) if current else [],
        "accepted": queries.accepted_terms(user),
        "due": queries.terms_due(user),
        "next": entry.next_page(request),
    }
    return render(request, "accounts/terms.html", context, status=409 if request.method == "POST" else 200)


@requires(Capability.MANAGE_ACCOUNTS)
@require_GET
def pending(request: HttpRequest) -> HttpResponse:
    """Who of the SAS has not accepted the version in force."""
    by = actor_of(request)
    people = queries.without_terms(by.sas, at=clock.now())
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": queries.account_rows(by.sas, page, at=clock.now()),
        "versions": queries.terms_versions(by.sas, at=clock.now()),
    }
    return render(request, "accounts/terms_pending.html", context)

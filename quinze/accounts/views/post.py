"""Taking a post, leaving it, and where it leads."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from quinze.accounts import entry
from quinze.accounts.access import actor_of, current_actor, requires, signed_in
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import RoleGrant, User
from quinze.accounts.operations import end_duty, start_duty
from quinze.accounts.platform import ORIGIN
from quinze.accounts.queries import grants_of
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal


def person(request: HttpRequest) -> User:
    """For views where a login is certain."""
    assert isinstance(request.user, User)  # noqa: S101 — `signed_in` let nobody else through
    return request.user


@requires(Capability.OWN_ACCOUNT)
def home(request: HttpRequest) -> HttpResponse:
    """The desk of the role, or what the role can do while its desk is not installed."""
    desk = entry.home_of(actor_of(request).role)
    return redirect(desk) if desk else render(request, "accounts/home.html")


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: HttpRequest) -> HttpResponse:
    """Take my post: one key for each role granted today."""
    user, at = person(request), clock.now()
    if entry.must_enrol(request, user, at=at):
        return HttpResponseRedirect(entry.with_next("accounts:second_factor", entry.next_page(request)))
    if entry.must_read_terms(request, user, at=at):
        return HttpResponseRedirect(entry.with_next("accounts:terms", entry.next_page(request)))
    if request.method != "POST":
        return _duty_page(request, user)
    chosen = _chosen(request, user)
    try:
        vouched = entry.two_factors_vouched(request)
        warn = partial(messages.warning, request)
        start_duty(user, sas=chosen.sas, role=Role(chosen.role), at=at, two_factors=vouched, warn=warn)
    except Refusal as refusal:
        return _duty_page(request, user, refusal=refusal)
    request.session.pop(ORIGIN, None)  # by a post of one's own, the session is no longer the platform's
    return HttpResponseRedirect(entry.destination(request, user, at=at))


def _chosen(request: HttpRequest, user: User) -> RoleGrant:
    number = request.POST.get("grant", "")
    grant = grants_of(user, at=clock.now()).filter(pk=number).first() if number.isdecimal() else None
    if grant is None:
        raise Http404("Ce rôle ne vous est pas donné.")
    return grant


def _duty_page(request: HttpRequest, user: User, *, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        "grants": grants_of(user, at=clock.now()),
        "held": current_actor(request),
        "refusal": refusal,
        "next": entry.next_page(request),
        "typed": request.GET.get("saisie", ""),
    }
    return render(request, "accounts/duty.html", context, status=422 if refusal else 200)


@signed_in
@require_POST
def leave_post(request: HttpRequest) -> HttpResponse:
    end_duty(person(request), at=clock.now())
    return redirect("accounts:duty")

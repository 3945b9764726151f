"""The place of a replacement doctor or of a newcomer, validated by an accounts manager."""

from smtplib import SMTPException

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.operations import invite
from quinze.accounts.queries import identity_of
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory import queries
from quinze.directory.forms.newcomer import NewcomerForm
from quinze.directory.operations.newcomer import Welcome, welcome_newcomer
from quinze.directory.queries.replacements import dated_places
from quinze.directory.views.answers import done

manager = requires(Capability.MANAGE_ACCOUNTS)
KNOWN = ("civility", "family_name", "given_name", "profession", "specialty", "rpps", "account")  # by a request, say


@manager
@require_GET
def newcomers(request: HttpRequest) -> HttpResponse:
    """Places with dates in this SAS, those that end first."""
    by, at = actor_of(request), clock.now()
    return render(request, "directory/newcomers.html", {"places": dated_places(by.sas, at=at), "at": at})


@manager
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    known = {name: request.GET[name][:80] for name in KNOWN if name in request.GET}
    form = NewcomerForm(request.POST or None, zone=by.sas.zone, initial=known)
    made: list[Welcome] = []

    def welcome() -> None:
        picked = form.cleaned_data["professional"]
        stay = form.stay(at, replaces=queries.professional(picked) if picked else None)
        made.append(welcome_newcomer(form.identity(), stay, email=form.cleaned_data["account"], by=by, at=at))

    if request.method == "POST" and done(form, welcome):
        _invite(request, made[0], by=by)
        return redirect("directory:newcomers")
    return render(request, "directory/newcomer.html", {"form": form}, status=422 if form.errors else 200)


def _invite(request: HttpRequest, welcome: Welcome, *, by: Actor) -> None:
    user = welcome.user
    messages.success(request, f"Lieu validé : {user} peut ouvrir des créneaux.")
    if user.has_usable_password() or identity_of(user):
        return
    try:
        invite(user, sas=by.sas, by=by, at=clock.now()).send()
    except Refusal as refusal:
        messages.error(request, refusal.message)
    except (OSError, SMTPException):
        messages.error(request, "L’invitation n’est pas partie : renvoyez-la depuis son compte.")


@manager
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Who may be replaced, while one types."""
    found = queries.search_professionals(request.GET.get("q", "")[:80], sas=actor_of(request).sas, limit=8)
    return render(request, "directory/people_options.html", {"people": found})

"""Who acts for whom: asked, accepted, changed and ended by the two people concerned."""

from smtplib import SMTPException
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.operations import DelegateAccount
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.directory import acting
from quinze.directory.forms import AskForm, InviteForm, ScopeForm
from quinze.directory.models import Delegation, Place
from quinze.directory.operations import delegation as operations
from quinze.directory.queries import delegation as queries
from quinze.directory.queries import places_of
from quinze.directory.views.answers import done, told

either = requires(Capability.OWN_AVAILABILITY)
HOME = "orientation:effecteur_today"  # of the pages above this folder, by name only


@either
@require_GET
def delegations(request: HttpRequest) -> HttpResponse:
    """A doctor's own, or the doctors of a delegate: what waits for an answer, what is open, what was done."""
    by, at = actor_of(request), clock.now()
    known = queries.delegations(by, at=at)
    asked = [found for found in known if found.accepted_at is None]
    in_force = [found for found in known if found.accepted_at is not None]
    context = {
        "to_answer": [found for found in asked if queries.answers(by, found)],
        "waiting": [found for found in asked if not queries.answers(by, found)],
        "in_force": in_force,
        "acts": queries.acts(in_force),
        "is_delegate": by.role == Role.DELEGATAIRE,
    }
    return render(request, "directory/delegations.html", context)


@either
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A delegate asks, a professional invites."""
    by = actor_of(request)
    return _ask(request, by) if by.role == Role.DELEGATAIRE else _invite(request, by)


def _ask(request: HttpRequest, by: Actor) -> HttpResponse:
    at = clock.now()
    form = AskForm(request.POST or None, zone=by.sas.zone, initial={"powers": ["agenda", "rules"]})
    if request.method == "POST" and form.is_valid():
        pk = form.cleaned_data["professional"]
        doctor = form.chosen(queries.doctor_to_ask(pk, sas=by.sas, at=at) if pk else None)
        if doctor and done(form, lambda: operations.ask_delegation(doctor, form.scope(), by=by, at=at)):
            messages.success(request, f"Demande faite à {doctor}. Son agenda s’ouvrira quand il ou elle l’acceptera.")
            return redirect("directory:delegations")
    return _form(request, form)


def _invite(request: HttpRequest, by: Actor) -> HttpResponse:
    form = InviteForm(
        request.POST or None, places=_own_places(by), zone=by.sas.zone, initial={"powers": ["agenda", "rules"]}
    )
    made: list[tuple[Delegation, DelegateAccount]] = []

    def invite() -> None:
        made.append(operations.invite_delegate(form.scope(), by=by, at=clock.now(), **form.person()))

    if request.method == "POST" and done(form, invite):
        _send(request, made[0][1])
        return redirect("directory:delegations")
    return _form(request, form)


def _own_places(by: Actor) -> list[Place]:
    professional = queries.professional_of(by.user)
    return [place for place in places_of(professional) if place.is_active] if professional else []


def _send(request: HttpRequest, account: DelegateAccount) -> None:
    if account.invitation is None:
        messages.success(request, f"{account.user} verra votre proposition en ouvrant Quinze, et pourra l’accepter.")
        return
    try:
        account.invitation.send()
    except (OSError, SMTPException):
        messages.error(
            request,
            "La proposition est enregistrée, mais le message n’est pas parti : demandez à votre gestionnaire "
            "de comptes de renvoyer l’invitation.",
        )
    else:
        messages.success(request, f"Invitation envoyée à {account.user.email}.")


def _form(request: HttpRequest, form: ScopeForm) -> HttpResponse:
    context = {"form": form, "asks": isinstance(form, AskForm)}
    return render(request, "directory/delegation_new.html", context, status=422 if form.errors else 200)


@either
@require_GET
def doctors(request: HttpRequest) -> HttpResponse:
    """Doctors who could answer a request, while one types."""
    by, typed = actor_of(request), request.GET.get("q", "")[:80]
    found = queries.doctors_to_ask(typed, sas=by.sas, at=clock.now())
    return render(request, "directory/delegation_doctors.html", {"doctors": found})


@either
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What it allows and everything done under it; the professional changes it here."""
    by, at = actor_of(request), clock.now()
    found = queries.own_delegation(by, pk)
    form = _scope_form(request, by, found)
    if request.method == "POST" and done(form, lambda: _settle(found, form, by=by)):
        messages.success(request, "Enregistré. Cela vaut dès maintenant.")
        return redirect("directory:delegations")
    context = {
        "delegation": found,
        "form": form if found.professional.account_id == by.user.pk and found.is_open(at) else None,
        "history": queries.history(found),
        "open": found.is_open(at),
        "answers": found.accepted_at is None and queries.answers(by, found),
    }
    return render(request, "directory/delegation.html", context, status=422 if form.errors else 200)


def _scope_form(request: HttpRequest, by: Actor, found: Delegation) -> ScopeForm:
    places, zone = [place for place in places_of(found.professional) if place.is_active], by.sas.zone
    initial: dict[str, Any] = ScopeForm.values_of(found, zone)
    return ScopeForm(request.POST or None, places=places, zone=zone, initial=initial)


def _settle(found: Delegation, form: ScopeForm, *, by: Actor) -> None:
    """One key accepts what was asked, as it now stands in the form, or changes what is in force."""
    settle = operations.accept_delegation if found.accepted_at is None else operations.change_delegation
    settle(found, scope=form.scope(), by=by, at=clock.now())


@either
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    found = queries.own_delegation(by, pk)
    said = f"Accepté : {found.delegate} peut agir pour {found.professional}."
    told(request, lambda: operations.accept_delegation(found, by=by, at=clock.now()), said=said)
    return redirect("directory:delegations")


@either
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    found = queries.own_delegation(by, pk)
    told(
        request, lambda: operations.refuse_delegation(found, by=by, at=clock.now()), said="Refusé : rien n’est ouvert."
    )
    return redirect("directory:delegations")


@either
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    found = queries.own_delegation(by, pk)
    said = f"Terminé : {found.delegate} ne peut plus agir pour {found.professional}."
    told(request, lambda: operations.end_delegation(found, by=by, at=clock.now()), said=said)
    return redirect("directory:delegations")


@either
@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """The pages that follow are this doctor's."""
    by = actor_of(request)
    held = next((found for found in queries.mandates(by.user, by.sas, at=clock.now()) if found.pk == pk), None)
    if held is None:
        raise Http404("Cette délégation n’est pas, ou plus, en cours.")
    acting.choose(request, held)
    return redirect(HOME)

"""The accounts of one SAS, for its accounts manager. Another SAS's account answers as one that does not exist."""

from collections.abc import Callable
from smtplib import SMTPException

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from quinze.accounts import operations, queries, second_factor
from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.forms import AccountForm, DerogationForm, GrantForm, ReasonForm, refuse
from quinze.accounts.models import User
from quinze.accounts.operations import Invitation
from quinze.accounts.rules import roles_given_by
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.base.spreadsheet import Table, download

PER_PAGE = 50
manager = requires(Capability.MANAGE_ACCOUNTS)


@manager
def accounts(request: HttpRequest) -> HttpResponse:
    by, search = actor_of(request), request.GET.get("q", "").strip()
    page = Paginator(queries.accounts_of(by.sas, search=search), PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.account_rows(by.sas, page, at=clock.now())
    return render(request, "accounts/list.html", {"page": page, "rows": rows, "search": search})


@manager
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    form = AccountForm(request.POST or None, roles=roles_given_by(by.role), zone=by.sas.zone)
    made: list[User] = []
    if form.is_bound and _done(form, lambda: made.append(_create(form, by=by))):
        if made[0].has_usable_password():
            messages.success(request, "Ce compte existait : vos rôles y sont ajoutés, son mot de passe ne change pas.")
        else:
            _send(request, made[0], by=by)
        return redirect("accounts:account", made[0].pk)
    return render(request, "accounts/new.html", {"form": form}, status=422 if form.is_bound else 200)


def _create(form: AccountForm, *, by: Actor) -> User:
    at, typed = clock.now(), form.cleaned_data
    return operations.create_account(
        email=typed["email"],
        title=typed["title"],
        given_name=typed["given_name"],
        family_name=typed["family_name"],
        sas=by.sas,
        roles=form.asked_roles(),
        start=form.starts(at),
        end=form.ends(),
        by=by,
        at=at,
    )


@manager
def account(request: HttpRequest, pk: int) -> HttpResponse:
    return _account_page(request, _mine(request, pk))


def _mine(request: HttpRequest, pk: int) -> User:
    user = queries.accounts_of(actor_of(request).sas).filter(pk=pk).first()
    if user is None:
        raise Http404("Aucun compte de votre SAS n’a ce numéro.")
    return user


def _account_page(request: HttpRequest, user: User, **forms: Form) -> HttpResponse:
    """The page with its forms; those given are bound and refused, the others are blank."""
    by, at = actor_of(request), clock.now()
    context = {
        "account": user,
        "grants": queries.grants_in(by.sas, user),
        "derogations": queries.derogations_in(by.sas, user),
        "history": queries.history_in(by.sas, user),
        "at": at,
        "enrolled": second_factor.enrolled(user),
        "grant_form": GrantForm(roles=roles_given_by(by.role), zone=by.sas.zone, prefix="grant"),
        "revoke_form": ReasonForm(prefix="revoke"),
        "state_form": ReasonForm(prefix="state"),
        "factor_form": ReasonForm(prefix="factor"),
        "derogation_form": DerogationForm(zone=by.sas.zone, prefix="derogation"),
        "identity": queries.identity_of(user),
        "untie_form": ReasonForm(prefix="untie"),
    }
    return render(request, "accounts/account.html", context | forms, status=422 if forms else 200)


@manager
@require_POST
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    user, by, at = _mine(request, pk), actor_of(request), clock.now()
    form = GrantForm(request.POST, roles=roles_given_by(by.role), zone=by.sas.zone, prefix="grant")
    if _done(form, lambda: operations.grant_role(user, sas=by.sas, by=by, at=at, **form.arguments(at))):
        messages.success(request, "Rôle donné.")
        return redirect("accounts:account", pk)
    return _account_page(request, user, grant_form=form)


@manager
@require_POST
def revoke(request: HttpRequest, pk: int, grant_pk: int) -> HttpResponse:
    user, by, at = _mine(request, pk), actor_of(request), clock.now()
    held = queries.grants_in(by.sas, user).filter(pk=grant_pk).first()
    if held is None:
        raise Http404("Ce rôle n’est pas donné dans votre SAS.")
    form = ReasonForm(request.POST, prefix="revoke")
    if _done(form, lambda: operations.revoke_role(held, by=by, at=at, reason=form.cleaned_data["reason"])):
        messages.success(request, "Rôle retiré.")
        return redirect("accounts:account", pk)
    return _account_page(request, user, revoke_form=form)


@manager
@require_POST
def derogation(request: HttpRequest, pk: int) -> HttpResponse:
    user, by, at = _mine(request, pk), actor_of(request), clock.now()
    form = DerogationForm(request.POST, zone=by.sas.zone, prefix="derogation")
    if _done(form, lambda: operations.record_derogation(user, by=by, at=at, **form.arguments(at))):
        messages.success(request, "Dérogation enregistrée.")
        return redirect("accounts:account", pk)
    return _account_page(request, user, derogation_form=form)


@manager
@require_POST
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """Suspend, or open again."""
    user, by, at = _mine(request, pk), actor_of(request), clock.now()
    form = ReasonForm(request.POST, prefix="state")
    change = operations.deactivate if user.is_active else operations.reactivate
    if _done(form, lambda: change(user, by=by, at=at, reason=form.cleaned_data["reason"])):
        messages.success(request, "Compte rouvert." if user.is_active else "Compte suspendu.")
        return redirect("accounts:account", pk)
    return _account_page(request, user, state_form=form)


@manager
@require_POST
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    user, by, at = _mine(request, pk), actor_of(request), clock.now()
    form = ReasonForm(request.POST, prefix="factor")
    reset = operations.reset_second_factor
    if _done(form, lambda: reset(user, by=by, at=at, reason=form.cleaned_data["reason"])):
        messages.success(request, "Second facteur remis à zéro : un autre sera demandé à la prochaine connexion.")
        return redirect("accounts:account", pk)
    return _account_page(request, user, factor_form=form)


@manager
@require_POST
def untie(request: HttpRequest, pk: int) -> HttpResponse:
    user, by, at = _mine(request, pk), actor_of(request), clock.now()
    form = ReasonForm(request.POST, prefix="untie")
    if _done(form, lambda: operations.untie_identity(user, by=by, at=at, reason=form.cleaned_data["reason"])):
        messages.success(request, "Pro Santé Connect est détaché : il n’ouvre plus ce compte.")
        return redirect("accounts:account", pk)
    return _account_page(request, user, untie_form=form)


def _done(form: Form, operation: Callable[[], object]) -> bool:
    """Whether what was typed is right and the operation accepted it; otherwise the form says why not."""
    if not form.is_valid():
        return False
    try:
        operation()
    except Refusal as refusal:
        refuse(form, refusal)
        return False
    return True


@manager
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    _send(request, _mine(request, pk), by=actor_of(request))
    return redirect("accounts:account", pk)


def _send(request: HttpRequest, user: User, *, by: Actor) -> None:
    """A mail server that is down does not undo the account: the link can be sent again."""
    try:
        _invitation(user, by=by).send()
    except Refusal as refusal:
        messages.error(request, refusal.message)
    except (OSError, SMTPException):
        messages.error(request, "Le message n’est pas parti : la messagerie ne répond pas. Renvoyez l’invitation.")
    else:
        messages.success(request, f"Invitation envoyée à {user.email}.")


def _invitation(user: User, *, by: Actor) -> Invitation:
    return operations.invite(user, sas=by.sas, by=by, at=clock.now())


@manager
def export(request: HttpRequest) -> HttpResponse:
    """Semicolons and a byte-order mark: what a French spreadsheet opens."""
    by = actor_of(request)
    heads = ["Nom", "Prénom", "Titre", "E-mail", "Rôles en cours", "État", "Créé le", "Dernière connexion"]
    rows = [row.cells() for row in queries.account_rows(by.sas, queries.accounts_of(by.sas), at=clock.now())]
    return download([Table("Comptes", heads, rows)], name=f"comptes-sas-{by.sas.code}", kind="csv")

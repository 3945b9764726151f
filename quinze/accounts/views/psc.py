"""Login by Pro Santé Connect: going there, coming back, tying it to an account that exists."""

import requests
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from quinze.accounts import entry, second_factor
from quinze.accounts.access import public
from quinze.accounts.forms import PanelForm, refuse
from quinze.accounts.models import NationalIdentity, User
from quinze.accounts.operations import link_identity
from quinze.accounts.psc import arrival, provider
from quinze.accounts.psc.refusals import PscRefused
from quinze.accounts.views.login import recognise
from quinze.base import clock
from quinze.base.errors import Refusal


@public
@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """A link, not a form: the policy of our pages forbids a form to end on another site."""
    _check_configured()
    try:
        return provider.provider(request).begin(asked=entry.next_page(request), linking="rattacher" in request.GET)
    except requests.RequestException as error:
        return arrival.refuse(request, PscRefused("unreachable", str(error)))
    except PscRefused as refused:
        return arrival.refuse(request, refused)


@public
@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """The registered return address. allauth checks the state and fetches the token; provider.py does the rest."""
    _check_configured()
    answer: HttpResponse = OAuth2CallbackView.adapter_view(provider.PscAdapter(request, provider.ID))(request)
    return answer


def _check_configured() -> None:
    if not provider.configured():
        raise Http404("Pro Santé Connect n’est pas réglé sur cette installation.")


@public
@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """Somebody who proved who they are says which account is theirs, by its password (and its code)."""
    proof = arrival.pending(request, at=clock.now())
    if proof is None:
        return arrival.refuse(request, PscRefused("expired"))
    owner = request.user if isinstance(request.user, User) else None
    asks_code = owner is None or second_factor.enrolled(owner)
    form = PanelForm(request.POST or None, owner=owner, asks_code=asks_code)
    if form.is_valid() and (user := recognise(request, form, owner)) and _link(form, user, proof):
        return arrival.enter(request, user, proof, at=clock.now())
    context = {"form": form, "owner": owner, "person": proof.person}
    return render(request, "accounts/psc_link.html", context, status=422 if form.is_bound else 200)


def _link(form: PanelForm, user: User, proof: arrival.Proof) -> bool:
    how, person = NationalIdentity.How.PASSWORD, proof.person
    try:
        link_identity(user, subject=person.subject, said=person.said, how=how, at=clock.now())
    except Refusal as refusal:
        refuse(form, refusal)
        return False
    return True


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest) -> HttpResponse:
    """Back to the login page: what was proved is forgotten."""
    arrival.forget(request)
    return redirect("accounts:login")

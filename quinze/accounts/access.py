"""Who may open a view. Every view wears one of `requires`, `requires_any`, `signed_in`, `public`; a test looks.

@requires(Capability.TAKE_CALL)
def arm(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from quinze.accounts import challenge
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability

View = Callable[..., HttpResponseBase]
AnyView = TypeVar("AnyView", bound=View)
Check = Callable[[HttpRequest], HttpResponseBase | None]


def actor_of(request: HttpRequest) -> Actor:
    """The person at their post. For views that required a capability, where there is always one."""
    actor = current_actor(request)
    if actor is None:
        raise PermissionDenied("Prenez votre poste pour ouvrir cette page.")
    return actor


def current_actor(request: HttpRequest) -> Actor | None:
    return getattr(request, "actor", None)


def requires(capability: Capability) -> Callable[[View], View]:
    return requires_any(capability)


def requires_any(*capabilities: Capability) -> Callable[[View], View]:
    """A post is needed, in a role that has one of these."""

    def check(request: HttpRequest) -> HttpResponseBase | None:
        if answer := challenge.without_post(request):
            return answer
        actor = actor_of(request)
        if not any(actor.may(capability) for capability in capabilities):
            raise PermissionDenied(f"Votre rôle ({actor.role_label}) n’ouvre pas cette page.")
        return None

    return lambda view: _guarded(view, check, capabilities=capabilities)


def signed_in(view: View) -> View:
    """One's own account and the choice of a post: a login is enough."""
    return _guarded(view, challenge.without_login, capabilities=(Capability.OWN_ACCOUNT,), post_needed=False)


def public(view: AnyView) -> AnyView:
    """Nobody is asked who they are: login, health, a patient's signed link."""
    view.public = True  # type: ignore[attr-defined]
    return view


def _guarded(view: View, check: Check, *, capabilities: tuple[Capability, ...], post_needed: bool = True) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return check(request) or view(request, *args, **kwargs)

    guarded.capability = capabilities[0]  # type: ignore[attr-defined]
    guarded.capabilities = frozenset(capabilities)  # type: ignore[attr-defined]
    guarded.post_needed = post_needed  # type: ignore[attr-defined]
    return guarded

"""Puts on each request who acts, and asks for a login everywhere a view does not say otherwise."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from quinze.accounts import challenge
from quinze.accounts.queries import actor_from_session
from quinze.base import clock
from quinze.base.errors import NotFound

View = Callable[..., HttpResponseBase]


class ActorMiddleware:
    """Two queries at most: the session, then the post with its person and its SAS. Nothing is kept across requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = actor_from_session(request.session, at=clock.now()) if _has_session(request) else None
        request.actor = actor  # type: ignore[attr-defined]
        if actor:
            request._cached_user = actor.user  # type: ignore[attr-defined]  # request.user then asks nothing
        with timezone.override(actor.sas.zone if actor else settings.QUINZE_ZONE):
            response = self.get_response(request)
        if actor or _has_session(request):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: View, _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if getattr(view, "public", False) or hasattr(view, "capabilities"):
            return None  # a view with a capability asks by itself
        return challenge.without_post(request)

    def process_exception(self, _request: HttpRequest, exception: Exception) -> None:
        """What is absent, or another SAS's, is one same page that does not exist, whichever view asked for it."""
        if isinstance(exception, NotFound):
            raise Http404(exception.message) from exception


def _has_session(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES

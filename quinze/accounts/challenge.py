"""What a request without login, or without a post, is answered, so that nothing typed is lost."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from quinze.accounts import kept_form
from quinze.accounts.platform import origin_of
from quinze.base import clock

SAFE = ("GET", "HEAD", "OPTIONS")


def without_login(request: HttpRequest) -> HttpResponseBase | None:
    """None for a person who is logged in."""
    return None if request.user.is_authenticated else _answer(request, page="accounts:login")


def without_post(request: HttpRequest) -> HttpResponseBase | None:
    """None for a person at their post."""
    if not request.user.is_authenticated:
        return _answer(request, page="accounts:login")
    if getattr(request, "actor", None) is None:
        return _answer(request, page="accounts:duty")
    return None


def _answer(request: HttpRequest, *, page: str) -> HttpResponse:
    owner = kept_form.remember_owner(request)
    if _from_platform(request):
        return HttpResponseRedirect(f"{reverse('accounts:psc_start')}?{urlencode({'next': request.get_full_path()})}")
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": "session", "message": "Session expirée : reconnectez-vous."}, status=401)
    if request.headers.get("HX-Request"):
        return _panel(request, logged_in=page == "accounts:duty", owner=owner)
    kept = request.method not in SAFE and kept_form.keep(request, owner=owner, at=clock.now())
    back = request.get_full_path() if request.method in SAFE else _came_from(request)
    query = {"next": back} | ({} if request.method in SAFE else {"saisie": "gardee" if kept else "perdue"})
    return HttpResponseRedirect(f"{reverse(page)}?{urlencode(query)}")


def _from_platform(request: HttpRequest) -> bool:
    """Sent here by the national platform, whose session Pro Santé Connect already knows: no page of ours in between."""
    if request.method not in SAFE or not settings.QUINZE_PSC or request.headers.get("HX-Request"):
        return False
    return bool(origin_of(request.get_full_path()))


def _panel(request: HttpRequest, *, logged_in: bool, owner: int | None) -> HttpResponse:
    """Shown over the page by session.js, which sends the same request again once the person is back."""
    context = {"logged_in": logged_in, "owner_known": owner is not None}
    response = render(request, "accounts/expired_panel.html", context, status=401)
    response["X-Quinze-Session"] = "expired"
    return response


def _came_from(request: HttpRequest) -> str:
    """The page that held the form, when it is ours: the address of a form often answers nothing to a GET."""
    referer = urlsplit(request.headers.get("Referer", ""))
    return f"{referer.path}?{referer.query}".rstrip("?") if referer.netloc == request.get_host() else "/"

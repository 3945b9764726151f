"""From a proven identity to a session; or, for somebody who has no account here yet, to the page of a first login."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from quinze.accounts import entry
from quinze.accounts.models import PlatformAccount, Sas, User
from quinze.accounts.operations import remember_what_was_said, welcome
from quinze.accounts.operations.session import PENDING, VOUCHED
from quinze.accounts.platform import ORIGIN, Landing, origin_of
from quinze.accounts.psc.identity import PscIdentity, read
from quinze.accounts.psc.refusals import PscRefused
from quinze.accounts.queries import active_platform_account, only_sas, user_of_national_id
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.base.events import emit

log = logging.getLogger(__name__)
LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Proof:
    """An identity that was verified, what logging out there will need, and the page that was asked for."""

    person: PscIdentity
    id_token: str
    logout: str
    asked: str


def arrive(request: HttpRequest, proof: Proof, *, linking: bool) -> HttpResponse:
    """Raises PscRefused("suspended"). Nobody is found by anything but the national identifier."""
    user = user_of_national_id(proof.person.subject)
    if origin_of(proof.asked) and (account := active_platform_account(proof.person.subject)):
        return _from_platform(request, account, user, proof)
    if user is None:
        return _first_time(request, proof, linking=linking and request.user.is_authenticated)
    if not user.is_active:
        raise PscRefused("suspended")
    at = clock.now()
    remember_what_was_said(user, said=proof.person.said, at=at)
    return enter(request, user, proof, at=at)


def _from_platform(request: HttpRequest, account: PlatformAccount, user: User | None, proof: Proof) -> HttpResponse:
    """A regulator sent by the national platform: the session acts in that role, and in no other."""
    if user is not None and not user.is_active:
        raise PscRefused("suspended")
    sas = _where(account, proof.asked)
    if sas is None:
        raise PscRefused("platform_sas")
    at = clock.now()
    try:
        known = welcome(account, sas=sas, said=proof.person.said, at=at)
    except Refusal as refusal:
        raise PscRefused("withdrawn", refusal.code) from refusal
    remember_what_was_said(known, said=proof.person.said, at=at)
    return enter(request, known, proof, at=at, origin=origin_of(proof.asked))


def _where(account: PlatformAccount, address: str) -> Sas | None:
    """The SAS declared, the only one, the one on whose territory the address is; or nowhere."""
    landing = Landing(address, sas=account.sas or only_sas())
    if landing.sas is None:
        emit(landing)
    return landing.sas


def enter(request: HttpRequest, user: User, proof: Proof, *, at: datetime, origin: str = "") -> HttpResponse:
    """Open the session of this account, which knows that two factors were vouched for and how to log out there."""
    entry.admit(request, user)
    if origin:
        request.session[ORIGIN] = origin
    request.session[VOUCHED] = {
        "level": proof.person.level,
        "id_token": proof.id_token,
        "logout": proof.logout,
    }
    return HttpResponseRedirect(entry.destination(request, user, at=at, asked=proof.asked))


def refuse(request: HttpRequest, refused: PscRefused) -> HttpResponse:
    """No session is opened. One that was open stays: a link from another site must not be able to end it."""
    log.warning("Pro Santé Connect: %s", refused)
    forget(request)
    return render(request, "accounts/psc_refused.html", {"words": refused.words}, status=refused.words.status)


# ---- somebody we do not know yet


def _first_time(request: HttpRequest, proof: Proof, *, linking: bool) -> HttpResponse:
    if not linking:
        logout(request)
    request.session.cycle_key()
    request.session[PENDING] = {
        "said": proof.person.said,
        "level": proof.person.level,
        "id_token": proof.id_token,
        "logout": proof.logout,
        "asked": proof.asked,
        "at": clock.now().isoformat(),
    }
    return HttpResponseRedirect(reverse("accounts:psc_link" if linking else "directory:first_login"))


def pending(request: HttpRequest, *, at: datetime) -> Proof | None:
    """Who proved their identity less than a quarter of an hour ago and still has to say what to do with it."""
    kept = request.session.get(PENDING)
    if not kept or not timedelta(0) <= at - datetime.fromisoformat(kept["at"]) <= LASTS:
        return None
    person = read(kept["said"], level=kept["level"])
    return Proof(person, id_token=kept["id_token"], logout=kept["logout"], asked=kept["asked"])


def forget(request: HttpRequest) -> None:
    request.session.pop(PENDING, None)


# ---- leaving


def end_of_session(request: HttpRequest) -> str:
    """The address that ends the provider's own session, then comes back (RP-initiated logout); empty without one."""
    vouched = request.session.get(VOUCHED, {})
    if not vouched.get("logout"):
        return ""
    back = request.build_absolute_uri(reverse("accounts:login"))
    query = {"id_token_hint": vouched["id_token"], "post_logout_redirect_uri": back}
    return f"{vouched['logout']}?{urlencode(query)}"

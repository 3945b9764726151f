"""From a person recognised to a person at their post: what every way of logging in shares.

The page with a password is one way; another (a national identity provider) calls `admit` in the same manner.
"""

from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlencode

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_ip_address
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from quinze.accounts import kept_form, second_factor
from quinze.accounts.models import User
from quinze.accounts.operations import start_duty
from quinze.accounts.operations.session import PENDING, VOUCHED
from quinze.accounts.platform import ORIGIN
from quinze.accounts.queries import grants_of, open_duties, terms_due
from quinze.accounts.roles import STAFF_ROLES, Role
from quinze.base import clock
from quinze.base.errors import Refusal

BACKEND = "quinze.accounts.backends.EmailBackend"

# Where each role begins; the first page that this installation serves.
HOMES: dict[Role, tuple[str, ...]] = {
    Role.ARM: ("regulation:arm",),
    Role.ARM_COORDINATOR: ("regulation:room", "regulation:arm"),
    Role.SUPERVISOR: ("regulation:room",),
    Role.OSNP: ("orientation:desk",),
    Role.REGULATEUR_AMU: ("regulation:doctor",),
    Role.REGULATEUR_SNP: ("regulation:doctor",),
    Role.EFFECTEUR: ("orientation:effecteur_today",),
    Role.DELEGATAIRE: ("directory:delegations",),
    Role.STRUCTURE_MANAGER: ("directory:managed_list",),
    Role.ACCOUNTS_MANAGER: ("accounts:list",),
    Role.REFERENT: ("orientation:charter",),
    Role.IOA: ("orientation:reorientations",),
    Role.PLATFORM_REGULATOR: ("directory:list",),
}


def home_of(role: Role) -> str:
    """Empty when no page of this role is installed: the home page then says what the role can do."""
    for name in HOMES.get(role, ()):
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""


def admit(request: HttpRequest, user: User) -> None:
    """Log in under a new session key; what was typed before is carried over, and returned to its author only."""
    login(request, user, backend=BACKEND)
    request.session.set_expiry(None)
    request.session.pop(kept_form.OWNER, None)
    request.session.pop(PENDING, None)
    request.session.pop(ORIGIN, None)


def destination(request: HttpRequest, user: User, *, at: datetime, asked: str | None = None) -> str:
    """The next page: second factor, terms of use, post, what was typed, the page asked for, or the role's home."""
    asked = next_page(request) if asked is None else asked
    if must_enrol(request, user, at=at):
        return with_next("accounts:second_factor", asked)
    if must_read_terms(request, user, at=at):
        return with_next("accounts:terms", asked)
    vouched = two_factors_vouched(request)
    if not open_duties(at).filter(user=user).exists() and not _take_only_post(request, user, vouched=vouched, at=at):
        return with_next("accounts:duty", asked)
    if kept_form.is_waiting(request, at=at):
        return with_next("accounts:resume", asked)
    return asked or reverse("accounts:home")


def must_read_terms(request: HttpRequest, user: User, *, at: datetime) -> bool:
    """Before any desk; but what somebody was typing comes first, and the terms at their next login."""
    return not kept_form.is_waiting(request, at=at) and terms_due(user)


def two_factors_vouched(request: HttpRequest) -> bool:
    """The provider that opened this session asked for two factors: ours is not asked on top."""
    return VOUCHED in request.session


def _take_only_post(request: HttpRequest, user: User, *, vouched: bool, at: datetime) -> bool:
    """Nobody chooses among one."""
    grants = list(grants_of(user, at=at)[:2])
    if len(grants) != 1:
        return False
    try:
        warn = partial(messages.warning, request)
        start_duty(user, sas=grants[0].sas, role=Role(grants[0].role), at=at, two_factors=vouched, warn=warn)
    except Refusal:  # the page of posts says why when it is tried there
        return False
    return True


def must_enrol(request: HttpRequest, user: User, *, at: datetime) -> bool:
    if not settings.QUINZE_SECOND_FACTOR or two_factors_vouched(request) or second_factor.enrolled(user):
        return False
    return grants_of(user, at=at).filter(role__in=STAFF_ROLES).exists()


def next_page(request: HttpRequest) -> str:
    """The page asked for, if it is one of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if ours and asked != "/" else ""


def with_next(name: str, asked: str) -> str:
    return reverse(name) + (f"?{urlencode({'next': asked})}" if asked else "")


# ---- failures, counted together whether the password or the code was wrong


def second_factor_allowed(request: HttpRequest, user: User) -> bool:
    return bool(AxesProxyHandler.is_allowed(request, {"email": user.email}))


def count_wrong_code(request: HttpRequest, user: User) -> None:
    user_login_failed.send(sender=__name__, credentials={"email": user.email}, request=request)


def locked_until(request: HttpRequest, email: str) -> datetime:
    """When this address may try again from this machine."""
    attempts = AccessAttempt.objects.filter(username=email, ip_address=get_client_ip_address(request))
    latest = attempts.order_by("-attempt_time").first()
    wait: timedelta = settings.AXES_COOLOFF_TIME
    return (latest.attempt_time + clock.offset() if latest else clock.now()) + wait

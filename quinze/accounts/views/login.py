"""Login and logout. What is typed in an expired session is kept, see challenge.py."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from quinze.accounts import entry, kept_form, second_factor
from quinze.accounts.access import public, signed_in
from quinze.accounts.forms import CodeForm, LoginForm, PanelForm
from quinze.accounts.models import User
from quinze.accounts.operations import end_duty
from quinze.accounts.psc import arrival
from quinze.accounts.queries import announcements_before_login, open_duties
from quinze.base import clock

PENDING = "second_factor_for"
PENDING_LASTS = timedelta(minutes=5)
WRONG = "E-mail ou mot de passe inconnu. Vérifiez les majuscules ; votre gestionnaire de comptes peut renvoyer un lien."
WRONG_CODE = "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant."


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    form = LoginForm(request.POST or None)
    if request.method != "POST":
        return _login_page(request, form)
    if not form.is_valid():
        return _login_page(request, form, status=422)
    user = authenticate(request, email=form.cleaned_data["email"], password=form.cleaned_data["password"])
    if not isinstance(user, User):
        form.add_error(None, WRONG)
        return _login_page(request, form, status=422)
    if second_factor.enrolled(user):
        request.session[PENDING] = {"user": user.pk, "at": clock.now().isoformat()}
        return HttpResponseRedirect(_keep_next(request, "accounts:code"))
    return _enter(request, user)


def _login_page(request: HttpRequest, form: LoginForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "next": entry.next_page(request),
        "typed": request.GET.get("saisie", ""),
        "psc": settings.QUINZE_PSC is not None,
        "announced": announcements_before_login(at=clock.now()),
    }
    return render(request, "accounts/login.html", context, status=status)


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    entry.admit(request, user)
    return HttpResponseRedirect(entry.destination(request, user, at=clock.now()))


def _keep_next(request: HttpRequest, name: str) -> str:
    return entry.with_next(name, entry.next_page(request))


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step, for five minutes after the right password."""
    user = _pending(request)
    if user is None:
        return HttpResponseRedirect(_keep_next(request, "accounts:login"))
    form = CodeForm(request.POST or None)
    if form.is_valid():
        if _code_is_right(request, user, form.cleaned_data["code"]):
            request.session.pop(PENDING, None)
            return _enter(request, user)
        form.add_error("code", WRONG_CODE)
    context = {"form": form, "next": entry.next_page(request)}
    return render(request, "accounts/code.html", context, status=422 if form.errors else 200)


def _pending(request: HttpRequest) -> User | None:
    pending = request.session.get(PENDING)
    if not pending or clock.now() - datetime.fromisoformat(pending["at"]) > PENDING_LASTS:
        return None
    return User.objects.filter(pk=pending["user"], is_active=True).first()


def _code_is_right(request: HttpRequest, user: User, typed: str) -> bool:
    if not entry.second_factor_allowed(request, user):
        request.axes_locked_out = True  # type: ignore[attr-defined]
        request.axes_credentials = {"email": user.email}  # type: ignore[attr-defined]
        return False
    if second_factor.check(user, typed):
        return True
    entry.count_wrong_code(request, user)
    return False


def locked_out(
    request: HttpRequest, _response: HttpResponse | None, credentials: dict[str, str] | None
) -> HttpResponse:
    """Too many failures: called by django-axes in place of the page that was going to be shown."""
    email = (credentials or {}).get("email", "")
    until = entry.locked_until(request, email)
    minutes = max(1, -(-int((until - clock.now()).total_seconds()) // 60))
    context = {"until": localtime(until), "minutes": minutes, "email": email, "next": entry.next_page(request)}
    name = "accounts/expired_panel.html" if request.path == reverse("accounts:panel") else "accounts/locked.html"
    return render(request, name, context | {"locked": True}, status=429)


@public
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Log out, and leave the post; there too when Pro Santé Connect opened the session."""
    if isinstance(request.user, User):
        end_duty(request.user, at=clock.now())
    there = arrival.end_of_session(request)
    logout(request)
    return _leave_there(request, there) if there else redirect("accounts:login")


def _leave_there(request: HttpRequest, there: str) -> HttpResponse:
    """Quinze is closed already, whatever the provider answers. A form may not end on another site: a page may."""
    answer = render(request, "accounts/psc_leaving.html", {"there": there})
    answer["Refresh"] = f"1; url={there}"
    return answer


# ---- the session that ended while somebody typed


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def panel(request: HttpRequest) -> HttpResponse:
    """Log in again without leaving the page; session.js then sends what was refused."""
    owner = User.objects.filter(pk=kept_form.remember_owner(request) or 0, is_active=True).first()
    if isinstance(request.user, User):
        return _back(request, request.user)
    form = PanelForm(request.POST or None, owner=owner, asks_code=owner is None or second_factor.enrolled(owner))
    if form.is_valid():
        user = recognise(request, form, owner)
        if user:
            entry.admit(request, user)
            return _back(request, user)
    return render(
        request,
        "accounts/expired_panel.html",
        {"form": form, "owner": owner, "psc": settings.QUINZE_PSC is not None},
        status=422 if form.is_bound else 200,
    )


def recognise(request: HttpRequest, form: PanelForm, owner: User | None) -> User | None:
    email = owner.email if owner else form.cleaned_data["email"]
    user = authenticate(request, email=email, password=form.cleaned_data["password"])
    if not isinstance(user, User):
        form.add_error("password", "Ce n’est pas le bon mot de passe." if owner else WRONG)
        return None
    if second_factor.enrolled(user) and not _code_is_right(request, user, form.cleaned_data.get("code", "")):
        form.add_error("code", WRONG_CODE)
        return None
    return user


def _back(request: HttpRequest, user: User) -> HttpResponse:
    """The new CSRF token, since a login changes it. Who left their post meanwhile is asked to take it first."""
    if open_duties(clock.now()).filter(user=user).exists():
        return JsonResponse({"csrf": get_token(request)})
    return render(request, "accounts/expired_panel.html", {"logged_in": True}, status=401)


@signed_in
@never_cache
def resume(request: HttpRequest) -> HttpResponse:
    """What was typed, ready to be sent again. Kept until it is sent or thrown away."""
    kept = kept_form.kept_for(request, at=clock.now())
    if kept is None:
        return redirect("accounts:home")
    kept_form.mark_shown(request)
    return render(request, "accounts/resume.html", {"kept": kept, "next": entry.next_page(request)})

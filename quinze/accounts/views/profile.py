"""One's own account: password, second factor."""

import io

import qrcode
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from qrcode.image.svg import SvgPathImage

from quinze.accounts import entry, second_factor
from quinze.accounts.access import public, signed_in
from quinze.accounts.forms import CodeForm, PasswordForm
from quinze.accounts.invitations import invitation_token
from quinze.accounts.operations import keep_sound
from quinze.accounts.psc.identity import LEVELS, read
from quinze.accounts.queries import grants_of, identity_of
from quinze.accounts.views.post import person
from quinze.base import clock
from quinze.base.errors import Refusal

SECRET, CODES = "second_factor_secret", "recovery_codes"


@signed_in
@never_cache
@sensitive_post_parameters("old_password", "new_password1", "new_password2")
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = PasswordChangeForm(user, request.POST or None)
    if form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, "Mot de passe changé. Vos autres sessions sont fermées.")
        return redirect("accounts:profile")
    tied = identity_of(user)
    context = {
        "form": form,
        "grants": grants_of(user, at=clock.now()),
        "enrolled": second_factor.enrolled(user),
        "codes_left": second_factor.recovery_codes_left(user),
        "psc": settings.QUINZE_PSC is not None,
        "identity": tied,
        "practices": read(tied.said, level=LEVELS[0]).practice_words if tied and tied.said else [],
    }
    return render(request, "accounts/profile.html", context, status=422 if form.is_bound else 200)


@signed_in
@never_cache
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Register a telephone. Replacing one asks for a code of the present one first."""
    user = person(request)
    if second_factor.enrolled(user) and not request.session.get("second_factor_renewed"):
        return _ask_present_code(request)
    secret = request.session.setdefault(SECRET, second_factor.new_secret())
    form = CodeForm(request.POST if "code" in request.POST else None)
    if form.is_valid():
        try:
            request.session[CODES] = second_factor.enrol(user, secret=secret, code=form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", refusal.message)
        else:
            for name in (SECRET, "second_factor_renewed"):
                request.session.pop(name, None)
            return HttpResponseRedirect(entry.with_next("accounts:recovery_codes", entry.next_page(request)))
    context = {
        "form": form,
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "drawing": _qr(second_factor.enrolment_link(user, secret)),
        "next": entry.next_page(request),
    }
    return render(request, "accounts/second_factor.html", context, status=422 if form.errors else 200)


def _ask_present_code(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = CodeForm(request.POST or None)
    if form.is_valid() and entry.second_factor_allowed(request, user):
        if second_factor.check(user, form.cleaned_data["code"]):
            request.session["second_factor_renewed"] = True
            return redirect("accounts:second_factor")
        entry.count_wrong_code(request, user)
    if form.is_bound and not form.errors:
        form.add_error("code", "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant.")
    return render(request, "accounts/present_code.html", {"form": form}, status=422 if form.is_bound else 200)


def _qr(link: str) -> str:
    """The path of the drawing: inline SVG needs neither a style nor a data address."""
    image = qrcode.make(link, image_factory=SvgPathImage, border=2)
    out = io.BytesIO()
    image.save(out)
    return out.getvalue().decode().split("?>", 1)[-1]


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Shown once, after the telephone was registered; then on to the post."""
    if request.method == "POST":
        return HttpResponseRedirect(entry.destination(request, person(request), at=clock.now()))
    codes = request.session.pop(CODES, None)
    if codes is None:
        return redirect("accounts:profile")
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "next": entry.next_page(request)})


@signed_in
@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not second_factor.enrolled(user):
        return redirect("accounts:second_factor")
    request.session[CODES] = second_factor.renew_recovery_codes(user)
    return redirect("accounts:recovery_codes")


class InvitationView(PasswordResetConfirmView):
    """The signed link of an invitation. Its token leaves the address bar at once, so that no page passes it on."""

    template_name = "accounts/invitation.html"
    form_class = PasswordForm
    token_generator = invitation_token
    reset_url_token = "mot-de-passe"  # noqa: S105  (a word of the address)
    success_url = reverse_lazy("accounts:login")

    def form_valid(self, form: PasswordForm) -> HttpResponse:  # type: ignore[override]
        answer = super().form_valid(form)
        messages.success(self.request, "Mot de passe enregistré. Connectez-vous.")
        return answer


invitation = public(sensitive_post_parameters("new_password1", "new_password2")(InvitationView.as_view()))


@signed_in
@require_POST
def sound(request: HttpRequest) -> HttpResponse:
    """Asked by the button of the menu; the page already rings, or no longer does."""
    keep_sound(person(request), on=request.POST.get("son") == "oui")
    return HttpResponse(status=204)

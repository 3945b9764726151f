"""The first login by Pro Santé Connect, and the requests of those the directory does not know."""

from collections.abc import Callable
from smtplib import SMTPException
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from quinze.accounts.access import actor_of, public, requires
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import User
from quinze.accounts.psc import arrival
from quinze.accounts.psc.arrival import Proof
from quinze.accounts.psc.refusals import PscRefused
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory import operations, queries
from quinze.directory.forms.enrolment import EnrolForm, RequestForm, suggested
from quinze.directory.models import EnrolmentRequest, Professional
from quinze.directory.views.answers import done

manager = requires(Capability.MANAGE_ACCOUNTS)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_login(request: HttpRequest) -> HttpResponse:
    """« Voici ce que l’annuaire sait de vous. » One of three: open the account, tie the one that exists, or ask."""
    proof = arrival.pending(request, at=clock.now())
    if proof is None:
        return arrival.refuse(request, PscRefused("expired"))
    professional = queries.professional_by_national_id(proof.person.subject)
    if professional is not None and professional.account is not None:
        return _existing(request, proof, professional, professional.account)
    places = queries.known_places(professional) if professional else []
    if professional is not None and queries.sas_of(places):
        return _enrol(request, proof, professional, places)
    return _ask(request, proof, professional, places)


def _enrol(
    request: HttpRequest, proof: Proof, professional: Professional, places: list[queries.KnownPlace]
) -> HttpResponse:
    at, sas = clock.now(), queries.sas_of(places)
    already = queries.taking_part(professional, sas, at=at)
    new = [each for each in sas if each not in already]
    email = next((known.place.email for known in places if known.place.email), "")
    form = EnrolForm(request.POST or None, sas=new, initial={"email": email, "sas": [each.pk for each in new]})
    taking_part = request.POST.get("participate") == "1"
    made: list[User] = []
    if form.is_bound and done(
        form,
        lambda: made.append(
            operations.enrol(
                proof.person,
                email=form.cleaned_data["email"],
                taking_part=form.cleaned_data.get("sas", new) if taking_part else [],
                at=at,
            )
        ),
    ):
        messages.success(request, "Votre compte est ouvert. La prochaine fois, Pro Santé Connect suffit.")
        return arrival.enter(request, made[0], proof, at=at)
    context = {"person": proof.person, "professional": professional, "places": places, "form": form}
    shown = context | {"already": already, "new": new}
    return render(request, "directory/first_login.html", shown, status=422 if form.is_bound else 200)


def _existing(request: HttpRequest, proof: Proof, professional: Professional, account: User) -> HttpResponse:
    """One confirmation when the directory vouches for it; otherwise the password, on the page of accounts."""
    if not account.is_active:
        return arrival.refuse(request, PscRefused("suspended"))
    at, person, refusal = clock.now(), proof.person, None
    act = _without_password(professional, account, proof)
    if request.method == "POST" and act is not None:
        try:
            return arrival.enter(request, act(person, at=at), proof, at=at)
        except Refusal as refused:
            refusal = refused
    context = {"person": person, "prepared": act is not None, "renumbered": act is operations.follow}
    shown = context | {"refusal": refusal}
    return render(request, "directory/first_login_account.html", shown, status=422 if refusal else 200)


def _without_password(professional: Professional, account: User, proof: Proof) -> Callable[..., User] | None:
    """A prepared account that never served, or the register's new number for the same sheet."""
    if operations.is_renumbered(professional, proof.person.subject):
        return operations.follow
    prepared = operations.is_never_used(account) and queries.same_name(professional, proof.person)
    return operations.use_prepared_account if prepared else None


def _ask(
    request: HttpRequest, proof: Proof, professional: Professional | None, places: list[queries.KnownPlace]
) -> HttpResponse:
    person = proof.person
    commune = queries.commune_said(person)
    form = RequestForm(request.POST or None, initial=suggested(commune, queries.sas_covering(commune)))
    made: list[EnrolmentRequest] = []
    if form.is_bound and done(
        form,
        lambda: made.append(operations.request_enrolment(person, **form.cleaned_data, commune=commune, at=clock.now())),
    ):
        arrival.forget(request)
        return render(request, "directory/first_login_asked.html", {"person": person, "asked": made[0]})
    context = {
        "person": person,
        "professional": professional,
        "places": places,
        "said": person.practice_words,
        "form": form,
    }
    return render(request, "directory/first_login_unknown.html", context, status=422 if form.is_bound else 200)


# ---- the accounts manager's side


@manager
def requests(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    waiting = [(each, operations.person_of(each).practice_words) for each in queries.waiting_requests(by.sas)]
    answered = [(each, _place_address(each)) for each in queries.answered_requests(by.sas)]
    context = {"waiting": waiting, "answered": answered}
    return render(request, "directory/enrolment_requests.html", context)


def _place_address(asked: EnrolmentRequest) -> str:
    """Where the place of somebody accepted is validated, with what is known of them already typed."""
    if asked.answer != EnrolmentRequest.Answer.ACCEPTED:
        return ""
    known = {"civility": asked.title, "family_name": asked.family_name, "given_name": asked.given_name}
    return f"{reverse('directory:newcomer')}?{urlencode(known | _register(asked) | {'account': asked.email})}"


def _register(asked: EnrolmentRequest) -> dict[str, str]:
    practices = operations.person_of(asked).practices
    said = {"profession": practices[0].profession, "specialty": practices[0].know_how} if practices else {}
    return said | {"rpps": asked.subject.removeprefix("8")}


@manager
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    asked = EnrolmentRequest.objects.filter(pk=pk, sas=by.sas).first()
    if asked is None:
        raise Http404("Aucune demande de votre SAS n’a ce numéro.")
    try:
        if "accept" in request.POST:
            operations.accept_enrolment(asked, by=by, at=at)
        else:
            operations.refuse_enrolment(asked, by=by, at=at, reason=request.POST.get("reason", "")[:300])
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        _tell(request, asked.pk)
    return redirect("directory:enrolments")


def _tell(request: HttpRequest, pk: int) -> None:
    """The answer is recorded first: a mail that does not leave is said, and does not undo it."""
    asked = EnrolmentRequest.objects.select_related("sas").get(pk=pk)
    context = {"asked": asked, "link": settings.QUINZE_PUBLIC_URL.rstrip("/") + "/connexion/"}
    text = render_to_string("directory/enrolment_mail.txt", context)
    try:
        send_mail(f"Votre demande de compte, {asked.sas}", text, settings.DEFAULT_FROM_EMAIL, [asked.email])
    except (OSError, SMTPException):
        messages.warning(request, f"Réponse gardée. Le message à {asked.email} n’a pas pu partir : prévenez autrement.")
    else:
        messages.success(request, f"Réponse gardée et envoyée à {asked.email}.")

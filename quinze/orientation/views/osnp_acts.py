"""What an OSNP does with a request: keep a seat, confirm it, agree on one, give it back. Each is one operation."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from quinze.accounts.access import requires
from quinze.accounts.capabilities import Capability
from quinze.availability.forms import RefusableForm
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.directory.queries import place as place_of
from quinze.directory.queries import professional
from quinze.orientation import operations, queries
from quinze.orientation.forms import osnp as forms
from quinze.orientation.models import Booking, ReferringAttempt
from quinze.orientation.operations.asking import ask_doctor
from quinze.orientation.operations.freshness import look_again
from quinze.orientation.queries import ProposalView
from quinze.orientation.queries.duplicates import already_given
from quinze.orientation.referring import referring_for
from quinze.orientation.views import osnp_page as work
from quinze.orientation.views.osnp import opened, orienting
from quinze.orientation.views.osnp_words import when

LOST = ("taken", "withdrawn", "no_reorientation")


def _back(desk: work.Desk) -> HttpResponse:
    return redirect("orientation:request", desk.request.pk)


def _refused(request: HttpRequest, desk: work.Desk, refusal: Refusal) -> HttpResponse:
    """What cannot be corrected in a field: said once, on the page as it is now."""
    messages.error(request, refusal.message)
    return _back(desk)


# ---- a seat kept for a few minutes


@orienting
@require_POST
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    desk = opened(request, pk)
    candidate, slot, modality = ([*request.POST.get("choice", "").split("|"), "", ""])[:3]
    form = forms.OtherChoiceForm(request.POST)
    if not form.is_valid() or not slot.isdecimal():
        return _ask_reason(request, desk, form)
    look_again(slot=int(slot), at=desk.at)
    try:
        operations.hold(
            request=desk.request,
            ranking=_ranking(request),
            candidate=candidate,
            slot=int(slot),
            modality=modality,
            by=desk.by,
            at=desk.at,
            reason=form.reason(),
        )
    except Refusal as refusal:
        return _hold_refused(request, desk, refusal, form)
    return _back(desk)


def _ranking(request: HttpRequest) -> int:
    said = request.POST.get("ranking", "")
    return int(said) if said.isdecimal() else 0


def _hold_refused(request: HttpRequest, desk: work.Desk, refusal: Refusal, form: forms.OtherChoiceForm) -> HttpResponse:
    if refusal.code == "reason_required":
        if "asked" in request.POST:
            form.refuse(refusal)
        return _ask_reason(request, desk, form)
    if refusal.code in LOST:
        candidate = request.POST.get("choice", "").partition("|")[0]
        lost = work.lost_bar(desk, refusal, candidate, form.reason())
        return work.page(request, desk, bar=lost, status=409)
    return _refused(request, desk, refusal)


def _ask_reason(request: HttpRequest, desk: work.Desk, form: forms.OtherChoiceForm) -> HttpResponse:
    shown = form if "asked" in request.POST else forms.OtherChoiceForm()
    choice = request.POST.get("choice", "")
    return work.page(request, desk, bar=work.reason_bar(desk, choice, shown), status=422)


@orienting
@require_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_hold(request, pk, operations.extend_hold)


@orienting
@require_POST
def let_go(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_hold(request, pk, operations.release_hold)


@orienting
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The patient is on the line and heard it: booked, and confirmed to them."""
    return _with_hold(request, pk, _confirm, said="Rendez-vous confirmé.")


def _confirm(*, booking: Booking, by: Any, at: Any) -> Booking:
    return operations.confirm(booking=booking, by=by, at=at, told=True)


def _with_hold(request: HttpRequest, pk: int, act: Callable[..., Booking], said: str = "") -> HttpResponse:
    desk = opened(request, pk)
    booking = queries.live_booking(desk.request)
    if booking is None or booking.status != Booking.Status.HELD:
        messages.warning(request, "Plus aucun créneau n’est retenu : choisissez-en un.")
        return _back(desk)
    try:
        act(booking=booking, by=desk.by, at=desk.at)
    except Refusal as refusal:
        return _refused(request, desk, refusal)
    if said:
        messages.success(request, said)
        _warn_of_another(request, desk)
    return _back(desk)


def _warn_of_another(request: HttpRequest, desk: work.Desk) -> None:
    for other in already_given(desk.request, at=desk.at):
        who = other.who
        hour = when(other.starts_at, at=desk.at, zone=other.place.zone)
        messages.warning(request, f"Cette personne a aussi rendez-vous chez {who}, {hour}.")


# ---- agreed by telephone


@orienting
@require_POST
def overbook(request: HttpRequest, pk: int) -> HttpResponse:
    desk, candidate = opened(request, pk), request.POST.get("candidate", "")
    proposal = work.proposal_of(desk, candidate)
    if proposal is None or proposal.professional_id is None:
        return _refused(request, desk, _gone())
    if request.POST.get("refused"):
        return _overbooking_refused(request, desk, proposal)
    if request.POST.get("ask"):
        asked = forms.AskForm(request.POST)
        return _submit(request, desk, asked, ("accord", candidate), lambda: _ask_doctor(request, desk, proposal, asked))
    form = forms.OverbookingForm(request.POST)
    return _submit(request, desk, form, ("accord", candidate), lambda: _overbook(request, desk, proposal, form))


def _overbook(request: HttpRequest, desk: work.Desk, proposal: ProposalView, form: forms.OverbookingForm) -> None:
    doctor, place = professional(proposal.professional_id or 0), place_of(proposal.place_id)
    if doctor is None or place is None:
        raise _gone()
    operations.record_overbooking(
        request=desk.request,
        professional=doctor,
        place=place,
        starts_at=form.starts_at(place.zone),
        consent=form.cleaned_data["consent"],
        ranking=_ranking(request),
        reason=form.cleaned_data["reason"],
        modality=desk.request.modalities[0],
        by=desk.by,
        at=desk.at,
        told=True,
    )


def _ask_doctor(request: HttpRequest, desk: work.Desk, proposal: ProposalView, form: forms.AskForm) -> None:
    """On the doctor's own page: they answer in one tap."""
    doctor, place = professional(proposal.professional_id or 0), place_of(proposal.place_id)
    if doctor is None or place is None:
        raise _gone()
    ask = ask_doctor(
        request=desk.request, professional=doctor, place=place, starts_at=form.starts_at(place.zone),
        ranking=_ranking(request), reason=form.cleaned_data["reason"], by=desk.by, at=desk.at,
    )  # fmt: skip
    until = when(ask.expires_at, at=desk.at, zone=place.zone)
    messages.info(request, f"Demandé au {doctor} sur sa page : réponse attendue avant {until}.")


def _overbooking_refused(request: HttpRequest, desk: work.Desk, proposal: ProposalView) -> HttpResponse:
    doctor = professional(proposal.professional_id or 0)
    if doctor is not None:
        answer = request.POST["refused"][:120]
        operations.ask_overbooking(request=desk.request, professional=doctor, answer=answer, by=desk.by, at=desk.at)
        messages.info(request, f"Noté : {doctor}, {answer}.")
    return _back(desk)


@orienting
@require_POST
def address(request: HttpRequest, pk: int) -> HttpResponse:
    """Sent to SOS Médecins, a duty house or an emergency department."""
    desk, candidate, form = opened(request, pk), request.POST.get("candidate", ""), forms.DirectForm(request.POST)
    return _submit(
        request,
        desk,
        form,
        ("adresser", candidate),
        lambda: operations.record_contact(
            request=desk.request,
            ranking=_ranking(request),
            candidate=candidate,
            consent=form.cleaned_data["consent"],
            instruction=form.cleaned_data["instruction"] or None,
            reason=form.cleaned_data["reason"],
            by=desk.by,
            at=desk.at,
            told=True,
        ),
    )


@orienting
@require_POST
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """The referring doctor receives the patient, at an hour agreed on the telephone."""
    desk, form = opened(request, pk), forms.AgreementForm(request.POST)
    wanted = request.POST.get("place", "")
    place = place_of(int(wanted)) if wanted.isdecimal() else None
    if place is None:
        return _refused(request, desk, _gone())
    return _submit(
        request,
        desk,
        form,
        ("traitant", "1"),
        lambda: operations.record_referring_appointment(
            request=desk.request,
            place=place,
            starts_at=form.starts_at(place.zone),
            consent=form.cleaned_data["consent"],
            by=desk.by,
            at=desk.at,
            told=True,
        ),
    )


def _gone() -> Refusal:
    return NotFound("Cette proposition n’est plus dans la liste : relancez la recherche.")


def _submit(
    request: HttpRequest, desk: work.Desk, form: RefusableForm, asked: tuple[str, str], act: Callable[[], object]
) -> HttpResponse:
    """Done, or the page again with the form as it was typed and the reason beside its field."""
    if form.is_valid():
        try:
            act()
        except Conflict as conflict:
            return _refused(request, desk, conflict)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Rendez-vous enregistré.")
            return _back(desk)
    return work.page(request, desk, bar=work.typed_bar(desk, *asked, form), status=422)


# ---- the referring doctor


@orienting
@require_POST
def referring(request: HttpRequest, pk: int) -> HttpResponse:
    """One key: accepts, full, no answer (REG-07)."""
    desk, result = opened(request, pk), request.POST.get("result", "")
    if result not in ReferringAttempt.Result.values:
        return _refused(request, desk, Refusal("Notez : accepte, complet ou ne répond pas."))
    operations.log_referring_attempt(request=desk.request, result=result, by=desk.by, at=desk.at)
    known = referring_for(desk.request.profession).id_of(desk.request.patient)
    accepted = result == ReferringAttempt.Result.ACCEPTS and known
    there = _back(desk)
    if accepted:
        there["Location"] += "?traitant=1"
    return there


# ---- the request itself


@orienting
@require_POST
def person(request: HttpRequest, pk: int) -> HttpResponse:
    desk = opened(request, pk)
    form = forms.person_form(desk.request, today=work.local_today(desk), data=request.POST)
    version = request.POST.get("version", "")
    if form.is_valid():
        try:
            operations.complete(
                request=desk.request,
                version=int(version) if version.isdecimal() else 0,
                contact=form.contact(),
                identity=form.identity(),
                by=desk.by,
                at=desk.at,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Coordonnées enregistrées.")
            return _back(desk)
    return work.page(request, desk, person=form, person_open=True, status=422)


@requires(Capability.ORIENT)
@require_POST
def red_flag(request: HttpRequest, pk: int) -> HttpResponse:
    """No confirmation and no complete form: the file goes to the AMU doctor at once."""
    desk = opened(request, pk)
    operations.red_flag(request=desk.request, by=desk.by, at=desk.at)
    messages.warning(request, "P0 envoyé au médecin AMU. Restez en ligne avec l’appelant.")
    return _back(desk)


@requires(Capability.ORIENT)
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    return _end(request, pk, "rendre", operations.give_back, "Demande rendue au médecin.")


@orienting
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    return _end(request, pk, "clore", operations.close_without_booking, "Demande close sans rendez-vous.")


def _end(request: HttpRequest, pk: int, asked: str, act: Callable[..., object], said: str) -> HttpResponse:
    desk, form = opened(request, pk), forms.ReasonForm(request.POST)
    if form.is_valid():
        try:
            act(request=desk.request, reason=form.cleaned_data["reason"], by=desk.by, at=desk.at)
        except Refusal as refusal:
            return _refused(request, desk, refusal)
        messages.success(request, said)
        return redirect(desk.home)
    return work.page(request, desk, bar=work.typed_bar(desk, asked, "1", form), status=422)


@orienting
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    desk = opened(request, pk)
    try:
        operations.release(request=desk.request, by=desk.by, at=desk.at)
    except Refusal as refusal:
        return _refused(request, desk, refusal)
    messages.info(request, "Confiée aux OSNP du SAS." if desk.is_nurse else "Demande rendue à la liste.")
    return redirect(desk.home)

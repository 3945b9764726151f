"""Appointments that editors declared: those to match with an orientation, those that disagree with us, the others."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import Sas
from quinze.availability.forms import RefusableForm
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Place
from quinze.interop.candidates import Candidate, ranked
from quinze.interop.fhir.appointment import CANCELLED, STATUSES
from quinze.interop.fhir.matching import match, places, wider
from quinze.interop.fhir.refused import refused
from quinze.interop.fhir.settling import link, set_aside
from quinze.interop.models import EditorAppointment, RefusedDeclaration
from quinze.orientation.models import OrientationRequest
from quinze.patients.operations import record_accesses
from quinze.patients.queries import display_name

State = EditorAppointment.State
SHOWN = timedelta(days=14)
MOST = 100
WORDS = dict(zip(STATUSES, ("en attente de confirmation", "pris", "honoré", "non honoré", "annulé"), strict=True))
OVER = ("cancelled", "expired", "released", "moved")


class MatchForm(RefusableForm):
    """`request` and `place` hold keys; their choices are those that this page shows."""

    request = forms.ChoiceField(
        label="Demande d’orientation",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une demande.", "invalid_choice": "Cette demande n’attend plus."},
    )
    place = forms.ChoiceField(
        label="Lieu", required=False, error_messages={"invalid_choice": "Choisissez un lieu de la liste."}
    )

    def __init__(self, *args: Any, requests: list[tuple[str, str]], where: list[tuple[str, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["request"].choices = requests  # type: ignore[attr-defined]
        self.fields["place"].choices = [("", "Le seul de ce professionnel"), *where]  # type: ignore[attr-defined]
        if len(where) < 2:
            self.fields["place"].widget = forms.HiddenInput()


def appointments_of(sas: Sas) -> QuerySet[EditorAppointment]:
    """Of this SAS, and those that nothing says whose they are: no patient is in them."""
    found = EditorAppointment.objects.filter(Q(sas=sas) | Q(sas__isnull=True))
    return found.select_related("client", "user", "professional", "booking__request", "booking__place")


@requires(Capability.ORIENT)
@require_GET
def received(request: HttpRequest) -> HttpResponse:
    """Lists; the live link asks for them again alone."""
    by, at = actor_of(request), clock.now()
    lists = _lists(by.sas, at)
    said_wrong = [_refused_row(one) for one in refused(by.sas, at=at)[: MOST + 1]]
    context = {
        "lists": lists,
        "at": at,
        "topics": "editor-appointments",
        "refused": {"rows": said_wrong[:MOST], "more": len(said_wrong) > MOST},
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, f"interop/{'received_lists' if part else 'received'}.html", context)


def _lists(sas: Sas, at: datetime) -> list[dict[str, Any]]:
    """What a person must do comes first."""
    found = appointments_of(sas).order_by("starts_at", "pk")
    still = found.exclude(status=CANCELLED)
    differs = Q(state=State.LINKED) & (~Q(problem="") | Q(booking__status__in=OVER) & ~Q(status=CANCELLED))
    recent = found.filter(received_at__gte=at - SHOWN)
    return [
        _list("match", "À rapprocher", "Rien à rapprocher.", still.filter(state=State.TO_MATCH)),
        _list("differ", "En désaccord avec nous", "L’éditeur et Quinze disent la même chose.", recent.filter(differs)),
        _list("alone", "Sans orientation, depuis 14 jours", "Aucun.", recent.filter(state=State.ALONE)),
        _list("linked", "Rattachés, depuis 14 jours", "Aucun.", recent.filter(state=State.LINKED).exclude(differs)),
    ]


def _list(key: str, title: str, empty: str, found: QuerySet[EditorAppointment]) -> dict[str, Any]:
    rows = [_row(one) for one in found[: MOST + 1]]
    return {"key": key, "title": title, "empty": empty, "rows": rows[:MOST], "more": len(rows) > MOST}


def _row(one: EditorAppointment) -> dict[str, Any]:
    return {
        "one": one,
        "status": WORDS.get(one.status, one.status),
        "who": one.professional or _stranger(one.content["practitioner"]) or "médecin pas encore désigné",
        "operator": one.user or _stranger(one.content["operator"]),
        "problem": one.problem or _difference(one),
    }


def _refused_row(one: RefusedDeclaration) -> dict[str, Any]:
    """Only what was kept of it: no name, no patient."""
    start = one.content.get("start", "")
    return {
        "one": one,
        "key": one.value or "sans identifiant lisible",
        "start": _instant(start),
        "who": one.content.get("practitioner", ""),
        "status": WORDS.get(one.content.get("status", ""), ""),
        "faults": one.faults,
    }


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _stranger(identifier: str) -> str:
    return f"inconnu ici ({identifier})" if identifier else ""


def _difference(one: EditorAppointment) -> str:
    """What was done here without the editor, which no exchange tells."""
    if one.booking is None or one.booking.status not in OVER or one.status == CANCELLED:
        return ""
    done = "Déplacé" if one.booking.status == "moved" else "Annulé"
    return f"{done} ici, mais il tient chez l’éditeur : appelez le cabinet."


# ---- one appointment


@requires(Capability.ORIENT)
@require_http_methods(["GET", "POST"])
def received_one(request: HttpRequest, pk: UUID) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    one = _one(by, pk)
    candidates = _candidates(one, by, at=at)
    where = _where(one, candidates)
    form = MatchForm(
        request.POST or None,
        requests=[(str(each.pk), _words(each)) for each in candidates],
        where=[(str(place.pk), _where_words(place)) for place in where],
    )
    if request.method == "POST" and form.is_valid() and _linked(form, one, candidates, where, by=by, at=at):
        messages.success(request, "Rendez-vous rattaché : la demande est servie.")
        return redirect("interop:received")
    _record_reading(by, at, candidates)
    context = {
        "row": _row(one),
        "form": form,
        "candidates": _drawn(one, candidates),
        "chosen": form["request"].value() or "",
        "words": [(word, WORDS.get(word.status, word.status)) for word in one.words.order_by("-revision")[:20]],
        "may_match": one.booking is None,
        "at": at,
    }
    return render(request, "interop/received_one.html", context, status=422 if form.errors else 200)


@requires(Capability.ORIENT)
@require_POST
def received_aside(request: HttpRequest, pk: UUID) -> HttpResponse:
    by = actor_of(request)
    try:
        set_aside(_one(by, pk), by=by, at=clock.now())
        messages.success(request, "Compté sans orientation.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("interop:received")


def _one(by: Actor, pk: UUID) -> EditorAppointment:
    found = appointments_of(by.sas).filter(pk=pk).first()
    if found is None:
        raise NotFound("Ce rendez-vous n’est pas de votre SAS.")
    return found


def _candidates(one: EditorAppointment, by: Actor, *, at: datetime) -> list[OrientationRequest]:
    """The likely ones first, then all that waits; of this SAS only, even when nothing says whose the appointment is."""
    if one.booking is not None:
        return []
    likely = match(one)
    first = [each for each in (*likely.sure, *likely.possible) if each.sas_id == by.sas.pk]
    return [*first, *(each for each in wider(by.sas, at=at) if each not in first)]


def _drawn(one: EditorAppointment, candidates: list[OrientationRequest]) -> list[Candidate]:
    """With what speaks for each, in the table that every matching screen uses."""
    likely = match(one)
    sure, known = {each.pk for each in likely.sure}, {each.pk for each in [*likely.sure, *likely.possible]}
    return ranked(_drawn_one(each, order, sure=each.pk in sure, known=each.pk in known) for order, each in
                  enumerate(candidates))  # fmt: skip


def _drawn_one(request: OrientationRequest, order: int, *, sure: bool, known: bool) -> Candidate:
    asked = request.requested_at.astimezone(ZoneInfo(request.sas.zone))
    speaks = {"même régulateur": known, "médecin proposé, avant l’échéance": sure}
    facts = (
        request.commune.name if request.commune else "",
        f"demandée à {asked:%H:%M} le {asked:%d/%m}",
        f"tenue par {request.taken_by}" if request.taken_by else "",
        f"dossier {request.case_number}",
    )
    return Candidate(
        key=str(request.pk),
        title=display_name(request.patient),
        facts=tuple(part for part in facts if part),
        why=tuple(words for words, holds in speaks.items() if holds),
        order=(order,),
    )


def _where(one: EditorAppointment, candidates: list[OrientationRequest]) -> list[Place]:
    return places(one, candidates[0]) if candidates else []


def _words(request: OrientationRequest) -> str:
    commune = f", {request.commune.name}" if request.commune else ""
    return f"{display_name(request.patient)}{commune} ({request.case_number})"


def _where_words(place: Place) -> str:
    return f"{place.name or place.address}, {place.commune.name}"


def _linked(
    form: MatchForm, one: EditorAppointment, candidates: list[OrientationRequest], where: list[Place], *, by: Actor,
    at: datetime,
) -> bool:  # fmt: skip
    chosen = next(each for each in candidates if str(each.pk) == form.cleaned_data["request"])
    place = next((each for each in where if str(each.pk) == form.cleaned_data["place"]), None)
    try:
        link(one, request=chosen, place=place, by=by, at=at)
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _record_reading(by: Actor, at: datetime, candidates: list[OrientationRequest]) -> None:
    opened = [(each.case_number, each.patient) for each in candidates]
    record_accesses(by=by, at=at, kind="orientation", opened=opened, why="rendez-vous d’un éditeur à rapprocher")

"""The ARM's desk: a new file in one key, everything typed is kept, the next actor in one more."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires, requires_any
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.regulation import operations, protocols, queries
from quinze.regulation.forms.case import (
    CaseForm,
    case_form,
    errors_of,
    in_minutes,
    keep_drafts,
    refused_form,
    save_all,
    shown_values,
    versions,
)
from quinze.regulation.models import CaseFile
from quinze.regulation.queries.typed import as_typed

WRITING = (Capability.TAKE_CALL, Capability.REGULATE_AMU, Capability.REGULATE_SNP)


@requires(Capability.TAKE_CALL)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """No file open: the next call, and my files."""
    by, at = actor_of(request), clock.now()
    return render(request, "regulation/arm.html", {"rows": queries.worklist(by=by, at=at), "at": at})


@requires(Capability.TAKE_CALL)
@require_POST
def open_case(request: HttpRequest) -> HttpResponse:
    case = operations.open_case(
        by=actor_of(request), at=clock.now(), caller_number=request.POST.get("caller_number", "")[:40]
    )
    return redirect("regulation:arm_case", case.number)


@requires(Capability.TAKE_CALL)
def case(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the file, with my drafts. POST: hand over, complete or told what is missing."""
    by, at = actor_of(request), clock.now()
    if request.method == "POST":
        return _hand_over(request, queries.case(number, by=by), by=by, at=at)
    opened = operations.open_for_reading(number, by=by, at=at)
    return _page(request, opened, by=by, at=at, form=case_form(opened, queries.drafts(opened, by=by)))


def _page(
    request: HttpRequest, opened: CaseFile, *, by: Actor, at: datetime, form: Any, status: int = 200, **extra: Any
) -> HttpResponse:
    drafts = queries.drafts(opened, by=by)
    context = {
        "case": opened,
        "form": form,
        "at": at,
        "versions": versions(opened, drafts),
        "draft_at": max((draft.saved_at for draft in drafts.values()), default=None),
        "vitals": protocols.rows(shown_values(opened, drafts).get("vitals") or {}),
        "protocol": protocols.VITAL,
        "rows": queries.worklist(by=by, at=at),
        "closing": queries.closing_codes(),
        **_call(opened, by=by, at=at),
        **_known(opened, by=by, at=at),
        **extra,
    }
    return render(request, "regulation/arm_case.html", context, status=status)


def _hand_over(request: HttpRequest, opened: CaseFile, *, by: Actor, at: datetime) -> HttpResponse:
    opened, errors, conflicts = save_all(opened, request.POST, by=by, at=at)
    if not errors and not conflicts and "save" not in request.POST:
        try:
            opened = operations.hand_over(
                opened, by=by, at=at, stream=request.POST.get("stream", ""), priority=request.POST.get("priority", "")
            )
        except Refusal as refusal:
            errors = errors_of(refusal)
        else:
            messages.success(request, f"Dossier passé au médecin {opened.stream}, {opened.priority}.")
            return redirect("regulation:arm")
    if not errors and not conflicts:
        messages.success(request, "Dossier enregistré.")
        return redirect("regulation:arm_case", opened.number)
    form = refused_form(CaseForm, request.POST, errors)
    return _page(request, opened, by=by, at=at, form=form, status=422, conflicts=conflicts)


@requires(Capability.RED_FLAG)
@require_POST
def red_flag(request: HttpRequest, number: str) -> HttpResponse:
    """P0: sends what is there. What was typed is saved where it can be and kept as a draft where it cannot."""
    by, at = actor_of(request), clock.now()
    opened = queries.case(number, by=by)
    if any(by.may(capability) for capability in WRITING):
        opened, *_ = save_all(opened, request.POST, by=by, at=at)
    opened = operations.red_flag(opened, by=by, at=at, reason=request.POST.get("reason", "")[:300])
    messages.warning(request, "P0 envoyé au médecin AMU. Gardez l’appelant en ligne.")
    return (
        redirect(request.POST.get("next_page") or reverse("regulation:arm_case", args=[number]))
        if _local(request)
        else redirect("regulation:arm_case", number)
    )


def _local(request: HttpRequest) -> bool:
    target = request.POST.get("next_page", "/")
    return target.startswith("/") and not target.startswith(("//", "/\\"))


@requires_any(*WRITING)
@require_POST
def draft(request: HttpRequest, number: str) -> JsonResponse:
    by, at = actor_of(request), clock.now()
    keep_drafts(queries.case(number, by=by), request.POST, by=by, at=at)
    return JsonResponse({"saved_at": at.isoformat()})


@requires(Capability.TAKE_CALL)
@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    return render(request, "regulation/arm_worklist.html", {"rows": queries.worklist(by=by, at=at), "at": at})


# --- what is already known ----------------------------------------------------------------------------------------


@requires_any(*WRITING)
@require_GET
def known(request: HttpRequest, number: str) -> HttpResponse:
    """Look-alikes of the file as it is being typed, drafts included."""
    by, at = actor_of(request), clock.now()
    opened = queries.case(number, by=by)
    return render(request, "regulation/arm_known.html", {"case": opened, "at": at, **_known(opened, by=by, at=at)})


@requires(Capability.TAKE_CALL)
@require_GET
def call(request: HttpRequest, number: str) -> HttpResponse:
    """Where the file is, for the ARM who keeps the caller in line: who took the P0 is read here."""
    by, at = actor_of(request), clock.now()
    opened = operations.follow_reading(number, by=by, at=at)
    return render(request, "regulation/arm_call.html", {"case": opened, "at": at, **_call(opened, by=by, at=at)})


def _call(opened: CaseFile, *, by: Actor, at: datetime) -> dict[str, Any]:
    return {"talk_target": queries.target_seconds(by.sas, "arm", opened.priority, at=at)}


def _known(opened: CaseFile, *, by: Actor, at: datetime) -> dict[str, Any]:
    typed = as_typed(opened, by=by, at=at)
    return {"lookalikes": queries.lookalikes(typed, by=by, at=at), "here": queries.who_is_here(opened, by=by, at=at)}


@requires(Capability.TAKE_CALL)
@require_POST
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """One gesture on the open file, then the desk again with what it did."""
    if name not in ACTS:
        raise Http404
    gesture, words, then = ACTS[name]
    by, at = actor_of(request), clock.now()
    try:
        after = gesture(queries.case(number, by=by), request.POST, by, at)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("regulation:arm_case", number)
    messages.success(request, words)
    return redirect("regulation:arm") if then == "desk" else redirect("regulation:arm_case", after.number)


def _other(data: Any, by: Actor) -> CaseFile:
    return queries.case(data.get("other", ""), by=by)


def _dismiss(opened: CaseFile, data: Any, by: Actor, at: datetime) -> CaseFile:
    operations.dismiss_lookalike(opened, by=by, at=at, other=_other(data, by))
    return opened


def _note(opened: CaseFile, data: Any, by: Actor, at: datetime) -> CaseFile:
    operations.add_note(opened, by=by, at=at, text=data.get("text", ""))
    return opened


ACTS: dict[str, tuple[Callable[[CaseFile, Any, Actor, datetime], CaseFile], str, str]] = {
    "join": (
        lambda c, d, by, at: operations.merge(
            c, by=by, at=at, into=_other(d, by), reason=d.get("reason") or "Même demande"
        ),
        "Dossiers joints : vous êtes dans le dossier d’origine.",
        "case",
    ),
    "link": (
        lambda c, d, by, at: operations.link_patient(c, by=by, at=at, patient=_other(d, by).patient),
        "Personne reliée à ses contacts antérieurs.",
        "case",
    ),
    "dismiss": (_dismiss, "Ressemblance écartée.", "case"),
    "hung_up": (
        lambda c, _d, by, at: operations.caller_hung_up(c, by=by, at=at),
        "Noté : l’appelant a raccroché. Le dossier est à rappeler.",
        "case",
    ),
    "callback": (
        lambda c, d, by, at: operations.schedule_callback(
            c, by=by, at=at, due_at=in_minutes(d.get("minutes", ""), at=at), reason=d.get("reason", "")
        ),
        "Rappel prévu.",
        "case",
    ),
    "called": (
        lambda c, d, by, at: (
            operations.record_contact(
                c, by=by, at=at, direction="out", number=c.callback_phone, outcome=d.get("outcome", "answered")
            ).case
        ),
        "Rappel noté.",
        "case",
    ),
    "note": (_note, "Note ajoutée.", "case"),
    "close": (
        lambda c, d, by, at: operations.close(
            c, by=by, at=at, attribution=d.get("attribution", ""), note=d.get("text", "")
        ),
        "Dossier clos.",
        "desk",
    ),
    "reopen": (
        lambda c, d, by, at: operations.reopen(c, by=by, at=at, reason=d.get("reason", "")),
        "Dossier rouvert.",
        "case",
    ),
    "withdraw_p0": (
        lambda c, d, by, at: operations.withdraw_red_flag(c, by=by, at=at, reason=d.get("reason", "")),
        "P0 retiré, le motif est au dossier.",
        "case",
    ),
    "redirect": (
        lambda c, d, by, at: operations.redirect(
            c, by=by, at=at, stream=d.get("stream", ""), reason=d.get("reason", "")
        ),
        "Dossier redirigé.",
        "case",
    ),
}

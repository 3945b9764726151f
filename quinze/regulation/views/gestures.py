"""The gestures of a doctor on the open file: one operation each, then the desk again with what it did."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from quinze.accounts.access import actor_of, requires_any
from quinze.accounts.actor import Actor
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.regulation import operations, queries
from quinze.regulation.forms.case import errors_of, in_minutes
from quinze.regulation.forms.gestures import gestures, refused, values_of
from quinze.regulation.models import CaseFile
from quinze.regulation.queries import desk as around
from quinze.regulation.views.doctor import REGULATE, page, save

Values = dict[str, str]
Run = Callable[[CaseFile, Values, Actor, datetime], object]


@dataclass(frozen=True, slots=True)
class Act:
    run: Run
    said: str
    leaves: bool = False  # the file is no longer this doctor's: back to the list


def _callback(case: CaseFile, data: Values, by: Actor, at: datetime) -> object:
    due_at = in_minutes(data.get("minutes", ""), at=at)
    return operations.schedule_callback(case, by=by, at=at, due_at=due_at, reason=data.get("reason", ""))


def _called(case: CaseFile, data: Values, by: Actor, at: datetime) -> object:
    number = case.callback_phone or case.caller_number
    return operations.record_contact(
        case, by=by, at=at, direction="out", number=number, outcome=data.get("outcome", "")
    )


def _redirect(case: CaseFile, data: Values, by: Actor, at: datetime) -> object:
    return operations.redirect(case, by=by, at=at, stream=data.get("stream", ""), reason=data.get("reason", ""))


def _hand_over(case: CaseFile, data: Values, by: Actor, at: datetime) -> object:
    chosen = next((c for c in around.colleagues(by=by, at=at) if f"{c.user.pk}:{c.role}" == data.get("to", "")), None)
    if chosen is None:
        raise Refusal("Choisissez un confrère à son poste en ce moment.", field="to")
    return operations.hand_over_to(case, by=by, at=at, user=chosen.user, role=chosen.role)


def _withdraw(case: CaseFile, data: Values, by: Actor, at: datetime) -> object:
    return operations.withdraw_red_flag(
        case, by=by, at=at, reason=data.get("reason", ""), priority=data.get("priority", "")
    )


ACTS: dict[str, Act] = {
    "callback": Act(_callback, "Gardé : rappel prévu."),
    "called": Act(_called, "Rappel noté."),
    "redirect": Act(_redirect, "Dossier redirigé.", leaves=True),
    "reevaluate": Act(
        lambda c, d, by, at: operations.ask_reevaluation(c, by=by, at=at, reason=d.get("reason", "")),
        "Réévaluation demandée : le dossier est revenu dans la liste.",
        leaves=True,
    ),
    "hand_over": Act(_hand_over, "Dossier confié.", leaves=True),
    "release": Act(lambda c, _d, by, at: operations.release(c, by=by, at=at), "Dossier rendu à la liste.", leaves=True),
    "note": Act(lambda c, d, by, at: operations.add_note(c, by=by, at=at, text=d.get("text", "")), "Note ajoutée."),
    "withdraw_p0": Act(_withdraw, "P0 retiré, le motif est au dossier."),
    "evaluation_read": Act(
        lambda c, d, by, at: operations.read_evaluation(c, by=by, at=at, report=d.get("report", "")),
        "Noté : évaluation lue.",
    ),
    "close": Act(lambda c, _d, by, at: operations.close(c, by=by, at=at), "Dossier clos.", leaves=True),
    "reopen": Act(
        lambda c, d, by, at: operations.reopen(c, by=by, at=at, reason=d.get("reason", "")), "Dossier rouvert."
    ),
}


@requires_any(*REGULATE)
@require_POST
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    if name not in ACTS:
        raise Http404
    by, at = actor_of(request), clock.now()
    opened, lacking = save(request, queries.case(number, by=by), by=by, at=at)
    if lacking:
        return page(request, opened, by=by, at=at, **lacking)
    try:
        ACTS[name].run(opened, values_of(name, request.POST), by, at)
    except Refusal as refusal:
        return _refused(request, opened, name, refusal, by=by, at=at)
    messages.success(request, ACTS[name].said)
    return redirect("regulation:doctor") if ACTS[name].leaves else redirect("regulation:doctor_case", number)


def _refused(
    request: HttpRequest, opened: CaseFile, name: str, refusal: Refusal, *, by: Actor, at: datetime
) -> HttpResponse:
    made = gestures(around.colleagues(by=by, at=at), typed=(name, request.POST))
    field, message = next(iter(errors_of(refusal).items()))
    refused(made, name, field=field, message=message)
    told = "" if name in made else refusal.message
    return page(request, opened, by=by, at=at, gestures=made, open_act=name, told=told, status=422)


@requires_any(*REGULATE)
@require_POST
def letter(request: HttpRequest, number: str, decision: int) -> HttpResponse:
    """Make the letter of a decision, then show it."""
    by, at = actor_of(request), clock.now()
    opened = queries.case(number, by=by)
    made = next((each for each in queries.decisions(opened) if each.pk == decision), None)
    if made is None:
        raise Http404
    try:
        letter = operations.make_letter(made, by=by, at=at)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("regulation:doctor_case", number)
    return redirect("regulation:letter", number, letter.pk)

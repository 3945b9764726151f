"""The gestures of an ARM on the open file: one operation each, then the desk again with what it did."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.regulation import operations, queries
from quinze.regulation.forms.arm_gestures import arm_gestures
from quinze.regulation.forms.case import errors_of, in_minutes, save_all
from quinze.regulation.forms.gestures import refused
from quinze.regulation.models import CaseFile
from quinze.regulation.views.arm import page

LONGEST = 2000
Values = dict[str, str]
Run = Callable[[CaseFile, Values, Actor, datetime], CaseFile]


@dataclass(frozen=True, slots=True)
class Act:
    run: Run
    said: str
    leaves: bool = False  # nothing more to do in this file: back to the list


def _other(data: Values, by: Actor) -> CaseFile:
    return queries.case(data.get("other", ""), by=by)


def _join(case: CaseFile, data: Values, by: Actor, at: datetime) -> CaseFile:
    return operations.merge(case, by=by, at=at, into=_other(data, by), reason=data.get("reason") or "même demande")


def _link(case: CaseFile, data: Values, by: Actor, at: datetime) -> CaseFile:
    return operations.link_patient(case, by=by, at=at, patient=_other(data, by).patient)


def _dismiss(case: CaseFile, data: Values, by: Actor, at: datetime) -> CaseFile:
    operations.dismiss_lookalike(case, by=by, at=at, other=_other(data, by))
    return case


def _callback(case: CaseFile, data: Values, by: Actor, at: datetime) -> CaseFile:
    due_at = in_minutes(data.get("minutes", ""), at=at)
    return operations.schedule_callback(case, by=by, at=at, due_at=due_at, reason=data.get("reason", ""))


def _called(case: CaseFile, data: Values, by: Actor, at: datetime) -> CaseFile:
    number = case.callback_phone or case.caller_number
    outcome = data.get("outcome", "") or "unsaid"
    return operations.record_contact(case, by=by, at=at, direction="out", number=number, outcome=outcome).case


def _rang_again(case: CaseFile, _data: Values, by: Actor, at: datetime) -> CaseFile:
    return operations.record_contact(case, by=by, at=at, direction="in", outcome="answered").case


def _note(case: CaseFile, data: Values, by: Actor, at: datetime) -> CaseFile:
    operations.add_note(case, by=by, at=at, text=data.get("text", ""))
    return case


def _withdraw_p0(case: CaseFile, data: Values, by: Actor, at: datetime) -> CaseFile:
    priority = data.get("priority") or "P1"
    return operations.withdraw_red_flag(case, by=by, at=at, reason=data.get("reason", ""), priority=priority)


def _redirect(case: CaseFile, data: Values, by: Actor, at: datetime) -> CaseFile:
    return operations.redirect(case, by=by, at=at, stream=data.get("stream", ""), reason=data.get("reason", ""))


def _close(case: CaseFile, data: Values, by: Actor, at: datetime) -> CaseFile:
    return operations.close(case, by=by, at=at, attribution=data.get("attribution", ""), note=data.get("text", ""))


ACTS: dict[str, Act] = {
    "join": Act(_join, "Dossiers joints : vous êtes dans le dossier d’origine."),
    "link": Act(_link, "Personne reliée à ses contacts antérieurs."),
    "dismiss": Act(_dismiss, "Ressemblance écartée."),
    "hung_up": Act(
        lambda c, _d, by, at: operations.caller_hung_up(c, by=by, at=at),
        "Noté : l’appelant a raccroché. Le dossier est à rappeler.",
    ),
    "rang_again": Act(_rang_again, "Noté : la personne a rappelé."),
    "callback": Act(_callback, "Rappel prévu."),
    "called": Act(_called, "Rappel noté."),
    "note": Act(_note, "Note ajoutée."),
    "close": Act(_close, "Dossier clos.", leaves=True),
    "reopen": Act(
        lambda c, d, by, at: operations.reopen(c, by=by, at=at, reason=d.get("reason", "")), "Dossier rouvert."
    ),
    "withdraw_p0": Act(_withdraw_p0, "P0 retiré, le motif est au dossier."),
    "redirect": Act(_redirect, "Dossier redirigé."),
}


@requires(Capability.TAKE_CALL)
@require_POST
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Whatever was typed elsewhere on the page is saved where it can be, and kept as a draft where it cannot."""
    if name not in ACTS:
        raise Http404
    by, at = actor_of(request), clock.now()
    opened, *_ = save_all(queries.case(number, by=by), request.POST, by=by, at=at)
    try:
        after = ACTS[name].run(opened, _values(request, name), by, at)
    except Refusal as refusal:
        return _refused(request, opened, name, refusal, by=by, at=at)
    messages.success(request, ACTS[name].said)
    return redirect("regulation:arm") if ACTS[name].leaves else redirect("regulation:arm_case", after.number)


def _values(request: HttpRequest, name: str) -> Values:
    """The fields of this gesture: `callback-minutes`, or the value of its own button."""
    own = {key.removeprefix(f"{name}-"): value for key, value in request.POST.items() if key.startswith(f"{name}-")}
    buttons = {key: request.POST[key] for key in ("other", "outcome") if key in request.POST}
    return {key: str(value).replace("\0", "")[:LONGEST] for key, value in (buttons | own).items()}


def _refused(
    request: HttpRequest, opened: CaseFile, name: str, refusal: Refusal, *, by: Actor, at: datetime
) -> HttpResponse:
    forms = arm_gestures(typed=(name, request.POST))
    for field, message in errors_of(refusal).items():
        refused(forms, name, field=field, message=message)
    told = "" if name in forms else refusal.message
    return page(request, opened, by=by, at=at, gestures=forms, open_act=name, told=told, status=422)

"""The ARM's desk: a new file in one key, everything typed is kept, the next actor in one more."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quinze.accounts.access import actor_of, requires, requires_any
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.regulation import operations, protocols, queries, sections
from quinze.regulation.forms.arm_gestures import arm_gestures
from quinze.regulation.forms.case import (
    ARM_SECTIONS,
    case_form,
    errors_of,
    keep_drafts,
    refused_case_form,
    save_all,
    save_whole,
    settled,
    shown_values,
    versions,
)
from quinze.regulation.models import CaseFile, Step
from quinze.regulation.queries.typed import as_typed

WRITING = (Capability.TAKE_CALL, Capability.REGULATE_AMU, Capability.REGULATE_SNP)


@requires(Capability.TAKE_CALL)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """No file open: the next call, and my files."""
    by, at = actor_of(request), clock.now()
    return render(request, "regulation/arm.html", _list(by=by, at=at))


def _list(*, by: Actor, at: datetime) -> dict[str, Any]:
    return {"rows": queries.worklist(by=by, at=at), "at": at, "desk_topic": f"desk:{by.user.pk}", "current": ""}


@requires(Capability.TAKE_CALL)
@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    context = _list(by=by, at=at) | {"current": request.GET.get("dossier", "")}
    return render(request, "regulation/arm_worklist.html", context)


@requires(Capability.TAKE_CALL)
@require_POST
def open_case(request: HttpRequest) -> HttpResponse:
    number = request.POST.get("caller_number", "").replace("\0", "")[:40]
    case = operations.open_case(by=actor_of(request), at=clock.now(), caller_number=number)
    return redirect("regulation:arm_case", case.number)


# --- the file -----------------------------------------------------------------------------------------------------


@requires(Capability.TAKE_CALL)
@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the file, with my drafts. POST: save or hand over; told what is missing, beside its field."""
    by, at = actor_of(request), clock.now()
    if request.method == "POST":
        return _write(request, queries.case(number, by=by), by=by, at=at)
    return page(request, operations.open_for_reading(number, by=by, at=at), by=by, at=at)


def page(request: HttpRequest, opened: CaseFile, *, by: Actor, at: datetime, **extra: Any) -> HttpResponse:
    """The whole desk around one file; `extra` replaces what was refused."""
    drafts = queries.drafts(opened, by=by)
    context = {
        "case": opened,
        "form": case_form(opened, drafts),
        "fresh": not extra,
        "gestures": arm_gestures(),
        "at": at,
        "versions": versions(opened, drafts),
        "seen": {section: sections.version(opened, section) for section in ARM_SECTIONS},
        "draft_at": max((draft.saved_at for draft in drafts.values()), default=None),
        "vitals": protocols.rows(shown_values(opened, drafts).get("vitals") or {}),
        "protocol": protocols.VITAL,
        "is_open": opened.step not in (Step.CLOSED, Step.MERGED),
        **_list(by=by, at=at),
        "current": opened.number,
        **_call(opened, by=by, at=at),
        **_follow(opened, by=by, at=at),
    }
    return render(request, "regulation/arm_case.html", context | extra, status=extra.get("status", 200))


def _write(request: HttpRequest, opened: CaseFile, *, by: Actor, at: datetime) -> HttpResponse:
    if not _only_saves(request, opened) and _sent_whole(request, opened, by=by, at=at):
        return redirect("regulation:arm")
    opened, errors, conflicts = save_all(opened, request.POST, by=by, at=at)
    if not errors and not conflicts and _only_saves(request, opened):
        messages.success(request, "Dossier enregistré.")
        return redirect("regulation:arm_case", opened.number)
    if not errors and not conflicts:
        errors = _hand_over(request, opened, by=by, at=at)
        if not errors:
            return redirect("regulation:arm")
    form = refused_case_form(opened, queries.drafts(opened, by=by), errors)
    return page(request, opened, by=by, at=at, form=form, conflicts=conflicts, status=422)


def _sent_whole(request: HttpRequest, opened: CaseFile, *, by: Actor, at: datetime) -> bool:
    """What the page holds and its hand-over, in one act. Where something refuses, nothing is done yet."""
    then = operations.Sending(request.POST.get("stream", ""), request.POST.get("priority", ""))
    sent = save_whole(opened, request.POST, by=by, at=at, then=then)
    if sent is None:
        return False
    messages.success(request, f"Dossier passé au médecin {sent.stream}, {sent.priority}.")
    return True


def _only_saves(request: HttpRequest, opened: CaseFile) -> bool:
    settles = settled(request.POST, "mine") or settled(request.POST, "theirs")
    return "save" in request.POST or bool(settles) or opened.step != Step.ARM


def _hand_over(request: HttpRequest, opened: CaseFile, *, by: Actor, at: datetime) -> dict[str, str]:
    stream, priority = request.POST.get("stream", ""), request.POST.get("priority", "")
    try:
        opened = operations.hand_over(opened, by=by, at=at, stream=stream, priority=priority)
    except Refusal as refusal:
        return errors_of(refusal)
    messages.success(request, f"Dossier passé au médecin {opened.stream}, {opened.priority}.")
    return {}


@requires(Capability.RED_FLAG)
@require_POST
def red_flag(request: HttpRequest, number: str) -> HttpResponse:
    """P0: sends what is there. What was typed is saved where it can be and kept as a draft where it cannot."""
    by, at = actor_of(request), clock.now()
    opened = queries.case(number, by=by)
    if any(by.may(capability) for capability in WRITING):
        opened, *_ = save_all(opened, request.POST, by=by, at=at)
    reason = request.POST.get("reason", "").replace("\0", "")[:300]
    opened = operations.red_flag(opened, by=by, at=at, reason=reason)
    messages.warning(request, "P0 envoyé au médecin AMU. Gardez l’appelant en ligne.")
    return redirect(_next_page(request) or reverse("regulation:arm_case", args=[opened.number]))


def _next_page(request: HttpRequest) -> str:
    """Another desk says where to go back to; never another site."""
    target = request.POST.get("next_page", "")
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else ""


@requires_any(*WRITING)
@require_POST
def draft(request: HttpRequest, number: str) -> JsonResponse:
    by, at = actor_of(request), clock.now()
    keep_drafts(queries.case(number, by=by), request.POST, by=by, at=at)
    return JsonResponse({"saved_at": at.isoformat()})


# --- what follows the call and the typing -------------------------------------------------------------------------


@requires(Capability.TAKE_CALL)
@require_GET
def call(request: HttpRequest, number: str) -> HttpResponse:
    """Where the file is, for the ARM who keeps the caller in line: who took the P0 is read here."""
    by, at = actor_of(request), clock.now()
    opened = operations.follow_reading(number, by=by, at=at)
    return render(request, "regulation/arm_call.html", {"case": opened, "at": at, **_call(opened, by=by, at=at)})


def _call(opened: CaseFile, *, by: Actor, at: datetime) -> dict[str, Any]:
    talks = opened.step == Step.ARM
    return {
        "clock_since": opened.opened_at if talks else opened.waiting_since,
        "clock_target": queries.target_seconds(by.sas, opened.step, opened.priority, at=at),
    }


@requires_any(*WRITING)
@require_GET
def known(request: HttpRequest, number: str) -> HttpResponse:
    """Look-alikes, what is still missing, who else is here: as the file is being typed, drafts included."""
    by, at = actor_of(request), clock.now()
    opened = operations.follow_reading(number, by=by, at=at)
    operations.heartbeat(opened, by=by, at=at)
    return render(request, "regulation/arm_follow.html", {"case": opened, "at": at, **_follow(opened, by=by, at=at)})


def _follow(opened: CaseFile, *, by: Actor, at: datetime) -> dict[str, Any]:
    typed = as_typed(opened, drafts=queries.drafts(opened, by=by).values(), at=at)
    return {
        "typed": typed,
        "lookalikes": queries.lookalikes(typed, by=by, at=at),
        "people": queries.known_people(typed, by=by, at=at),
        "earlier": queries.earlier_contacts(opened.patient, by=by, before=opened.opened_at, limit=5),
        "here": queries.who_is_here(opened, by=by, at=at),
        "lacking": _lacking(typed),
    }


def _lacking(typed: CaseFile) -> list[str]:
    lacking = [label for label, _message in queries.missing(typed).values()]
    return lacking if typed.stream else [*lacking, "filière"]

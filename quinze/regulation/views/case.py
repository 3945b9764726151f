"""One request, from the ring to the outcome: what happened, in order, on screen and on paper."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires, requires_any
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.regulation import durations, operations, queries, rules
from quinze.regulation.models import CaseFile
from quinze.regulation.queries.story import appointments, case_for_log, first_readings

WRITING = (Capability.TAKE_CALL, Capability.REGULATE_AMU, Capability.REGULATE_SNP, Capability.ORIENT)


@requires(Capability.READ_CASE)
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    opened = operations.open_for_reading(number, by=by, at=at)
    context = _story(opened, by=by, at=at) | {"may_note": rules.can_note(by), "print_now": "imprimer" in request.GET}
    return render(request, "regulation/case.html", context)


@requires(Capability.READ_CASE)
@require_GET
def events(request: HttpRequest, number: str) -> HttpResponse:
    """The same, fetched again by an open page when the file changes."""
    by, at = actor_of(request), clock.now()
    return render(
        request, "regulation/case_body.html", _story(operations.follow_reading(number, by=by, at=at), by=by, at=at)
    )


def _story(opened: CaseFile, *, by: Actor, at: datetime) -> dict[str, Any]:
    lines = queries.chronology(opened, by=by)
    found = durations.steps(opened, lines)
    stream = "snp" if opened.stream == "SNP" else "amu"
    target = queries.target_seconds(opened.sas, stream, opened.priority, at=at)
    return {
        "case": opened,
        "at": at,
        "lines": lines,
        "groups": durations.grouped(lines),
        "figures": durations.figures(found, lines, doctor_target=target),
        "phases": durations.phases(found),
        "appointments": appointments(opened),
        "letters": queries.letters(opened) if rules.sees_interrogation(by) else [],
        "sees": rules.sees_interrogation(by),
        "readings": first_readings(queries.who_has_read(opened, by=by)) if rules.can_read_access_log(by) else None,
    }


@requires(Capability.READ_ACCESS_LOG)
@require_GET
def accesses(request: HttpRequest, number: str) -> HttpResponse:
    """Every reading of the file: the list that the family may ask for."""
    by, at = actor_of(request), clock.now()
    opened = case_for_log(number, by=by)
    readings = queries.who_has_read(opened, by=by)
    context = {"case": opened, "at": at, "readings": readings, "reads": by.may(Capability.READ_CASE)}
    return render(request, "regulation/case_accesses.html", context)


@requires_any(*WRITING)
@require_POST
def note(request: HttpRequest, number: str) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    opened = queries.case(number, by=by)
    text = request.POST.get("text", "")[:2000]
    try:
        operations.add_note(opened, by=by, at=at, text=text)
    except Refusal as refusal:
        told = {"note_error": refusal.message, "note_text": text, "may_note": True}
        return render(request, "regulation/case.html", _story(opened, by=by, at=at) | told, status=422)
    messages.success(request, "Note ajoutée à la chronologie.")
    return redirect("regulation:case", number)


@requires(Capability.READ_CASE)
@require_POST
def record_printing(request: HttpRequest, number: str) -> HttpResponse:
    """The printing is written in the list of readings, then the page prints itself."""
    by, at = actor_of(request), clock.now()
    opened = operations.open_for_reading(number, by=by, at=at, why="imprimé")
    return redirect(f"{request.path.removesuffix('imprimer/')}?imprimer={opened.pk}")


@requires(Capability.READ_CASE)
@require_GET
def letter(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The PDF as it was given out. Its file name says nothing of the person."""
    by, at = actor_of(request), clock.now()
    opened = operations.open_for_letter(pk, number=number, by=by, at=at)
    name = f"{'ordonnance' if opened.kind == 'prescription' else 'conseils'}-{number[-5:]}-{opened.pk}.pdf"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=False, filename=name) or "inline"}
    return HttpResponse(bytes(opened.pdf), content_type="application/pdf", headers=headers)

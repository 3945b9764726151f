"""The regulating doctor's desk: the list, the file in one look, the decision."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quinze.accounts.access import actor_of, requires_any
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Conflict, Refusal
from quinze.orientation.queries.assisting import remote_acts
from quinze.regulation import operations, protocols, queries, sections
from quinze.regulation.forms.case import (
    ARM_SECTIONS,
    CaseForm,
    case_form,
    keep_drafts,
    refused_case_form,
    refused_form,
    save_all,
    versions,
)
from quinze.regulation.forms.decision import (
    MedicalForm,
    decision_form,
    details_of,
    medical_form,
    refused_decision,
    typed_decision,
)
from quinze.regulation.forms.gestures import gestures
from quinze.regulation.models import CaseFile, Step
from quinze.regulation.queries import desk as around
from quinze.regulation.queries.evaluations import nurse_reports

REGULATE = (Capability.REGULATE_AMU, Capability.REGULATE_SNP)
SECTIONS = (*ARM_SECTIONS, "medical")
GROUPS = (
    ("p0", "Urgence vitale"),
    ("mine", "Ouvert ici"),
    ("wait", "Attendent un médecin"),
    ("later", "À rappeler plus tard"),
    ("taken", "Pris par un confrère"),
)
ALWAYS_WHOLE = ("p0", "mine")
READ = 60  # files read for one list, those one holds first
SHOWN = 40  # rows of a group: more than anyone reads, and the page stays light in a crisis


# --- the list -----------------------------------------------------------------------------------------------------


@requires_any(*REGULATE)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """No file open: who comes next."""
    by, at = actor_of(request), clock.now()
    context = list_context(by=by, at=at, whole="tout" in request.GET) | {"remote": remote_acts(by=by, at=at)}
    return render(request, "regulation/doctor.html", context)


@requires_any(*REGULATE)
@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    context = list_context(by=by, at=at, whole="tout" in request.GET) | {"current": request.GET.get("dossier", "")}
    return render(request, "regulation/doctor_worklist.html", context)


@requires_any(*REGULATE)
@require_GET
def p0(request: HttpRequest) -> HttpResponse:
    """What is announced at once, whatever the list is doing."""
    by = actor_of(request)
    return render(request, "regulation/doctor_p0.html", {"p0": around.p0_waiting(by=by), "list_topic": _list_topic(by)})


@requires_any(*REGULATE)
@require_GET
def remote(request: HttpRequest) -> HttpResponse:
    """The acts of nurses at which this doctor is expected by video."""
    context = {"remote": remote_acts(by=actor_of(request), at=clock.now())}
    return render(request, "regulation/doctor_remote.html", context)


@requires_any(*REGULATE)
@require_GET
def next_up(request: HttpRequest) -> HttpResponse:
    """Who comes next, on a desk with no file open."""
    return render(request, "regulation/doctor_next.html", list_context(by=actor_of(request), at=clock.now()))


def list_context(*, by: Actor, at: datetime, whole: bool = False) -> dict[str, Any]:
    """Every P0, what is open here, and the first of those who wait: the count says how many more there are."""
    rows = queries.worklist(by=by, at=at, most=None if whole else READ)
    count = queries.tally(by=by, at=at) if not whole and len(rows) == READ else None
    sorted_rows: dict[str, list[queries.Row]] = {key: [] for key, _ in GROUPS}
    for row in rows:
        sorted_rows[_group(row)].append(row)
    waiting = sorted_rows["p0"] + sorted_rows["wait"]
    return {
        "groups": [
            (key, label, sorted_rows[key] if whole or key in ALWAYS_WHOLE else sorted_rows[key][:SHOWN])
            for key, label in GROUPS
            if sorted_rows[key]
        ],
        "list_topic": _list_topic(by),
        "desk_topic": f"desk:{by.user.pk}",
        "whole_query": "&tout=1" if whole else "",
        "current": "",
        "unshown": 0 if whole else _hidden(sorted_rows) + (count.total - len(rows) if count else 0),
        "waiting": waiting,
        "p0": [(row.name, row.place) for row in sorted_rows["p0"]],
        "waiting_count": count.waiting if count else len(waiting),
        "late": count.late if count else sum(row.overdue for row in rows if not row.holder),
        "load": around.load(by=by, at=at),
        "at": at,
    }


def _hidden(groups: dict[str, list[queries.Row]]) -> int:
    return sum(max(0, len(rows) - SHOWN) for key, rows in groups.items() if key not in ALWAYS_WHOLE)


def _list_topic(by: Actor) -> str:
    return f"list:{Step.AMU}" if by.may(Capability.REGULATE_AMU) else f"list:{Step.SNP}"


def _group(row: queries.Row) -> str:
    if row.mine:
        return "mine"
    if row.holder:
        return "taken"
    if row.red_flag:
        return "p0"
    return "later" if row.callback_due_at and not row.callback_due else "wait"


@requires_any(*REGULATE)
@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    case = operations.claim_next(by=actor_of(request), at=clock.now())
    if case is None:
        messages.info(request, "Personne n’attend : la liste est vide.")
        return redirect("regulation:doctor")
    return redirect("regulation:doctor_case", case.number)


@requires_any(*REGULATE)
@require_POST
def claim(request: HttpRequest, number: str) -> HttpResponse:
    """A click on a row. Whoever was a second late reads the file with its holder's name."""
    by, at = actor_of(request), clock.now()
    wanted = queries.case(number, by=by)
    try:
        operations.claim(wanted, by=by, at=at)
    except Conflict as conflict:
        messages.warning(request, f"{conflict.message} Vous le lisez, sans pouvoir y écrire.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("regulation:doctor_case", number)


# --- the file -----------------------------------------------------------------------------------------------------


@requires_any(*REGULATE)
@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the file, with what I was typing. POST: save what the page holds."""
    by, at = actor_of(request), clock.now()
    if request.method == "POST":
        return _save(request, queries.case(number, by=by), by=by, at=at)
    opened = operations.open_for_reading(number, by=by, at=at)
    return page(request, opened, by=by, at=at)


def page(request: HttpRequest, opened: CaseFile, *, by: Actor, at: datetime, **extra: Any) -> HttpResponse:
    """The whole desk around one file; `extra` replaces the forms that were refused."""
    drafts = queries.drafts(opened, by=by)
    status = extra.pop("status", 200)
    context = {
        "case": opened,
        "form": case_form(opened, drafts),
        "medical": medical_form(opened, drafts),
        "decision": decision_form(opened, drafts, at=at),
        "gestures": gestures(around.colleagues(by=by, at=at)),
        "versions": versions(opened, drafts),
        "draft_at": max((draft.saved_at for draft in drafts.values()), default=None),
        "holds": opened.claimed_by_id == by.user.pk,
        "may_claim": opened.claimed_by_id is None and opened.step not in (Step.CLOSED, Step.MERGED),
        "open_identity": not (opened.reason_label and opened.patient.search_name),
        **list_context(by=by, at=at),
        "remote": remote_acts(by=by, at=at),
        "current": opened.number,
    }
    for part in PARTS.values():
        context |= part(opened, by, at)
    return render(request, "regulation/doctor_case.html", context | extra, status=status)


def save(request: HttpRequest, opened: CaseFile, *, by: Actor, at: datetime) -> tuple[CaseFile, dict[str, Any] | None]:
    """What the page holds is saved; what cannot be comes back as the context of the page that says so."""
    if "medical_version" not in request.POST:
        return opened, None  # a page that only reads
    opened, errors, conflicts = save_all(opened, request.POST, by=by, at=at, names=SECTIONS)
    if not errors and not conflicts:
        return opened, None
    medical = {name: text for name, text in errors.items() if name in MedicalForm.base_fields}
    others = {name: text for name, text in errors.items() if name not in medical}
    drafts = queries.drafts(opened, by=by)
    return opened, {
        "decision": refused_decision(opened, request.POST, None, at=at),
        "form": refused_case_form(opened, drafts, others),
        "medical": refused_form(MedicalForm, medical_form(opened, drafts).initial, medical),
        "conflicts": conflicts,
        "seen": {section: sections.version(opened, section) for section in SECTIONS},
        "open_identity": bool(others) or any(name in CaseForm.base_fields for name in conflicts),
        "status": 422,
    }


def _save(request: HttpRequest, opened: CaseFile, *, by: Actor, at: datetime) -> HttpResponse:
    opened, refused = save(request, opened, by=by, at=at)
    if refused:
        return page(request, opened, by=by, at=at, **refused)
    messages.success(request, "Dossier enregistré.")
    return redirect("regulation:doctor_case", opened.number)


@requires_any(*REGULATE)
@require_POST
def draft(request: HttpRequest, number: str) -> JsonResponse:
    """What is typed in the file and in the panel, kept for this person."""
    by, at = actor_of(request), clock.now()
    opened = queries.case(number, by=by)
    keep_drafts(opened, request.POST, by=by, at=at)
    typed = typed_decision(request.POST)
    if typed:
        before = queries.drafts(opened, by=by).get("decision")
        values = (before.values if before else {}) | typed
        operations.keep_draft(opened, by=by, at=at, section="decision", values=values, base_version=0)
    return JsonResponse({"saved_at": at.isoformat()})


# --- the decision -------------------------------------------------------------------------------------------------


@requires_any(*REGULATE)
@require_POST
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Save the notes, then decide; on a refusal everything typed is there, with the reason beside its field."""
    by, at = actor_of(request), clock.now()
    opened, refused = save(request, queries.case(number, by=by), by=by, at=at)
    if refused:
        return page(request, opened, by=by, at=at, **refused)
    try:
        details = details_of(request.POST)
        made = operations.decide(opened, by=by, at=at, details=details, care_level=request.POST.get("level", ""))
    except Refusal as refusal:
        typed = refused_decision(opened, request.POST, refusal, at=at)
        return page(request, opened, by=by, at=at, decision=typed, status=422)
    operations.discard_draft(opened, by=by, section="decision")
    if made.orientation_request is not None:
        messages.success(request, "Confié à l’OSNP. Le dossier suivant vous attend.")
        return redirect("regulation:doctor")
    messages.success(request, f"Décision enregistrée : {made.get_nature_display().lower()}.")
    return redirect("regulation:doctor_case", number)


# --- parts that follow the file live ------------------------------------------------------------------------------


def _head(case: CaseFile, by: Actor, _at: datetime) -> dict[str, Any]:
    return {"contacts": queries.contacts(case), "holds": case.claimed_by_id == by.user.pk}


def _evaluation(case: CaseFile, by: Actor, _at: datetime) -> dict[str, Any]:
    return {"reports": nurse_reports(case, by=by)}


def _facts(case: CaseFile, by: Actor, at: datetime) -> dict[str, Any]:
    answered = [row for row in protocols.rows(case.vitals) if row["answer"] is not None]
    return {
        "vitals": answered,
        "writers": around.reason_lines(case, by=by),
        "absence": around.referring_absence(case, at=at),
        "earlier": queries.earlier_contacts(case.patient, by=by, before=case.opened_at, limit=5),
    }


def _history(case: CaseFile, by: Actor, _at: datetime) -> dict[str, Any]:
    return {"events": queries.chronology(case, by=by)[::-1]}


def _presence(case: CaseFile, by: Actor, at: datetime) -> dict[str, Any]:
    return {"here": queries.who_is_here(case, by=by, at=at)}


def _taken(case: CaseFile, _by: Actor, _at: datetime) -> dict[str, Any]:
    return {"taken": [(made, queries.decision_words(made)) for made in queries.decisions(case)]}


PARTS: dict[str, Callable[[CaseFile, Actor, datetime], dict[str, Any]]] = {
    "head": _head,
    "evaluation": _evaluation,
    "facts": _facts,
    "history": _history,
    "presence": _presence,
    "taken": _taken,
}


@requires_any(*REGULATE)
@require_GET
def part(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """One part of the open file, as it is now. The presence line also says that I am still there."""
    if name not in PARTS:
        raise Http404
    by, at = actor_of(request), clock.now()
    opened = operations.follow_reading(number, by=by, at=at)
    if name == "presence":
        operations.heartbeat(opened, by=by, at=at)
    context = {"case": opened, "at": at, **PARTS[name](opened, by, at)}
    return render(request, f"regulation/doctor_{name}.html", context)

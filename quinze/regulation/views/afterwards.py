"""The follow-up call at 72 hours: whom to ask, and what they answered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.patients.operations import record_accesses
from quinze.patients.queries import display_name
from quinze.regulation import queries
from quinze.regulation.models import FollowUpAnswer
from quinze.regulation.operations.afterwards import record_answer
from quinze.regulation.queries.afterwards import to_ask


@requires(Capability.ORIENT)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    cases = to_ask(sas=by.sas, at=at)
    opened = [(case.number, case.patient) for case in cases]
    record_accesses(by=by, at=at, kind="case_file", opened=opened, why="appel de suivi à 72 h")
    context = {
        "rows": [(case, display_name(case.patient), case.callback_phone or case.caller_number) for case in cases],
        "answers": FollowUpAnswer.Saw.choices,
        "at": at,
    }
    return render(request, "regulation/afterwards.html", context)


@requires(Capability.ORIENT)
@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    by = actor_of(request)
    try:
        record_answer(queries.case(number, by=by), saw=request.POST.get("saw", ""), by=by, at=clock.now())
        messages.success(request, "Réponse notée.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("regulation:afterwards")

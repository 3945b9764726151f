"""Finding a file again, by its number, a name or a telephone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.regulation import queries
from quinze.regulation.queries.found import why_found

LONGEST = 80


@requires(Capability.SEARCH_CASES)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    by, text = actor_of(request), request.GET.get("q", "")[:LONGEST].strip()
    found = queries.search_cases(text, by=by) if text else []
    rows = [(case, why_found(case, text)) for case in found]
    return render(request, "regulation/search.html", {"text": text, "rows": rows, "at": clock.now()})

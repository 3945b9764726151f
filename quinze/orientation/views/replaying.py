"""The draft of the charter against the requests of the past month: who would have been called. Nothing is written."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.availability.opening import duration
from quinze.base import clock
from quinze.orientation.models import CharterVersion
from quinze.orientation.queries.replays import Replay, nothing_written, replay
from quinze.science.charter import CharterError, charter_from_json

DAYS, MOST = 30, 100  # more is the work of a command: a page answers in seconds
MOVED = 12


@requires(Capability.EDIT_CHARTER)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The draft as it was last saved. A faulty one says its faults instead."""
    by, at = actor_of(request), clock.now()
    draft = get_object_or_404(CharterVersion.objects.filter(sas=by.sas), status=CharterVersion.Status.DRAFT)
    context = {"draft": draft, "at": at, "days": DAYS, "most": MOST}
    try:
        charter = charter_from_json(draft.document)
    except CharterError as error:
        faults = [fault.message for fault in error.faults]
        return render(request, "orientation/charter_replay.html", context | {"faults": faults}, status=422)
    with nothing_written():
        found = replay(sas=by.sas, charter=charter, days=DAYS, at=at, most=MOST)
    shown = {
        "found": found,
        "figures": _figures(found),
        "levels": _levels(found),
        "moved": found.moved[:MOVED],
        "rows": sorted(found.rows, key=lambda row: not row.changed),
    }
    return render(request, "orientation/charter_replay.html", context | shown)


def _figures(found: Replay) -> list[tuple[str, list[str]]]:
    """Label, then one value for each way of calling."""
    sides = (found.called, found.before, found.after)
    return [
        ("Demandes servies", [str(side.served) for side in sides]),
        ("Personnes et structures appelées", [str(side.people) for side in sides]),
        ("Gini des professionnels, par heure ouverte", [_decimal(side.gini) for side in sides]),
        ("Trajet médian", ["–" if side.travel is None else f"{side.travel:.0f} min" for side in sides]),
        ("Délai médian avant d’être vu", ["–" if side.delay is None else duration(side.delay / 60) for side in sides]),
    ]


def _decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace(".", ",")


def _levels(found: Replay) -> Iterable[tuple[str, int, int]]:
    before, after = dict(found.before.levels), dict(found.after.levels)
    return [(name, before.get(name, 0), after.get(name, 0)) for name in sorted(before.keys() | after.keys())]

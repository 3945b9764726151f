import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import Refusal
from quinze.orientation.models import CharterVersion, OrientationRequest
from quinze.orientation.models.packed import pack
from quinze.orientation.operations.journal import record
from quinze.orientation.options import SearchOptions
from quinze.orientation.proposed import as_lines
from quinze.orientation.queries.charters import charter_to_search
from quinze.orientation.queries.logs import logged
from quinze.orientation.queries.looking import Look, look, look_wider
from quinze.orientation.queries.views import SearchView, build_view
from quinze.science.ranking import ranking_to_json

NO_OPTIONS = SearchOptions()
WIDER_MINUTES = (60, 90)


@contextmanager
def without_collector() -> Iterator[None]:
    """A ranking makes thousands of small objects and no cycle: the collector would walk the whole process for none."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def search(
    *, request: OrientationRequest, by: Actor | None, at: datetime, options: SearchOptions = NO_OPTIONS
) -> SearchView:
    """Who may be proposed, in the order of the charter in force. What is shown is logged, always."""
    if options.opened_levels and not options.opening_reason.strip():
        raise Refusal("Dites pourquoi ouvrir ce niveau avant l’heure.", code="reason_required", field="opening_reason")
    charter = charter_to_search(sas=request.sas, at=at)
    with without_collector():
        found = look(request=request, charter=charter, options=options, at=at)
        return _shown(found, request=request, charter=charter, options=options, by=by, at=at)


def search_or_widen(*, request: OrientationRequest, by: Actor | None, at: datetime) -> SearchView:
    """At the distances of the charter; where they hold nobody, by minutes of road, as far as somebody can be proposed.
    A plain `search` takes it back.
    """
    charter, options = charter_to_search(sas=request.sas, at=at), NO_OPTIONS
    with without_collector():
        found = look(request=request, charter=charter, options=options, at=at)
        if not found.ranking.first and (
            wider := look_wider(request=request, charter=charter, minutes=WIDER_MINUTES, at=at)
        ):
            found, options = wider
        return _shown(found, request=request, charter=charter, options=options, by=by, at=at)


def _shown(
    found: Look, *, request: OrientationRequest, charter: CharterVersion, options: SearchOptions, by: Actor | None,
    at: datetime,
) -> SearchView:  # fmt: skip
    """Logged, with what was opened or widened, then in words."""
    ranking, gathered = found.ranking, found.gathered
    output = ranking_to_json(ranking)
    row = (
        request.pk,
        at,
        by.user.pk if by else None,
        ranking.algorithm,
        charter.pk,
        ranking.seed,
        pack(logged(found)),
        pack(output),
        as_lines(output),
    )
    log_id = _written(row, request=request, options=options, by=by, at=at)
    origin = gathered.origin
    return build_view(
        log_id=log_id,
        request_id=request.pk,
        charter=charter,
        ranking=ranking,
        without_offer=gathered.without_offer,
        others=len(found.others or ()),
        options=options,
        origin=(origin.lat, origin.lon) if origin else None,
        radius_km=gathered.reach_km,
        places=found.places if found.others is not None else None,
    )


def _written(
    row: tuple[Any, ...], *, request: OrientationRequest, options: SearchOptions, by: Actor | None, at: datetime
) -> int:
    if not options.opened_levels and options.max_minutes not in WIDER_MINUTES:
        return _append(row)
    with transaction.atomic():
        if options.opened_levels:
            _tell_opened(request, options, by=by, at=at)
        if options.max_minutes in WIDER_MINUTES:
            _tell_widened(request, options, by=by, at=at)
        return _append(row)


def _append(row: tuple[Any, ...]) -> int:
    """Half a megabyte in a dense town, packed: written without passing through a model."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orientation_rankinglog"
            " (request_id, at, by_id, algorithm, charter_id, seed, inputs, output, proposals)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            row,
        )
        return int(cursor.fetchone()[0])


def _tell_opened(request: OrientationRequest, options: SearchOptions, *, by: Actor | None, at: datetime) -> None:
    numbers = sorted(options.opened_levels)
    words = f"Niveau {', '.join(map(str, numbers))} ouvert par avance : {options.opening_reason.strip()}"
    last = request.events.filter(kind="widened").order_by("-at", "-pk").first()
    if last is None or last.text != words:
        record(request=request, kind="widened", text=words, by=by, at=at, data={"levels": numbers})


def _tell_widened(request: OrientationRequest, options: SearchOptions, *, by: Actor | None, at: datetime) -> None:
    words = f"Personne aux distances de la charte : recherche élargie à {options.max_minutes} min de route"
    if not request.events.filter(kind="widened_minutes", text=words).exists():
        record(request=request, kind="widened_minutes", text=words, by=by, at=at, data={"minutes": options.max_minutes})

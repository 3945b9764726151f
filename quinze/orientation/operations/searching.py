import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import Refusal
from quinze.base.planned import meanwhile
from quinze.orientation.models import CharterVersion, OrientationRequest
from quinze.orientation.models.packed import pack
from quinze.orientation.operations.journal import record
from quinze.orientation.options import SearchOptions
from quinze.orientation.proposed import as_lines
from quinze.orientation.queries.facts import facts_of
from quinze.orientation.queries.logs import logged
from quinze.orientation.queries.looking import Look, look, look_wider
from quinze.orientation.queries.views import SearchView, build_view
from quinze.science.ranking import ranking_to_json

NO_OPTIONS = SearchOptions()
WIDER_MINUTES = (60, 90)
APPEND = (
    b"INSERT INTO orientation_rankinglog"
    b" (request_id, at, by_id, algorithm, charter_id, seed, inputs, output, proposals)"
    b" SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9"
)
# By itself it is committed without waiting for the disk: whatever follows from this ranking (a hold, a booking) waits
# for its own commit, which comes after this one in the same log of PostgreSQL and makes both safe.
APPEND_WITHOUT_WAITING = APPEND + b" WHERE set_config('synchronous_commit', 'off', true) = 'off' RETURNING id"
APPEND += b" RETURNING id"


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
    with without_collector():
        facts = facts_of(request, at=at, profession=options.profession)
        charter = facts.charter
        found = look(request=request, charter=charter, options=options, at=at, facts=facts)
        return _shown(found, request=request, charter=charter, options=options, by=by, at=at)


def search_or_widen(*, request: OrientationRequest, by: Actor | None, at: datetime) -> SearchView:
    """At the distances of the charter; where they hold nobody, by minutes of road, as far as somebody can be proposed.
    A plain `search` takes it back.
    """
    options = NO_OPTIONS
    with without_collector():
        facts = facts_of(request, at=at)
        charter = facts.charter
        found = look(request=request, charter=charter, options=options, at=at, facts=facts)
        if not found.ranking.first and (
            wider := look_wider(request=request, charter=charter, minutes=WIDER_MINUTES, at=at, facts=facts)
        ):
            found, options = wider
        return _shown(found, request=request, charter=charter, options=options, by=by, at=at)


def _shown(
    found: Look, *, request: OrientationRequest, charter: CharterVersion, options: SearchOptions, by: Actor | None,
    at: datetime,
) -> SearchView:  # fmt: skip
    """Logged, with what was opened or widened, then in words."""
    ranking = found.ranking
    output = ranking_to_json(ranking)
    row = (
        request.pk, at, by.user.pk if by else None, ranking.algorithm, charter.pk, ranking.seed, pack(logged(found)),
        pack(output), as_lines(output),
    )  # fmt: skip
    words = partial(_in_words, found, request=request, charter=charter, options=options)
    if not options.opened_levels and options.max_minutes not in WIDER_MINUTES:
        return _appended(row, words, wait=found.others is None)
    with transaction.atomic():
        if options.opened_levels:
            _tell_opened(request, options, by=by, at=at)
        if options.max_minutes in WIDER_MINUTES:
            _tell_widened(request, options, by=by, at=at)
        return _appended(row, words, wait=found.others is None)


def _appended(row: tuple[Any, ...], words: Callable[[Callable[[], int]], SearchView], *, wait: bool) -> SearchView:
    """The log, half a megabyte in a dense town, packed: PostgreSQL keeps it while the words are found. `wait`: they
    read something themselves.
    """
    statement = APPEND if connection.in_atomic_block else APPEND_WITHOUT_WAITING
    with meanwhile(statement, row, counted=True) as written:
        if wait:
            written()
        return words(lambda: int(written()[0][0]))


def _in_words(
    found: Look,
    log_id: Callable[[], int],
    *,
    request: OrientationRequest,
    charter: CharterVersion,
    options: SearchOptions,
) -> SearchView:
    origin = found.gathered.origin
    return build_view(
        log_id=log_id,
        request_id=request.pk,
        charter=charter,
        ranking=found.ranking,
        without_offer=found.gathered.without_offer,
        others=len(found.others or ()),
        options=options,
        origin=(origin.lat, origin.lon) if origin else None,
        radius_km=found.gathered.reach_km,
        places=found.places if found.others is not None else None,
        rules=found.rules,
    )


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

from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import Refusal
from quinze.orientation.models import OrientationRequest, RankingLog
from quinze.orientation.operations.journal import record
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries.charters import charter_required, parsed_charter
from quinze.orientation.queries.inputs import origin_of, ranking_inputs, reach_km, territory_km
from quinze.orientation.queries.views import SearchView, build_view
from quinze.science.distance import Density
from quinze.science.ranking import inputs_to_json, rank, ranking_to_json

NO_OPTIONS = SearchOptions()


def search(
    *, request: OrientationRequest, by: Actor | None, at: datetime, options: SearchOptions = NO_OPTIONS
) -> SearchView:
    """Who may be proposed, in the order of the charter in force. What is shown is logged, always."""
    if options.opened_levels and not options.opening_reason.strip():
        raise Refusal("Dites pourquoi ouvrir ce niveau avant l’heure.", code="reason_required", field="opening_reason")
    charter = charter_required(sas=request.sas, at=at)
    inputs = ranking_inputs(request=request, charter=charter, options=options, at=at)
    ranking = rank(inputs)
    with transaction.atomic():
        if options.opened_levels:
            _tell_opened(request, options, by=by, at=at)
        log = RankingLog.objects.create(
            request=request,
            at=at,
            by=by.user if by else None,
            algorithm=ranking.algorithm,
            charter=charter,
            seed=ranking.seed,
            inputs=inputs_to_json(inputs),
            output=ranking_to_json(ranking),
        )
    origin = origin_of(request)
    density = origin.density if origin else Density.SPARSE
    return build_view(
        log_id=log.pk,
        request_id=request.pk,
        charter=charter,
        ranking=ranking,
        options=options,
        origin=(origin.lat, origin.lon) if origin else None,
        radius_km=reach_km(parsed_charter(charter), options, territory=territory_km(request, at), density=density),
    )


def _tell_opened(request: OrientationRequest, options: SearchOptions, *, by: Actor | None, at: datetime) -> None:
    numbers = sorted(options.opened_levels)
    words = f"Niveau {', '.join(map(str, numbers))} ouvert par avance : {options.opening_reason.strip()}"
    last = request.events.filter(kind="widened").order_by("-at", "-pk").first()
    if last is None or last.text != words:
        record(request=request, kind="widened", text=words, by=by, at=at, data={"levels": numbers})

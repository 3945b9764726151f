"""What another charter would have answered to real requests: nothing is logged, nothing is sent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from quinze.orientation.models import OrientationRequest
from quinze.orientation.queries.logs import ranking_from
from quinze.orientation.queries.requests import latest_ranking
from quinze.science.charter import Charter, charter_from_json
from quinze.science.ranking import Ranking, explain, rank, seed_for

ROWS = 8


@dataclass(frozen=True, slots=True)
class PreviewRow:
    candidate: str
    rank: int | None
    level: int
    level_name: str
    label: str
    is_open: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Preview:
    request: OrientationRequest
    before: tuple[PreviewRow, ...]
    after: tuple[PreviewRow, ...]

    @property
    def changed(self) -> bool:
        return [row.candidate for row in self.before] != [row.candidate for row in self.after]


def preview(*, document: Any, requests: Iterable[OrientationRequest]) -> list[Preview]:
    """Raises CharterError for a faulty document. Requests never ranked are left out."""
    charter = charter_from_json(document)
    previews = (_preview(charter, request) for request in requests)
    return [found for found in previews if found is not None]


def _preview(charter: Charter, request: OrientationRequest) -> Preview | None:
    log = latest_ranking(request)
    if log is None:
        return None
    before = ranking_from(log)
    seed = seed_for(str(request.pk), charter.version)
    after = rank(replace(before.inputs, charter=charter, seed=seed, opened_levels=frozenset()))
    return Preview(request, rows_of(before), rows_of(after))


def rows_of(ranking: Ranking, *, limit: int = ROWS) -> tuple[PreviewRow, ...]:
    words = explain(ranking)
    return tuple(
        PreviewRow(
            candidate=proposal.candidate,
            rank=proposal.rank,
            level=level.number,
            level_name=words.level_name(level.number),
            label=words.candidates[proposal.candidate].label,
            is_open=level.state.is_open,
            sentence=words.sentence(proposal.candidate),
        )
        for level, proposal in list(ranking.placed())[:limit]
    )

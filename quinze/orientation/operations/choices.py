"""What an OSNP chose in a ranking: written beside it, with the reason when it is not the first."""

from dataclasses import dataclass
from datetime import datetime

from quinze.accounts.actor import Actor
from quinze.base.errors import Refusal
from quinze.base.rows import fresh
from quinze.orientation.models import OrientationRequest, RankingChoice, RankingLog
from quinze.orientation.proposed import as_lines, proposed
from quinze.orientation.queries.requests import ranking_of


@dataclass(frozen=True, slots=True)
class Chosen:
    log: RankingLog
    candidate: str
    rank: int | None
    place_id: int
    offer: str
    first: bool
    next_candidates: tuple[str, ...]


def chosen(*, request: OrientationRequest, ranking: int, candidate: str, reason: str) -> Chosen:
    """The candidate as that ranking placed it. Refused when it was not proposed, or when the reason is missing."""
    return pick(ranking_of(request=request, pk=ranking), candidate=candidate, reason=reason)


def pick(log: RankingLog, *, candidate: str, reason: str) -> Chosen:
    found = proposed(log.proposals or as_lines(log.output), candidate)
    if found is None:
        raise Refusal(
            "Cette proposition n’est pas ouverte dans ce classement. Ouvrez le niveau avec un motif, ou relancez la "
            "recherche.",
            code="stale_ranking",
        )
    if not found.first and not reason.strip():
        raise Refusal(
            "Ce n’est pas la première proposition de la charte : dites pourquoi vous la choisissez.",
            code="reason_required",
            field="reason",
        )
    place = int(candidate.partition("@")[2])
    return Chosen(log, candidate, found.rank, place, found.offer, found.first, found.next_candidates)


def log_choice(choice: Chosen, *, reason: str, by: Actor, at: datetime) -> RankingChoice:
    row = choice_row(choice, reason=reason, by=by, at=at)
    row.save()
    return row


def choice_row(choice: Chosen, *, reason: str, by: Actor, at: datetime) -> RankingChoice:
    """Not written yet."""
    return fresh(
        RankingChoice,
        ranking_id=choice.log.pk,
        candidate=choice.candidate,
        rank=choice.rank,
        first=choice.first,
        reason=reason.strip()[:300],
        at=at,
        by_id=by.user.pk,
    )

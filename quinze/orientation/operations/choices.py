"""What an OSNP chose in a ranking: written beside it, with the reason when it is not the first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quinze.accounts.actor import Actor
from quinze.base.errors import Refusal
from quinze.orientation.models import OrientationRequest, RankingChoice, RankingLog
from quinze.orientation.queries.requests import ranking_of

OPEN_STATES = ("open", "opened_early")


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
    rows = _open_rows(log.output)
    owner = next((row for row in rows if candidate in _keys(row)), None)
    if owner is None:
        raise Refusal(
            "Cette proposition n’est pas ouverte dans ce classement. Ouvrez le niveau avec un motif, ou relancez la "
            "recherche.",
            code="stale_ranking",
        )
    first = owner is rows[0] and owner["candidate"] == candidate
    if not first and not reason.strip():
        raise Refusal(
            "Ce n’est pas la première proposition de la charte : dites pourquoi vous la choisissez.",
            code="reason_required",
            field="reason",
        )
    later = tuple(row["candidate"] for row in rows if row is not owner)
    offer = owner["offer"] if owner["candidate"] == candidate else _other_offer(owner, candidate)
    return Chosen(log, candidate, owner["rank"], int(candidate.partition("@")[2]), offer, first, later)


def _open_rows(output: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for level in output["levels"] if level["state"] in OPEN_STATES for row in level.get("proposals", ())]


def _keys(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["candidate"], *(other["candidate"] for other in row.get("others", ())))


def _other_offer(row: dict[str, Any], candidate: str) -> str:
    found: str = next(other["offer"] for other in row["others"] if other["candidate"] == candidate)
    return found


def log_choice(choice: Chosen, *, reason: str, by: Actor, at: datetime) -> RankingChoice:
    row = choice_row(choice, reason=reason, by=by, at=at)
    row.save()
    return row


def choice_row(choice: Chosen, *, reason: str, by: Actor, at: datetime) -> RankingChoice:
    """Not written yet."""
    return RankingChoice(
        ranking_id=choice.log.pk,
        candidate=choice.candidate,
        rank=choice.rank,
        first=choice.first,
        reason=reason.strip()[:300],
        at=at,
        by_id=by.user.pk,
    )

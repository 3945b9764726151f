"""From a need to an appointment: charter, request, ranking, hold, booking, outcome."""

from quinze.orientation.models.booking import Booking, BookingStatus, Message
from quinze.orientation.models.charter import CharterVersion
from quinze.orientation.models.equity import Dispute, DisputeAnswer, OfferedDay, SearchedDay, Tallied
from quinze.orientation.models.fairness import OfferedSeats
from quinze.orientation.models.request import (
    OrientationRequest,
    RankingChoice,
    RankingLog,
    ReferringAttempt,
    RequestEvent,
)

__all__ = [
    "Booking",
    "BookingStatus",
    "CharterVersion",
    "Dispute",
    "DisputeAnswer",
    "Message",
    "OfferedDay",
    "OfferedSeats",
    "OrientationRequest",
    "RankingChoice",
    "RankingLog",
    "ReferringAttempt",
    "RequestEvent",
    "SearchedDay",
    "Tallied",
]

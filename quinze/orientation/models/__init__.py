"""From a need to an appointment: charter, request, ranking, hold, booking, outcome."""

from quinze.orientation.models.asking import OverbookingAsk
from quinze.orientation.models.assistance import Assistance
from quinze.orientation.models.booking import Booking, BookingStatus, Message, NoShowCause
from quinze.orientation.models.charter import CharterVersion
from quinze.orientation.models.equity import Dispute, DisputeAnswer, OfferedDay, SearchedDay, Tallied
from quinze.orientation.models.evaluation import CONSTANTS, Evaluation, NurseReport, ReportReading
from quinze.orientation.models.fairness import OfferedSeats
from quinze.orientation.models.referring import ReferringNotice, ReferringObjection
from quinze.orientation.models.reminder import OptOut, Reminder
from quinze.orientation.models.request import (
    OrientationRequest,
    RankingChoice,
    RankingLog,
    ReferringAttempt,
    RequestEvent,
)
from quinze.orientation.models.rescue import EarlierWish, FreedSeat, RescueOffer, RescueStep
from quinze.orientation.models.rota import DutySeat, DutyTally, DutyTurn
from quinze.orientation.models.transport import Transport, TransportStep

__all__ = [
    "CONSTANTS",
    "Assistance",
    "Booking",
    "BookingStatus",
    "CharterVersion",
    "Dispute",
    "DisputeAnswer",
    "DutySeat",
    "DutyTally",
    "DutyTurn",
    "EarlierWish",
    "Evaluation",
    "FreedSeat",
    "Message",
    "NoShowCause",
    "NurseReport",
    "OfferedDay",
    "OfferedSeats",
    "OptOut",
    "OrientationRequest",
    "OverbookingAsk",
    "RankingChoice",
    "RankingLog",
    "ReferringAttempt",
    "ReferringNotice",
    "ReferringObjection",
    "Reminder",
    "ReportReading",
    "RequestEvent",
    "RescueOffer",
    "RescueStep",
    "SearchedDay",
    "Tallied",
    "Transport",
    "TransportStep",
]

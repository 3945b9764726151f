"""What a ranking says: every candidate exactly once, as a proposal, another place of a proposal, or a refusal."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from quinze.science.charter import Offer

from .inputs import RankingInputs, Seat


class Reason(StrEnum):
    """Why a candidate is not proposed; the first that applies, in this order."""

    PROFESSION = "profession"
    MODALITY = "modality"
    DOCTOR_RESTRICTION = "doctor_restriction"
    REQUEST_RESTRICTION = "request_restriction"
    NO_SEAT = "no_seat"
    TOO_FAR = "too_far"
    ABSENT = "absent"
    STALE_FEED = "stale_feed"
    QUOTA = "quota"
    NO_LEVEL = "no_level"

    @property
    def words(self) -> str:
        return REASON_WORDS[self]


REASON_WORDS = {
    Reason.PROFESSION: "n'exerce pas la profession ou la spécialité demandée",
    Reason.MODALITY: "ne propose pas la modalité demandée",
    Reason.DOCTOR_RESTRICTION: "restriction posée par le médecin",
    Reason.REQUEST_RESTRICTION: "ne remplit pas une exigence de la demande",
    Reason.NO_SEAT: "aucune place libre avant l'échéance",
    Reason.TOO_FAR: "au-delà de la distance de tous les niveaux",
    Reason.ABSENT: "absent",
    Reason.STALE_FEED: "agenda non actualisé par son éditeur",
    Reason.QUOTA: "quota de surnuméraires atteint",
    Reason.NO_LEVEL: "dans aucun niveau de la charte",
}


class Detail(StrEnum):
    NONE = ""
    AGE = "age"
    NEW_PATIENTS = "new_patients"
    NOTICE = "notice"
    LANGUAGE = "language"
    ACCESS = "access"

    @property
    def words(self) -> str:
        return DETAIL_WORDS[self]


DETAIL_WORDS = {
    Detail.NONE: "",
    Detail.AGE: "âge du patient hors de ses limites",
    Detail.NEW_PATIENTS: "ne prend pas de nouveaux patients",
    Detail.NOTICE: "délai de prévenance trop court",
    Detail.LANGUAGE: "langue demandée non parlée",
    Detail.ACCESS: "lieu non accessible en fauteuil roulant",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    candidate: str
    reason: Reason
    detail: Detail = Detail.NONE
    referring: bool = False
    """The attempt to reach the referring doctor is to be logged even when refused."""


@dataclass(frozen=True, slots=True)
class OtherPlace:
    candidate: str
    level: int
    offer: Offer
    slots: tuple[str, ...]


@dataclass(slots=True, unsafe_hash=True)
class Proposal:
    """`rank` counts from 1 in charter order, over the levels in force at this hour, waiting ones included; a level
    closed by its calendar gives none. `keys` follow the level's order.
    """

    candidate: str
    rank: int | None
    offer: Offer
    start: datetime | None
    slots: tuple[str, ...]
    keys: tuple[int | None, ...]
    draw: str
    others: tuple[OtherPlace, ...] = ()


class LevelState(StrEnum):
    OPEN = "open"
    OPENED_EARLY = "opened_early"
    CLOSED_BY_CALENDAR = "closed_by_calendar"
    WAITING = "waiting"

    @property
    def is_open(self) -> bool:
        return self in (LevelState.OPEN, LevelState.OPENED_EARLY)


@dataclass(slots=True, unsafe_hash=True)
class LevelOutcome:
    """`opens_at` is None when the level is open, or opens on an event that has no known hour."""

    number: int
    name: str
    state: LevelState
    opens_at: datetime | None
    proposals: tuple[Proposal, ...]
    served_by: int | None = None
    """The earlier level that keeps a level of last resort closed."""
    concerned: int = 0
    """How many candidates the level's selector designates, kept elsewhere or refused included."""
    refused: tuple[tuple[Reason, int], ...] = ()
    """Of these, how many were refused, by reason: the cause of an empty level."""
    more: int = 0
    """People placed after those listed, when the first ones only are listed."""


@dataclass(frozen=True, slots=True)
class Ranking:
    algorithm: int
    charter_version: str
    at: datetime
    seed: str
    levels: tuple[LevelOutcome, ...]
    refusals: tuple[Refusal, ...]
    inputs: RankingInputs = field(repr=False)
    refused: tuple[tuple[Reason, int], ...] = ()
    """How many were refused, when refusals are counted and not listed."""

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """The open ones, best first."""
        return tuple(p for level in self.levels if level.state.is_open for p in level.proposals)

    @property
    def waiting(self) -> tuple[Proposal, ...]:
        """Those of the greyed levels, in charter order."""
        return tuple(p for level in self.levels if not level.state.is_open for p in level.proposals)

    @property
    def first(self) -> Proposal | None:
        return next(iter(self.proposals), None)

    def placed(self) -> Iterator[tuple[LevelOutcome, Proposal]]:
        """Every proposal in charter order with its level, open or not."""
        return ((level, proposal) for level in self.levels for proposal in level.proposals)


@dataclass(slots=True, unsafe_hash=True)
class Standing:
    """A kept candidate inside its level, before the levels are put together."""

    level: int
    in_calendar: bool
    offer: Offer
    seats: tuple[Seat, ...]
    start: datetime | None

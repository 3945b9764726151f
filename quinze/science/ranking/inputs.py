"""Everything the ranking reads. It is stored whole with each ranking, so that a replay needs nothing else."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from quinze.science.charter import Charter, LocalMoment, Offer, Participation

TELECONSULTATION = "VR"
EMERGENCY = "ED"
REACHED_BY_TELEPHONE = frozenset({"SOS", "CSNP", "MMG", "TLC", EMERGENCY})


class Kind(StrEnum):
    PROFESSIONAL = "professional"
    STRUCTURE = "structure"


def utc(instant: datetime) -> datetime:
    """One zone object for all: comparisons are exact (no fold surprise) and fast."""
    if instant.tzinfo is UTC:
        return instant
    if instant.utcoffset() is None:
        raise ValueError("un instant sans fuseau horaire ne peut pas être comparé")
    return instant.astimezone(UTC)


# Hundreds a ranking, never changed once made. Not frozen: a frozen record of thirty fields takes twenty times longer
# to make. So are those of `outcome` and `ordering`.
@dataclass(slots=True, unsafe_hash=True)
class Seat:
    """A bookable start. A `plage` (n patients in a range) stays bookable until its end."""

    slot: str
    start: datetime
    end: datetime
    offer: Offer
    modalities: frozenset[str] = frozenset()
    free: int = 1
    plage: bool = False
    note: str = ""
    """What its doctor keeps it for, in words: shown, never weighed."""

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            object.__setattr__(self, "start", utc(self.start))
            object.__setattr__(self, "end", utc(self.end))


NURSE = "60"  # TRE_G15


@dataclass(frozen=True, slots=True)
class Need:
    """What a doctor asked for. Empty sets mean "any"; ages are in months."""

    request: str
    asked_at: datetime
    deadline: datetime
    professions: frozenset[str] = frozenset()
    specialties: frozenset[str] = frozenset()
    modalities: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    wheelchair: bool = False
    age_months: int | None = None
    mobility: str = ""
    vulnerabilities: frozenset[str] = frozenset()
    patient_known: bool = False
    referring_ids: frozenset[str] = frozenset()
    referring_structure_ids: frozenset[str] = frozenset()
    patient_cpts_ids: frozenset[str] = frozenset()
    place_cpts_ids: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "asked_at", utc(self.asked_at))
        object.__setattr__(self, "deadline", utc(self.deadline))

    @property
    def for_nurse(self) -> bool:
        """Then "referring" is the nurse whom the patient has, not the doctor."""
        return self.professions == {NURSE}


@dataclass(slots=True, unsafe_hash=True)
class Candidate:
    """A professional or a structure at one place; `practitioner` ties the places of one doctor together."""

    id: str
    label: str
    kind: Kind = Kind.PROFESSIONAL
    practitioner: str = ""
    profession: str = ""
    specialty: str = ""
    structure_kinds: frozenset[str] = frozenset()
    structure_ids: frozenset[str] = frozenset()
    cpts_ids: frozenset[str] = frozenset()
    filieres: frozenset[str] = frozenset()
    place: str = ""
    via: str = ""
    km: float | None = None
    minutes: int | None = None
    modalities: frozenset[str] = frozenset()
    seats: tuple[Seat, ...] = ()
    participation: Participation | None = None
    accepts_contact: bool = False
    accepts_overbooking: bool = False
    overbooking_left: int = 0
    absent_until: datetime | None = None
    stale_feed: bool = False
    takes_new_patients: bool = True
    min_age_months: int | None = None
    max_age_months: int | None = None
    notice_minutes: int = 0
    languages: frozenset[str] = frozenset()
    wheelchair: bool = False
    solicitations_28d: int = 0
    offered_28d: int = 0
    seen_within_12_months: bool = False

    def __post_init__(self) -> None:
        if self.absent_until is not None:
            object.__setattr__(self, "absent_until", utc(self.absent_until))

    @property
    def person(self) -> str:
        """One doctor appears once, and draws once at ties, however many places they have."""
        return self.practitioner or self.id

    @property
    def by_telephone(self) -> bool:
        kinds = self.structure_kinds if self.kind is Kind.STRUCTURE else frozenset()
        return self.accepts_contact or not kinds.isdisjoint(REACHED_BY_TELEPHONE)


@dataclass(frozen=True, slots=True)
class RankingInputs:
    algorithm: int
    need: Need
    at: datetime
    moment: LocalMoment
    zone: str
    charter: Charter
    candidates: tuple[Candidate, ...]
    seed: str
    max_minutes: int | None = None
    max_km: float | None = None
    territory_km: float | None = None
    opened_levels: frozenset[int] = frozenset()
    holidays_ahead: frozenset[date] = field(default_factory=frozenset)
    sector: str = ""
    """Only professionals of that one were read: told by the log, weighed by no rule."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", utc(self.at))
        ids = {candidate.id for candidate in self.candidates}
        if len(ids) != len(self.candidates):
            raise ValueError("deux candidats portent le même identifiant")

    def without_slots(self, *slots: str) -> "RankingInputs":
        """The same question once these seats were taken by someone else (one patient each)."""
        return replace(self, candidates=tuple(_without(candidate, slots) for candidate in self.candidates))


def _without(candidate: Candidate, slots: tuple[str, ...]) -> Candidate:
    if not any(seat.slot in slots for seat in candidate.seats):
        return candidate
    seats = (replace(seat, free=seat.free - slots.count(seat.slot)) for seat in candidate.seats)
    return replace(candidate, seats=tuple(seat for seat in seats if seat.free > 0))

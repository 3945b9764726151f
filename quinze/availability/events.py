"""What availability asks of the folders above it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Regulation:
    """Hours of a published roster at which somebody regulates, and so receives nobody."""

    start: datetime
    end: datetime
    role: str  # in words
    sas: str


@dataclass(frozen=True, slots=True)
class RegulationAsked:
    """When does this person regulate? Whoever keeps rosters adds to `found`; nobody answers where there is none."""

    user_id: int
    since: datetime
    until: datetime
    found: list[Regulation] = field(default_factory=list)

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What an OSNP narrows or widens by hand; empty means as the request and the charter say."""

    max_km: float | None = None
    max_minutes: int | None = None
    modality: str = ""
    within_hours: int | None = None
    language: str = ""
    wheelchair: bool = False
    profession: str = ""
    sector: str = ""  # directory.Sector: narrows who is read, never orders them
    opened_levels: frozenset[int] = frozenset()
    opening_reason: str = ""

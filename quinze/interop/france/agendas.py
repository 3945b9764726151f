"""Opening hours, and the slots that they make: half-days of 20-minute appointments, and open-door ranges."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from quinze.interop.france.copying import line

HALF_DAYS = tuple((day, half) for day in range(5) for half in (0, 1))
MINUTES = 20
GIVEN_MINUTES = 60  # what a participant keeps for the SAS at the end of a half-day
RULE_COLUMNS = (
    "id", "place_id", "weekday", "starts", "ends", "valid_from", "kind", "slot_minutes", "capacity", "modalities",
    "audience", "cpts_id", "created_at",
)  # fmt: skip
SLOT_COLUMNS = (
    "id", "during", "starts_at", "ends_at", "place_id", "professional_id", "structure_id", "rule_id", "capacity",
    "kind", "modalities", "audience", "cpts_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hours:
    """One weekly range of one place."""

    weekday: int
    starts: int  # minutes since midnight, local
    ends: int
    audience: str
    cpts: int | None = None
    capacity: int = 1
    plage: bool = False
    video: bool = False

    @property
    def modalities(self) -> str:
        return "{AMB,VR}" if self.video else "{AMB}"

    @property
    def kind(self) -> str:
        return "plage" if self.plage else "slots"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose agenda it is: a professional's place, or a structure's."""

    place: int
    zone: str
    professional: int | None = None
    structure: int | None = None


def of_professional(random: Random, *, way: str, cpts: int) -> list[Hours]:
    """Eight half-days out of ten, sometimes Saturday morning. `way` is how they take part: "", "individual", "cpts"."""
    hours: list[Hours] = []
    given = set(random.sample(range(8), k=random.choice((2, 3, 3, 4)))) if way else set()
    for index, (day, half) in enumerate(random.sample(HALF_DAYS, k=8)):
        starts = random.choice((480, 510, 540)) if half == 0 else random.choice((810, 840))
        ends = starts + (180 if half == 0 else random.choice((200, 220, 240)))
        if index in given:
            hours.append(_given(random, day, ends, way=way, cpts=cpts))
            ends -= GIVEN_MINUTES
        hours.append(Hours(day, starts, ends, "PUBLIC"))
    if random.random() < 0.25:
        hours.append(Hours(5, 540, 720, "PUBLIC"))
    return hours


def _given(random: Random, day: int, ends: int, *, way: str, cpts: int) -> Hours:
    starts, video = ends - GIVEN_MINUTES, random.random() < 0.15
    if way == "cpts" and random.random() < 0.6:
        return Hours(day, starts, ends, "CPTS", cpts=cpts, video=video)
    if random.random() < 0.12:
        return Hours(day, starts, ends, "SNP", capacity=4, plage=True)
    return Hours(day, starts, ends, "SNP" if random.random() < 0.85 else "PRO", video=video)


def of_structure(random: Random, kind: str) -> list[Hours]:
    """Doors open every day: evenings for a duty house, the day for the others."""
    starts, ends = (1200, 1439) if kind in ("SOS", "MMG") else (540, 1140)
    capacity = random.choice((10, 20, 30))
    return [Hours(day, starts, ends, "SNP", capacity=capacity, plage=True) for day in range(7)]


def rule_line(number: int, hours: Hours, place: int, *, since: date, at: datetime) -> str:
    return line(
        number, place, hours.weekday, _clock(hours.starts), _clock(hours.ends), since, hours.kind, MINUTES,
        hours.capacity, hours.modalities, hours.audience, hours.cpts, at,
    )  # fmt: skip


def _clock(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def slot_endings(owner: Owner, hours: Hours, rule: int, days: tuple[date, ...]) -> Iterator[str]:
    """Lines of SLOT_COLUMNS without the number that begins them."""
    ending = "\t" + line(
        owner.place, owner.professional, owner.structure, rule, hours.capacity, hours.kind, hours.modalities,
        hours.audience, hours.cpts,
    )  # fmt: skip
    step = 0 if hours.plage else MINUTES
    for day in days:
        if day.weekday() == hours.weekday:
            for period in _periods(hours.starts, hours.ends, step, day, owner.zone):
                yield period + ending


@lru_cache(maxsize=50_000)
def _periods(starts: int, ends: int, step: int, day: date, zone: str) -> tuple[str, ...]:
    """Everyone opens at much the same hours: a day of one of them, written once."""
    bounds = [(starts, ends)] if not step else [(m, m + step) for m in range(starts, ends - step + 1, step)]
    return tuple(_period(_instant(day, a, zone), _instant(day, b, zone)) for a, b in bounds)


def _period(start: datetime, end: datetime) -> str:
    a, b = (f"{instant:%Y-%m-%d %H:%M}+00" for instant in (start, end))
    return f'\t["{a}","{b}")\t{a}\t{b}'


def _instant(day: date, minutes: int, zone: str) -> datetime:
    return datetime.combine(day, _clock(minutes), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def week(since: date) -> tuple[date, ...]:
    return tuple(since + timedelta(days=offset) for offset in range(7))

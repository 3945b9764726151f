"""From opening rules, written in local time, to slots, which are instants.

The calendar is walked in local days and local hours. Where the clocks change: a slot whose local start does not
exist that day is not produced; one whose local start happens twice is produced once, at its first occurrence; a
slot lasts its real minutes, and is dropped when it would then begin before the previous one ends or end after
its range.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

MONDAY_OF_REFERENCE = date(1970, 1, 5)
SATURDAY = 5
ONE_DAY = timedelta(days=1)  # of calendar dates, never of instants


class Period(NamedTuple):
    """Half-open, in UTC."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Period") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Opening:
    """Local hours of one day; an end not after the start is on the next day. Without slot minutes: one plage.
    `buffer_minutes` are left free after each slot; the last slot needs none to fit.
    """

    start: time
    end: time
    slot_minutes: int | None = None
    buffer_minutes: int = 0

    def __post_init__(self) -> None:
        if self.buffer_minutes < 0:
            raise ValueError("la pause entre deux créneaux ne peut pas être négative")
        if self.slot_minutes is not None and self.slot_minutes < 1:
            raise ValueError("la durée d'un créneau est d'au moins une minute")
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("les heures d'ouverture sont des heures locales, sans fuseau")

    def on(self, day: date, zone: ZoneInfo) -> list[Period]:
        first, last = self._walls(day)
        whole = Period(_bound(first, zone), _bound(last, zone))
        if self.slot_minutes is None:
            return [whole] if whole.start < whole.end else []
        length, pause = timedelta(minutes=self.slot_minutes), timedelta(minutes=self.buffer_minutes)
        return list(_cut(whole, first, last, length=length, pause=pause, zone=zone))

    def _walls(self, day: date) -> tuple[datetime, datetime]:
        next_day = timedelta(days=1 if self.end <= self.start else 0)
        return datetime.combine(day, self.start), datetime.combine(day + next_day, self.end)


@dataclass(frozen=True, slots=True)
class WeeklyRule:
    """`until` is excluded; `every` 2 means one week in two, counted from the week of `anchor` or of `since`.
    `except_days` are dates that somebody took out one by one.
    """

    weekday: int
    opening: Opening
    since: date
    until: date | None = None
    every: int = 1
    anchor: date | None = None
    on_holidays: bool = False
    on_bridges: bool = True
    except_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6 or self.every < 1:
            raise ValueError("jour de la semaine de 0 à 6, et au moins une semaine entre deux ouvertures")

    def falls_on(self, day: date, *, holidays: Collection[date]) -> bool:
        return (
            day.weekday() == self.weekday
            and self.since <= day
            and (self.until is None or day < self.until)
            and (week_of(day) - week_of(self.anchor or self.since)) % self.every == 0
            and day not in self.except_days
            and (self.on_holidays or day not in holidays)
            and (self.on_bridges or not is_bridge(day, holidays=holidays))
        )


@dataclass(frozen=True, slots=True)
class DatedRule:
    """One date, chosen by a person: a public holiday does not cancel it."""

    day: date
    opening: Opening

    def falls_on(self, day: date, *, holidays: Collection[date]) -> bool:  # noqa: ARG002
        return day == self.day


Rule = WeeklyRule | DatedRule


def is_bridge(day: date, *, holidays: Collection[date]) -> bool:
    """A working day alone between a public holiday and a week-end, or between two holidays."""

    def rests(some: date) -> bool:
        return some.weekday() >= SATURDAY or some in holidays

    before, after = day - ONE_DAY, day + ONE_DAY
    alone = rests(before) and rests(after) and not rests(day)
    return alone and (before in holidays or after in holidays)


def week_of(day: date) -> int:
    return (day - MONDAY_OF_REFERENCE).days // 7


def slots(
    rules: Sequence[Rule],
    *,
    zone: str,
    since: date,
    until: date,
    holidays: Collection[date] = frozenset(),
    absences: Iterable[Period] = (),
) -> list[Period]:
    """For the local days [since, until). An absence removes the slots it touches, and is cut out of a plage."""
    place, away = ZoneInfo(zone), list(absences)
    found: set[Period] = set()
    for day in _days(since, until):
        for rule in rules:
            if rule.falls_on(day, holidays=holidays):
                periods = rule.opening.on(day, place)
                found.update(subtract(periods, away) if rule.opening.slot_minutes is None else clear(periods, away))
    return sorted(found)


def clear(periods: Iterable[Period], absences: Iterable[Period]) -> list[Period]:
    away = list(absences)
    return [period for period in periods if not any(period.overlaps(absence) for absence in away)]


def subtract(periods: Iterable[Period], absences: Iterable[Period]) -> list[Period]:
    left = list(periods)
    for absence in absences:
        left = [piece for period in left for piece in _without(period, absence)]
    return left


def _without(period: Period, absence: Period) -> Iterator[Period]:
    if absence.start >= absence.end or not period.overlaps(absence):
        yield period
        return
    if period.start < absence.start:
        yield Period(period.start, absence.start)
    if absence.end < period.end:
        yield Period(absence.end, period.end)


def _days(since: date, until: date) -> Iterator[date]:
    return (since + timedelta(days=offset) for offset in range((until - since).days))


def _cut(
    whole: Period, first: datetime, last: datetime, *, length: timedelta, pause: timedelta, zone: ZoneInfo
) -> Iterator[Period]:
    free_from = whole.start
    for wall in takewhile(lambda wall: wall + length <= last, _walls_from(first, length + pause)):
        start = _exact(wall, zone)
        if start is None or start < free_from or start + length > whole.end:
            continue
        free_from = start + length + pause
        yield Period(start, start + length)


def _walls_from(first: datetime, step: timedelta) -> Iterator[datetime]:
    while True:
        yield first
        first += step


def _bound(wall: datetime, zone: ZoneInfo) -> datetime:
    """A limit that does not exist moves forward by the width of the gap, as in RFC 5545."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _exact(wall: datetime, zone: ZoneInfo) -> datetime | None:
    instant = _bound(wall, zone)
    return instant if instant.astimezone(zone).replace(tzinfo=None) == wall else None

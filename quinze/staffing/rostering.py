"""Between the rows of a roster and the rules of science: weeks in local time, and what a breach says. No database
here.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from quinze.science.rosters import Breach

WEEK_DAYS = 7
LONGEST_SHIFT = timedelta(hours=14)
ONE_DAY = timedelta(days=1)  # of calendar dates
HANDOVER = timedelta(hours=1)  # one comes before, and leaves after
RULES_LOOK_BACK = timedelta(weeks=4)  # week-ends are counted over four


def monday_of(day: date) -> date:
    return day - day.weekday() * ONE_DAY


def week_bounds(monday: date, zone: str) -> tuple[datetime, datetime]:
    return _midnight(monday, zone), _midnight(monday + WEEK_DAYS * ONE_DAY, zone)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def days_bounds(first: date, after: date, zone: str) -> tuple[datetime, datetime]:
    return _midnight(first, zone), _midnight(after, zone)


def hours(day: date, start: time, end: time, zone: str) -> tuple[datetime, datetime]:
    """Local hours of one day; an end not after the start is on the next day."""
    next_day = ONE_DAY if end <= start else timedelta(0)
    first, last = (
        datetime.combine(day + more, at, ZoneInfo(zone)) for more, at in ((timedelta(0), start), (next_day, end))
    )
    return first.astimezone(UTC), last.astimezone(UTC)


def words(role_label: str, start: datetime, end: datetime, zone: str) -> str:
    first, last = (instant.astimezone(ZoneInfo(zone)) for instant in (start, end))
    return f"{role_label}, {first:%d/%m/%Y %H:%M} – {last:%H:%M}"


def sentences(breaches: Iterable[Breach], names: dict[str, str] | None = None) -> str:
    """« Rose Aubépine : Repos de moins de 11 h… »; without names where they are said beside."""

    def said(breach: Breach) -> str:
        name = (names or {}).get(breach.person, "")
        return f"{name} : {breach.said}" if name else breach.said

    return " ".join(said(each) for each in breaches)

"""Half-open periods of instants: the start belongs to the period, the end does not."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange


def period(start: datetime, end: datetime | None = None) -> DateTimeTZRange:
    return DateTimeTZRange(start, end, "[)")


def local_instant(day: date, at: time, zone: str) -> datetime:
    """The instant of a wall-clock time; a time that the clocks skip is read with the offset before the change."""
    return datetime.combine(day, at, tzinfo=ZoneInfo(zone))


def local_day(day: date, zone: str) -> tuple[datetime, datetime]:
    """Midnight to midnight in local time: 23, 24 or 25 hours."""
    following = date.fromordinal(day.toordinal() + 1)
    return local_instant(day, time.min, zone), local_instant(following, time.min, zone)

"""The only place that reads the time. Operations and science receive it as an argument."""

from datetime import UTC, datetime, timedelta

from django.conf import settings


def now() -> datetime:
    """The present instant, in UTC; a demonstration may have been started at another date."""
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    shift: timedelta = settings.QUINZE_CLOCK_OFFSET
    return shift

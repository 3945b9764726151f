"""Numbers, hours and lists as people read them in French."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def hour(local: datetime) -> str:
    return f"{local.hour} h {local.minute:02d}" if local.minute else f"{local.hour} h"


@lru_cache(maxsize=4096)
def moment(instant: datetime, *, seen_from: datetime, zone: ZoneInfo) -> str:
    """ "à 14 h 20", "demain à 9 h", "mardi 24 novembre à 9 h": in the local time of the place."""
    local, today = instant.astimezone(zone), seen_from.astimezone(zone).date()
    if local.date() == today:
        return f"à {hour(local)}"
    if local.date() == today + timedelta(days=1):
        return f"demain à {hour(local)}"
    first = "1er" if local.day == 1 else str(local.day)
    return f"{DAYS[local.weekday()]} {first} {MONTHS[local.month - 1]} à {hour(local)}"


def decimal(value: float, *, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


@lru_cache(maxsize=16_384)
def distance(*, km: float | None, minutes: int | None) -> str:
    shown_km = "" if km is None else f"{decimal(km, digits=1)} km"
    shown_minutes = "" if minutes is None else f"{minutes} min"
    if shown_km and shown_minutes:
        return f"{shown_km} ({shown_minutes})"
    return shown_km or shown_minutes


def times(count: int, what: str) -> str:
    return f"{count} {what}" if count < 2 else f"{count} {what}s"

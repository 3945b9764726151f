"""When a reminder leaves, and by which channel: the hour of the patient's place, the cost, what the patient asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from quinze.base.periods import local_instant

ALWAYS_CONFIRMED = timedelta(hours=48)  # unplanned care: every channel there is, whatever it costs
SHORT_NOTICE = timedelta(hours=2)
STILL_USEFUL = timedelta(hours=1)  # a reminder put off to the morning must leave that long to come
EVENING_BEFORE = timedelta(minutes=30)  # before the quiet hours begin
LONGEST_QUIET = timedelta(hours=18)
# An e-mail costs nothing and is read by the next day; two hours before, only a text message is read in time.
ORDERS = {"d1": ("email", "sms"), "h2": ("sms", "email")}


@dataclass(frozen=True, slots=True)
class Quiet:
    """No reminder leaves from the first hour of the evening to the second of the morning, in local time."""

    evening: int = 21
    morning: int = 8

    def covers(self, local: datetime) -> bool:
        return not self.morning <= local.hour < self.evening


def send_at(due: datetime, *, starts_at: datetime, zone: str, quiet: Quiet) -> datetime:
    """The instant itself; in the quiet hours the morning after, or the evening before when the morning is too late."""
    local = due.astimezone(ZoneInfo(zone))
    if not quiet.covers(local):
        return due
    morning = local.date() if local.hour < quiet.morning else local.date() + timedelta(days=1)
    wakes = local_instant(morning, time(quiet.morning), zone)
    if wakes <= starts_at - STILL_USEFUL:
        return wakes
    return local_instant(morning - timedelta(days=1), time(quiet.evening), zone) - EVENING_BEFORE


def kind_at(at: datetime, *, due: datetime, starts_at: datetime) -> str:
    """A job that comes late sends the reminder of now, never the one of yesterday."""
    return "h2" if max(at, due) >= starts_at - SHORT_NOTICE else "d1"


@dataclass(frozen=True, slots=True)
class Reach:
    """How a person may be reached: what exists, what they prefer, what they want no more of."""

    mobile: bool
    email: bool
    wish: str = ""  # email, sms, call, none; empty: as it is best
    stopped: frozenset[str] = frozenset()

    @property
    def existing(self) -> tuple[str, ...]:
        return tuple(name for name, there in (("sms", self.mobile), ("email", self.email)) if there)


def confirmed_by(reach: Reach, *, ahead: timedelta) -> tuple[str, ...]:
    """Within 48 hours by every channel; later by the one asked for, else the cheapest that exists."""
    return reach.existing if ahead <= ALWAYS_CONFIRMED else _first(reach.existing, reach.wish, ORDERS["d1"])


def reminded_by(reach: Reach, kind: str) -> tuple[str, str]:
    """The way and, when nothing leaves, why: (email|sms|call|none, reason)."""
    if reach.wish == "none":
        return "none", "le patient ne veut pas de rappel"
    if reach.wish == "call" or not reach.existing:
        return "call", ""
    wanted = [name for name in reach.existing if name not in reach.stopped]
    first = _first(wanted, reach.wish, ORDERS[kind])
    return (first[0], "") if first else ("none", "rappels arrêtés par le patient")


def _first(existing: Iterable[str], wish: str, order: tuple[str, ...]) -> tuple[str, ...]:
    there = set(existing)
    return next(((name,) for name in (wish, *order) if name in there), ())

"""The busy periods of an iCalendar file, and nothing else of it. Pure: bytes in, periods out.

Recurrence (RRULE, RDATE, EXDATE, RECURRENCE-ID) and time zones (IANA, Windows and vendors' names, VTIMEZONE) are those
of `icalendar` and `recurring-ical-events`. Instants come out in UTC.
"""

import re
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event

from quinze.interop.calendars import dav, text
from quinze.interop.calendars.text import Unreadable

MOST_EVENTS = 20_000  # of those that could matter, once the past is left out
MOST_PERIODS = 20_000
OURS = "quinze-"  # beginning of the UID of what we publish ourselves: read back, it must not close a slot
_SAS = re.compile(r"\bSAS\b")
Guard = Callable[[], AbstractContextManager[Any]]


class TooLong(Exception):  # noqa: N818
    """One event asks for more work than any agenda does."""


@dataclass(frozen=True, slots=True)
class Busy:
    start: datetime
    end: datetime
    of_sas: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    periods: tuple[Busy, ...]
    events: int  # that keep the doctor busy at some time of the window, each series once
    unreadable: int  # left out: the doctor is told how many


def read(
    content: bytes, *, kind: str, zone: str, start: datetime, end: datetime, guard: Guard = nullcontext
) -> Reading:
    """What keeps busy between two instants. `zone` gives their hour to events without one, and their day to whole days.

    `guard` surrounds each series, and may raise TooLong. Raises Unreadable when nothing can be trusted; one bad event
    is counted and left out.
    """
    calendars = dav.calendars(content) if kind == "caldav" else [text.unfolded(content)]
    found: dict[Busy, None] = {}
    events = unreadable = 0
    for series in _series(calendars, start=start, end=end):
        try:
            with guard():
                periods = [busy for busy in _busy(series, ZoneInfo(zone), start, end) if busy.start < busy.end]
        except (TooLong, ValueError, TypeError, KeyError, AttributeError, OverflowError, ArithmeticError, LookupError):
            unreadable += 1
            continue
        events += bool(periods)
        found |= dict.fromkeys(periods)
        if len(found) > MOST_PERIODS:
            raise Unreadable("too_many", "L’agenda compte trop de périodes occupées pour être suivi.")
    return Reading(tuple(sorted(found, key=lambda b: (b.start, b.end, b.of_sas))), events, unreadable)


def _series(calendars: Iterable[str], *, start: datetime, end: datetime) -> Iterator["Series"]:
    whole = [text.shortened(text.checked(each), start=start, end=end) for each in calendars]
    if sum(each.upper().count("BEGIN:VEVENT") for each in whole) > MOST_EVENTS:
        raise Unreadable("too_many", f"L’agenda a plus de {MOST_EVENTS} événements à venir ou répétés : allégez-le.")
    for each in whole:
        yield from _grouped(_parsed(each))


def _parsed(calendar: str) -> list[Calendar]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # guesses about the zones of other programs
        try:
            return [c for c in Calendar.from_ical(calendar, multiple=True) if isinstance(c, Calendar)]
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
            raise Unreadable("not_ics", "L’agenda reçu ne suit pas le format iCalendar.") from error


@dataclass(frozen=True, slots=True)
class Series:
    """An event with the changes made to some of its occurrences."""

    events: list[Event]
    default_zone: str  # X-WR-TIMEZONE: where Google shows its UTC hours

    @property
    def is_single(self) -> bool:
        return len(self.events) == 1 and not any(name in self.events[0] for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def _grouped(calendars: list[Calendar]) -> Iterator[Series]:
    for calendar in calendars:
        series: dict[str, list[Event]] = defaultdict(list)
        events = (event for event in calendar.walk("VEVENT") if isinstance(event, Event))
        for number, event in enumerate(events):
            series[str(event.get("UID") or f"event {number}")].append(event)
        default = str(calendar.get("X-WR-TIMEZONE", ""))
        yield from (Series(one, default) for uid, one in series.items() if not uid.startswith(OURS))


def _busy(series: Series, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Busy]:
    for event in [series.events[0]] if series.is_single else _occurrences(series, start, end):
        if _takes_time(event):
            begins, ends = _bounds(event, zone)
            if ends > start and begins < end:
                yield Busy(max(begins, start), min(ends, end), bool(_SAS.search(str(event.get("SUMMARY", "")))))


def _occurrences(series: Series, start: datetime, end: datetime) -> list[Event]:
    """A day more on each side: whole days and hours without a zone are placed afterwards."""
    calendar = Calendar()
    if series.default_zone:
        calendar.add("X-WR-TIMEZONE", series.default_zone)
    for event in series.events:
        calendar.add_component(event)
    found = recurring_ical_events.of(calendar).between(start - timedelta(days=1), end + timedelta(days=1))
    return [event for event in found if isinstance(event, Event)]


def _takes_time(event: Event) -> bool:
    """Tentative is busy: better one slot less than two patients at once."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE":
        return False
    return str(event.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT"


def _bounds(event: Event, zone: ZoneInfo) -> tuple[datetime, datetime]:
    begins: date = _value(event, "DTSTART")
    ends: date = _value(event, "DTEND") if "DTEND" in event else _end(begins, event)
    if type(begins) is date and type(ends) is date:
        ends = max(ends, begins + timedelta(days=1))  # some write the same day twice
    first, last = _instant(begins, zone), _instant(ends, zone)
    if last < first:
        raise ValueError("ends before it begins")
    return first, last


def _value(event: Event, name: str) -> Any:
    found: Any = event[name]
    return found.dt


def _end(begins: date, event: Event) -> date:
    """DURATION counts days of the clock and hours of time; a whole day without either lasts that day."""
    if "DURATION" not in event:
        return begins if isinstance(begins, datetime) else begins + timedelta(days=1)
    lasts: timedelta = _value(event, "DURATION")
    if isinstance(begins, datetime) and begins.tzinfo is not None and lasts % timedelta(days=1):
        return begins.astimezone(UTC) + lasts
    return begins + lasts


def _instant(moment: date, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)

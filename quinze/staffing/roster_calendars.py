"""Rosters as iCalendar: one person's shifts to follow, a whole week that comes back as it left. No database here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.staffing.sheets import MOST_LINES, MOST_PEOPLE, REFUSALS_SHOWN, Line, role_of

PLACES = "X-QUINZE-PLACES"
MOST_PLACES = 9999


@dataclass(frozen=True, slots=True)
class Mine:
    """A shift of the person who follows."""

    key: int
    role: str
    sas: str
    start: datetime
    end: datetime


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Quinze//Planning//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    return calendar


def _event(key: int | str, start: datetime, end: datetime, summary: str) -> Event:
    """Hours in UTC, which every calendar shows right; the same shifts give the same octets."""
    event = Event()
    event.add("uid", f"garde-{key}@quinze")
    event.add("dtstamp", start.astimezone(UTC))
    event.add("dtstart", start.astimezone(UTC))
    event.add("dtend", end.astimezone(UTC))
    event.add("summary", summary)
    return event


def of_person(mine: Iterable[Mine]) -> bytes:
    calendar = _calendar("Mes gardes")
    for each in mine:
        event = _event(each.key, each.start, each.end, f"{Role(each.role).label}, {each.sas}")
        event.add("categories", ["Garde"])
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def of_week(lines: Sequence[Line]) -> bytes:
    """Every shift with its places; people by their address."""
    calendar = _calendar("Planning")
    for line in lines:
        key = f"{line.role}-{line.start.astimezone(UTC):%Y%m%d%H%M}-{line.end.astimezone(UTC):%Y%m%d%H%M}"
        event = _event(key, line.start, line.end, Role(line.role).label)
        event.add(PLACES, str(line.needed))
        for address in line.people:
            event.add("attendee", vCalAddress(f"mailto:{address}"))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def read(content: bytes, *, zone: str) -> list[Line]:
    """The events of a calendar as shifts, the post in the title. Refusal with the event and the value that are wrong;
    an event that repeats is refused, since its dates are not written.
    """
    try:
        events = Calendar.from_ical(content).walk("VEVENT")
    except Exception as wrong:  # the parser raises what it meets
        raise Refusal("Ce fichier iCalendar ne se lit pas.", field="file", code="unreadable") from wrong
    if len(events) > MOST_LINES:
        raise Refusal(f"Plus de {MOST_LINES} gardes : envoyez moins de semaines.", field="file", code="too_long")
    lines, refused = [], []
    for number, event in enumerate(events, 1):
        try:
            lines.append(_line(event, ZoneInfo(zone)))
        except ValueError as wrong:
            refused.append(f"Événement {number} : {wrong}")
    if refused or not lines:
        said = " ".join(refused[:REFUSALS_SHOWN]) or "Ce calendrier n’a aucun événement."
        raise Refusal(said, field="file", code="lines")
    return lines


def _line(event: Any, zone: ZoneInfo) -> Line:
    title = str(event.get("SUMMARY", ""))
    role = role_of(title.partition(",")[0])
    if role is None:
        raise ValueError(f"poste inconnu, « {title[:40]} ».")
    if "RRULE" in event or "RDATE" in event:
        raise ValueError("il se répète : exportez chaque garde.")
    start, end = (_instant(event, name, zone) for name in ("DTSTART", "DTEND"))
    if not start < end:
        raise ValueError("la fin vient avant le début.")
    people = _people(event)
    places = str(event.get(PLACES, max(1, len(people))))
    if not places.isdecimal() or int(places[:5]) > MOST_PLACES:
        raise ValueError(f"nombre de places attendu, « {places[:20]} ».")
    return Line(role, start, end, int(places), people)


def _instant(event: Any, name: str, zone: ZoneInfo) -> datetime:
    found = getattr(event.get(name), "dt", None)
    if not isinstance(found, datetime) or not 2000 <= found.year <= 2100:
        raise ValueError(f"{name} : une date et une heure sont attendues.")
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _people(event: Any) -> tuple[str, ...]:
    found = event.get("ATTENDEE", [])
    addresses = found if isinstance(found, list) else [found]
    people = tuple(dict.fromkeys(str(each).strip().lower().removeprefix("mailto:") for each in addresses))
    if len(people) > MOST_PEOPLE:
        raise ValueError(f"plus de {MOST_PEOPLE} personnes.")
    return people

"""What a doctor follows from another calendar: appointments given by the SAS, and hours still open to it.

As little as is useful: no name, no phone, no reason; initials if the doctor asked for them. Hours are written in UTC,
which every calendar program shows right, whatever it knows of zones. The same facts give the same octets, so that the
ETag only changes when something did.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event, vDuration, vText

from quinze.availability.models import CalendarLink, Slot
from quinze.availability.queries import free_slots, participation_of, seen_audiences
from quinze.directory.models import Professional
from quinze.interop.calendars.reading import OURS
from quinze.orientation.models import Booking
from quinze.orientation.queries.bookings import agenda_of
from quinze.patients.models import Patient

PAST = timedelta(days=31)
AHEAD = timedelta(days=92)
EVERY = timedelta(minutes=15)
SHOWN = (Booking.Status.BOOKED, Booking.Status.CONFIRMED, Booking.Status.FULFILLED, Booking.Status.NO_SHOW)


@dataclass(slots=True)
class Open:
    """Slots of one place that follow each other, shown as one block."""

    slots: list[Slot]

    @property
    def start(self) -> datetime:
        return self.slots[0].starts_at

    @property
    def end(self) -> datetime:
        return self.slots[-1].ends_at

    @property
    def seats(self) -> int:
        return sum(slot.capacity - slot.taken for slot in self.slots)


def calendar_of(link: CalendarLink, *, at: datetime) -> bytes:
    calendar = _empty()
    for booking in _appointments(link.professional, at=at):
        calendar.add_component(_appointment(booking, with_initials=link.with_initials))
    if link.with_slots:
        for block in _open_blocks(_offered(link.professional, at=at)):
            calendar.add_component(_open(block, stamp=link.created_at))
    content: bytes = calendar.to_ical()
    return content


def _empty() -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", "-//Quinze//Agenda SAS//FR")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", vText("SAS (Quinze)"))
    calendar.add("REFRESH-INTERVAL", vDuration(EVERY), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(EVERY))
    return calendar


def _appointments(professional: Professional, *, at: datetime) -> Iterable[Booking]:
    return agenda_of(professional=professional, start=at - PAST, end=at + AHEAD).filter(status__in=SHOWN)


def _appointment(booking: Booking, *, with_initials: bool) -> Event:
    named = f" {initials(booking.patient)}" if with_initials else ""
    event = _event(f"rdv-{booking.pk}", booking.starts_at, booking.during.upper, stamp=booking.status_at)
    event.add("SUMMARY", f"RDV SAS{named}")
    event.add("LOCATION", booking.place.name or booking.place.address)
    event.add("TRANSP", "OPAQUE")
    event.add("STATUS", "CONFIRMED")
    event.add("CLASS", "PRIVATE")
    return event


def initials(patient: Patient) -> str:
    letters = (patient.given_name[:1], (patient.used_name or patient.family_name)[:1])
    return " ".join(f"{letter.upper()}." for letter in letters if letter)


def _offered(professional: Professional, *, at: datetime) -> list[Slot]:
    """What some SAS sees: what nobody is shown is not said either."""
    seen = {
        audience
        for participation in professional.participations.filter(during__contains=at).select_related("sas")
        for audience in seen_audiences(participation_of(professional, sas=participation.sas, at=at))
    }
    slots = free_slots(at=at, until=at + AHEAD, professional_ids=[professional.pk], audiences=seen)
    return list(slots.filter(source="quinze").select_related("place"))


def _open_blocks(slots: Sequence[Slot]) -> Iterator[Open]:
    block: Open | None = None
    for slot in slots:
        last = block.slots[-1] if block else None
        if block and last and last.ends_at == slot.starts_at and last.place_id == slot.place_id:
            block.slots.append(slot)
            continue
        if block:
            yield block
        block = Open([slot])
    if block:
        yield block


def _open(block: Open, *, stamp: datetime) -> Event:
    place = block.slots[0].place
    event = _event(f"ouvert-{place.pk}-{block.start:%Y%m%dT%H%M}", block.start, block.end, stamp=stamp)
    event.add("SUMMARY", f"Ouvert au SAS : {block.seats} place{'s' if block.seats > 1 else ''}")
    event.add("LOCATION", place.name or place.address)
    event.add("TRANSP", "TRANSPARENT")
    event.add("X-MICROSOFT-CDO-BUSYSTATUS", "FREE")
    return event


def _event(name: str, start: datetime, end: datetime, *, stamp: datetime) -> Event:
    event = Event()
    event.add("UID", f"{OURS}{name}@{urlsplit(settings.QUINZE_PUBLIC_URL).hostname or 'quinze'}")
    event.add("DTSTAMP", stamp.astimezone(UTC).replace(microsecond=0))
    event.add("DTSTART", start.astimezone(UTC))
    event.add("DTEND", end.astimezone(UTC))
    return event

"""What a doctor reads of the people the SAS sends: the day, the names of a week, the figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.availability.models import OpeningRule, Slot
from quinze.availability.opening import duration
from quinze.availability.queries import Block, Week, shown_to_sas
from quinze.base.periods import local_day, local_instant
from quinze.directory.models import Participation, Professional
from quinze.directory.rules import reaches
from quinze.orientation.models import Booking, RequestEvent
from quinze.orientation.queries.bookings import GIVEN, agenda_of
from quinze.orientation.queries.transport import arrivals
from quinze.patients.queries import age_words, display_name

Status = Booking.Status
DONE = {Status.FULFILLED: "Vu", Status.NO_SHOW: "Pas venu", Status.CANCELLED: "Annulé", Status.MOVED: "Déplacé"}
NEW_FOR = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Visit:
    """One line of the day."""

    booking: Booking
    name: str
    age: str
    phone: str
    state: str  # due, expected, done
    outcome: str  # in words, once known
    is_new: bool
    without_hour: bool  # somewhere in a plage
    late: int = 0  # minutes announced by the doctor, the last time
    transport: str = ""  # how the person comes and goes, when carried

    @property
    def instruction(self) -> str:
        return self.booking.instruction or self.booking.request.instruction

    @property
    def origin(self) -> str:
        """Where the person comes from; of a visit, the whole address. Their line says which emergency department."""
        request = self.booking.request
        if request.emergency_id is not None and self.booking.modality != "HH":
            return ""
        town = request.commune.name if request.commune else ""
        return ", ".join(filter(None, [request.address if self.booking.modality == "HH" else "", town]))

    @property
    def evaluates(self) -> bool:
        return getattr(self.booking.request, "evaluation", None) is not None

    @property
    def may_be_late(self) -> bool:
        return self.state == "expected"


def visits(professional: Professional, *, day: date, zone: str, at: datetime) -> list[Visit]:
    """Those whose coming is to be answered first, then the others by the hour, what is over last."""
    start, end = local_day(day, zone)
    bookings = list(_with_origin(agenda_of(professional=professional, start=start, end=end)))
    late, carried = _announced(bookings), arrivals(bookings)
    lines = [_visit(b, day=day, at=at, late=late.get(b.pk, 0), transport=carried.get(b.pk, "")) for b in bookings]
    return sorted(lines, key=lambda v: (("due", "expected", "done").index(v.state), v.booking.starts_at, v.booking.pk))


def to_answer(professional: Professional, *, before: datetime, at: datetime) -> list[Visit]:
    """Earlier days left without an answer."""
    bookings = agenda_of(professional=professional, start=before - timedelta(days=14), end=before)
    return [_visit(b, day=at.date(), at=at) for b in _with_origin(bookings.filter(status__in=GIVEN))]


def _with_origin(bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    return bookings.select_related(
        "request__requested_by", "request__commune", "request__emergency", "request__evaluation", "request__assistance"
    )


def _announced(bookings: Sequence[Booking]) -> dict[int, int]:
    """Minutes of lateness by booking, the last word of each."""
    told = RequestEvent.objects.filter(kind="doctor_late", request__in=[b.request_id for b in bookings])
    return {data["booking_id"]: data["minutes"] for data in told.order_by("at", "pk").values_list("data", flat=True)}


def _visit(booking: Booking, *, day: date, at: datetime, late: int = 0, transport: str = "") -> Visit:
    patient, request = booking.patient, booking.request
    return Visit(
        booking=booking,
        name=" ".join(filter(None, [(patient.used_name or patient.family_name).upper(), patient.given_name]))
        or "Identité à dire",
        age=age_words(patient, on=day),
        phone=request.callback_phone or patient.phone,
        state=_state(booking, at),
        outcome=DONE.get(Status(booking.status), ""),
        is_new=booking.status in GIVEN and at - booking.status_at < NEW_FOR,
        without_hour=booking.slot is not None and booking.slot.kind == OpeningRule.Kind.PLAGE,
        late=late,
        transport=transport,
    )


def _state(booking: Booking, at: datetime) -> str:
    if booking.status not in GIVEN:
        return "done"
    return "due" if booking.starts_at <= at else "expected"


def put_names(week: Week, professional: Professional, *, by: Actor) -> None:
    """Who comes, in the block of their slot; those who come outside every opening get their own."""
    start = local_instant(week.monday, time.min, week.zone)
    end = local_instant(week.monday + timedelta(days=7), time.min, week.zone)
    expected = agenda_of(professional=professional, start=start, end=end).exclude(
        status__in=[Status.CANCELLED, Status.MOVED]
    )
    of_slot = {pk: block for block in week.blocks for pk in block.slot_ids}
    for booking in (each for each in expected if reaches(by, each.place_id)):
        starts = booking.starts_at.astimezone(ZoneInfo(week.zone))
        whence = ", vient des urgences" if booking.request.emergency_id is not None else ""
        said = f"{starts:%H:%M} {display_name(booking.patient)}{whence}"
        if booking.slot_id in of_slot:
            of_slot[booking.slot_id].names.append(said)
        else:
            ends = booking.during.upper.astimezone(ZoneInfo(week.zone))
            week.blocks.append(Block(starts, ends, "mix", "En plus", names=[said]))


@dataclass(slots=True)
class Tally:
    """One week of give and take, in plain counts."""

    monday: date
    hours: float = 0
    sent: int = 0
    seen: int = 0
    no_show: int = 0
    cancelled: int = 0

    @property
    def opened(self) -> str:
        return duration(self.hours)

    @property
    def enough(self) -> bool:
        return self.hours >= 2


def tallies(
    professional: Professional, *, sas: Sas, participation: Participation | None, today: date, weeks: int = 4
) -> list[Tally]:
    """This week and those before, the latest first. Two reads, however many weeks."""
    mondays = [today - timedelta(days=today.weekday() + 7 * n) for n in range(weeks)]
    found = {monday: Tally(monday) for monday in mondays}
    start, end = (
        local_instant(mondays[-1], time.min, sas.zone),
        local_instant(today + timedelta(days=7), time.min, sas.zone),
    )
    zone = ZoneInfo(sas.zone)
    for starts_at, ends_at in _offered(professional, start, end, participation):
        if line := found.get(_monday(starts_at.astimezone(zone).date())):
            line.hours += (ends_at - starts_at).total_seconds() / 3600
    counts: Counter[tuple[date, str]] = Counter()
    for starts_at, status in agenda_of(professional=professional, start=start, end=end).values_list(
        "starts_at", "status"
    ):
        counts[_monday(starts_at.astimezone(zone).date()), status] += 1
    for line in found.values():
        _fill(line, counts)
    return list(found.values())


def _offered(
    professional: Professional, start: datetime, end: datetime, participation: Participation | None
) -> list[tuple[datetime, datetime]]:
    slots = Slot.objects.filter(professional=professional, starts_at__gte=start, starts_at__lt=end)
    seen = slots.filter(shown_to_sas(participation))
    return list((seen.filter(status=Slot.Status.OPEN) | seen.filter(taken__gt=0)).values_list("starts_at", "ends_at"))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _fill(line: Tally, counts: Counter[tuple[date, str]]) -> None:
    line.seen = counts[line.monday, Status.FULFILLED]
    line.no_show = counts[line.monday, Status.NO_SHOW]
    line.cancelled = counts[line.monday, Status.CANCELLED]
    line.sent = sum(counts[line.monday, status] for status in Status if status != Status.MOVED)

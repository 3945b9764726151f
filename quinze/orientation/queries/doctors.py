"""One professional at a time: the referring one of a request, the next seats of someone, the overbookings left."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q

from quinze.accounts.models import Sas
from quinze.availability.models import Absence, Slot
from quinze.base.at_once import prepared
from quinze.base.codes import fold
from quinze.base.periods import local_day
from quinze.base.written import Written
from quinze.directory.models import Participation, Place, Professional
from quinze.orientation.models import OrientationRequest, ReferringAttempt
from quinze.orientation.queries.asks import pending_asks
from quinze.orientation.queries.bookings import overbooked_on
from quinze.orientation.queries.calendar import zone_of
from quinze.orientation.queries.fitting import fitting
from quinze.orientation.queries.views import SlotView
from quinze.orientation.referring import Referring, referring_for
from quinze.orientation.sentences import until

ATTEMPTS = Written(
    lambda request: ReferringAttempt.objects.filter(request_id=request).select_related("by").order_by("at", "pk"),
    request=int,
)
ABSENCES = Written(
    lambda doctor, at: Absence.objects.filter(
        professional_id=doctor, place__isnull=True, withdrawn_at__isnull=True, during__contains=at
    ).order_by(F("during__endswith").desc(nulls_first=True))[:1],
    doctor=int,
    at=datetime,
)
PHONES = Written(
    lambda doctor: (
        Place.objects.filter(professional_id=doctor, is_active=True).order_by("pk").values_list("phones", flat=True)
    ),
    doctor=int,
)


@dataclass(frozen=True, slots=True)
class ReferringStatus:
    kind: Referring
    professional: Professional | None
    name: str  # empty where nobody was declared
    text: str
    absent: bool
    absent_until: datetime | None
    phones: tuple[str, ...]
    attempts: tuple[ReferringAttempt, ...]

    @property
    def to_log(self) -> bool:
        """REG-07: what came of trying the referring doctor is written before anyone else is proposed."""
        return not self.attempts


def referring_status(*, request: OrientationRequest, at: datetime) -> ReferringStatus:
    patient, kind = request.patient, referring_for(request.profession)
    doctor = kind.of(patient)
    absence = absence_of(doctor, at=at) if doctor else None
    back = absence.during.upper if absence else None
    name = str(doctor) if doctor else kind.text_of(patient)
    away = f"absent {until(back, zone_of(request))}" if absence else ""
    return ReferringStatus(
        kind=kind,
        professional=doctor,
        name=name,
        text=", ".join(part for part in (name or kind.nobody, away) if part),
        absent=absence is not None,
        absent_until=back,
        phones=_phones(doctor) if doctor else (),
        attempts=tuple(ATTEMPTS(request=request.pk)),
    )


def absence_of(doctor: Professional, *, at: datetime) -> Absence | None:
    """Declared, everywhere, at that instant; the longest when several overlap."""
    return next(iter(ABSENCES(doctor=doctor.pk, at=at)), None)


def _phones(doctor: Professional) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phone for phones in PHONES(doctor=doctor.pk) for phone in phones))


COLUMNS = tuple(field.attname for field in Slot._meta.concrete_fields)
NEXT = f"""
SELECT {", ".join(f'"{field.column}"' for field in Slot._meta.concrete_fields)} FROM availability_slot slot
WHERE place_id = %s AND audience = %s AND status = 'open' AND id <> %s AND starts_at >= %s AND starts_at <= %s
    AND modalities && %s::varchar[] AND (taken < capacity OR EXISTS (
        SELECT FROM orientation_booking WHERE slot_id = slot.id AND status = 'held' AND hold_expires_at <= %s))
ORDER BY starts_at, id LIMIT %s"""  # noqa: S608  (columns of the model)


def next_seats(*, slot: Slot, request: OrientationRequest, at: datetime, limit: int = 3) -> tuple[SlotView, ...]:
    """The next free seats of the same doctor and sort: what to offer when one was just lost. A thousand may ask."""
    values = slot.place_id, slot.audience, slot.pk, at, request.deadline, request.modalities, at, 5 * limit
    first = [Slot.from_db("default", COLUMNS, row) for row in prepared(NEXT, values)]
    return tuple(slot_view(found) for found in fitting(first, request=request, at=at)[:limit])


def slot_view(slot: Slot) -> SlotView:
    return SlotView(
        id=slot.pk,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        modalities=tuple(sorted(slot.modalities)),
        free=max(0, slot.capacity - slot.taken),
        plage=slot.kind == "plage",
        audience=slot.audience,
        note=slot.reasons,
    )


def overbooking_left(*, sas: Sas, professional: Professional, at: datetime, on: datetime | None = None) -> int:
    """How many patients more the doctor still accepts on that local day; what they are being asked is not left."""
    participation = Participation.objects.filter(sas=sas, professional=professional, during__contains=at).first()
    if participation is None or not participation.accepts_overbooking:
        return 0
    day = (on or at).astimezone(ZoneInfo(sas.zone)).date()
    start, end = local_day(day, sas.zone)
    given = overbooked_on(sas=sas, professional=professional, start=start, end=end)
    asked = pending_asks(professional, start=start, end=end, at=at)
    return max(0, participation.overbooking_per_day - given - asked)


def find_professionals(*, sas: Sas, text: str, limit: int = 8) -> list[Professional]:
    """By any beginning of the names typed; those who take part in the SAS first."""
    words = fold(text).split()
    if not words or len("".join(words)) < 2:
        return []
    found = Professional.objects.all()
    for word in words:
        found = found.filter(Q(search_name__startswith=word) | Q(search_name__contains=f" {word}"))
    takes_part = Participation.objects.filter(sas=sas, professional=OuterRef("pk"))
    return list(found.annotate(here=Exists(takes_part)).order_by("-here", "search_name", "pk")[:limit])

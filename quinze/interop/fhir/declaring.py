"""INT_R03 as an editor: our appointments are declared to the national platform, as they are made and as they change.

The row of the outbox is written in the transaction of the act (an event), and sent by a job. What is sent is the
appointment as it is then, whatever happened since: the platform gets the last state, in order, since one job at a time
speaks of one appointment. Off without QUINZE_PLATFORM_URL: nothing is written then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from procrastinate.contrib.django import app

from quinze.accounts.models import Sas
from quinze.base import live
from quinze.base.at_once import AtOnce
from quinze.base.errors import NotFound
from quinze.base.events import subscribe
from quinze.directory import identifiers
from quinze.directory.models.offer import StructureKind
from quinze.interop.fhir import appointment as rdvs
from quinze.interop.fhir.appointment import Rdv
from quinze.interop.fhir.models import DeclaredBooking
from quinze.interop.fhir.operators import operator_of
from quinze.orientation.events import OrientationEvent
from quinze.orientation.models import Booking

TASK = "quinze.interop.tasks.declare_booking"
TOPIC = "declared-bookings"
MADE = frozenset(["booked", "overbooking", "moved"])
CHANGED = frozenset(["cancelled", "fulfilled", "no_show", "corrected"])
SAID = {
    Booking.Status.BOOKED: rdvs.BOOKED,
    Booking.Status.CONFIRMED: rdvs.BOOKED,
    Booking.Status.CANCELLED: rdvs.CANCELLED,
    Booking.Status.MOVED: rdvs.CANCELLED,  # to the agenda of an editor, which declares it itself
    Booking.Status.FULFILLED: rdvs.FULFILLED,
    Booking.Status.NO_SHOW: rdvs.NO_SHOW,
}
MOST_ATTEMPTS = 20  # sixteen hours
LONGEST_WAIT = timedelta(hours=1)
RELATED = ("booking__professional", "booking__structure", "booking__place", "booking__held_by", "booking__request")


def register() -> None:
    subscribe(OrientationEvent, hear, join=has_nothing_to_say)


def is_on() -> bool:
    return bool(settings.QUINZE_PLATFORM_URL)


def has_nothing_to_say(event: OrientationEvent, _act: AtOnce | None = None) -> bool:
    return not is_on() or event.data.get("booking_id") is None or event.kind not in MADE | CHANGED


def hear(event: OrientationEvent) -> None:
    """In the transaction of the act: the outbox says what the booking says, or neither does."""
    if has_nothing_to_say(event):
        return
    pk = event.data["booking_id"]
    if event.kind == "moved":
        _follow_move(pk, at=event.at)
    elif event.kind in MADE:
        _declare(pk, at=event.at)
    elif row := DeclaredBooking.objects.filter(booking=pk).first():
        _say_again(row, at=event.at)


def _declare(pk: int, *, at: datetime) -> None:
    """Ours only: an editor declares what is in its own agenda; a mere call to a service is no appointment."""
    booking = Booking.objects.select_related("slot").get(pk=pk)
    if booking.kind in (Booking.Kind.EDITOR, Booking.Kind.CONTACT) or booking.is_elsewhere:
        return
    made = DeclaredBooking.objects.create(booking=booking, sas_id=booking.sas_id, next_try_at=at, created_at=at)
    defer(made)


def _follow_move(pk: int, *, at: datetime) -> None:
    """The same appointment there, at another hour; unless it went to the agenda of an editor, where it is another."""
    row = DeclaredBooking.objects.filter(booking__moved_to=pk).first()
    if row is None:
        _declare(pk, at=at)
        return
    new = Booking.objects.select_related("slot").get(pk=pk)
    if not new.is_elsewhere:
        row.booking = new
        row.save(update_fields=["booking"])
    _say_again(row, at=at)


def _say_again(row: DeclaredBooking, *, at: datetime) -> None:
    DeclaredBooking.objects.filter(pk=row.pk).update(revision=F("revision") + 1, next_try_at=at, attempts=0)
    defer(row)


def defer(row: DeclaredBooking) -> None:
    """One job at a time for an appointment: states never overtake each other."""
    job = app.configure_task(TASK, allow_unknown=True, lock=f"declare {row.pk}")
    job.defer(declared_id=row.pk)


# ---- what is said


def rdv_of(row: DeclaredBooking) -> Rdv | None:
    """None when nobody that the platform would know made it: a card must be proven first."""
    booking = row.booking
    operator = operator_of(booking.held_by)
    if operator is None:
        return None
    who = booking.professional
    structure = booking.structure
    is_sos = who is None and structure is not None and structure.kind == StructureKind.SOS
    return Rdv(
        system=settings.QUINZE_PLATFORM_SYSTEM,
        value=str(row.key),
        status=SAID[Booking.Status(booking.status)],
        start=booking.starts_at,
        end=booking.during.upper,
        operator_system=operator[0],
        operator=operator[1],
        practitioner=(identifiers.prefixed(rpps=who.rpps, adeli=who.adeli, idnps=who.idnps) or "") if who else "",
        created=row.created_at,
        profile=rdvs.SOS if is_sos else rdvs.PROFESSIONALS,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """`is_final`: the same would be answered again; a person must help."""

    is_accepted: bool
    says: str = ""
    is_final: bool = False
    is_known: bool = False  # there already: say it by PUT


def to_send(pk: int, *, at: datetime) -> DeclaredBooking | None:
    """As it is now; None when nothing is due any more."""
    if not is_on():
        return None
    return DeclaredBooking.objects.select_related(*RELATED).filter(pk=pk, next_try_at__lte=at).first()


def never_needed(row: DeclaredBooking) -> bool:
    """Cancelled before the platform heard of it."""
    return not row.tried and SAID.get(Booking.Status(row.booking.status)) == rdvs.CANCELLED


def note(row: DeclaredBooking, answer: Answer, *, at: datetime) -> DeclaredBooking:
    """What came of one attempt at `row.revision`. What was said meanwhile stays to be sent."""
    with transaction.atomic():
        locked = DeclaredBooking.objects.select_for_update().get(pk=row.pk)
        locked.tried = True
        if answer.is_accepted:
            _accepted(locked, row.revision, at=at)
        elif locked.revision == row.revision:
            _failed(locked, answer, at=at)
        locked.save()
        live.publish(sas_id=locked.sas_id, topics=[TOPIC], subject=f"declared:{locked.pk}", at=at)
    return locked


def _accepted(row: DeclaredBooking, revision: int, *, at: datetime) -> None:
    row.accepted, row.accepted_at, row.error, row.attempts, row.failing_since = revision, at, "", 0, None
    if row.revision == revision:
        row.next_try_at = None


def _failed(row: DeclaredBooking, answer: Answer, *, at: datetime) -> None:
    """1, 2, 4… minutes, an hour at most; then a person."""
    row.attempts += 1
    row.error, row.failing_since = answer.says[:300], row.failing_since or at
    if answer.is_known:
        row.next_try_at = at
    elif answer.is_final or row.attempts >= MOST_ATTEMPTS:
        row.next_try_at = None
    else:
        row.next_try_at = at + min(timedelta(minutes=2 ** (row.attempts - 1)), LONGEST_WAIT)


# ---- what people see


def not_accepted(*, sas: Sas, at: datetime) -> QuerySet[DeclaredBooking]:
    """Failing, oldest first; what was said a minute ago is merely on its way."""
    late = at - timedelta(minutes=2)
    waiting = DeclaredBooking.objects.filter(sas=sas).exclude(accepted=F("revision"))
    found = waiting.exclude(failing_since__isnull=True, next_try_at__gte=late)
    return found.select_related(*RELATED, "booking__place__commune").order_by("failing_since", "created_at", "pk")


def send_again(*, sas: Sas, pk: int, at: datetime) -> DeclaredBooking:
    """Asked by a person, after what prevented it was put right."""
    with transaction.atomic():
        row = DeclaredBooking.objects.select_for_update().filter(sas=sas, pk=pk).first()
        if row is None:
            raise NotFound("Cette déclaration n’est pas de votre SAS.")
        if row.accepted < row.revision:
            row.next_try_at, row.attempts = at, 0
            row.save(update_fields=["next_try_at", "attempts"])
            defer(row)
    return row


def due(*, at: datetime) -> list[DeclaredBooking]:
    found = DeclaredBooking.objects.filter(next_try_at__lte=at).order_by("next_try_at", "pk")
    return list(found[:200])

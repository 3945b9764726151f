from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from quinze.accounts.models import Sas
from quinze.availability.queries.covers import receiver_told, receiver_told_at
from quinze.base.errors import NotFound, Refusal
from quinze.base.written import Written
from quinze.directory.models import Professional
from quinze.directory.queries import parameter
from quinze.orientation.links import booking_pk
from quinze.orientation.models import Booking, BookingStatus, Message, Reminder

GIVEN = (Booking.Status.BOOKED, Booking.Status.CONFIRMED)
OVERBOOKED = (Booking.Status.BOOKED, Booking.Status.CONFIRMED, Booking.Status.FULFILLED, Booking.Status.NO_SHOW)
NEVER_GIVEN = (Booking.Status.HELD, Booking.Status.EXPIRED, Booking.Status.RELEASED)
FOLLOWED = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class FollowUp:
    reminders: list[Booking]
    outcomes: list[Booking]
    undelivered: list[Message]

    @property
    def count(self) -> int:
        return len(self.reminders) + len(self.outcomes) + len(self.undelivered)


def bookings() -> QuerySet[Booking]:
    """To be shown: with who receives."""
    found = Booking.objects.select_related(
        "request", "patient", "professional", "structure", "place__commune", "place__replaces", "held_by", "sas", "slot"
    )
    return with_receivers(found)


def with_receivers(found: QuerySet[Booking]) -> QuerySet[Booking]:
    told = receiver_told("professional", "starts_at")
    return found.annotate(received_by=told)  # type: ignore[no-redef]  # declared by the model


def with_receiver(booking: Booking) -> Booking:
    """For one that was read to be written: who receives, as it is said now."""
    booking.received_by = receiver_told_at(booking.professional_id, at=booking.starts_at)
    return booking


def booking_of(*, sas: Sas, pk: int) -> Booking:
    return _required(bookings().filter(sas=sas, pk=pk).first())


def booking_for_doctor(*, professional: Professional, pk: int) -> Booking:
    return _required(bookings().filter(professional=professional, pk=pk).exclude(status__in=NEVER_GIVEN).first())


def booking_by_link(token: str, *, at: datetime) -> Booking:
    """The appointment of a patient's link, followed through its moves."""
    booking = bookings().filter(pk=booking_pk(token)).first()
    while booking is not None and booking.moved_to_id:
        booking = bookings().get(pk=booking.moved_to_id)
    if booking is None:
        raise NotFound("Ce rendez-vous n’existe plus. Rappelez le SAS si besoin.", code="bad_link")
    if booking.during.upper <= at:
        raise Refusal("Ce rendez-vous est passé : le lien ne sert plus.", code="expired_link")
    return booking


def _required(booking: Booking | None) -> Booking:
    if booking is None:
        raise NotFound("Ce rendez-vous n’existe pas, ou n’est pas le vôtre. Revenez à la liste.")
    return booking


def bookings_of_request(request_pk: int) -> QuerySet[Booking]:
    return bookings().filter(request=request_pk).order_by("pk")


def statuses_of(booking: Booking) -> QuerySet[BookingStatus]:
    return booking.statuses.select_related("by").order_by("at", "pk")


def agenda_of(*, professional: Professional, start: datetime, end: datetime) -> QuerySet[Booking]:
    """Who comes, who came, who cancelled: everything that was really given between two instants."""
    mine = bookings().filter(professional=professional, starts_at__gte=start, starts_at__lt=end)
    return mine.exclude(status__in=NEVER_GIVEN).order_by("starts_at", "pk")


def follow_up(*, sas: Sas, at: datetime) -> FollowUp:
    """What an OSNP still owes to people who have an appointment, most urgent first."""
    due = at - timedelta(hours=parameter(sas, "outcome_due_hours", at))
    return FollowUp(
        reminders=TO_REMIND(sas=sas.pk, at=at),
        outcomes=WITHOUT_OUTCOME(sas=sas.pk, since=at - FOLLOWED, due=due),
        undelivered=UNDELIVERED(sas=sas.pk, since=at - FOLLOWED),
    )


def _to_call(at: datetime) -> Q:
    """Without a channel; or due although nothing left: the job that sends them is down."""
    by_telephone = Reminder.objects.filter(booking=OuterRef("pk"), way=Reminder.Way.CALL)
    return Q(reminder_due_at__lte=at) | Q(Exists(by_telephone))


def undelivered(*, sas: Sas) -> QuerySet[Message]:
    return _undelivered(sas.pk)


def _undelivered(sas: int) -> QuerySet[Message]:
    return _outbox(sas).filter(status=Message.Status.FAILED).exclude(purpose="contact")  # nobody’s appointment


def outbox(*, sas: Sas) -> QuerySet[Message]:
    return _outbox(sas.pk)


def _outbox(sas: int) -> QuerySet[Message]:
    return (
        Message.objects.filter(sas_id=sas).select_related("booking", "booking__patient", "booking__professional")
    ).order_by("-created_at", "-pk")


def _given(sas: int) -> QuerySet[Booking]:
    return bookings().filter(sas_id=sas, status__in=GIVEN)


TO_REMIND = Written(
    lambda sas, at: _given(sas).filter(_to_call(at), reminded_at__isnull=True, starts_at__gt=at).order_by("starts_at"),
    sas=int,
    at=datetime,
)
WITHOUT_OUTCOME = Written(
    lambda sas, since, due: _given(sas).filter(starts_at__gte=since, during__endswith__lte=due).order_by("starts_at"),
    sas=int,
    since=datetime,
    due=datetime,
)
UNDELIVERED = Written(lambda sas, since: _undelivered(sas).filter(created_at__gte=since), sas=int, since=datetime)


def overbooked_on(*, sas: Sas, professional: Professional, start: datetime, end: datetime) -> int:
    """Overbookings given for one local day, those cancelled excepted."""
    return Booking.objects.filter(
        sas=sas,
        professional=professional,
        kind=Booking.Kind.OVERBOOKING,
        status__in=OVERBOOKED,
        starts_at__gte=start,
        starts_at__lt=end,
    ).count()

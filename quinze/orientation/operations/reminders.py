"""Reminders: due by the hour of the place, sent once a kind, by the cheapest channel that will be read in time."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.directory.queries import parameters
from quinze.orientation.links import stopped_booking_pk
from quinze.orientation.models import Booking, OptOut, Reminder
from quinze.orientation.operations.book import given
from quinze.orientation.operations.journal import tell_booking
from quinze.orientation.operations.locks import lock_booking
from quinze.orientation.operations.messages import queue_reminder, reach_of
from quinze.orientation.queries.bookings import GIVEN, bookings
from quinze.orientation.reminding import LONGEST_QUIET, SHORT_NOTICE, Quiet, kind_at, reminded_by, send_at

Kind, Way = Reminder.Kind, Reminder.Way
AT_ONCE = 2000  # appointments of one SAS in one pass: more than a département gives in a day
ALREADY_CALLED = "déjà appelé"


def send_reminders(*, at: datetime) -> int:
    """Every reminder whose hour has come, however late the job: what is past its appointment is never sent."""
    return sum(_remind(booking, at) for booking in list(_due(at)))


def _due(at: datetime) -> Iterator[Booking]:
    """Due now; and, of the early morning, what must leave before the quiet hours of the evening begin. One SAS after
    the other: those who sleep never delay those for whom it is day.
    """
    soon = Q(reminder_due_at__lte=at + LONGEST_QUIET, starts_at__lte=at + LONGEST_QUIET + SHORT_NOTICE)
    coming = Booking.objects.filter(Q(reminder_due_at__lte=at) | soon, status__in=GIVEN, starts_at__gt=at)
    for sas in Sas.objects.filter(pk__in=coming.values("sas")).order_by("pk"):
        quiet = quiet_hours(sas, at)
        mine = coming.filter(sas=sas).select_related("place").order_by("starts_at", "pk")
        for booking in mine[:AT_ONCE]:
            if booking.reminder_due_at and _leaves_now(booking, booking.reminder_due_at, quiet, at):
                yield booking


def quiet_hours(sas: Sas, at: datetime) -> Quiet:
    chosen = parameters(sas, at)
    return Quiet(chosen["quiet_from_hour"], chosen["quiet_until_hour"])


def _leaves_now(booking: Booking, due: datetime, quiet: Quiet, at: datetime) -> bool:
    """A job that comes back in the night waits for the morning too."""
    zone = booking.place.zone
    hour = send_at(due, starts_at=booking.starts_at, zone=zone, quiet=quiet)
    return hour <= at and not quiet.covers(at.astimezone(ZoneInfo(zone)))


def _remind(booking: Booking, at: datetime) -> int:
    """1 when a message leaves. The row of the kind is what two workers cannot both write."""
    with transaction.atomic():
        locked = lock_booking(booking)
        due = locked.reminder_due_at
        if locked.status not in GIVEN or due is None or due != booking.reminder_due_at:
            return 0
        kind = kind_at(at, due=due, starts_at=locked.starts_at)
        way, why = _way(locked, kind)
        row, is_new = Reminder.objects.get_or_create(
            booking=locked, kind=kind, defaults={"way": way, "why": why, "at": at}
        )
        sent = is_new and row.way in (Way.EMAIL, Way.SMS)
        if sent:
            queue_reminder(locked, channel=row.way, at=at)
            text = f"Rappel envoyé au patient ({row.get_way_display()}, {Kind(kind).label})"
            tell_booking(locked, kind="reminded", text=text, by=None, at=at)
        _next(locked, kind, again=sent, at=at, reminded=sent)
    return int(sent)


def _way(booking: Booking, kind: str) -> tuple[str, str]:
    request = booking.request
    contacts = {"sms": request.callback_phone, "email": request.email}
    refused = set(
        OptOut.objects.filter(
            sas=booking.sas_id, recipient__in=[c for c in contacts.values() if c], ended_at__isnull=True
        ).values_list("recipient", flat=True)
    )
    stopped = frozenset(name for name, contact in contacts.items() if contact in refused)
    way, why = reminded_by(reach_of(request, stopped=stopped), kind)
    return (Way.NONE, ALREADY_CALLED) if way == Way.CALL and booking.reminded_at else (way, why)


def _next(booking: Booking, kind: str, *, again: bool, at: datetime, reminded: bool) -> None:
    later = booking.starts_at - SHORT_NOTICE
    booking.reminder_due_at = later if again and kind == Kind.DAY_BEFORE and later > at else None
    if reminded:
        booking.reminded_at = at
    booking.save(update_fields=["reminder_due_at", "reminded_at"])


def mark_reminded(*, booking: Booking, by: Actor, at: datetime) -> Booking:
    """The OSNP called the patient before the appointment (ORI-06). Two hours before, a text message may still leave."""
    with transaction.atomic():
        locked = given(booking)
        due = locked.reminder_due_at or at
        kind = kind_at(at, due=due, starts_at=locked.starts_at)
        Reminder.objects.get_or_create(booking=locked, kind=kind, defaults={"way": Way.CALL, "at": at, "by": by.user})
        _next(locked, kind, again=bool(reach_of(locked.request).existing), at=at, reminded=True)
        tell_booking(locked, kind="reminded", text=f"Patient rappelé avant le rendez-vous par {by.name}", by=by, at=at)
    return locked


# ---- STOP, without an account


def stop_reminders(token: str, *, at: datetime, resume: bool = False) -> Booking:
    """By the signed link of a message: the number and the address it was for get no more reminders, or get them again.
    Raises Refusal for an altered link."""
    booking = bookings().get(pk=stopped_booking_pk(token))
    contacts = [c for c in (booking.request.callback_phone, booking.request.email) if c]
    known = OptOut.objects.filter(sas=booking.sas, recipient__in=contacts, ended_at__isnull=True)
    if resume:
        known.update(ended_at=at)
    else:
        rows = [OptOut(sas=booking.sas, recipient=contact, at=at) for contact in contacts]
        OptOut.objects.bulk_create(rows, ignore_conflicts=True)
    return booking


def is_stopped(booking: Booking) -> bool:
    contacts = [c for c in (booking.request.callback_phone, booking.request.email) if c]
    return OptOut.objects.filter(sas=booking.sas_id, recipient__in=contacts, ended_at__isnull=True).exists()

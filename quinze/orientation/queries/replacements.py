"""Appointments whose doctor will not be there: people who must be given another."""

from collections.abc import Sequence
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, OuterRef, Q, QuerySet

from quinze.accounts.models import Sas
from quinze.availability.models import Absence, BusyTime
from quinze.base.written import Written
from quinze.directory.models import Professional
from quinze.orientation.models import Booking
from quinze.orientation.queries.bookings import GIVEN, bookings


def inside_absence(
    *, professional_id: int, place_id: int | None, during: DateTimeTZRange, at: datetime
) -> QuerySet[Booking]:
    """Given and still to come, overbookings too; an absence at one place leaves the others alone."""
    mine = bookings().filter(professional=professional_id, status__in=GIVEN, during__overlap=during)
    mine = mine.filter(during__endswith__gt=at)
    return (mine.filter(place=place_id) if place_id else mine).order_by("starts_at", "pk")


def to_replace(*, sas: Sas, at: datetime) -> list[Booking]:
    """For the follow-up list: gone from it as soon as the person is moved, cancelled, or the doctor is back."""
    return TO_REPLACE(sas=sas.pk, at=at)


def _to_replace(sas: int, at: datetime) -> QuerySet[Booking]:
    away = Absence.objects.filter(
        Q(place__isnull=True) | Q(place=OuterRef("place")),
        professional=OuterRef("professional"),
        withdrawn_at__isnull=True,
        during__overlap=OuterRef("during"),
    )
    mine = bookings().filter(sas_id=sas, status__in=GIVEN, during__endswith__gt=at)
    return mine.filter(Exists(away) | Exists(_taken_elsewhere())).order_by("starts_at", "pk")


TO_REPLACE = Written(_to_replace, sas=int, at=datetime)


def colliding(
    *, professional_id: int, place_id: int | None, periods: Sequence[DateTimeTZRange], at: datetime
) -> list[Booking]:
    """Given, still to come, at a time that the doctor's own calendar says taken."""
    mine = bookings().filter(professional=professional_id, status__in=GIVEN, during__endswith__gt=at)
    mine = mine.filter(place=place_id) if place_id else mine
    return [
        booking
        for booking in mine.order_by("starts_at", "pk")
        if any(p.lower < booking.during.upper and booking.during.lower < p.upper for p in periods)
    ]


def conflicts_of(professional: Professional, *, at: datetime) -> QuerySet[Booking]:
    """What the doctor must settle: an appointment of the SAS and one of their own calendar at the same time."""
    mine = bookings().filter(professional=professional, status__in=GIVEN, during__endswith__gt=at)
    return mine.filter(Exists(_taken_elsewhere())).order_by("starts_at", "pk")


def _taken_elsewhere() -> QuerySet[BusyTime]:
    """By a calendar of the same doctor; the doctor's own note of the appointment is no collision."""
    return BusyTime.objects.filter(
        Q(feed__place__isnull=True) | Q(feed__place=OuterRef("place")),
        feed__professional=OuterRef("professional"),
        feed__ended_at__isnull=True,
        of_sas=False,
        during__overlap=OuterRef("during"),
    )

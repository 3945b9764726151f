"""Appointments whose doctor will not be there: people who must be given another."""

from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, OuterRef, Q, QuerySet

from quinze.accounts.models import Sas
from quinze.availability.models import Absence
from quinze.orientation.models import Booking
from quinze.orientation.queries.bookings import GIVEN, bookings


def inside_absence(
    *, professional_id: int, place_id: int | None, during: DateTimeTZRange, at: datetime
) -> QuerySet[Booking]:
    """Given and still to come, overbookings too; an absence at one place leaves the others alone."""
    mine = bookings().filter(professional=professional_id, status__in=GIVEN, during__overlap=during)
    mine = mine.filter(during__endswith__gt=at)
    return (mine.filter(place=place_id) if place_id else mine).order_by("starts_at", "pk")


def to_replace(*, sas: Sas, at: datetime) -> QuerySet[Booking]:
    """For the follow-up list: gone from it as soon as the person is moved, cancelled, or the doctor is back."""
    away = Absence.objects.filter(
        Q(place__isnull=True) | Q(place=OuterRef("place")),
        professional=OuterRef("professional"),
        withdrawn_at__isnull=True,
        during__overlap=OuterRef("during"),
    )
    mine = bookings().filter(sas=sas, status__in=GIVEN, during__endswith__gt=at)
    return mine.filter(Exists(away)).order_by("starts_at", "pk")

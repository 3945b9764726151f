"""The same person, already given an appointment for the same kind of care: to be said, never forbidden."""

from datetime import datetime

from django.db.models import Q, QuerySet

from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.queries.bookings import GIVEN, bookings
from quinze.patients.models import Patient
from quinze.patients.queries import same_person_ids


def already_given(request: OrientationRequest, *, at: datetime) -> list[Booking]:
    """Other live appointments or holds of this person in this specialty, soonest first (complaint 13). The person is
    everyone chained to the identity, and whoever bears the same names and the same birth date. Two reads.
    """
    live = Q(status__in=GIVEN) | Q(status="held", hold_expires_at__gt=at)
    same_care = Q(request__profession=request.profession, request__specialty=request.specialty)
    found = bookings().filter(live, same_care, sas=request.sas_id, during__endswith__gt=at)
    found = found.filter(patient__in=_same_people(request.patient)).exclude(request=request.pk)
    return list(found.order_by("starts_at", "pk"))


def _same_people(person: Patient) -> QuerySet[Patient]:
    alike = Q(pk__in=same_person_ids(person.pk))
    if person.search_name and person.birth_date:
        alike |= Q(search_name=person.search_name, birth_date=person.birth_date)
    return Patient.objects.filter(alike, sas=person.sas_id)

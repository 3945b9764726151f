"""The same person, already given an appointment for the same kind of care: to be said, never forbidden."""

from datetime import date, datetime
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet

from quinze.base.written import Written
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.queries.bookings import GIVEN, bookings
from quinze.patients.models import Patient
from quinze.patients.queries import same_person_ids


def already_given(request: OrientationRequest, *, at: datetime) -> list[Booking]:
    """Other live appointments or holds of this person in this specialty, soonest first (complaint 13). The person is
    everyone chained to the identity, and whoever bears the same names and the same birth date. Two reads.
    """
    person = request.patient
    care = {"profession": request.profession, "specialty": request.specialty}
    asked = {"request": request.pk, "sas": request.sas_id, "at": at, **care}
    chained = {f"person_{order}": pk for order, pk in enumerate(same_person_ids(person.pk))}
    if person.search_name and person.birth_date:
        return _given(len(chained), named=True)(
            **asked, **chained, search_name=person.search_name, birth_date=person.birth_date
        )
    return _given(len(chained), named=False)(**asked, **chained)


@cache
def _given(chained: int, *, named: bool) -> Written[Booking]:
    """One question for each number of identities, with and without a name to compare."""

    def found(
        request: int, sas: int, at: datetime, profession: str, specialty: str, **person: Any
    ) -> QuerySet[Booking]:
        alike = Q(pk__in=[person[name] for name in keys])
        if named:
            alike |= Q(search_name=person["search_name"], birth_date=person["birth_date"])
        live = Q(status__in=GIVEN) | Q(status="held", hold_expires_at__gt=at)
        same_care = Q(request__profession=profession, request__specialty=specialty)
        theirs = bookings().filter(live, same_care, sas_id=sas, during__endswith__gt=at)
        theirs = theirs.filter(patient__in=Patient.objects.filter(alike, sas_id=sas)).exclude(request_id=request)
        return theirs.order_by("starts_at", "pk")

    keys = {f"person_{order}": int for order in range(chained)}
    name = {"search_name": str, "birth_date": date} if named else {}
    return Written(found, request=int, sas=int, at=datetime, profession=str, specialty=str, **keys, **name)

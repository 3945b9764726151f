"""What surrounds the chronology of a file: the appointments made for it, and who read it first."""

from collections.abc import Iterable

from quinze.accounts.actor import Actor
from quinze.base.errors import NotFound
from quinze.base.written import Written
from quinze.orientation.models import Booking
from quinze.orientation.queries.bookings import with_receivers
from quinze.patients.models import AccessRecord
from quinze.regulation.models import CaseFile
from quinze.regulation.queries.cases import UNKNOWN, family_numbers

NEVER_MADE = ("held", "expired", "released")


def case_for_log(number: str, *, by: Actor) -> CaseFile:
    """For those who may read who read it, though not always the file itself."""
    found = CaseFile.objects.select_related("sas").filter(number=number, sas=by.sas).first()
    if found is None:
        raise NotFound(UNKNOWN, code="not_found")
    return found


APPOINTMENTS = Written(
    lambda sas, case: (
        with_receivers(Booking.objects.filter(sas_id=sas, request__case_number__in=family_numbers(case)))
        .exclude(status__in=NEVER_MADE)
        .select_related("professional", "structure", "place__commune", "place__replaces")
        .order_by("starts_at", "pk")
    ),
    sas=int,
    case=int,
)


def appointments(case: CaseFile) -> list[Booking]:
    """Those of this file and of the files joined to it; a hold that came to nothing is no appointment."""
    return APPOINTMENTS(sas=case.sas_id, case=case.pk)


def first_readings(records: Iterable[AccessRecord]) -> list[AccessRecord]:
    """The first reading of each person in each role; the whole list has its own page."""
    first: dict[tuple[int, str], AccessRecord] = {}
    for record in records:
        first.setdefault((record.user_id, record.role), record)
    return list(first.values())

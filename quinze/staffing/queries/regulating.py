"""When somebody regulates, for the folders below that ask: hours of published rosters only."""

from datetime import datetime
from zoneinfo import ZoneInfo

from quinze.accounts.roles import Role
from quinze.availability.events import Regulation
from quinze.base.periods import period
from quinze.staffing.models import RosterAssignment, RosterPublication
from quinze.staffing.rostering import monday_of

REGULATORS = (Role.REGULATEUR_SNP, Role.REGULATEUR_AMU)


def regulation_of(user_id: int, *, since: datetime, until: datetime) -> list[Regulation]:
    """Earliest first, in every SAS. One read for who never regulates, two otherwise."""
    rows = RosterAssignment.objects.filter(
        user=user_id, shift__role__in=REGULATORS, during__overlap=period(since, until)
    ).select_related("shift__sas")
    shifts = [row.shift for row in rows.order_by("during", "pk")]
    if not shifts:
        return []
    weeks = RosterPublication.objects.filter(sas__in={shift.sas_id for shift in shifts})
    published = set(weeks.values_list("sas", "monday"))
    return [
        Regulation(shift.during.lower, shift.during.upper, Role(shift.role).label, f"SAS {shift.sas.code}")
        for shift in shifts
        if (shift.sas_id, monday_of(shift.during.lower.astimezone(ZoneInfo(shift.sas.zone)).date())) in published
    ]

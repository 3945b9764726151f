"""Days on which a person cannot come: declared by them, seen by the rules of rosters."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.constraints import refuse_violations
from quinze.base.errors import NotFound, Refusal
from quinze.base.periods import period
from quinze.staffing.models import RosterAbsence
from quinze.staffing.rostering import ONE_DAY, days_bounds

MOST_DAYS = 366
FARTHEST_DAYS = 5 * 366


@transaction.atomic
def declare_absence(*, first: date, last: date, by: Actor, at: datetime) -> RosterAbsence:
    """Whole local days, both included. Shifts already held on these days stay: the week shows them as broken rules."""
    today = at.astimezone(ZoneInfo(by.sas.zone)).date()
    if last < first:
        raise Refusal("La fin vient avant le début.", field="last", code="order")
    if last < today:
        raise Refusal("Ces jours sont passés.", field="last", code="past")
    if (last - today).days > FARTHEST_DAYS:
        raise Refusal("Vérifiez l’année : cinq ans d’avance au plus.", field="last", code="far")
    if (last - first).days >= MOST_DAYS:
        raise Refusal("Une absence dure un an au plus.", field="last", code="length")
    with refuse_violations():
        during = period(*days_bounds(first, last + ONE_DAY, by.sas.zone))
        return RosterAbsence.objects.create(user=by.user, during=during, declared_at=at)


@transaction.atomic
def withdraw_absence(pk: int, *, by: Actor) -> None:
    gone, _ = RosterAbsence.objects.filter(pk=pk, user=by.user).delete()
    if not gone:
        raise NotFound("Cette absence n’existe plus.")

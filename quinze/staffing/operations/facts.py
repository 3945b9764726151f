from datetime import date, datetime, timedelta

from quinze.accounts.actor import Actor
from quinze.accounts.models import User
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.staffing.models import StaffFact
from quinze.staffing.operations.rosters import may_edit

OLDEST, FARTHEST = date(1950, 1, 1), timedelta(days=3660)
LONGEST_NOTE = 200


def add_fact(
    *, user: User, kind: str, since: date, until: date | None, note: str, by: Actor, at: datetime
) -> StaffFact:
    """One more line: it replaces, for the rules, that of the same family. Refused with what is accepted."""
    may_edit(by)
    if kind not in StaffFact.Kind.values:
        raise Refusal("Choisissez un fait de la liste.", field="kind", code="kind")
    last = at.date() + FARTHEST
    for field, day in (("since", since), ("until", until)):
        if day is not None and not OLDEST <= day <= last:
            raise Refusal(f"{day:%d/%m/%Y} : de {OLDEST:%d/%m/%Y} à {last:%d/%m/%Y}.", field=field, code="date")
    with refuse_violations():
        return StaffFact.objects.create(
            sas=by.sas, user=user, kind=kind, since=since, until=until, note=note.strip()[:LONGEST_NOTE],
            by=by.user, at=at,
        )  # fmt: skip

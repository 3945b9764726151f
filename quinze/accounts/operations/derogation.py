from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import AccountEvent, Derogation, User
from quinze.accounts.operations import authority
from quinze.base.errors import Refusal
from quinze.base.periods import period


@transaction.atomic
def record_derogation(
    user: User, *, by: Actor, at: datetime, start: datetime, end: datetime, reason: str
) -> Derogation:
    """The SAS of `by` lets this person be ARM and OSNP in one shift, between two dates (P47)."""
    authority.check_manages_account(by, user, by.sas, at=at)
    why = authority.check_reason(reason)
    if end <= start:
        raise Refusal("La fin doit venir après le début.", field="end", code="order")
    if end <= at:
        raise Refusal("Cette période est passée : une dérogation se donne avant.", field="end", code="past")
    recorded = Derogation.objects.create(
        sas=by.sas, user=user, during=period(start, end), reason=why, recorded_by=by.user, recorded_at=at
    )
    authority.trace(AccountEvent.Kind.DEROGATED, user, by.sas, by=by, at=at, detail="ARM et OSNP", reason=why)
    return recorded
